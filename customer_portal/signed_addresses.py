"""What a link in a mail carries about its reader, signed: it works for mails of any age and needs no table."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from hmac import compare_digest

from customer_portal import keys

SIGNATURE_LENGTH = 22


def token(purpose: str, address: str) -> str:
	packed = urlsafe_b64encode(address.encode()).rstrip(b"=").decode()
	return f"{_signature(purpose, address)}{packed}"


def read(purpose: str, text: str) -> str | None:
	"""The address; None when nobody here made the token for this purpose."""
	signature, packed = text[:SIGNATURE_LENGTH], text[SIGNATURE_LENGTH:]
	try:
		address = urlsafe_b64decode(packed + "=" * (-len(packed) % 4)).decode()
	except ValueError:
		return None
	is_ours = signature.isascii() and compare_digest(signature, _signature(purpose, address))
	return address if is_ours else None


def _signature(purpose: str, address: str) -> str:
	return keys.digest(purpose, address)[:SIGNATURE_LENGTH]
