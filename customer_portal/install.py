"""Writes what ``customizations`` and ``defaults`` describe.

A migration adds what is missing and updates what an admin has not touched; a second one changes nothing.
"""

import frappe
from frappe.custom.doctype.custom_field.custom_field import create_custom_fields
from frappe.geo.country_info import get_country_info
from frappe.utils.password import get_encryption_key

from customer_portal import backfill, defaults, form_script, timeline
from customer_portal.constants import DEFAULT_TEMPLATE
from customer_portal.customizations import CUSTOM_FIELDS, INDEXES, MODULE, TEMPLATE_ROW
from customer_portal.settings import DOCTYPE as SETTINGS


def after_install() -> None:
	make_encryption_key()
	add_custom_fields()
	add_indexes()
	add_template_rows()
	form_script.create()
	add_default_template()
	add_default_settings()
	backfill.start()


def after_migrate() -> None:
	make_encryption_key()
	add_custom_fields()
	add_indexes()
	timeline.fill_last_updates()
	form_script.update()
	add_default_template()
	add_missing_settings()
	name_slacks_site()
	backfill.start()


def name_slacks_site() -> None:
	"""Of a connection that is older than the field: from now on a copy of this site is known as one."""
	settings = frappe.get_doc("Customer Portal Settings")
	if settings.slack_enabled and not settings.slack_connected_site:
		settings.db_set("slack_connected_site", frappe.local.site)


def make_encryption_key() -> None:
	"""Frappe makes it when it is first needed: two processes would make two, and the links of one would be dead."""
	get_encryption_key()


def add_custom_fields() -> None:
	"""Only those that are missing: an existing one may have been changed by an admin, and is left alone."""
	create_custom_fields(
		{
			doctype: [{**row, "module": MODULE} for row in rows if not _has_custom_field(doctype, row)]
			for doctype, rows in CUSTOM_FIELDS.items()
		}
	)


def add_indexes() -> None:
	for doctype, indexes in INDEXES.items():
		for name, columns in indexes.items():
			frappe.db.add_index(doctype, list(columns), name)


def _has_custom_field(doctype: str, row: dict) -> bool:
	return bool(frappe.db.exists("Custom Field", {"dt": doctype, "fieldname": row["fieldname"]}))


def add_template_rows() -> None:
	"""Past the documents, so that Helpdesk's templates keep their ``modified``."""
	for name in frappe.get_all("HD Ticket Template", pluck="name"):
		template = frappe.get_doc("HD Ticket Template", name)
		if TEMPLATE_ROW["fieldname"] not in {row.fieldname for row in template.fields}:
			template.append("fields", dict(TEMPLATE_ROW)).db_insert()


def add_default_template() -> None:
	if not frappe.db.exists("Portal Ticket Template", {"ticket_template": DEFAULT_TEMPLATE}):
		frappe.get_doc(defaults.default_template()).insert(ignore_permissions=True)


def add_default_settings() -> None:
	"""What depends on the site; the fields' own defaults are in the doctype. Afterwards it is the admin's."""
	settings = frappe.get_doc(SETTINGS)
	settings.default_region = region_of_site()
	settings.save(ignore_permissions=True)


def add_missing_settings() -> None:
	"""Of fields that came with an update: a form that is saved without them would store 0, which allows nothing."""
	stored = frappe.db.get_singles_dict(SETTINGS)
	for field in frappe.get_meta(SETTINGS).fields:
		if field.default and field.fieldname not in stored:
			frappe.db.set_single_value(SETTINGS, field.fieldname, field.default, update_modified=False)


def region_of_site() -> str:
	"""ISO 3166-1 alpha-2 of the country in System Settings, or an empty string."""
	country = frappe.db.get_single_value("System Settings", "country")
	return get_country_info(country).get("code", "").upper() if country else ""
