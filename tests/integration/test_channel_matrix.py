"""What the matrix of a template and its WhatsApp templates may hold, and who may ask for the channels."""

import frappe
import pytest

from customer_portal import statuses
from customer_portal.api import channels
from customer_portal.channels import base
from tests.channels import Recording
from tests.factories import make_agent, unique
from tests.ledger import make_sub_status, named

SID = "HX" + "0123456789abcdef" * 2


@pytest.fixture
def template():
	return frappe.get_doc("Portal Ticket Template", "Default")


def exclude(template, *pairs: tuple[str, str]) -> list[tuple[str, str]]:
	template.set("exclusions", [{"sub_status": row, "channel": channel} for row, channel in pairs])
	template.save()
	return [(row.sub_status, row.channel) for row in template.reload().exclusions]


def test_what_is_excluded_is_not_told(template):
	row = named("Part ordered")
	assert exclude(template, (row, "SMS")) == [(row, "SMS")]
	picture = statuses.template_named(None)
	assert not statuses.is_told(picture, row, "SMS")
	assert statuses.is_told(picture, row, "Email")
	assert statuses.is_told(picture, named("Resolved"), "SMS")


def test_doubles_and_what_does_not_exist_are_dropped(template):
	row, foreign = named("Part ordered"), make_sub_status()
	pairs = [(row, "SMS"), (row, "SMS"), (foreign, "SMS"), (row, "Pigeon"), (row, "sms"), (row, "Email")]
	assert exclude(template, *pairs) == [(row, "SMS"), (row, "Email")]


def test_a_sub_status_that_leaves_the_template_takes_its_exclusions_along(template):
	row = make_sub_status()
	template.append("sub_statuses", {"sub_status": row, "main_status": "2", "customer_label": "x"})
	assert exclude(template, (row, "SMS")) == [(row, "SMS")]
	template.sub_statuses.pop()
	template.save()
	assert template.reload().exclusions == []


def test_a_new_channel_needs_no_change(template, monkeypatch):
	monkeypatch.setitem(base.registry, "Pigeon", Recording("Pigeon", rank=90))
	assert channels.names()[-1] == {"name": "Pigeon", "label": "Pigeon", "is_on": True}
	row = named("Part ordered")
	assert exclude(template, (row, "Pigeon")) == [(row, "Pigeon")]


def test_only_readers_of_templates_ask_for_the_channels():
	user = frappe.new_doc("User")
	user.update({"email": f"{unique('guest')}@example.com", "first_name": "x", "send_welcome_email": 0})
	user.insert(ignore_permissions=True)
	for stranger in ("Guest", user.name):
		frappe.set_user(stranger)
		with pytest.raises(frappe.PermissionError):
			channels.names()
	frappe.set_user("Administrator")
	frappe.set_user(make_agent().name)
	assert {row["name"] for row in channels.names()} >= {"SMS", "Email", "WhatsApp"}


def with_whatsapp(template, *rows: dict):
	template.set("whatsapp_templates", [{"language": "en", "content_sid": SID, **row} for row in rows])
	return template


def test_one_for_each_language_and_status(template):
	rows = ({}, {"sub_status": named("Part ordered")}, {"language": "ar", "content_sid": f" {SID} "})
	with_whatsapp(template, *rows).save()
	picture = statuses.template_named(None)
	assert statuses.whatsapp_template(picture, named("Resolved"), "ar") == SID


@pytest.mark.parametrize("sid", ["", "HX12", f"{SID}0", f"MG{SID[2:]}", SID.replace("0", "g"), f"{SID}\nx"])
def test_a_content_sid_has_its_form(template, sid):
	with pytest.raises(frappe.ValidationError):
		with_whatsapp(template, {"content_sid": sid}).save()


def test_neither_doubles_nor_foreign_sub_statuses(template):
	with pytest.raises(frappe.ValidationError, match="two WhatsApp templates"):
		with_whatsapp(template, {}, {}).save()
	template.reload()
	with pytest.raises(frappe.ValidationError, match="not listed above"):
		with_whatsapp(template, {"sub_status": make_sub_status()}).save()
