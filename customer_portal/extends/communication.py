"""What this app adds to the messages of HD Tickets."""

from customer_portal import archive, on_behalf
from customer_portal.extends.guard import guarded, tell_slack
from customer_portal.notifications import replies
from customer_portal.slack import news


def before_insert(doc, method: str | None = None) -> None:
	archive.refuse_reply(doc)
	if on_behalf.person():
		doc.sender = on_behalf.person()


def after_insert(doc, method: str | None = None) -> None:
	"""Where our mail fails, Helpdesk's own goes out."""
	if doc.reference_doctype != replies.TICKET:
		return
	with guarded("A reply could not be queued", doc):
		replies.queue(doc)
		replies.note_answer(doc)
	tell_slack("A message could not be queued for Slack", doc, lambda: news.message_added(doc))


def on_update(doc, method: str | None = None) -> None:
	if doc.reference_doctype == replies.TICKET:
		tell_slack("A change could not be queued for Slack", doc, lambda: news.message_changed(doc))


def on_trash(doc, method: str | None = None) -> None:
	if doc.reference_doctype == replies.TICKET:
		tell_slack("A removal could not be queued for Slack", doc, lambda: news.message_removed(doc))
