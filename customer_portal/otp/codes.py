"""Codes from a secret key and a random seed, in the manner of HOTP (RFC 4226). Pure: no clock, no database.

The job that sends a code derives it again from the seed, so that no code is stored or queued in clear.
"""

import hashlib
import hmac
import unicodedata

SHORTEST = 4
LONGEST = 8
_LONGEST_INPUT = 32


def generate(key: bytes, seed: str, digits: int) -> str:
	"""``digits`` decimal digits. 64 bits are taken before the remainder, so each code is as likely as any other
	(HOTP's 31 bits would prefer some of eight digits)."""
	number = int.from_bytes(hmac.digest(key, seed.encode(), hashlib.sha256)[:8], "big")
	return str(number % 10**digits).zfill(digits)


def read(text: str) -> str | None:
	"""The digits of what a person typed or pasted, in any script, spaces and dashes dropped; None for no code."""
	if not isinstance(text, str) or len(text) > _LONGEST_INPUT:
		return None
	signs = [_plain(sign) for sign in text]
	if None in signs:
		return None
	code = "".join(signs)
	return code if SHORTEST <= len(code) <= LONGEST else None


def is_same(digest: str, other: str) -> bool:
	"""Compares two digests in constant time."""
	return hmac.compare_digest(digest.encode(), other.encode())


def _plain(sign: str) -> str | None:
	"""A digit, nothing for a sign that only separates, None for anything else."""
	digit = unicodedata.decimal(sign, None)
	if digit is not None:
		return str(digit)
	is_separator = sign.isspace() or unicodedata.category(sign) in ("Cf", "Pd")
	return "" if is_separator else None
