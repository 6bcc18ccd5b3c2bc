"""Posts of Slack as the preview of a template shows them."""

from dataclasses import dataclass, field

from markupsafe import Markup

from customer_portal import html
from customer_portal.slack import mrkdwn, samples
from customer_portal.slack.posts import Post
from customer_portal.statuses import TicketTemplate
from customer_portal.texts import in_language

NAMES = {False: "triage", True: "customer"}


@dataclass
class Shown:
	"""A post. ``menu`` has the labels of the sub-statuses that it offers, by that of their main status."""

	title: str = ""
	facts: list[Markup] = field(default_factory=list)
	text: str = ""
	buttons: list[str] = field(default_factory=list)
	menu_label: str = ""
	menu: dict[str, list[str]] = field(default_factory=dict)


def of(template: TicketTemplate, sub_status: str, language: str) -> dict[str, Shown]:
	"""By where it stands: ``triage`` and ``customer``."""
	with in_language(language):
		return {
			name: _shown(samples.post(template, sub_status, is_customers))
			for is_customers, name in NAMES.items()
		}


def _shown(post: Post) -> Shown:
	shown = Shown()
	for block in post.blocks:
		for element in block.get("elements", ()):
			_add_element(shown, element)
		for fact in block.get("fields", ()):
			shown.facts.append(Markup(_html(fact["text"])))
		_add_text(shown, block.get("text"))
	return shown


def _add_text(shown: Shown, text: dict | None) -> None:
	if text and text["type"] == "mrkdwn":
		shown.title = html.as_lines(_html(text["text"]))
	elif text:
		shown.text = text["text"]


def _add_element(shown: Shown, element: dict) -> None:
	if element["type"] == "button":
		shown.buttons.append(element["text"]["text"])
	elif element["type"] == "static_select":
		shown.menu_label = element["placeholder"]["text"]
		for group in element["option_groups"]:
			labels = [option["text"]["text"] for option in group["options"]]
			shown.menu[group["label"]["text"]] = labels


def _html(text: str) -> str:
	return mrkdwn.to_html(text, lambda _slack_user: None)
