"""What this app adds to the messages of HD Tickets."""

from customer_portal import archive


def before_insert(doc, method: str | None = None) -> None:
	archive.refuse_reply(doc)
