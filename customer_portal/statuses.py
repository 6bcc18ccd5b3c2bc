"""Main statuses, sub-statuses and the labels that customers see: a read-only picture of a ticket's template.

The picture is cached in Redis and for the request. Without Redis it is read from the database each request.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import frappe

from customer_portal.constants import (
	DEFAULT_TEMPLATE,
	FRESH_TEMPLATE_CACHE_SECONDS,
	IN_PROGRESS,
	LONGEST_TRANSACTION_SECONDS,
	MAIN_STATUSES,
	TEMPLATE_CACHE_SECONDS,
)
from customer_portal.exceptions import TemplateMissing
from customer_portal.texts import translate as _

CACHE_PREFIX = "customer_portal:template:"
CHANGED = "customer_portal:templates_have_changed"
OPEN, PAUSED = "Open", "Paused"  # categories of HD Ticket Status


@dataclass(frozen=True)
class MainStatus:
	"""``position`` is 1 to 4; ``fits`` are the HD Ticket Status names that fit it; it sets ``sets_status``."""

	position: int
	label: str
	sets_status: str
	fits: frozenset[str]


@dataclass(frozen=True)
class SubStatus:
	"""``label`` is for agents only. ``ball`` is one of "", "Us", "You", "A third party"."""

	name: str
	label: str
	enabled: bool
	main_status: int
	customer_label: str
	is_default: bool
	notify: bool
	message: str
	next_step: str
	ball: str
	show_expected: bool = False


@dataclass(frozen=True)
class Wording:
	"""A label row of one language; empty texts fall back to the template's own."""

	label: str
	message: str
	next_step: str


@dataclass(frozen=True)
class TicketTemplate:
	"""``wordings`` is keyed by language and sub-status name, or by language and main status ("1" to "4").

	``exclusions`` has pairs of sub-status and channel that are not told. ``whatsapp_templates`` is keyed by language
	and sub-status, which is empty for all.
	"""

	name: str
	main_statuses: tuple[MainStatus, ...]
	sub_statuses: tuple[SubStatus, ...]
	wordings: Mapping[tuple[str, str], Wording] = field(repr=False)
	exclusions: frozenset[tuple[str, str]] = frozenset()
	whatsapp_templates: Mapping[tuple[str, str], str] = field(default_factory=dict, repr=False)

	def main(self, position: int) -> MainStatus:
		return self.main_statuses[position - 1]

	def sub_status(self, name: str | None) -> SubStatus | None:
		return next((row for row in self.sub_statuses if row.name == name), None)

	def default_of(self, position: int) -> SubStatus:
		"""The sub-status with which a ticket enters this main status."""
		return next(row for row in self.sub_statuses if row.main_status == position and row.is_default)

	def nearest_main(self, status: str, start: int) -> int | None:
		"""The main status nearest to ``start`` that the HD Ticket Status fits, the earlier one of two as near.

		None when the status fits no main status.
		"""
		fitting = [main.position for main in self.main_statuses if status in main.fits]
		return min(fitting, key=lambda position: (abs(position - start), position), default=None)


def template_of(ticket: str | Mapping) -> TicketTemplate:
	"""The template of a ticket, given by its name or as anything that has ``template`` (document, row).

	A ticket template without a portal template of its own has the Default one's.
	Raises ``TemplateMissing`` when there is not even that.
	"""
	if isinstance(ticket, str | int):
		return template_named(frappe.db.get_value("HD Ticket", ticket, "template"))
	return template_named(ticket.get("template"))


def template_named(ticket_template: str | None) -> TicketTemplate:
	"""The same by the name of the HD Ticket Template; None is the Default one."""
	name = ticket_template or DEFAULT_TEMPLATE
	known = _of_this_request()
	if name not in known:
		known[name] = _from_cache(name)
	return known[name]


def choices(template: TicketTemplate) -> list[SubStatus]:
	"""What an agent may set: the enabled sub-statuses, in the template's order."""
	return [row for row in template.sub_statuses if row.enabled]


def customer_label(
	template: TicketTemplate, sub_status: str | None, language: str | None, main_status: int
) -> str:
	"""What customers read. Never an internal label, never empty.

	``main_status`` names the main status whose label stands in when the template does not have the sub-status.
	"""
	row = template.sub_status(sub_status)
	if row is None:
		return main_label(template, main_status, language)
	return worded(template, row.name, "label", language) or _(row.customer_label, language)


def main_label(template: TicketTemplate, position: int, language: str | None = None) -> str:
	return worded(template, str(position), "label", language) or _(template.main(position).label, language)


def message(template: TicketTemplate, sub_status: str | None, language: str | None = None) -> str:
	"""The optional text that is added to notifications; may be empty."""
	return _text(template, sub_status, "message", language)


def next_step(template: TicketTemplate, sub_status: str | None, language: str | None = None) -> str:
	""" "What happens next"; may be empty."""
	return _text(template, sub_status, "next_step", language)


def ball(template: TicketTemplate, sub_status: str | None) -> str:
	"""Who has to act: "", "Us", "You" or "A third party" (keys, not translated)."""
	row = template.sub_status(sub_status)
	return row.ball if row else ""


def is_told(template: TicketTemplate, sub_status: str | None, channel: str) -> bool:
	"""Whether a change to this sub-status goes out by this channel."""
	return (sub_status, channel) not in template.exclusions


def whatsapp_template(template: TicketTemplate, sub_status: str | None, language: str) -> str:
	"""Twilio's Content SID of the approved text: the sub-status's own, else the one for all; may be empty."""
	found = template.whatsapp_templates
	for code in (language, language.split("-")[0]):
		for key in ((code, sub_status or ""), (code, "")):
			if key in found:
				return found[key]
	return ""


