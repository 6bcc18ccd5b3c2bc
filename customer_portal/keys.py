"""Keys that are not in the database: HKDF-like derivation from the site's encryption key.

Each purpose has its own label, so that one value is never valid for another purpose.
"""

import hashlib
import hmac

from frappe.utils.password import get_encryption_key


def derive(label: str, *parts: str) -> bytes:
	"""32 bytes: HMAC-SHA256 (RFC 2104) of the length-prefixed parts, under a key made from ``label``."""
	key = hmac.digest(get_encryption_key().encode(), label.encode(), hashlib.sha256)
	message = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
	return hmac.digest(key, message, hashlib.sha256)


def digest(label: str, *parts: str) -> str:
	"""The same as 64 hexadecimal characters."""
	return derive(label, *parts).hex()
