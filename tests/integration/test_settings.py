"""Customer Portal Settings: what an admin may save, and what is refused with a sentence that names the field."""

import frappe
import pytest

from customer_portal.customer_portal.doctype.customer_portal_settings.customer_portal_settings import RANGES
from tests.gateways.twilio import ACCOUNT_SID, AUTH_TOKEN, SENDER

DOCTYPE = "Customer Portal Settings"


@pytest.fixture
def document(site):
	yield frappe.get_doc(DOCTYPE)
	frappe.db.rollback()
	frappe.clear_document_cache(DOCTYPE, DOCTYPE)


def save(document, **values):
	document.update(values)
	document.save()
	return document


def test_the_defaults_are_valid(document):
	save(document)


def test_every_number_has_a_range():
	meta = frappe.get_meta(DOCTYPE)
	assert {field.fieldname for field in meta.fields if field.fieldtype == "Int"} == set(RANGES)


@pytest.mark.parametrize("fieldname", RANGES)
def test_defaults_lie_inside_their_range(fieldname):
	least, most = RANGES[fieldname]
	assert least <= int(frappe.get_meta(DOCTYPE).get_field(fieldname).default or 0) <= most


@pytest.mark.parametrize("fieldname", RANGES)
@pytest.mark.parametrize("end", [0, 1])
def test_numbers_outside_their_range_are_refused(document, fieldname, end):
	wrong = RANGES[fieldname][end] + (1 if end else -1)
	with pytest.raises(frappe.ValidationError) as caught:
		save(document, **{fieldname: wrong})
	assert document.meta.get_label(fieldname) in str(caught.value)


@pytest.mark.parametrize(
	"values",
	[
		{"sign_in_link": 0},
		{"sign_in_google": 1},
		{"sign_in_microsoft": 1},
		{"sign_in_link": 0, "sign_in_google": 1},
		{"microsoft_tenants": "contoso.onmicrosoft.com"},
		{"microsoft_tenants": "11111111-2222-4333-8444-555555555555 common"},
		{"google_domains": "example"},
		{"google_domains": "example.com @example.org"},
		{"google_issuer": "http://accounts.example.com"},
		{"microsoft_issuer": "login.microsoftonline.us"},
		{"google_issuer": "https://user:password@accounts.example.com"},
		{"portal_url": "http://help.example.com"},
		{"whatsapp_sender": "Noor"},
		{"whatsapp_sender": "0550000011"},
		{"send_whatsapp": 1, "whatsapp_sender": ""},
		{"portal_url": "help.example.com"},
		{"portal_url": "https://help.example.com/path"},
		{"portal_url": "https://help.example.com?x=1"},
		{"portal_url": "https://user:password@help.example.com"},
		{"portal_url": "javascript:alert(1)"},
		{"portal_url": "https://"},
		{"portal_url": "https://help.example.com:port"},
		{"portal_url": "https://help .example.com"},
		{"twilio_api_base": "http://api.example.com"},
		{"twilio_api_base": "ftp://api.example.com"},
		{"contact_link": "javascript:alert(1)"},
		{"contact_link": "data://x"},
		{"contact_link": "call us"},
		{"default_region": "XX"},
		{"default_region": "Saudi Arabia"},
		{"sms_countries": "SA, Mars"},
		{"languages": [{"language": "xx"}]},
		{"languages": [{"language": "en"}, {"language": "en"}]},
		{"accent_colour": "blue"},
		{"accent_colour": "#12345"},
		{"accent_colour": "#000000;background:url(//x)"},
		{"email_account": "No such account"},
		{"code_length": 7, "raised_code_length": 6},
		{"session_idle_minutes": 120, "session_absolute_hours": 1},
		{"twilio_account_sid": "AC123"},
		{"twilio_account_sid": "SK" + "0" * 32},
		{"twilio_sender": "+0123"},
		{"twilio_sender": "A name of more than eleven"},
		{"sms_provider": "Carrier pigeon"},
		{"sms_provider": "Twilio"},
		{"sms_provider": "Twilio", "twilio_account_sid": ACCOUNT_SID, "twilio_auth_token": AUTH_TOKEN},
		{"sms_provider": "Twilio", "twilio_account_sid": ACCOUNT_SID, "twilio_sender": SENDER},
	],
	ids=str,
)
def test_what_is_refused(document, values):
	document.twilio_account_sid = document.twilio_auth_token = document.twilio_sender = ""
	with pytest.raises(frappe.ValidationError):
		save(document, **values)


@pytest.mark.parametrize(
	"values",
	[
		{"portal_url": "https://help.example.com"},
		{"portal_url": "https://help.example.com:8443"},
		{"portal_url": "http://localhost:8000"},
		{"portal_url": "http://portal.localhost:8000"},
		{"portal_url": "http://127.0.0.1:8000"},
		{"portal_url": "http://[::1]:8000"},
		{"portal_url": ""},
		{"twilio_api_base": "https://api.ie1.twilio.com"},
		{"twilio_api_base": "http://127.0.0.1:9000/proxy"},
		{"contact_link": "https://example.com/contact"},
		{"contact_link": "help@example.com"},
		{"contact_link": "mailto:help@example.com"},
		{"contact_link": "+966 11 123 4567"},
		{"contact_link": "tel:+966111234567"},
		{"contact_link": "whatsapp:+966501234567"},
		{"default_region": "sa"},
		{"sms_countries": "sa, ae qa"},
		{"languages": [{"language": "en"}, {"language": "ar"}]},
		{"accent_colour": "#1d4ed8"},
		{"link_expiry_days": 0, "burst_seconds": 0, "sms_per_hour": 0, "trusted_proxies": 0},
		*(
			{"sms_provider": "Twilio", "twilio_account_sid": ACCOUNT_SID, "twilio_auth_token": AUTH_TOKEN}
			| sender
			for sender in (
				{"twilio_sender": SENDER},
				{"twilio_sender": "MG" + "0f" * 16},
				{"twilio_sender": "Repairs"},
			)
		),
		{"sms_provider": "Twilio", "use_telephony_credentials": 1, "twilio_sender": SENDER},
	],
	ids=str,
)
def test_what_is_taken(document, values):
	save(document, **values)


def test_texts_are_tidied(document):
	save(document, portal_url=" https://help.example.com/ ", default_region="sa", sms_countries="sa,ae")
	assert document.portal_url == "https://help.example.com"
	assert document.default_region == "SA"
	assert document.sms_countries == "SA AE"


def test_the_token_is_stored_encrypted(document):
	save(document, twilio_auth_token=AUTH_TOKEN)
	rows = frappe.db.sql("SELECT value FROM tabSingles WHERE doctype = %s", DOCTYPE)
	assert AUTH_TOKEN not in str(rows)
	assert frappe.get_doc(DOCTYPE).get_password("twilio_auth_token") == AUTH_TOKEN


def test_only_admins_read_and_write(site):
	for user in ("Guest", "nobody@example.com"):
		assert not frappe.has_permission(DOCTYPE, "read", user=user)
		assert not frappe.has_permission("Portal Notification", "read", user=user)
