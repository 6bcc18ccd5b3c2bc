"""Headers as they leave: whole identifiers, addresses in ASCII, and no name that stops a mail."""

import frappe
import pytest

from customer_portal import settings
from customer_portal.channels import base, email, mail_account
from customer_portal.channels.base import Message
from customer_portal.notifications import messages
from tests.factories import make_ticket, unique
from tests.gateways import configure

OUTLOOK = "AS8PR04MB8199F5A2A5C7AF0E5F1C9E0DF5A2A@AS8PR04MB8199.eurprd04.prod.outlook.com"


@pytest.fixture
def ticket(mail_server):
	return make_ticket()


def send(ticket, unlogged: bool = False) -> str:
	"""To a new address, which is returned."""
	to = f"{unique('reader')}@example.com"
	content = Message(
		"Ready", "Ready", "<p>Ready</p>", ticket=str(ticket.name), reference=unique("n"), redacted="-"
	)
	if unlogged:
		email.send_now_unlogged(to, content, str(ticket.name))
	else:
		base.registry["Email"].send(to, content)
	return to


def headers(mail_server, ticket, **options) -> dict[str, str]:
	"""As they were on the wire: not decoded, not unfolded."""
	(mail,) = mail_server.mails_to(send(ticket, **options))
	return dict(mail.raw_items())


def receive(ticket, message_id: str) -> None:
	mail = frappe.new_doc("Communication")
	mail.update({"communication_medium": "Email", "subject": "Leak", "content": "It leaks"})
	mail.update({"sent_or_received": "Received", "sender": "reader@example.com"})
	mail.update({"reference_doctype": "HD Ticket", "reference_name": str(ticket.name)})
	mail.insert(ignore_permissions=True)
	frappe.db.set_value("Communication", mail.name, "message_id", message_id)


@pytest.mark.parametrize("known", [OUTLOOK, "a" * 300 + "@example.com", "first@mail.example.com", "a=?b?=@c"])
def test_an_identifier_goes_out_as_it_is(mail_server, ticket, known):
	receive(ticket, known)
	sent = headers(mail_server, ticket)
	assert sent["In-Reply-To"] == sent["References"] == f"<{known}>"


@pytest.mark.parametrize(
	"broken",
	[
		"a\r\nBcc: x@example.com",
		"a b@example.com",
		"jörg@example.com",
		"\x00@example.com",
		"a>, <b@example.com",
	],
)
def test_what_is_no_identifier_is_left_out(mail_server, ticket, broken):
	receive(ticket, broken)
	sent = headers(mail_server, ticket)
	assert not {"In-Reply-To", "References", "Bcc"} & set(sent)


@pytest.fixture
def international_account(mail_server, ticket):
	name = mail_account.of_ticket(str(ticket.name)).name
	_set_address(name, "hilfe@kühl-trocken.example")
	yield
	_set_address(name, "helpdesk@portal-tests.example")


def _set_address(name: str, address: str) -> None:
	frappe.db.set_value("Email Account", name, "email_id", address)
	frappe.clear_document_cache("Email Account", name)
	frappe.local.outgoing_email_account = {}
	frappe.db.commit()


@pytest.mark.parametrize("unlogged", [False, True])
def test_an_international_domain_is_sent_in_its_ascii_form(
	mail_server, ticket, international_account, unlogged
):
	ascii_form = "hilfe@xn--khl-trocken-thb.example"
	sent = headers(mail_server, ticket, unlogged=unlogged)
	assert sent["From"].endswith(f"<{ascii_form}>")
	assert sent["Reply-To"] == ascii_form
	assert mail_server.received[-1]["from"] == ascii_form


@pytest.fixture
def company_name():
	"""Call it with a name that stands in the settings, past their own check."""
	yield lambda name: configure(company_name=name)
	configure(company_name="")


@pytest.mark.parametrize("unlogged", [False, True])
@pytest.mark.parametrize(
	"name", ["Cool\nDry", "Cool\r\nBcc: x@example.com", "Cool\x00\x1b Dry", "Cool\u2028Dry"]
)
def test_a_stored_name_with_control_characters_stops_no_mail(
	mail_server, ticket, company_name, name, unlogged
):
	company_name(name)
	sent = headers(mail_server, ticket, unlogged=unlogged)
	assert "Cool" in sent["From"]
	assert sent["From"].isprintable()
	assert "Bcc" not in sent
	assert "\n" not in messages.company_name("en")


def test_a_name_of_nothing_else_falls_back(mail_server, ticket, company_name):
	company_name("\n\x00")
	assert headers(mail_server, ticket)["From"].startswith("Portal Tests <")


@pytest.mark.parametrize("name", ["Cool\nDry", "Cool\x00Dry", "Cool\tDry", "Cool\u2028Dry", "Cool\x85Dry"])
def test_the_settings_refuse_such_a_name(name):
	document = frappe.get_doc(settings.DOCTYPE)
	document.company_name = name
	with pytest.raises(frappe.ValidationError, match="Company name must be one line"):
		document.validate()


@pytest.mark.parametrize("name", ["Kühl & Trocken, GmbH", "شركة التبريد", "نامه\u200cها", '"Q" <a@b>, C;'])
def test_the_settings_take_any_other(name):
	document = frappe.get_doc(settings.DOCTYPE)
	document.company_name = name
	document.validate()
	assert document.company_name == name
