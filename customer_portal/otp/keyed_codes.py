"""Codes bound to the site's key: a dump of the database alone yields neither a code nor a way to test one."""

from customer_portal import keys
from customer_portal.otp import codes


def derive(seed: str, digits: int) -> str:
	"""The code of a seed. Call it where the code is needed, and keep neither."""
	return codes.generate(keys.derive("otp-code"), seed, digits)


def digest(challenge: str, code: str) -> str:
	"""What is stored of a code; the challenge's name salts it."""
	return keys.digest("otp-digest", challenge, code)


def browser_digest(browser: str) -> str:
	return keys.digest("otp-browser", browser)
