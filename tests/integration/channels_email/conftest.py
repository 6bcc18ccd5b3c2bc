"""Mails of a ticket through Frappe's Email Queue, to a real SMTP server."""

import pytest

from customer_portal.channels import base
from customer_portal.channels.base import Message
from tests.factories import make_ticket, unique

SECRET = "https://help.example.com/t/SecretSecretSecret1234"


@pytest.fixture
def ticket(mail_server):
	return make_ticket()


def message(ticket, **values):
	fields = {
		"subject": f"جاهز: Ready (#{ticket.name})",
		"text": f"جاهز Ready\n{SECRET}\n",
		"html": f"<p dir=auto>جاهز Ready <a href='{SECRET}'>x</a></p>",
		"ticket": str(ticket.name),
		"reference": unique("n"),
		"redacted": "Ready, and no link\n",
	}
	return Message(**{**fields, **values})


def send(to, content):
	return base.registry["Email"].send(to, content)


def address():
	return f"{unique('reader')}@example.com"
