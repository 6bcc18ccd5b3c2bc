"""The Default portal template that the install creates, as data: computed from the site's own ticket statuses.

No ticket status is named here: Helpdesk's records, their category and order decide.
"""

from dataclasses import dataclass

import frappe

from customer_portal.constants import CLOSED, DEFAULT_TEMPLATE, IN_PROGRESS, RECEIVED, RESOLVED


def _(source: str) -> str:
	"""Marks a text for the translators; it is stored as it is and translated when it is shown."""
	return source


@dataclass(frozen=True)
class DefaultSubStatus:
	main_status: int
	label: str
	customer_label: str
	next_step: str
	ball: str
	arabic_label: str
	arabic_next_step: str
	is_default: bool = False


MAIN_LABELS = {
	RECEIVED: (_("Received"), "تم الاستلام"),
	IN_PROGRESS: (_("In progress"), "قيد المعالجة"),
	RESOLVED: (_("Resolved"), "تم الحل"),
	CLOSED: (_("Closed"), "مغلق"),
}

SUB_STATUSES = (
	DefaultSubStatus(
		RECEIVED,
		"New",
		_("Received"),
		_("We have your request and will look at it soon."),
		"Us",
		"تم الاستلام",
		"وصلنا طلبك وسنطّلع عليه قريبًا.",
		is_default=True,
	),
	DefaultSubStatus(
		IN_PROGRESS,
		"Triage",
		_("Being checked"),
		_("We are finding out what is needed."),
		"Us",
		"قيد الفحص",
		"نتحقق الآن مما يلزم.",
	),
	DefaultSubStatus(
		IN_PROGRESS,
		"Working on it",
		_("In progress"),
		_("We are working on it and will tell you when something changes."),
		"Us",
		"قيد المعالجة",
		"نعمل على طلبك وسنخبرك عند حدوث أي تغيير.",
		is_default=True,
	),
	DefaultSubStatus(
		IN_PROGRESS,
		"Waiting: customer's answer",
		_("Waiting for you"),
		_("We have asked you something. Please answer so that we can go on."),
		"You",
		"بانتظار ردّك",
		"لدينا سؤال لك. يُرجى الرد لنتمكن من المتابعة.",
	),
	DefaultSubStatus(
		IN_PROGRESS,
		"Waiting: part ordered",
		_("Part ordered"),
		_("We go on as soon as the part has arrived."),
		"A third party",
		"تم طلب القطعة",
		"سنتابع العمل فور وصول القطعة.",
	),
	DefaultSubStatus(
		RESOLVED,
		"Solution given",
		_("Resolved"),
		_("If something is still wrong, tell us and we go on."),
		"You",
		"تم الحل",
		"إذا بقيت أي مشكلة فأخبرنا لنتابع.",
		is_default=True,
	),
	DefaultSubStatus(
		CLOSED,
		"Closed",
		_("Closed"),
		_("Nothing more will happen here."),
		"",
		"مغلق",
		"انتهى العمل على هذا الطلب.",
		is_default=True,
	),
)

# What Helpdesk installs as HD Ticket Feedback Option: records, of which its catalogues have no translation.
RATING_OPTIONS = (
	_("Response did not help"),
	_("No resolution provided"),
	_("Delayed response time"),
	_("Adequate help, bit slow"),
	_("Clear guidance given"),
	_("Helpful answers, reasonable wait"),
	_("Quick and precise solutions"),
	_("Prompt, informative support"),
	_("Exceptional support experience"),
	_("Instant, top-notch help"),
)


@dataclass(frozen=True)
class Mapping:
	"""For each main status the ticket status that it sets, and all that fit it."""

	sets: dict[int, str]
	fits: dict[int, list[str]]


def status_mapping() -> Mapping:
	"""Computed from HD Ticket Status: Received takes the statuses of new tickets, In progress all that are not
	resolved, Closed the last resolved one by order, Resolved the other resolved ones (or the same, if alone).
	"""
	rows = _ticket_statuses()
	unresolved = [row.name for row in _in_order(rows, last=True) if row.category != "Resolved"]
	resolved = [row.name for row in _in_order(rows, last=False) if row.category == "Resolved"]
	usable = {row.name for row in rows if row.enabled}
	new = [name for name in unresolved if name in _statuses_of_new_tickets()] or unresolved[:1]
	closing = ([name for name in resolved if name in usable] or resolved)[-1:]
	resolving = [name for name in resolved if name not in closing] or closing
	working = sorted(unresolved, key=lambda name: name not in new)
	fits = {RECEIVED: new, IN_PROGRESS: working, RESOLVED: resolving, CLOSED: closing}
	return Mapping({position: _first_usable(names, usable) for position, names in fits.items()}, fits)


def _ticket_statuses() -> list:
	fields = ["name", "category", "enabled", "order"]
	return frappe.get_all("HD Ticket Status", fields=fields, order_by="creation asc, name asc")


def _in_order(rows: list, last: bool) -> list:
	"""Those to which nobody gave an order come last, or first."""
	return sorted(rows, key=lambda row: (bool(row.order) != last, row.order or 0))


def _statuses_of_new_tickets() -> set[str]:
	"""What Helpdesk gives to a new ticket: by its settings, or by the agreement that applies."""
	by_agreement = frappe.get_all("HD Service Level Agreement", pluck="default_ticket_status")
	settings = frappe.db.get_single_value("HD Settings", "default_ticket_status")
	return {name for name in (settings, *by_agreement) if name}


def _first_usable(names: list[str], usable: set[str]) -> str:
	return next((name for name in names if name in usable), names[0])


def default_template() -> dict:
	"""The Default Portal Ticket Template, ready for ``frappe.get_doc``; its sub-statuses exist afterwards."""
	mapping = status_mapping()
	names = [_sub_status_named(row.label) for row in SUB_STATUSES]
	return {
		"doctype": "Portal Ticket Template",
		"ticket_template": DEFAULT_TEMPLATE,
		"main_statuses": [
			{"label": label, "sets_status": mapping.sets[position]}
			for position, (label, _arabic) in MAIN_LABELS.items()
		],
		"fits": [
			{"main_status": str(position), "ticket_status": name}
			for position, names_of_main in mapping.fits.items()
			for name in names_of_main
		],
		"sub_statuses": [_template_row(name, row) for name, row in zip(names, SUB_STATUSES, strict=True)],
		"labels": [*_arabic_main_labels(), *map(_arabic_label, names, SUB_STATUSES)],
	}


def _sub_status_named(label: str) -> str:
	existing = frappe.db.get_value("Portal Sub-Status", {"label": label})
	if existing:
		return existing
	return frappe.get_doc({"doctype": "Portal Sub-Status", "label": label, "enabled": 1}).insert().name


def _template_row(name: str, row: DefaultSubStatus) -> dict:
	return {
		"sub_status": name,
		"main_status": str(row.main_status),
		"customer_label": row.customer_label,
		"is_default": int(row.is_default),
		"notify": 1,
		"next_step": row.next_step,
		"ball": row.ball,
	}


def _arabic_main_labels() -> list[dict]:
	return [
		{"language": "ar", "main_status": str(position), "label": arabic}
		for position, (_label, arabic) in MAIN_LABELS.items()
	]


def _arabic_label(name: str, row: DefaultSubStatus) -> dict:
	return {
		"language": "ar",
		"sub_status": name,
		"label": row.arabic_label,
		"next_step": row.arabic_next_step,
	}
