"""Which forms a member is offered: those that the Portal Customer Access of their organisations lists.

An organisation for which none is listed gets Helpdesk's Default template, as in Helpdesk's own portal: a form is made
for somebody, and not shown to all others before an admin says so.
"""

from dataclasses import dataclass

import frappe

from customer_portal import html
from customer_portal.access import Member
from customer_portal.constants import DEFAULT_TEMPLATE
from customer_portal.exceptions import FormNotOffered

SUMMARY = 200  # characters

_OFFERS = """SELECT access.name AS customer, form.ticket_template AS name, template.about
	FROM `tabPortal Customer Access` access
	JOIN `tabPortal Access Form` form ON form.parent = access.name AND form.parenttype = 'Portal Customer Access'
	JOIN `tabHD Ticket Template` template ON template.name = form.ticket_template
	WHERE access.name IN %(customers)s AND access.enabled = 1
	ORDER BY access.name, form.idx"""


@dataclass(frozen=True)
class Offer:
	"""``about`` is HTML of an admin; ``customers`` are those of the member for whom the form may be used."""

	name: str
	about: str
	customers: tuple[str, ...]

	@property
	def is_default(self) -> bool:
		"""Whose name is Helpdesk's, and says nothing to a customer."""
		return self.name == DEFAULT_TEMPLATE

	@property
	def summary(self) -> str:
		words = " ".join(html.as_lines(self.about).split())
		return words if len(words) <= SUMMARY else f"{words[: SUMMARY - 1].rstrip()}…"


def to(member: Member) -> tuple[Offer, ...]:
	"""Each form once. Two SELECTs at most."""
	rows = frappe.db.sql(_OFFERS, {"customers": member.customers}, as_dict=True)
	without = [one for one in member.customers if one not in {row.customer for row in rows}]
	if without:
		rows += [frappe._dict(customer=one, **_default()) for one in without]
	by_name: dict[str, list[frappe._dict]] = {}
	for row in rows:
		by_name.setdefault(row.name, []).append(row)
	return tuple(
		Offer(name, found[0].about or "", tuple(row.customer for row in found))
		for name, found in by_name.items()
	)


def names(member: Member) -> tuple[str, ...]:
	return tuple(sorted(offer.name for offer in to(member)))


def find(member: Member, name: str) -> Offer:
	"""Raises ``FormNotOffered``, for unknown forms and for those of other organisations alike."""
	found = next((offer for offer in to(member) if offer.name == name), None)
	if found is None:
		raise FormNotOffered
	return found


def _default() -> dict[str, str]:
	about = frappe.db.get_value("HD Ticket Template", DEFAULT_TEMPLATE, "about")
	return {"name": DEFAULT_TEMPLATE, "about": about or ""}
