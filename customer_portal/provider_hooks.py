"""The addresses at which providers report to us. Always made from the site's configuration, never from a request."""

from urllib.parse import urlsplit

from customer_portal import links
from customer_portal.exceptions import SiteAddressMissing

RECEIPTS = "/portal/hooks/twilio/receipt"
INCOMING = "/portal/hooks/twilio/message"
LOCAL = (".localhost", ".local", ".internal")


def receipts_address(reference: str) -> str:
	"""Where Twilio reports what became of the message; empty where no provider could reach the site."""
	base = address(RECEIPTS)
	return f"{base}?message={reference}" if base else ""


def incoming_address() -> str:
	"""What an admin enters at Twilio for incoming messages; empty without an address that Twilio can reach."""
	return address(INCOMING)


def address(path: str) -> str:
	"""The whole address of a path; empty where no provider could reach the site.

	Twilio refuses a whole message whose callback has a host without a dot (error 21609).
	"""
	try:
		site = links.site_address()
	except SiteAddressMissing:
		return ""
	host = urlsplit(site).hostname or ""
	return "" if "." not in host or host.endswith(LOCAL) else f"{site}{path}"
