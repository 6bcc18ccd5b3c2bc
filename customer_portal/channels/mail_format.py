"""An automatic mail as MIME: text and HTML, threaded into its ticket, and marked so that no robot answers it."""

from datetime import datetime, timezone
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime, make_msgid

import frappe

from customer_portal import settings
from customer_portal.channels.base import Message

AUTOMATIC = {
	"Auto-Submitted": "auto-generated",  # RFC 3834, section 5
	"X-Auto-Response-Suppress": "All",  # Microsoft Exchange
	"X-Auto-Generated": "customer-portal",  # Helpdesk makes no ticket of such a mail
}


class _Verbatim(str):
	"""A header's value that stays on one line. Python would encode a long address in order to fold it (RFC 2047), and
	mail programs would not know it any more (RFC 2369, section 2).
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
	if not reference:
		return make_msgid(domain=frappe.local.site).strip("<>")
	return f"{reference}.customer-portal@{frappe.local.site}"


def build(account, recipient: str, message: Message, answers: str | None = None) -> EmailMessage:
	mail = EmailMessage(policy=SMTP)
	mail["Subject"] = message.subject
	mail["From"] = Address(settings.get().company_name or account.name, addr_spec=account.email_id)
	mail["To"] = recipient
	mail["Reply-To"] = account.email_id
	mail["Date"] = format_datetime(datetime.now(timezone.utc))
	mail["Message-ID"] = f"<{message_id(message.reference)}>"
	if answers:
		mail["In-Reply-To"] = mail["References"] = f"<{answers.strip('<>')}>"
	for name, value in AUTOMATIC.items():
		mail[name] = value
	for name, value in message.headers.items():
		mail[name] = _Verbatim(name, value)
	mail.set_content(message.text, cte="quoted-printable")
	if message.html:
		mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
	return mail
