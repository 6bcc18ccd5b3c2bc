"""Install, migrate and uninstall, all from one table of customisations."""

import frappe
import pytest
from frappe.core.doctype.scheduled_job_type.scheduled_job_type import sync_jobs
from frappe.database.sequence import create_sequence

from customer_portal import customizations, defaults, install, statuses, timeline, uninstall
from customer_portal.constants import CLOSED, IN_PROGRESS, RECEIVED, RESOLVED
from tests.factories import make_ticket
from tests.ledger import make_status, make_ticket_template

WRITTEN = (
	"Custom Field",
	"DocField",
	"HD Form Script",
	"HD Ticket Template",
	"HD Ticket Template Field",
	"HD Ticket",
	"Portal Main Status",
	"Portal Status Event",
	"Portal Status Fit",
	"Portal Sub-Status",
	"Portal Sub-Status Label",
	"Portal Template Sub-Status",
	"Portal Ticket Template",
	"Property Setter",
)
FIELDS = [row["fieldname"] for row in customizations.CUSTOM_FIELDS["HD Ticket"]]
COLUMNS = [
	row["fieldname"]
	for row in customizations.CUSTOM_FIELDS["HD Ticket"]
	if row["fieldtype"] != "Section Break"
]


def fingerprint() -> dict[str, tuple]:
	"""Changes with any value of any row that the install writes."""
	sums = {doctype: frappe.db.sql(f"checksum table `tab{doctype}`") for doctype in WRITTEN}
	return {**sums, "Settings": frappe.db.get_singles_dict("Customer Portal Settings")}


def test_a_second_migration_changes_nothing():
	install.after_migrate()
	frappe.db.commit()
	before = fingerprint()
	install.after_migrate()
	frappe.db.commit()
	assert fingerprint() == before


def test_a_migration_of_frappe_leaves_our_indexes():
	for doctype in customizations.INDEXES:
		frappe.db.updatedb(doctype)
	assert indexes() >= OUR_INDEXES


def test_an_install_makes_the_key_that_links_depend_on(tmp_path, monkeypatch, site):
	"""On a copy of the site's configuration, from which the key is missing."""
	monkeypatch.setattr(frappe.local, "conf", frappe._dict())
	written = {}
	monkeypatch.setattr("frappe.installer.update_site_config", written.__setitem__)
	install.make_encryption_key()
	assert len(written["encryption_key"]) >= 32
	made = dict(written)
	install.make_encryption_key()
	assert written == made


def test_the_settings_are_valid_right_after_the_install():
	frappe.get_doc("Customer Portal Settings").save()


def test_a_setting_that_an_update_brings_has_its_default():
	for fieldname in ("notification_mails_per_address", "upload_types"):
		frappe.db.delete("Singles", {"doctype": "Customer Portal Settings", "field": fieldname})
	kept = frappe.db.get_single_value("Customer Portal Settings", "burst_seconds")
	install.add_missing_settings()
	stored = frappe.db.get_singles_dict("Customer Portal Settings")
	assert stored["notification_mails_per_address"] == "50"
	assert stored["upload_types"].startswith("pdf")
	assert int(stored["burst_seconds"]) == kept


@pytest.mark.parametrize(
	("country", "region"), [("Saudi Arabia", "SA"), ("Germany", "DE"), (None, ""), ("Atlantis", "")]
)
def test_the_default_region_is_the_sites_country(monkeypatch, country, region):
	monkeypatch.setattr(frappe.db, "get_single_value", lambda *_: country)
	assert install.region_of_site() == region


def test_the_ticket_has_our_fields():
	meta = frappe.get_meta("HD Ticket")
	assert [name for name in FIELDS if not meta.has_field(name)] == []
	modules = frappe.get_all("Custom Field", {"dt": "HD Ticket", "fieldname": ("in", FIELDS)}, pluck="module")
	assert modules == [customizations.MODULE] * len(FIELDS)


def test_an_admins_changes_to_a_field_survive_a_migration():
	name = frappe.db.get_value("Custom Field", {"dt": "HD Ticket", "fieldname": "sub_status"})
	frappe.db.set_value("Custom Field", name, "label", "Step")
	install.add_custom_fields()
	assert frappe.db.get_value("Custom Field", name, "label") == "Step"


def template_row(template):
	filters = {"parent": template, "fieldname": "sub_status"}
	fields = ["url_method", "hide_from_customer", "idx"]
	return frappe.get_all("HD Ticket Template Field", filters=filters, fields=fields)


def test_each_template_has_the_row_hidden_from_customers():
	for name in ("Default", make_ticket_template().name):
		(row,) = template_row(name)
		assert (row.url_method, row.hide_from_customer) == (customizations.TEMPLATE_ROW["url_method"], 1)


def test_the_install_adds_the_row_to_older_templates_once_and_leaves_them_unmodified():
	template = make_ticket_template(fields=[{"fieldname": "priority"}])
	frappe.db.delete("HD Ticket Template Field", {"parent": template.name, "fieldname": "sub_status"})
	modified = frappe.db.get_value("HD Ticket Template", template.name, "modified")
	install.add_template_rows()
	install.add_template_rows()
	assert [row.idx for row in template_row(template.name)] == [2]
	assert frappe.db.get_value("HD Ticket Template", template.name, "modified") == modified


