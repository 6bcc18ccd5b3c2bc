"""What agents read about a ticket's link, and what they can do with it: for Helpdesk's page and for the Desk."""

from dataclasses import asdict, dataclass
from datetime import datetime

import frappe
from frappe import _
from frappe.utils import format_datetime

from customer_portal import link_desk, timezones
from customer_portal.link_desk import LinkStatus


@dataclass(frozen=True)
class Action:
	"""A button: ``method`` is a function of ``api.links``; ``is_address`` says that it returns one to copy."""

	method: str
	label: str
	done: str
	is_address: bool = False
	is_first: bool = False
	is_final: bool = False


def entry() -> dict[str, str]:
	"""The menu's ``group`` and ``label`` from which the dialog opens."""
	return {"group": _("Customer portal"), "label": _("Ticket link")}


def describe(ticket: str) -> dict[str, object]:
	"""``title``, translated ``lines``, and ``actions`` as dicts of ``Action``."""
	status = link_desk.read(ticket)
	return {
		"title": _("Ticket link"),
		"lines": _lines(status),
		"actions": [asdict(action) for action in _actions(status)],
	}


def _lines(status: LinkStatus) -> list[str]:
	if not status.exists:
		return [_("No link has been made yet. It is made when it is first needed.")]
	return [*_state(status), _use(status), *map(_verified, status.sessions)]


def _state(status: LinkStatus) -> list[str]:
	lines = []
	if status.is_revoked:
		reason = _(status.revoke_reason) if status.revoke_reason else "–"
		lines.append(_("The link is revoked: {0}").format(reason))
	elif status.is_expired:
		lines.append(_("The link has expired. The next message to the customer makes a new one."))
	if status.locked_until:
		lines.append(_("Too many wrong codes: locked until {0}.").format(_time(status.locked_until)))
	if status.mismatches_until:
		text = _("Too many entries that did not match, until {0}.")
		lines.append(text.format(_time(status.mismatches_until)))
	if status.sends_until:
		lines.append(_("Too many codes were sent, until {0}.").format(_time(status.sends_until)))
	return lines


def _use(status: LinkStatus) -> str:
	if not status.last_opened_at:
		return _("Not opened yet.")
	return _("Times opened: {0}. Last on {1}.").format(status.opens, _time(status.last_opened_at))


def _verified(session: dict) -> str:
	return _("Signed in: {0}, since {1}.").format(session["recipient"], _time(session["verified_at"]))


def _actions(status: LinkStatus) -> list[Action]:
	actions = []
	if not status.is_revoked:
		actions += [
			Action("copy_link", _("Copy"), _("The link is copied."), is_address=True, is_first=True),
			Action("send_link", _("Send to the customer"), _("The link is on its way.")),
		]
	if status.locked_until or status.mismatches_until or status.sends_until:
		actions.append(Action("unlock_link", _("Unlock"), _("The customer can ask for a code again.")))
	done = _("The old link has ended, and the new one is copied.")
	actions.append(Action("rotate_link", _("Make a new link"), done, is_address=True))
	if status.exists and not status.is_revoked:
		actions.append(Action("revoke_link", _("Revoke"), _("The link has ended."), is_final=True))
	return actions


def _time(moment: datetime) -> str:
	"""In the agent's own time zone and format."""
	return format_datetime(timezones.local(moment, timezones.of_user(frappe.session.user)))
