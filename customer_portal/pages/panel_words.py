"""What the agents' panel says, in the agent's language and time zone."""

from datetime import datetime

import frappe

from customer_portal import timezones
from customer_portal.clock import utc_now
from customer_portal.link_desk import LinkStatus
from customer_portal.notifications.ledger import Entry, Ledger
from customer_portal.notifications.outbox import LINK, NO_NEWS, REPLY, SLIPPED
from customer_portal.pages import times
from customer_portal.pages.languages import name as language_name
from customer_portal.pages.texts import translate as _

GOOD, WAITING, BAD, IDLE = "good", "waiting", "bad", "idle"  # how a state looks
LOOKS = {"Delivered": GOOD, "Sent": GOOD, "Queued": WAITING, "Sending": WAITING, "Failed": BAD}


def zone() -> str:
	return timezones.of_user(frappe.session.user).key


def time(moment: datetime) -> str:
	return times.moment(moment, zone(), frappe.local.lang, "medium").text


def number(value: int) -> str:
	return times.number(value, frappe.local.lang)


def notices() -> dict[str, str]:
	"""What an action has done, by its name in the address."""
	return {
		"make": _("The link is made."),
		"send": _("The link is on its way."),
		"rotate": _("The old link has ended. This is the new one."),
		"revoke": _("The link has ended."),
		"unlock": _("The customer can ask for a code again."),
		"end-session": _("The session has ended."),
		"resend": _("The message is on its way."),
	}


def problems(status: LinkStatus) -> list[str]:
	"""What keeps the customer from the ticket."""
	lines = []
	if status.is_revoked:
		reason = _(status.revoke_reason) if status.revoke_reason else "–"
		lines.append(_("The link is revoked: {0}").format(reason))
	elif status.is_expired:
		lines.append(_("The link has expired. The next message to the customer makes a new one."))
	elif status.is_site_unknown:
		lines.append(_("Set the site address in Customer Portal Settings, so that links can be made."))
	elif status.exists and not status.address:
		lines.append(_("The site's encryption key has changed, so this link no longer works."))
	return lines + _locks(status)


def _locks(status: LinkStatus) -> list[str]:
	lines = []
	if status.locked_until:
		lines.append(_("Too many wrong codes: locked until {0}.").format(time(status.locked_until)))
	if status.mismatches_until:
		text = _("Too many entries that did not match, until {0}.")
		lines.append(text.format(time(status.mismatches_until)))
	if status.sends_until:
		lines.append(_("Too many codes were sent, until {0}.").format(time(status.sends_until)))
	return lines


def facts(status: LinkStatus) -> list[str]:
	if not status.exists:
		return [_("No link has been made yet. It is made when it is first needed.")]
	lines = [_use(status)]
	if status.expires_at and not status.is_expired:
		lines.append(_("The link expires on {0}.").format(time(status.expires_at)))
	return lines


def _use(status: LinkStatus) -> str:
	if not status.last_opened_at:
		return _("Not opened yet.")
	if status.opens == 1:
		return _("Opened once, on {0}.").format(time(status.last_opened_at))
	text = _("Opened {0} times: first on {1}, last on {2}.")
	return text.format(number(status.opens), time(status.first_opened_at), time(status.last_opened_at))


def title(entry: Entry) -> str:
	"""What the message told."""
	if entry.kind == LINK:
		return _("The link, sent by an agent")
	if entry.kind == REPLY:
		return _("An agent's reply")
	if entry.kind == NO_NEWS:
		return _("There is no news yet: {0}").format(entry.label)
	if entry.kind == SLIPPED:
		return _("It takes longer than we said: {0}").format(entry.label)
	return entry.label


def route(entry: Entry) -> list[str]:
	"""How it went there, in pieces."""
	pieces = []
	if entry.in_place_of:
		pieces.append(_("In the place of {0}").format(channel(entry.in_place_of)))
	if entry.is_resent:
		pieces.append(_("Sent again by an agent"))
	if entry.language and entry.language != frappe.local.lang:
		pieces.append(language_name(entry.language))
	return pieces


def channel(name: str) -> str:
	"""The name of a channel that another app brings is its own."""
	return {"SMS": _("SMS"), "Email": _("E-mail"), "WhatsApp": _("WhatsApp")}.get(name, name)


def state(entry: Entry) -> str:
	if entry.state == "Queued":
		return _queued(entry)
	return {
		"Sending": _("Being sent"),
		"Sent": _("Sent"),
		"Delivered": _("Delivered"),
		"Failed": _("Failed"),
		"Superseded": _("Not sent"),
	}[entry.state]


def _queued(entry: Entry) -> str:
	if entry.due_at is None or entry.due_at <= utc_now():
		return _("Waits to be sent")
	text = _("Next attempt on {0}") if entry.attempts else _("Waits until {0}")
	return text.format(time(entry.due_at))


def look(entry: Entry) -> str:
	return LOOKS.get(entry.state, IDLE)


def reasons(entry: Entry) -> list[str]:
	lines = [_(entry.reason)] if entry.reason else []
	return [*lines, _("It may have been sent twice.")] if entry.may_be_repeated else lines


def course(entry: Entry) -> list[str]:
	"""When it was sent and arrived, and after how many attempts."""
	pieces = []
	if entry.sent_at:
		pieces.append(_("Sent: {0}").format(_after(entry, entry.sent_at)))
	if entry.delivered_at:
		pieces.append(_("Delivered: {0}").format(_after(entry, entry.delivered_at)))
	if entry.attempts > 1:
		pieces.append(_("Attempts: {0}").format(number(entry.attempts)))
	return pieces


def seen(entry: Entry) -> str:
	return _("Seen by the customer: {0}").format(_after(entry, entry.seen_at)) if entry.seen_at else ""


def _after(entry: Entry, moment: datetime) -> str:
	"""Without the day when that is the day on which the message was written."""
	own = timezones.of_user(frappe.session.user)
	is_same_day = timezones.local(moment, own).date() == timezones.local(entry.occurred_at, own).date()
	return times.hour(moment, own.key, frappe.local.lang) if is_same_day else time(moment)


def counts(ledger: Ledger) -> list[tuple[str, str, str]]:
	"""Look, name and number of each state that occurs."""
	names = {
		"Delivered": _("Delivered"),
		"Sent": _("Sent"),
		"Sending": _("Being sent"),
		"Queued": _("Waiting"),
		"Failed": _("Failed"),
		"Superseded": _("Not sent"),
	}
	found = [(state, ledger.counts.get(state, 0)) for state in names]
	return [(LOOKS.get(state, IDLE), names[state], number(count)) for state, count in found if count]
