"""Digits as a language writes them."""

from babel import Locale

DIGITS = {"arab": "٠١٢٣٤٥٦٧٨٩", "arabext": "۰۱۲۳۴۵۶۷۸۹", "deva": "०१२३४५६७८९", "beng": "০১২৩৪৫৬৭৮৯"}


def digits(text: str, locale: Locale) -> str:
	"""Babel writes Latin digits in dates; this writes those of the locale (CLDR's default numbering system)."""
	own = DIGITS.get(locale.default_numbering_system)
	return text.translate(str.maketrans("0123456789", own)) if own else text
