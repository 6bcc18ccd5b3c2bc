"""What an admin may do with a template, and how soon it shows."""

import frappe
import pytest
from redis.exceptions import ConnectionError as Refused

from customer_portal import statuses
from tests.factories import make_ticket, unique
from tests.ledger import events, make_status, make_ticket_template


# What an admin may do with a template
@pytest.fixture
def template():
	return frappe.get_doc("Portal Ticket Template", "Default")


def refused(template, sentence):
	with pytest.raises(frappe.ValidationError, match=sentence):
		template.save()


def test_exactly_four_main_statuses(template):
	template.main_statuses = template.main_statuses[:3]
	refused(template, "exactly 4 main statuses")


@pytest.mark.parametrize(("row", "is_default"), [(0, 0), (1, 1)])
def test_one_default_for_each_main_status(template, row, is_default):
	template.sub_statuses[row].is_default = is_default
	refused(template, "exactly one default sub-status")


def test_a_sub_status_once(template):
	template.append(
		"sub_statuses",
		{"sub_status": template.sub_statuses[0].sub_status, "main_status": "3", "customer_label": "x"},
	)
	refused(template, "listed twice")


def test_a_fit_once(template):
	template.append(
		"fits", {"main_status": template.fits[0].main_status, "ticket_status": template.fits[0].ticket_status}
	)
	refused(template, "listed twice")


def test_the_status_that_is_set_fits(template):
	template.main_statuses[1].sets_status = make_status("Open")
	template.save()
	assert template.main_statuses[1].sets_status in statuses.template_named(None).main(2).fits


@pytest.mark.parametrize(
	("row", "sentence"),
	[
		({"language": "fr", "label": "x"}, "names no sub-status and no main status"),
		({"language": "ar", "main_status": "1", "label": "x"}, "two label rows"),
	],
)
def test_label_rows(template, row, sentence):
	template.append("labels", row)
	refused(template, sentence)


def test_a_label_of_a_foreign_sub_status(template):
	other = frappe.get_doc({"doctype": "Portal Sub-Status", "label": unique("Internal")}).insert()
	template.append("labels", {"language": "fr", "sub_status": other.name, "label": "x"})
	refused(template, "not listed above")


def test_the_default_template_stays(template):
	with pytest.raises(frappe.PermissionError, match="cannot be deleted"):
		template.delete()


def test_a_default_sub_status_cannot_be_disabled(template):
	default = frappe.get_doc("Portal Sub-Status", template.sub_statuses[0].sub_status)
	default.enabled = 0
	with pytest.raises(frappe.ValidationError, match="Choose another default"):
		default.save()


def test_a_sub_status_with_history_cannot_be_deleted(template):
	ticket = make_ticket()
	used = events(ticket)[0].to_sub_status
	with pytest.raises(frappe.LinkExistsError):
		frappe.delete_doc("Portal Sub-Status", used)


def test_the_portal_template_follows_its_ticket_template():
	ticket_template = make_ticket_template()
	template = frappe.copy_doc(frappe.get_doc("Portal Ticket Template", "Default"))
	template.ticket_template = ticket_template.name
	template.insert()
	renamed = frappe.rename_doc("HD Ticket Template", ticket_template.name, unique("Renamed"))
	assert statuses.template_named(renamed).name == renamed
	frappe.delete_doc("HD Ticket Template", renamed)
	assert not frappe.db.exists("Portal Ticket Template", renamed)
	assert statuses.template_named(renamed).name == "Default"


def test_a_changed_label_is_seen_at_once(template):
	statuses.template_named(None)
	template.sub_statuses[0].customer_label = "We have it"
	template.save()
	assert (
		statuses.customer_label(statuses.template_named(None), template.sub_statuses[0].sub_status, "en", 1)
		== "We have it"
	)


def test_templates_are_read_from_the_database_without_redis(monkeypatch):
	def refuse(*_, **__):
		raise Refused

	for command in ("get", "set", "setex", "keys", "delete"):
		monkeypatch.setattr(type(frappe.cache), command, refuse, raising=False)
	frappe.local.portal_templates = None
	frappe.local.cache.clear()
	assert len(statuses.template_named(None).main_statuses) == 4
	frappe.local.cache.clear()
