"""Texts for customers: our own catalogues and an admin's Translations, and no other app's words."""

import frappe
import pytest

from customer_portal import statuses, texts
from customer_portal.notifications import messages
from customer_portal.notifications.outbox import STATUS, Notification
from customer_portal.pages.texts import translate
from tests.factories import make_ticket

LABELS = ("Received", "In progress", "Resolved", "Closed")


@pytest.fixture(autouse=True)
def fresh():
	texts.catalogue.clear_cache()
	yield
	frappe.db.rollback()
	frappe.translate.clear_cache()
	texts.catalogue.clear_cache()


def put(language: str, source: str, translated: str) -> None:
	"""As an admin does in the Desk."""
	row = {
		"doctype": "Translation",
		"language": language,
		"source_text": source,
		"translated_text": translated,
	}
	frappe.get_doc(row).insert()
	texts.catalogue.clear_cache()


def labels(language: str) -> list[str]:
	template = statuses.template_named(None)
	return [statuses.main_label(template, main.position, language) for main in template.main_statuses]


@pytest.mark.parametrize("language", ["zh", "zh-TW", "sr"])
def test_other_apps_words_are_not_ours(language, monkeypatch):
	assert frappe._("Closed", language) != "Closed"
	assert labels(language) == list(LABELS)
	monkeypatch.setattr(frappe.local, "lang", language)
	assert [translate(text) for text in LABELS] == list(LABELS)


def test_nor_do_messages_mix_them_in():
	ticket = make_ticket()
	notification = Notification(
		"n", str(ticket.name), STATUS, "Email", "x@example.com", "zh", ticket.sub_status, 1, False, "c"
	)
	message = messages.status_message(notification, "https://help.example.com/t/x")
	assert (message.subject + message.text + message.html).isascii()


@pytest.mark.parametrize(("language", "asked"), [("zh", "zh"), ("zh", "zh-TW")])
def test_an_admins_own_translation_wins(language, asked):
	put(language, "Received", "Mine")
	assert labels(asked)[0] == "Mine"
	assert labels(asked)[1:] == list(LABELS[1:])


def test_it_wins_over_our_own_catalogue():
	assert texts.translate("Received", "ar") != "Received"
	put("ar", "Received", "Mine")
	assert texts.translate("Received", "ar") == "Mine"


def test_the_childs_own_translation_comes_before_its_parents():
	put("zh", "Received", "Parent")
	put("zh-TW", "Received", "Child")
	assert labels("zh-TW")[0] == "Child"


def test_a_language_of_ours_is_translated():
	assert not set(labels("ar")) & set(LABELS)
	assert set(labels("ar-EG")) == set(labels("ar"))


def test_without_a_language_it_is_that_of_the_request(monkeypatch):
	monkeypatch.setattr(frappe.local, "lang", "ar")
	assert texts.translate("Closed") == texts.translate("Closed", "ar") != "Closed"