def test_a_row_that_an_admin_took_out_stays_out():
	template = make_ticket_template()
	template.fields = []
	template.save()
	install.after_migrate()
	assert template_row(template.name) == []


def test_every_default_text_is_there_in_arabic():
	template = statuses.template_named(None)
	for row in template.sub_statuses:
		if row.customer_label not in {known.customer_label for known in defaults.SUB_STATUSES}:
			continue
		assert statuses.customer_label(template, row.name, "ar", 1) != row.customer_label
		assert statuses.next_step(template, row.name, "ar") != row.next_step
	for main in template.main_statuses:
		assert statuses.main_label(template, main.position, "ar") != main.label


def record(name, category, order, enabled=1):
	return frappe._dict(name=name, category=category, order=order, enabled=enabled)


GERMAN = [
	record("Zu", "Resolved", 4),
	record("Wartet", "Paused", 2),
	record("Neu", "Open", 1),
	record("Fertig", "Resolved", 3),
]


@pytest.mark.parametrize(
	("records", "new", "sets", "fits"),
	[
		(GERMAN, {"Neu"}, ["Neu", "Neu", "Fertig", "Zu"], [["Neu"], ["Neu", "Wartet"], ["Fertig"], ["Zu"]]),
		(
			[*GERMAN, record("Extra", "Open", 0), record("Ersetzt", "Resolved", 0)],
			{"Neu"},
			["Neu", "Neu", "Ersetzt", "Zu"],
			[["Neu"], ["Neu", "Wartet", "Extra"], ["Ersetzt", "Fertig"], ["Zu"]],
		),
		(
			[
				record("A", "Open", 1, 0),
				record("B", "Open", 2),
				record("C", "Resolved", 3),
				record("D", "Resolved", 4, 0),
			],
			{"B"},
			["B", "B", "D", "C"],
			[["B"], ["B", "A"], ["D"], ["C"]],
		),
		(
			[record("A", "Open", 1), record("Done", "Resolved", 2)],
			set(),
			["A", "A", "Done", "Done"],
			[["A"], ["A"], ["Done"], ["Done"]],
		),
	],
)
def test_the_mapping_is_computed_from_the_records(monkeypatch, records, new, sets, fits):
	monkeypatch.setattr(defaults, "_ticket_statuses", lambda: records)
	monkeypatch.setattr(defaults, "_statuses_of_new_tickets", lambda: new)
	mapping = defaults.status_mapping()
	assert [mapping.sets[position] for position in (RECEIVED, IN_PROGRESS, RESOLVED, CLOSED)] == sets
	assert [mapping.fits[position] for position in (RECEIVED, IN_PROGRESS, RESOLVED, CLOSED)] == fits


def test_added_statuses_are_mapped_by_their_category():
	working = make_status("Open")
	mapping = defaults.status_mapping()
	assert working in mapping.fits[IN_PROGRESS]
	assert working not in mapping.fits[RECEIVED]


# The uninstall
def columns_of_ticket() -> set[str]:
	return {row[0] for row in frappe.db.sql("show columns from `tabHD Ticket`")}


def indexes() -> set[tuple[str, str, str]]:
	"""Doctype, index and column, of all doctypes that get an index of ours."""
	found = {doctype: frappe.db.sql(f"show index from `tab{doctype}`") for doctype in customizations.INDEXES}
	return {(doctype, row[2], row[4]) for doctype, rows in found.items() for row in rows}


OUR_INDEXES = {
	(doctype, name, column)
	for doctype, all_of_it in customizations.INDEXES.items()
	for name, columns in all_of_it.items()
	for column in columns
}


def start_counting_anew() -> None:
	"""The sequence went with the uninstall; it comes with the doctype, which in this test has stayed."""
	frappe.db.delete("Portal Throttle Event")
	create_sequence("Portal Throttle Event", check_not_exists=True)


def test_uninstall_leaves_helpdesk_as_it_was():
	ticket = make_ticket()
	with_fields = {one for one in indexes() if one[2] in COLUMNS}
	assert indexes() >= OUR_INDEXES
	theirs = (columns_of_ticket() - set(COLUMNS), indexes() - OUR_INDEXES - with_fields)
	field = frappe.get_doc("Custom Field", {"dt": "HD Ticket", "fieldname": "sub_status"})
	frappe.make_property_setter(
		{"doctype": "HD Ticket", "fieldname": "sub_status", "property": "hidden", "value": "0"}
	)
	try:
		uninstall.before_uninstall()
		assert (columns_of_ticket(), indexes()) == theirs
		assert not frappe.db.exists("Custom Field", field.name)
		assert not frappe.db.exists(
			"Property Setter", {"doc_type": "HD Ticket", "field_name": ("in", FIELDS)}
		)
		assert not frappe.db.exists("HD Ticket Template Field", {"fieldname": "sub_status"})
		assert not frappe.db.exists("HD Form Script", {"name": ("in", list(customizations.FORM_SCRIPTS))})
		assert not frappe.get_meta("HD Ticket").has_field("sub_status")
	finally:
		start_counting_anew()
		install.after_install()
		sync_jobs()  # as Frappe does when it installs an app
		frappe.db.commit()
	assert frappe.get_meta("HD Ticket").has_field("sub_status")
	assert set(COLUMNS) <= columns_of_ticket()
	assert indexes() >= OUR_INDEXES
	assert timeline.read(ticket.name).steps[0].reached
