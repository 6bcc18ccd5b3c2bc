"""Names that people have given themselves, without what nobody sees in them."""

import unicodedata

# Letters and marks without a shape: Default_Ignorable_Code_Point that is not Cf (Unicode, DerivedCoreProperties.txt),
# and the blank of Braille.
SHAPELESS = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
_SELECTORS = (range(0x180B, 0x1810), range(0xFE00, 0xFE10), range(0xE0000, 0xE1000))
_HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn")


def visible(name: str) -> str:
	"""In one line, with single blanks; empty when there is nothing to be seen."""
	words = "".join(sign for sign in name if sign.isspace() or _is_visible(sign)).split()
	return " ".join(words)


def is_name(name: str | None) -> bool:
	"""Frappe calls somebody by the address where nobody has said a name. Customers read no addresses of agents."""
	return bool(name) and "@" not in name


def _is_visible(sign: str) -> bool:
	is_selector = any(ord(sign) in selectors for selectors in _SELECTORS)
	return not is_selector and sign not in SHAPELESS and unicodedata.category(sign) not in _HIDDEN
