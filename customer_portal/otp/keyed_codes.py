"""Codes bound to the site's key: a dump of the database alone yields neither a code nor a way to test one."""

import hmac

from customer_portal import keys
from customer_portal.otp import codes

_MAC_LENGTH = 32  # hexadecimal


def derive(seed: str, digits: int) -> str:
	"""The code of a seed. Call it where the code is needed, and keep neither."""
	return codes.generate(keys.derive("otp-code"), seed, digits)


def digest(challenge: str, code: str) -> str:
	"""What is stored of a code; the challenge's name salts it."""
	return keys.digest("otp-digest", challenge, code)


def link_token(challenge: str) -> str:
	"""What a sign-in mail's link ends with: the challenge's name and 128 bits that only this site can make of it."""
	return f"{challenge}.{keys.digest('sign-in-link', challenge)[:_MAC_LENGTH]}"


def challenge_of(token: str) -> str | None:
	"""The challenge's name; None for a token that this site did not make."""
	name = token.partition(".")[0]
	return name if hmac.compare_digest(token.encode(), link_token(name).encode()) else None


def browser_digest(browser: str) -> str:
	return keys.digest("otp-browser", browser)
