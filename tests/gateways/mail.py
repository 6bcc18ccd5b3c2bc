"""An SMTP server (RFC 5321), and the outgoing Email Account that leads to it."""

import asyncio
import socket
from email import message_from_bytes
from email.policy import default

import frappe
import pytest
from aiosmtpd.controller import Controller

from tests.gateways import configure, publish
from tests.gateways.server import HANG_SECONDS, Recorder

sent_mails: list[str] = []


class MailServer(Recorder):
	"""Modes: ok, ``refuse recipient`` (550), ``busy`` (451), ``too big`` (552 after the data), ``hang``, ``drop``."""

	def __init__(self):
		super().__init__()
		self.controller = Controller(self, hostname="127.0.0.1", port=0)
		self.port = _bound_port(self.controller)

	async def handle_RCPT(self, server, session, envelope, address, options):
		if self.mode == "refuse recipient":
			return "550 5.1.1 No such mailbox"
		envelope.rcpt_tos.append(address)
		return "250 OK"

	async def handle_DATA(self, server, session, envelope):
		refusal = {"busy": "451 Try later", "too big": "552 Too big"}.get(self.mode)
		if refusal:
			return refusal
		mail = message_from_bytes(envelope.content, policy=default)
		self.received.append(
			{"to": envelope.rcpt_tos[0], "mail": mail, "text": text_of(mail), "raw": envelope.content}
		)
		self.received[-1]["from"] = envelope.mail_from
		sent_mails.append(text_of(mail))
		self.before_answer()
		if self.mode == "hang":
			await asyncio.sleep(HANG_SECONDS)
		if self.mode == "drop":
			server.transport.abort()
		return "250 Taken"

	def mails_to(self, address: str) -> list:
		return [message["mail"] for message in self.received if message["to"] == address]

	def stop(self) -> None:
		self.controller.stop()


def _bound_port(controller: Controller) -> int:
	"""aiosmtpd checks its own port when it starts, so the port has to be known before."""
	with socket.socket() as probe:
		probe.bind(("127.0.0.1", 0))
		controller.port = probe.getsockname()[1]
	controller.start()
	return controller.port


def text_of(mail) -> str:
	"""Every text part, one after the other."""
	parts = (part for part in mail.walk() if part.get_content_maintype() == "text")
	return "\n".join(part.get_content() for part in parts)


def use_mail_server(server: MailServer, name: str = "Portal Tests") -> str:
	"""An outgoing default Email Account at the loopback server; returns its name."""
	if frappe.db.exists("Email Account", name):
		frappe.db.set_value("Email Account", name, {"smtp_port": server.port, "enable_outgoing": 1})
	else:
		account = frappe.new_doc("Email Account")
		account.update(
			{
				"email_account_name": name,
				"email_id": "helpdesk@portal-tests.example",
				"enable_incoming": 0,
				"no_smtp_authentication": 1,
				"awaiting_password": 0,
				"smtp_server": "127.0.0.1",
				"smtp_port": server.port,
				"default_outgoing": 1,
				"enable_outgoing": 1,
			}
		)
		account.insert(ignore_permissions=True)
	publish("Email Account", name)
	configure(send_email=1, provider_timeout_seconds=2)
	return name


def change_account(name: str, **values) -> None:
	"""Changes an Email Account past its validation, for all processes."""
	frappe.db.set_value("Email Account", name, values)
	publish("Email Account", name)


@pytest.fixture(scope="session")
def mail_server_process(site):
	server = MailServer()
	yield server
	server.stop()


@pytest.fixture
def mail_server(mail_server_process):
	"""The site's default outgoing account leads to this mail server, which is in order."""
	mail_server_process.mode = "ok"
	mail_server_process.received = []
	mail_server_process.before_answer = lambda: None
	use_mail_server(mail_server_process)
	return mail_server_process
