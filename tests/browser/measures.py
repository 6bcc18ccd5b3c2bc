"""What a machine can tell of how a page shows. Each measure waits until the page is loaded."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Frame, Page

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SMALLEST_TARGET = 44  # CSS pixels
HEIGHTS = (
	"all => all.filter(e => e.checkVisibility()).map(e => [e.outerHTML, e.getBoundingClientRect().height])"
)


def violations(page: Page, rules: dict = RULES) -> list[tuple[str, list[str]]]:
	"""What axe-core finds on the page: rules, each with the elements that break it."""
	page.wait_for_load_state()
	found = Axe().run(page, options=rules).response["violations"]
	return [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]


def fits(page: Page | Frame) -> bool:
	"""Nobody has to move it sideways (WCAG 2.2, 1.4.10: at 320 pixels, which is 1280 at a zoom of 400 %)."""
	page.wait_for_load_state()
	return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def small_targets(page: Page, selector: str) -> list[str]:
	"""Markup of what can be pressed and is lower than a finger needs."""
	page.wait_for_load_state()
	found = page.eval_on_selector_all(selector, HEIGHTS)
	assert found, selector
	return [markup for markup, height in found if height < SMALLEST_TARGET]
