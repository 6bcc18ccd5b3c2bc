"""Presses of the buttons in a ticket's post. https://docs.slack.dev/reference/interaction-payloads/block_actions-payload

What they did shows in the post itself, which follows the ticket; what they could not do is told to the presser alone.
"""

from dataclasses import dataclass

import frappe
from frappe import _
from frappe.desk.form import assign_to

from customer_portal import statuses
from customer_portal.constants import CLOSED
from customer_portal.slack import channels, objections, outbox, people, rights, session
from customer_portal.slack.channels import Place
from customer_portal.slack.posts import CLOSE, SET, TAKE
from customer_portal.slack.refusals import Refusal

TICKET = "HD Ticket"


@dataclass(frozen=True)
class Press:
	channel: str
	ts: str
	user: str
	action: str
	value: str

	def refuse(self, reason: str, text: str) -> Refusal:
		return Refusal(reason, self.channel, self.ts, self.user, text)


def press(payload: dict) -> Refusal | None:
	"""Raises what ``client`` raises. The caller commits."""
	pressed = read(payload)
	place = channels.place(pressed.channel) if pressed else None
	post = outbox.by_ts(pressed.channel, pressed.ts) if place else None
	if post is None or post.kind != outbox.POST or not post.ticket:
		return None
	agent = people.agent_of(pressed.user)
	if agent is None:
		return pressed.refuse("no agent", _("Only agents of this helpdesk can do that."))
	rights.hold(str(post.ticket))
	hindered = _hindrance(place, str(post.ticket), agent)
	return pressed.refuse(*hindered) if hindered else _done(pressed, str(post.ticket), agent)


def give_up(payload: dict, reason: str) -> Refusal | None:
	"""What could not be done for a day, ``reason`` says why: a sentence."""
	pressed = read(payload)
	return pressed.refuse("given up", _not_taken(reason)) if pressed else None


def read(payload: dict) -> Press | None:
	"""The first action of a ``block_actions`` payload. None: not one of ours."""
	action = next(iter(payload.get("actions") or ()), None)
	if not isinstance(action, dict) or action.get("action_id") not in _ACTS:
		return None
	chosen = action.get("selected_option") or {}
	return Press(
		channel=str((payload.get("channel") or {}).get("id") or ""),
		ts=str((payload.get("message") or payload.get("container") or {}).get("ts") or ""),
		user=str((payload.get("user") or {}).get("id") or ""),
		action=action["action_id"],
		value=str(chosen.get("value") or action.get("value") or "").partition(":")[2],
	)


def _hindrance(place: Place, ticket: str, agent: str) -> tuple[str, str] | None:
	if not place.is_answered:
		return "alerts only", _("This ticket cannot be changed from here any more.")
	return rights.hindrance(place, ticket, agent)


def _done(pressed: Press, ticket: str, agent: str) -> Refusal | None:
	def act() -> None:
		with session.as_agent(agent):
			_ACTS[pressed.action](frappe.get_doc(TICKET, ticket, for_update=True), pressed.value)

	said = objections.of(act, ticket)
	if not said:
		return None
	return pressed.refuse("refused by Helpdesk", _not_taken(said))


def _not_taken(said: str) -> str:
	return _("Helpdesk did not take it: {0}").format(said)


def _take(ticket, _value: str) -> None:
	"""From whom it was assigned to, to who has pressed."""
	own = frappe.session.user
	others = [one for one in frappe.parse_json(ticket.get("_assign") or "[]") if one != own]
	for one in others:
		assign_to.remove(TICKET, ticket.name, one, ignore_permissions=True)
	ticket.assign_agent(own)


def _set(ticket, sub_status: str) -> None:
	offered = [one.name for one in statuses.choices(statuses.template_of(ticket))]
	if sub_status not in offered:
		frappe.throw(_("This status is not offered any more."))
	_change(ticket, sub_status)


def _close(ticket, _value: str) -> None:
	_change(ticket, statuses.template_of(ticket).default_of(CLOSED).name)


def _change(ticket, sub_status: str) -> None:
	ticket.sub_status = sub_status
	ticket.save()


_ACTS = {TAKE: _take, SET: _set, CLOSE: _close}
