"""The HD Form Scripts: made, renewed, and left alone once an admin has edited or deleted them."""

import frappe
import pytest

from customer_portal import form_script, statuses
from customer_portal.constants import IN_PROGRESS, RECEIVED

SCRIPT = "Customer Portal: sub-status"


def script() -> str | None:
	return frappe.db.get_value("HD Form Script", SCRIPT, "script")


def write_script(text):
	frappe.db.set_value("HD Form Script", SCRIPT, "script", text)


def test_the_form_script_is_for_agents_only():
	values = ["dt", "apply_to", "enabled", "apply_to_customer_portal", "apply_on_new_page"]
	row = frappe.db.get_value("HD Form Script", SCRIPT, values)
	assert row == ("HD Ticket", "Form", 1, 0, 0)
	assert script() == form_script.source(SCRIPT)


def test_a_newer_version_replaces_the_script():
	write_script(f"{form_script.MARK}0123456789ab\nfunction setupForm() {{}}")
	form_script.update()
	assert script() == form_script.source(SCRIPT)


@pytest.mark.parametrize("edited", ["function setupForm() {}", form_script.source(SCRIPT) + "\n// mine"])
def test_an_admins_edit_of_the_script_is_kept(edited):
	write_script(edited)
	form_script.update()
	assert script() == edited


def test_a_script_that_was_deleted_stays_deleted():
	form_script.remove()
	form_script.update()
	assert script() is None


# The Default template
def test_the_default_mapping():
	template = statuses.template_named(None)
	assert [main.label for main in template.main_statuses] == [
		"Received",
		"In progress",
		"Resolved",
		"Closed",
	]
	for main in template.main_statuses:
		assert template.default_of(main.position).enabled
	assert template.main(RECEIVED).sets_status == template.main(IN_PROGRESS).sets_status == "Open"
	assert {"Open", "Replied"} <= template.main(IN_PROGRESS).fits
