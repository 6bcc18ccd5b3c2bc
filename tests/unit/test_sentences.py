"""Numbers in the sentences of the verification page."""

import frappe
import pytest

from customer_portal.otp import sentences

pytestmark = pytest.mark.usefixtures("site")


@pytest.fixture
def arabic(monkeypatch):
	monkeypatch.setattr(frappe.local, "lang", "ar")


def test_durations_have_the_digits_of_the_language(arabic):
	message = sentences.wait(29).message
	assert "٢٩" in message
	assert not any(sign in message for sign in "0123456789")


def test_tries_have_the_digits_of_the_language(arabic):
	assert "٤" in sentences.wrong(4).message


def test_english_keeps_its_digits(monkeypatch):
	monkeypatch.setattr(frappe.local, "lang", "en")
	assert sentences.wait(29).message == "You can ask for another code in 29 seconds."
