"""Whether an agent's reply that is due goes out to this person now, later, or not at all.

Who may see the ticket is asked here, at the last moment. Who is in the portal is left alone for a while: they see the
reply there. What has come by then goes out as one mail; none does when they have seen it or answered. Who wants every
reply by mail (``accounts.ALWAYS``) gets it at once.
"""

from datetime import datetime, timedelta

import frappe
from frappe import _
from frappe.utils import parse_addr, split_emails

from customer_portal import access, accounts, followers, links, presence, settings
from customer_portal.access import Member
from customer_portal.clock import utc_now
from customer_portal.mail_addresses import normal_email
from customer_portal.notifications.courtesy import Drop, Hold
from customer_portal.presence import Seen

TICKET = "HD Ticket"
SCHEDULED_PAUSE = timedelta(minutes=1)
LONGEST_TRANSACTION = timedelta(
	hours=1
)  # with room: Frappe's queue for long jobs stops them after 25 minutes
# Those that no mail has told: of a mail that failed, and those that gave way to a newer one. Merging tickets copies
# their messages, and gives the copies the times of the old ones afterwards: those are no news.
_UNTOLD = """SELECT message.name, message.reference_name, message.recipients, message.cc, message.bcc,
		message.delivery_status, queued.occurred_at
	FROM `tabPortal Notification` queued JOIN `tabCommunication` message ON message.name = queued.communication
	WHERE queued.ticket = %(ticket)s AND queued.recipient = %(recipient)s AND queued.kind = 'Reply'
		AND queued.occurred_at <= %(until)s
		AND (queued.name = %(name)s OR (queued.occurred_at > %(since)s AND message.name NOT IN %(seen)s
			AND (queued.state = 'Failed'
				OR (queued.state = 'Superseded' AND COALESCE(queued.told_with, '') != ''))))
		AND message.creation >= queued.creation - INTERVAL 1 MINUTE
		AND message.reference_doctype = 'HD Ticket' AND message.communication_type = 'Communication'
		AND message.sent_or_received = 'Sent' AND COALESCE(message.email_status, '') NOT IN ('Spam', 'Trash')
	ORDER BY queued.occurred_at, queued.name"""
_TOLD = """SELECT MAX(occurred_at) FROM `tabPortal Notification`
	WHERE ticket = %(ticket)s AND recipient = %(recipient)s AND kind = 'Reply' AND state IN ('Sent', 'Delivered')
		AND name != %(name)s"""


def verdict(row) -> Drop | Hold | None:
	"""``row`` is one of the outbox. None: send it."""
	is_always_told = _choice(row) == accounts.ALWAYS
	if _is_seen(row) and not is_always_told:
		return Drop(_("This person has seen it in the portal, or answered since."))
	untold = untold_of(row)
	if not untold:
		return Drop(_("The reply is not there any more, or is a copy of an older one."))
	if untold[-1].delivery_status == "Scheduled":
		return Hold(utc_now() + SCHEDULED_PAUSE, _("The agent wants it to be sent later."))
	return _dropped(row, untold[-1]) or (None if is_always_told else _held(row, untold[0].occurred_at))


def _choice(row) -> str | None:
	"""Which replies the person wants by mail; None for who has no user any more."""
	user = accounts.user_of(row.recipient)
	return accounts.replies(user) if user else None


def untold_of(row) -> list[frappe._dict]:
	"""Communications that the person has neither got nor seen, up to this one and with it, the oldest first.

	``row`` has name, ticket and recipient. Only those that are still there and for customers to see.
	"""
	own = frappe.db.get_value("Portal Notification", row.name, "occurred_at")
	values = {"ticket": row.ticket, "recipient": row.recipient, "name": row.name, "until": own}
	((told,),) = frappe.db.sql(_TOLD, values)
	seen = _seen(row)
	known = (told, seen and seen.at - LONGEST_TRANSACTION)
	since = max(filter(None, known), default=datetime(1970, 1, 1))
	shown = tuple(seen.messages if seen else ()) or ("",)
	return frappe.db.sql(_UNTOLD, {**values, "since": since, "seen": shown}, as_dict=True)


def addresses_of(message) -> list[str]:
	"""Whom an agent has addressed, as they are written in the Communication."""
	fields = (message.get(name) for name in ("recipients", "cc", "bcc"))
	named = [parse_addr(one)[1] for field in fields for one in split_emails(field or "")]
	return [address for address in named if address]


def _dropped(row, message: frappe._dict) -> Drop | None:
	user = accounts.user_of(row.recipient)
	who = access.member(user) if user else None
	ticket = frappe.db.get_value(TICKET, message.reference_name, access.FIELDS, as_dict=True)
	if who is None or ticket is None or not access.sees(who, ticket):
		return Drop(_("This person may not see the ticket any more."))
	if accounts.replies(who.user) == accounts.NEVER or not _is_for(who, ticket, message):
		return Drop(_("This person does not follow the ticket."))
	if access.is_own(who, ticket) and _is_muted(str(ticket.name)):
		return Drop(_("The customer has muted this ticket."))
	return None


def _is_seen(row) -> bool:
	seen = _seen(row)
	return bool(seen) and row.communication in seen.messages


def _seen(row) -> Seen | None:
	user = accounts.user_of(row.recipient)
	return presence.last(row.ticket, user) if user else None


def _is_for(who: Member, ticket: frappe._dict, message: frappe._dict) -> bool:
	"""Who follows the ticket; and whom the agent has addressed, unless they want nothing of it."""
	chosen = followers.choice(str(ticket.name), who.user)
	if chosen is None:
		return access.is_own(who, ticket) or _is_addressed(who, message)
	return chosen


def _is_addressed(who: Member, message: frappe._dict) -> bool:
	return who.address in map(normal_email, addresses_of(message))


def _is_muted(ticket: str) -> bool:
	link = links.of_ticket(ticket)
	return bool(link and link.is_muted)


def _held(row, first: datetime) -> Hold | None:
	"""Until the first of what has come has waited long enough."""
	minutes = settings.number("reply_wait_minutes")
	until = first + timedelta(minutes=minutes)
	if utc_now() >= until or not accounts.is_here(accounts.user_of(row.recipient)):
		return None
	return Hold(
		until, _("This person is in the portal, and has {0} minutes to see it there.").format(minutes)
	)
