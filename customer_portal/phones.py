"""Phone numbers as people type them, normalised once to E.164 so that equal numbers are equal strings.

Pure: it knows no site and no ticket.
"""

import unicodedata

import phonenumbers
import phonenumbers.timezone
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

LONGEST_INPUT = 64
_COSTLY = frozenset(
	{
		PhoneNumberType.PREMIUM_RATE,
		PhoneNumberType.SHARED_COST,
		PhoneNumberType.TOLL_FREE,
		PhoneNumberType.UAN,
		PhoneNumberType.VOICEMAIL,
		PhoneNumberType.PAGER,
	}
)
_NO_COUNTRY = "001"  # CLDR's "world": satellite phones and international services
_ALLOWED = frozenset("0123456789 +-.()[]/")
_LONGEST_NUMBER = 15  # digits, ITU-T E.164


def normalise(text: str | None, region: str | None) -> str | None:
	"""E.164 (``+966501234567``) of a typed number, or None when it is no valid number.

	``region`` (ISO 3166-1 alpha-2) reads numbers without a country code. A number that is not valid there is
	read again as an international one whose plus sign is missing.
	"""
	typed = _plain(text or "")
	if not typed or not _ALLOWED.issuperset(typed):
		return None
	number = _valid(typed, region) or _valid(_with_plus(typed), None)
	return phonenumbers.format_number(number, PhoneNumberFormat.E164) if number else None


def country_code(e164: str) -> str | None:
	"""ISO 3166-1 alpha-2 of the country that a number belongs to."""
	number = _valid(e164, None)
	return phonenumbers.region_code_for_number(number) if number else None


def takes_messages(e164: str) -> bool:
	"""False for numbers that are no person's phone, or that the sender pays dearly for: premium, shared cost, satellite."""
	number = _valid(e164, None)
	if number is None or phonenumbers.region_code_for_number(number) == _NO_COUNTRY:
		return False
	return phonenumbers.number_type(number) not in _COSTLY


def time_zones(e164: str) -> tuple[str, ...]:
	"""The IANA time zones in which a number may be; empty where nothing is known, and for what is no number."""
	number = _valid(e164, None)
	zones = phonenumbers.timezone.time_zones_for_number(number) if number else ()
	return tuple(zone for zone in zones if zone != phonenumbers.timezone.UNKNOWN_TIMEZONE)


def mask(e164: str) -> str:
	"""``+966 ••• 567``: enough for its owner to recognise, too little for anybody else."""
	number = _valid(e164, None)
	prefix = f"+{number.country_code} " if number else ""
	return f"{prefix}••• {e164[-3:]}"


def example(region: str | None) -> str:
	"""A mobile number in international form that shows how to write one."""
	number = phonenumbers.example_number_for_type(region or "SA", PhoneNumberType.MOBILE)
	number = number or phonenumbers.example_number_for_type("SA", PhoneNumberType.MOBILE)
	return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)


def _plain(text: str) -> str:
	"""ASCII digits, no invisible signs (bidirectional marks, zero-width joiners), one kind of space."""
	if len(text) > LONGEST_INPUT:
		return ""
	signs = (_plain_sign(sign) for sign in unicodedata.normalize("NFKC", text))
	return "".join(signs).strip()


def _plain_sign(sign: str) -> str:
	digit = unicodedata.decimal(sign, None)
	if digit is not None:
		return str(digit)
	category = unicodedata.category(sign)
	if category == "Cf":
		return ""
	if category == "Pd" or sign == "\u2212":  # the minus sign is no punctuation
		return "-"
	return " " if sign.isspace() else sign


def _with_plus(typed: str) -> str:
	"""The digits as an international number: without the 00 that many countries dial first."""
	digits = "".join(sign for sign in typed if sign.isdigit())
	digits = digits.removeprefix("00")
	return f"+{digits}" if len(digits) <= _LONGEST_NUMBER + 1 else ""


def _valid(typed: str, region: str | None) -> PhoneNumber | None:
	try:
		number = phonenumbers.parse(typed, region)
	except NumberParseException:
		return None
	is_usable = phonenumbers.is_valid_number(number) and not number.extension
	return number if is_usable else None
