"""Agents' replies, and who gets them from us instead of from Helpdesk.

Of everybody who filed a ticket, follows it or is addressed by a reply, the people of the portal get it through the
outbox, one row each; all others keep Helpdesk's own mail. The rows are written with the reply, in one transaction,
and are all that decides: whoever has one is taken off Helpdesk's mail. Whether a row goes out is asked when it is due.
"""

import frappe

from customer_portal import access, accounts, agents, conversations, followers, presence, settings
from customer_portal.mail_addresses import normal_email
from customer_portal.notifications import outbox, reply_courtesy
from customer_portal.notifications.outbox import REPLY
from customer_portal.otp import recipients
from customer_portal.otp.recipients import EMAIL, Recipient

TICKET = "HD Ticket"
_FIELDS = (*access.FIELDS, "is_merged")


def queue(message) -> list[str]:
	"""Writes a row for each person of the portal whom a new Communication concerns; the names of the rows."""
	row = _ticket(message) if is_reply(message) and settings.get().mail_replies and access.is_open() else None
	if row is None or row.is_merged or not agents.is_agent():
		return []
	addressed = filter(None, map(accounts.user_of, reply_courtesy.addresses_of(message)))
	users = dict.fromkeys((*followers.candidates(row), *addressed))
	return outbox.write_replies(message, [user for user in users if _is_ours(user, row)])


def is_reply(message) -> bool:
	"""Written here and sent from here: what an agent's own mail program has sent is fetched as a copy."""
	is_sent = message.communication_type == "Communication" and message.sent_or_received == "Sent"
	return is_sent and message.reference_doctype == TICKET and not message.flags.in_receive


def taken_over(communication: str) -> set[str]:
	"""Addresses that get this reply from us, in their comparable form; with them those of the same person."""
	found = frappe.get_all(
		outbox.DOCTYPE, {"communication": communication, "kind": REPLY}, ["ticket", "recipient"]
	)
	own = {normal_email(row.recipient) for row in found}
	others = {key for row in found for key in _other_addresses(row.ticket, row.recipient)}
	return own | {key for key in others - own if not accounts.user_of(key)}


def note_answer(message) -> None:
	"""A member who answers, by mail or in the portal, has seen what was there, and follows the ticket from now on."""
	user = accounts.user_of(message.sender or "") if _is_answer(message) else None
	who = access.member(user) if user else None
	row = _ticket(message) if who else None
	if row is None or not access.may(who, access.FOLLOW, row):
		return
	presence.note_seen(str(row.name), who.user, conversations.newest(str(row.name)))
	if not followers.is_following(who, row):
		followers.follow(str(row.name), who.user)


def may_answer(address: str, ticket: str) -> bool:
	"""Whether a mail from this address belongs into the ticket. Strangers and agents are Helpdesk's to judge."""
	user = accounts.user_of(address)
	row = frappe.db.get_value(TICKET, ticket, _FIELDS, as_dict=True)
	if user is None or row is None or agents.is_agent(user):
		return True
	who = access.member(user)
	if who and access.may(who, access.REPLY, row):
		return True
	return not (_is_guarded(row) and _is_of_portal(user))


def _is_answer(message) -> bool:
	is_received = message.communication_type == "Communication" and message.sent_or_received == "Received"
	return is_received and message.reference_doctype == TICKET and message.email_status != "Spam"


def _ticket(message) -> frappe._dict | None:
	return frappe.db.get_value(TICKET, message.reference_name, _FIELDS, as_dict=True)


def _is_ours(user: str, row: frappe._dict) -> bool:
	"""Who may see the ticket; and who may not where the organisation says who does: Helpdesk would write to them."""
	if agents.is_agent(user):
		return False
	who = access.member(user)
	return bool(who and access.sees(who, row)) or (_is_guarded(row) and _is_of_portal(user))


def _is_guarded(row: frappe._dict) -> bool:
	"""Whether the ticket is of an organisation that may enter."""
	enabled = {"customer": row.customer, "enabled": 1}
	return bool(row.customer and frappe.db.exists("Portal Customer Access", enabled))


def _is_of_portal(user: str) -> bool:
	"""A member of any organisation, and who was one."""
	if access.member(user) or accounts.is_known(user):
		return True
	address = normal_email(frappe.db.get_value("User", user, "email"))
	return bool(frappe.db.exists("Portal Access Person", {"email": address, "is_disabled": 1}))


def _other_addresses(ticket: str, address: str) -> set[str]:
	"""What the ticket's contact has beside this address, where the contact is this person's."""
	if not frappe.db.exists(TICKET, ticket):
		return set()
	return {
		one.key for one in recipients.of_person(ticket, Recipient(EMAIL, address)) if one.channel == EMAIL
	}
