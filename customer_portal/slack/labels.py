"""What a ticket's status, and those that may be set, are called in a channel, in the language of the moment.

People of a customer may be in its channel (Slack Connect), and no customer ever sees an internal label: there they are
called what customers read elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import frappe
from frappe import _

from customer_portal import statuses, timeline
from customer_portal.exceptions import TemplateMissing
from customer_portal.slack.channels import Place
from customer_portal.statuses import SubStatus, TicketTemplate


@dataclass(frozen=True)
class Choice:
	"""A sub-status that may be set."""

	sub_status: str
	main_status: int
	label: str


def status(row: frappe._dict, place: Place) -> str:
	"""``row`` has name, template, status and sub_status. Empty where nothing is known that may be told."""
	return _for_customers(row) if place.customer else _for_agents(row)


def choices(row: frappe._dict, template: TicketTemplate, place: Place) -> list[Choice]:
	"""Those of the template without the present one. What customers cannot tell apart is offered to them once."""
	others = [one for one in statuses.choices(template) if one.name != row.sub_status]
	if not place.customer:
		return [Choice(one.name, one.main_status, one.label) for one in others]
	return _told_apart(template, others)


def _told_apart(template: TicketTemplate, offered: Sequence[SubStatus]) -> list[Choice]:
	"""The default of a main status before its others: it is what the label means first of all."""
	found: dict[tuple[int, str], Choice] = {}
	for one in sorted(offered, key=lambda one: not one.is_default):
		label = statuses.customer_label(template, one.name, None, one.main_status)
		found.setdefault((one.main_status, label), Choice(one.name, one.main_status, label))
	return list(found.values())


def _for_agents(row: frappe._dict) -> str:
	"""The sub-status as agents know it, else Helpdesk's status."""
	label = frappe.db.get_value("Portal Sub-Status", row.sub_status, "label") if row.sub_status else None
	return label or (_(row.status) if row.status else "")


def _for_customers(row: frappe._dict) -> str:
	try:
		template = statuses.template_of(row)
	except TemplateMissing:
		return ""
	main_status = timeline.main_status_of(template, row.sub_status, str(row.name))
	return statuses.customer_label(template, row.sub_status, None, main_status)
