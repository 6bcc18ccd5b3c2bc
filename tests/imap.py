"""A real IMAP server on loopback: Dovecot, from Debian, as a process of its own with its own folder. Fixture for conftest.

Helpdesk's Email Account reads its mailbox as it reads one on the internet; ``deliver`` is the mail server that puts a
mail into it.
"""

import grp
import imaplib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import frappe
import pytest

from tests.servers import free_port

USER, PASSWORD = "imap@portal-tests.example", "a-mailbox-of-tests"
ACCOUNT = "Portal Tests IMAP"
NOBODY = "nobody"  # Dovecot opens no mailbox as root
_COMMON = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
log_path = {folder}/dovecot.log
ssl = no
default_internal_user = {user}
default_login_user = {user}
default_internal_group = {group}
first_valid_uid = 1
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""
_VERSION_2_3 = """
disable_plaintext_auth = no
auth_mechanisms = plain login
mail_location = maildir:{folder}/mail
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/home
}}
"""
_VERSION_2_4 = """
auth_allow_cleartext = yes
auth_mechanisms = plain login
mail_driver = maildir
mail_path = {folder}/mail
passdb static {{
  password = {password}
}}
userdb static {{
  fields {{
    uid = {user}
    gid = {group}
    home = {folder}/home
  }}
}}
"""


class ImapServer:
	"""``account`` is the Email Account of Helpdesk that reads the mailbox."""

	account = ACCOUNT

	def __init__(self, port: int):
		self.port = port

	def deliver(self, *mails: bytes) -> None:
		with imaplib.IMAP4("127.0.0.1", self.port) as box:
			box.login(USER, PASSWORD)
			for mail in mails:
				kind, _answer = box.append("INBOX", None, None, mail)
				assert kind == "OK"

	def fetch(self) -> None:
		"""Has Frappe read the mailbox, as its scheduler does."""
		frappe.db.commit()
		frappe.get_doc("Email Account", self.account).receive()
		frappe.db.commit()

	def receive(self, *mails: bytes) -> None:
		self.deliver(*mails)
		self.fetch()


@contextmanager
def running(folder: Path) -> Iterator[ImapServer]:
	port = free_port()
	configuration = _configure(folder, port)
	program = _program()
	with (folder / "output.log").open("w") as out:
		process = subprocess.Popen([program, "-F", "-c", str(configuration)], stdout=out, stderr=out)
	try:
		_wait(port, process, folder)
		yield ImapServer(port)
	finally:
		process.terminate()
		process.wait(20)


def _program() -> str:
	found = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
	if not found:
		raise RuntimeError("Dovecot is missing: apt-get install dovecot-imapd")
	return found


def _configure(folder: Path, port: int) -> Path:
	owner = pwd.getpwnam(NOBODY) if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
	for name in ("mail", "home", "run"):
		(folder / name).mkdir()
	for path in (folder, *folder.iterdir()):
		os.chown(path, owner.pw_uid, owner.pw_gid)
	version = subprocess.run([_program(), "--version"], capture_output=True, text=True, check=True).stdout
	is_new = tuple(map(int, version.split()[0].split(".")[:2])) >= (2, 4)
	head = "dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0\n" if is_new else ""
	values = {"folder": folder, "port": port, "password": PASSWORD}
	values |= {"user": owner.pw_name, "group": grp.getgrgid(owner.pw_gid).gr_name}
	text = head + (_COMMON + (_VERSION_2_4 if is_new else _VERSION_2_3)).format(**values)
	path = folder / "dovecot.conf"
	path.write_text(text)
	return path


def _wait(port: int, process: subprocess.Popen, folder: Path, seconds: float = 120) -> None:
	deadline = time.monotonic() + seconds
	while time.monotonic() < deadline and process.poll() is None:
		with suppress(OSError, imaplib.IMAP4.error), imaplib.IMAP4("127.0.0.1", port) as box:
			box.login(USER, PASSWORD)
			return
		time.sleep(0.1)
	logs = (folder / name for name in ("output.log", "dovecot.log"))
	raise RuntimeError("\n".join(path.read_text() for path in logs if path.exists()))


@pytest.fixture(scope="session")
def imap_process(site):
	"""Not in a folder of pytest's, which are closed to the user who may open mailboxes."""
	with tempfile.TemporaryDirectory(prefix="portal-imap-") as folder, running(Path(folder)) as server:
		yield server


@pytest.fixture
def imap(imap_process, mail_server):
	"""Helpdesk takes in its tickets from this mailbox, which is empty; its mails leave by the default account."""
	_empty(imap_process)
	_use(imap_process)
	yield imap_process
	frappe.db.set_value("Email Account", ACCOUNT, {"enable_incoming": 0})
	frappe.clear_document_cache("Email Account", ACCOUNT)
	frappe.db.commit()


def _empty(server: ImapServer) -> None:
	with imaplib.IMAP4("127.0.0.1", server.port) as box:
		box.login(USER, PASSWORD)
		_kind, (count,) = box.select("INBOX")
		if int(count):
			box.store("1:*", "+FLAGS", "\\Deleted")
			box.expunge()


def _use(server: ImapServer) -> None:
	known = frappe.db.exists("Email Account", ACCOUNT)
	account = frappe.get_doc("Email Account", ACCOUNT) if known else frappe.new_doc("Email Account")
	account.update(
		{
			"email_account_name": ACCOUNT,
			"email_id": USER,
			"enable_incoming": 1,
			"use_imap": 1,
			"use_ssl": 0,
			"use_starttls": 0,
			"email_server": "127.0.0.1",
			"incoming_port": server.port,
			"password": PASSWORD,
			"awaiting_password": 0,
			"email_sync_option": "UNSEEN",
			"append_to": "HD Ticket",
			"enable_outgoing": 0,
			"default_outgoing": 0,
			"enable_auto_reply": 0,
		}
	)
	account.set("imap_folder", [{"folder_name": "INBOX", "append_to": "HD Ticket"}])
	account.flags.ignore_validate = True
	account.save(ignore_permissions=True)
	frappe.db.set_value("Email Account", ACCOUNT, {"uidvalidity": None, "uidnext": 0})
	frappe.clear_document_cache("Email Account", ACCOUNT)
	frappe.db.commit()
