"""The address by which somebody stops following one ticket, from an e-mail about it (RFC 8058).

It carries the ticket and the user with a signature, so that it works for mails of any age and needs no table.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from hmac import compare_digest

from customer_portal import keys, links

PATH = "/portal/following/"
SIGNATURE_LENGTH = 22


def address(ticket: str, user: str) -> str:
	"""Raises ``SiteAddressMissing``."""
	return f"{links.site_address()}{PATH}{token(ticket, user)}"


def token(ticket: str, user: str) -> str:
	packed = urlsafe_b64encode(f"{ticket}:{user}".encode()).rstrip(b"=").decode()
	return f"{_signature(ticket, user)}{packed}"


def read(text: str) -> tuple[str, str] | None:
	"""Ticket and user; None when nobody here made it."""
	signature, packed = text[:SIGNATURE_LENGTH], text[SIGNATURE_LENGTH:]
	try:
		ticket, _colon, user = urlsafe_b64decode(packed + "=" * (-len(packed) % 4)).decode().partition(":")
	except ValueError:
		return None
	if not signature.isascii() or not compare_digest(signature, _signature(ticket, user)):
		return None
	return ticket, user


def _signature(ticket: str, user: str) -> str:
	return keys.digest("following", ticket, user)[:SIGNATURE_LENGTH]