def forget_templates(*_: object) -> None:
	"""Clears the cache now and, since others may read the old rows until then, after this transaction's end.

	Any arguments are ignored, so that it serves as a document event.
	"""
	_clear_cache()
	frappe.db.after_commit.add(_clear_cache)
	frappe.db.after_rollback.add(_clear_cache)


def _clear_cache() -> None:
	"""The mark comes first: whoever writes a picture after this looks for it after that."""
	frappe.local.portal_templates = {}
	frappe.cache.set_value(CHANGED, 1, expires_in_sec=LONGEST_TRANSACTION_SECONDS)
	frappe.cache.delete_keys(CACHE_PREFIX)


def _of_this_request() -> dict[str, TicketTemplate]:
	if getattr(frappe.local, "portal_templates", None) is None:
		frappe.local.portal_templates = {}
	return frappe.local.portal_templates


def _from_cache(name: str) -> TicketTemplate:
	key = CACHE_PREFIX + name
	template = frappe.cache.get_value(key, expires=True)
	if template is None:
		template = _from_database(name)
		_keep(key, template)
	return template


def _keep(key: str, template: TicketTemplate) -> None:
	"""A transaction that began before a change reads the old rows: until the last of those has ended, no picture is
	kept for long.
	"""
	frappe.cache.set_value(key, template, expires_in_sec=TEMPLATE_CACHE_SECONDS)
	if frappe.cache.get_value(CHANGED, expires=True):
		frappe.cache.set_value(key, template, expires_in_sec=FRESH_TEMPLATE_CACHE_SECONDS)


def _from_database(name: str) -> TicketTemplate:
	rows = frappe.get_all(
		"Portal Ticket Template",
		filters={"ticket_template": ("in", (name, DEFAULT_TEMPLATE))},
		fields=["name", "ticket_template"],
	)
	found = {row.ticket_template: row.name for row in rows}
	portal_template = found.get(name) or found.get(DEFAULT_TEMPLATE)
	if not portal_template:
		raise TemplateMissing
	return picture(frappe.get_doc("Portal Ticket Template", portal_template))


def picture(document) -> TicketTemplate:
	"""The frozen picture of a Portal Ticket Template document."""
	return TicketTemplate(
		name=document.name,
		main_statuses=_main_statuses(document),
		sub_statuses=_sub_statuses(document),
		wordings={
			(row.language, row.sub_status or str(row.main_status)): Wording(
				row.label or "", row.message or "", row.next_step or ""
			)
			for row in document.labels
		},
		exclusions=frozenset((row.sub_status, row.channel) for row in document.exclusions),
		whatsapp_templates={
			(row.language, row.sub_status or ""): row.content_sid for row in document.whatsapp_templates
		},
	)


def _main_statuses(document) -> tuple[MainStatus, ...]:
	"""What no row names, such as a status that was made after the template, fits by its category."""
	sets = {row.idx: row.sets_status for row in document.main_statuses[:MAIN_STATUSES]}
	fits = {position: {status} for position, status in sets.items()}
	for row in document.fits:
		fits.setdefault(int(row.main_status), set()).add(row.ticket_status)
	categories = dict(frappe.get_all("HD Ticket Status", fields=["name", "category"], as_list=True))
	for status in categories.keys() - set().union(*fits.values()):
		for position in positions_by_category(categories[status], sets, categories):
			fits[position].add(status)
	return tuple(
		MainStatus(row.idx, row.label, row.sets_status, frozenset(fits[row.idx]))
		for row in document.main_statuses[:MAIN_STATUSES]
	)


def positions_by_category(
	category: str, sets: Mapping[int, str], categories: Mapping[str, str]
) -> tuple[int, ...]:
	"""The main statuses that set a status of this category; ``sets`` is keyed by position.

	A paused ticket is one that is being worked on, where no main status pauses: it fits what sets an open status,
	"In progress" if that is among them. Empty when the category has no counterpart at all.
	"""
	found = tuple(position for position, status in sets.items() if categories.get(status) == category)
	if found or category != PAUSED:
		return found
	is_open = positions_by_category(OPEN, sets, categories)
	return (IN_PROGRESS,) if IN_PROGRESS in is_open else is_open


def _sub_statuses(document) -> tuple[SubStatus, ...]:
	names = [row.sub_status for row in document.sub_statuses]
	masters = frappe.get_all(
		"Portal Sub-Status", filters={"name": ("in", names)}, fields=["name", "label", "enabled"]
	)
	by_name = {row.name: row for row in masters}
	return tuple(
		SubStatus(
			name=row.sub_status,
			label=by_name[row.sub_status].label,
			enabled=bool(by_name[row.sub_status].enabled),
			main_status=int(row.main_status),
			customer_label=row.customer_label,
			is_default=bool(row.is_default),
			notify=bool(row.notify),
			message=row.message or "",
			next_step=row.next_step or "",
			ball=row.ball or "",
			show_expected=bool(row.show_expected),
		)
		for row in document.sub_statuses
		if row.sub_status in by_name
	)


def _text(template: TicketTemplate, sub_status: str | None, part: str, language: str | None) -> str:
	row = template.sub_status(sub_status)
	if row is None:
		return ""
	own = getattr(row, part)
	return worded(template, row.name, part, language) or (_(own, language) if own else "")


def worded(template: TicketTemplate, key: str, part: str, language: str | None) -> str:
	"""The text of a label row in this language or, for ``pt-BR``, in ``pt``; empty when there is none."""
	language = language or frappe.local.lang
	for code in (language, language.split("-")[0]):
		wording = template.wordings.get((code, key))
		if wording and getattr(wording, part):
			return getattr(wording, part)
	return ""
