"""Private notes that were written in Slack."""

from customer_portal.slack import origin


def after_insert(doc, method: str | None = None) -> None:
	origin.note(doc)
