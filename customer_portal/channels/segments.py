"""How many parts an SMS has: GSM 03.38 septets, or UCS-2 as soon as one sign is outside of that alphabet."""

from math import ceil

BASIC = frozenset(
	"@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
	"¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€\f")  # two septets each
GSM_SINGLE, GSM_PART = 160, 153  # septets; several parts carry a header of 7 each (3GPP TS 23.040)
UCS_SINGLE, UCS_PART = 70, 67  # UTF-16 units
CUT_MARK = "..."  # an ellipsis sign would turn a GSM message into UCS-2


def count(text: str) -> int:
	"""The number of parts that a carrier sends and bills, at least 1."""
	single, part = (GSM_SINGLE, GSM_PART) if _is_gsm(text) else (UCS_SINGLE, UCS_PART)
	units = _units(text)
	return 1 if units <= single else ceil(units / part)


def fit(text: str, ending: str, most: int) -> str:
	"""``text`` and ``ending``, where the text is cut so that both have at most this many parts.

	The ending is always whole, even if it alone has more.
	"""
	if count(text + ending) <= most:
		return text + ending
	length = len(text)
	while length and count(text[:length].rstrip() + CUT_MARK + ending) > most:
		length -= 1
	return text[:length].rstrip() + CUT_MARK + ending


def _is_gsm(text: str) -> bool:
	return all(sign in BASIC or sign in EXTENDED for sign in text)


def _units(text: str) -> int:
	if _is_gsm(text):
		return sum(2 if sign in EXTENDED else 1 for sign in text)
	return len(text.encode("utf-16-le")) // 2
