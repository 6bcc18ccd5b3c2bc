"""What this app adds to the messages of HD Tickets."""

from customer_portal import archive, on_behalf


def before_insert(doc, method: str | None = None) -> None:
	archive.refuse_reply(doc)
	if on_behalf.person():
		doc.sender = on_behalf.person()
