"""A loopback POP3 server (RFC 1939) with one mailbox, which Helpdesk's Email Account reads. Fixture for conftest."""

import socketserver
import threading

import frappe
import pytest

from tests.gateways.mail import MailServer


class Session(socketserver.StreamRequestHandler):
	def handle(self):
		self.deleted: set[int] = set()
		self.say("+OK ready")
		while line := self.rfile.readline():
			command, *arguments = line.decode().split()
			if command.upper() == "QUIT":
				break
			self.answer(command.upper(), arguments)
		self.server.mails = [mail for n, mail in enumerate(self.server.mails, 1) if n not in self.deleted]
		self.say("+OK bye")

	def answer(self, command: str, arguments: list[str]):
		if command in ("LIST", "RETR"):
			mails = self.server.mails
			lines = (
				[f"{n} {len(mail)}".encode() for n, mail in enumerate(mails, 1)]
				if command == "LIST"
				else mails[int(arguments[0]) - 1].split(b"\r\n")
			)
			self.say("+OK")
			for text in lines:
				self.wfile.write((b"." if text.startswith(b".") else b"") + text + b"\r\n")
			self.wfile.write(b".\r\n")
		elif command == "DELE":
			self.deleted.add(int(arguments[0]))
			self.say("+OK")
		else:
			self.say("+OK" if command in ("USER", "PASS", "NOOP") else "-ERR")

	def say(self, text: str):
		self.wfile.write(f"{text}\r\n".encode())


class Mailbox:
	"""``receive`` delivers raw mails into it and has Frappe fetch them, as its scheduler does."""

	def __init__(self):
		self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session)
		self.server.daemon_threads = True
		self.server.mails = []
		threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

	@property
	def port(self) -> int:
		return self.server.server_address[1]

	def receive(self, *mails: bytes) -> None:
		self.server.mails.extend(mails)
		frappe.get_doc("Email Account", self.account).receive()
		assert not self.server.mails

	def stop(self) -> None:
		self.server.shutdown()
		self.server.server_close()


@pytest.fixture
def mailbox(mail_server: MailServer):
	"""The account by which Helpdesk takes in tickets reads this mailbox, and answers each new mail by itself."""
	box = Mailbox()
	box.account = _use(box)
	yield box
	box.stop()
	frappe.db.set_value("Email Account", box.account, {"enable_incoming": 0})
	frappe.clear_document_cache("Email Account", box.account)
	frappe.db.commit()


def _use(box: Mailbox, name: str = "Portal Tests Inbox") -> str:
	exists = frappe.db.exists("Email Account", name)
	account = frappe.get_doc("Email Account", name) if exists else frappe.new_doc("Email Account")
	values = {
		"email_account_name": name,
		"email_id": "inbox@portal-tests.example",
		"enable_incoming": 1,
		"use_imap": 0,
		"email_server": "127.0.0.1",
		"incoming_port": box.port,
		"password": "any",
		"append_to": "HD Ticket",
		"enable_auto_reply": 1,
		"auto_reply_message": "We have your mail.",
	}
	account.update(values)
	account.flags.ignore_validate = True
	account.save(ignore_permissions=True)
	frappe.db.commit()
	return account.name
