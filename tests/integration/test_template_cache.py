"""The cached picture of a template, and transactions that began before an admin changed it."""

import frappe
import pytest

from customer_portal import statuses
from customer_portal.constants import TEMPLATE_CACHE_SECONDS
from tests.threads import elsewhere

KEY = f"{statuses.CACHE_PREFIX}Default"


def label() -> str:
	"""As a new request reads it, in the database transaction that is open."""
	frappe.local.portal_templates, frappe.local.cache = {}, {}
	return statuses.template_named(None).sub_statuses[1].customer_label


def seconds_left() -> int:
	return frappe.cache.ttl(frappe.cache.make_key(KEY))


def save_label(text: str) -> None:
	template = frappe.get_doc("Portal Ticket Template", "Default")
	template.sub_statuses[1].customer_label = text
	template.save()
	frappe.db.commit()


@pytest.fixture
def before():
	"""The label as it is, and again afterwards."""
	frappe.db.commit()
	known = label()
	yield known
	frappe.db.rollback()
	save_label(known)


def test_an_old_snapshot_leaves_no_old_picture_for_long(before):
	frappe.db.sql("select count(*) from `tabPortal Ticket Template`")  # the snapshot
	elsewhere(save_label, "Changed meanwhile")
	assert label() == before
	frappe.db.commit()
	assert 0 < seconds_left() <= 60
	frappe.cache.delete_value(KEY)  # as if they were over
	assert label() == "Changed meanwhile"


def test_a_new_transaction_sees_the_change_at_once(before):
	elsewhere(save_label, "Changed meanwhile")
	frappe.db.commit()
	assert label() == "Changed meanwhile"


def test_long_after_a_change_it_is_kept_long(before):
	frappe.cache.delete_value([KEY, statuses.CHANGED])
	label()
	assert TEMPLATE_CACHE_SECONDS - 10 < seconds_left() <= TEMPLATE_CACHE_SECONDS


def test_a_change_that_was_rolled_back_is_not_kept(before):
	template = frappe.get_doc("Portal Ticket Template", "Default")
	template.sub_statuses[1].customer_label = "Never committed"
	template.save()
	assert label() == "Never committed"
	frappe.db.rollback()
	assert label() == before
