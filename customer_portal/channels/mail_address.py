"""An e-mail address in the form in which every mail server takes it."""

from frappe import _
from frappe.utils import validate_email_address

from customer_portal.integrations.failures import PermanentFailure


def deliverable(address: str) -> str:
	"""The domain in its ASCII form (RFC 5891). The part before the @ has none: only servers with SMTPUTF8
	(RFC 6531), which few have, take other signs there.

	Raises ``PermanentFailure`` for what is no address, or none that can be reached.
	"""
	local, _at, domain = address.strip().rpartition("@")
	if not local.isascii():
		raise PermanentFailure(
			_("This e-mail address has letters before the @ that mail servers do not take.")
		)
	found = validate_email_address(f"{local}@{_ascii(domain)}")
	if not found:
		raise PermanentFailure(_("This is not a valid e-mail address."))
	return found


def in_ascii(address: str) -> str:
	"""One of the site's own addresses with its domain in the ASCII form; as it is where there is none."""
	local, _at, domain = address.rpartition("@")
	return f"{local}@{_ascii(domain) or domain}"


def _ascii(domain: str) -> str:
	try:
		return domain.encode("idna").decode()
	except UnicodeError:
		return ""
