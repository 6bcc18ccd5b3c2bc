"""An automatic mail as MIME: text and HTML, threaded into its ticket, and marked so that no robot answers it."""

import re
from collections.abc import Sequence
from datetime import datetime, timezone
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime

import frappe

from customer_portal import settings
from customer_portal.channels import mail_address
from customer_portal.channels.base import Attachment, Message

_IDENTIFIER = re.compile(r"[!-;=?-~]{1,900}")  # printable ASCII without < and >; a line has at most 998 signs
_IN_BRACKETS = re.compile(r"<([^<>\s]+)>")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
AUTOMATIC = {
	"Auto-Submitted": "auto-generated",  # RFC 3834, section 5
	"X-Auto-Response-Suppress": "All",  # Microsoft Exchange
	"X-Auto-Generated": "customer-portal",  # Helpdesk makes no ticket of such a mail
}
MARK = "X-Customer-Portal-Message"  # some servers put a Message-ID of their own in the place of ours


class _Verbatim(str):
	"""A header's value that stays on one line. Python would encode a long address or identifier in order to fold it
	(RFC 2047), and mail programs would not know it any more (RFC 2369, section 2; RFC 2047, section 5).
	"""

	__slots__ = ("name",)

	def __new__(cls, name: str, value: str):
		made = super().__new__(cls, value)
		made.name = name
		return made

	def fold(self, *, policy: Policy) -> str:
		return f"{self.name}: {self}{policy.linesep}"


def message_id(reference: str) -> str:
	"""Without angle brackets. Frappe knows an answer to its own mail by the site's name in it."""
	return f"{reference or frappe.generate_hash(length=20)}.customer-portal@{frappe.local.site}"


def reference_of(message_id: str) -> str:
	"""The reference of a mail of ours by its Message-ID; empty for every other mail."""
	ending = f".customer-portal@{frappe.local.site}"
	return message_id.removesuffix(ending) if message_id.endswith(ending) else ""


def identifiers(header: object) -> list[str]:
	"""The Message-IDs in a header such as References, without angle brackets."""
	return _IN_BRACKETS.findall(str(header or ""))


def build(account, recipient: str, message: Message, thread: Sequence[str | None] = ()) -> EmailMessage:
	"""``thread`` are Message-IDs, the newest last, which the mail answers."""
	mail = EmailMessage(policy=SMTP)
	mail["Subject"] = message.subject
	sender = mail_address.in_ascii(account.email_id)
	name = _one_line(message.sender_name) or _one_line(settings.get().company_name) or _one_line(account.name)
	mail["From"] = Address(name, addr_spec=sender)
	mail["To"] = recipient
	mail["Reply-To"] = sender
	mail["Date"] = format_datetime(datetime.now(timezone.utc))
	identifier = f"<{message_id(message.reference)}>"
	mail["Message-ID"] = identifier
	mail[MARK] = _Verbatim(MARK, identifier)
	for name, value in _thread_headers(thread).items():
		mail[name] = _Verbatim(name, value)
	for name, value in AUTOMATIC.items():
		mail[name] = value
	for name, value in message.headers.items():
		mail[name] = _Verbatim(name, value)
	mail.set_content(message.text, cte="quoted-printable")
	if message.html:
		mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
	for file in message.files:
		_add_file(mail, file)
	return mail


def _thread_headers(thread: Sequence[str | None]) -> dict[str, str]:
	"""RFC 5322, 3.6.4. Each identifier is at the end of a short line, as a header of one line may be too long."""
	known = [f"<{one.strip('<>')}>" for one in thread if _is_identifier(one)]
	distinct = list(dict.fromkeys(known))
	if not distinct:
		return {}
	return {"In-Reply-To": known[-1], "References": "\r\n ".join(distinct)}


def _add_file(mail: EmailMessage, file: Attachment) -> None:
	maintype, _slash, subtype = file.kind.partition("/")
	if file.content_id:
		of_text = mail.get_body(("html",))
		of_text.add_related(
			file.content,
			maintype,
			subtype,
			cid=f"<{file.content_id}>",
			filename=file.name,
			disposition="inline",
		)
	else:
		mail.add_attachment(file.content, maintype, subtype, filename=_one_line(file.name))


def _is_identifier(text: str | None) -> bool:
	"""What others put into a Message-ID is stored as it came; more than RFC 5322, 3.6.4 allows is common."""
	return bool(_IDENTIFIER.fullmatch((text or "").strip("<>")))


def _one_line(name: str | None) -> str:
	return " ".join(_CONTROL.sub(" ", name or "").split())
