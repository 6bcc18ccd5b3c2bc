"""How many parts an SMS has: GSM 03.38 septets, or UCS-2 as soon as one sign is outside of that alphabet."""

from dataclasses import dataclass

BASIC = frozenset(
	"@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
	"¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€\f")  # two septets each
GSM_SINGLE, GSM_PART = 160, 153  # septets; several parts carry a header of 7 each (3GPP TS 23.040)
UCS_SINGLE, UCS_PART = 70, 67  # UTF-16 units
CUT_MARK = "..."  # an ellipsis sign would turn a GSM message into UCS-2
GSM, UCS = "GSM-7", "UCS-2"


@dataclass(frozen=True)
class Measure:
	"""``used`` has the septets, or UTF-16 units, of each part; none holds more than ``room``."""

	encoding: str
	used: tuple[int, ...]
	room: int


def measure(text: str) -> Measure:
	"""A sign of two units is never cut in two: a part may end one unit early."""
	is_gsm = _is_gsm(text)
	encoding, single, part = (GSM, GSM_SINGLE, GSM_PART) if is_gsm else (UCS, UCS_SINGLE, UCS_PART)
	sizes = [(2 if sign in EXTENDED else 1) if is_gsm else (2 if sign > "\uffff" else 1) for sign in text]
	if sum(sizes) <= single:
		return Measure(encoding, (sum(sizes),), single)
	used = [0]
	for size in sizes:
		if used[-1] + size > part:
			used.append(0)
		used[-1] += size
	return Measure(encoding, tuple(used), part)


def count(text: str) -> int:
	"""The number of parts that a carrier sends and bills, at least 1."""
	return len(measure(text).used)


def outside(text: str) -> str:
	"""The characters, each once, that GSM-7 does not have."""
	return "".join(sign for sign in dict.fromkeys(text) if sign not in BASIC and sign not in EXTENDED)


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
	return not outside(text)
