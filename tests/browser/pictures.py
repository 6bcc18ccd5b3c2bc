"""Pictures for ``docs/images``: taken where the environment variable ``PICTURES`` names a folder."""

import os
from pathlib import Path

from playwright.sync_api import Page

FOLDER = os.environ.get("PICTURES")


def take(page: Page, name: str, full_page: bool = True, settle: int = 300) -> None:
	"""``settle`` is the time that pictures and transitions get, in milliseconds."""
	if FOLDER:
		page.wait_for_timeout(settle)
		page.screenshot(path=Path(FOLDER) / f"{name}.png", full_page=full_page)
