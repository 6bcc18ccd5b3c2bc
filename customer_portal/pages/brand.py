"""Whose page it is: the company's name, logo, colour and contact, from the settings."""

import re
from dataclasses import dataclass
from urllib.parse import quote

import frappe

from customer_portal import settings
from customer_portal.pages.texts import translate as _

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class Brand:
	"""``logo`` is a path on this site or empty; ``accent`` is a style sheet's rule or empty."""

	name: str
	logo: str
	accent: str


@dataclass(frozen=True)
class Contact:
	address: str
	text: str


def current() -> Brand:
	row = settings.get()
	logo = row.company_logo or ""
	# A private file or one of another host could not be shown to a visitor without an account.
	is_shown = logo.startswith(("/files/", "/assets/"))
	name = row.company_name or _helpdesk_brand() or _("Customer support")
	return Brand(name, quote(logo, safe="/%?=&") if is_shown else "", accent_rule(row.accent_colour))


def contact() -> Contact | None:
	"""The company's contact link as an address that a browser understands; None when there is none."""
	written = (settings.get().contact_link or "").strip()
	if re.fullmatch(r"https?://\S+", written, re.IGNORECASE) and "//wa.me/" not in written:
		return Contact(written, _("Contact us"))
	if match := re.fullmatch(r"(?:mailto:)?([^\s@:/?]+@[^\s@:/?]+)", written, re.IGNORECASE):
		return Contact(f"mailto:{match[1]}", _("Send us an e-mail"))
	for pattern, address, text in _kinds():
		if match := re.fullmatch(pattern, written, re.IGNORECASE):
			return Contact(address.format(re.sub(r"[\s().-]", "", match[1])), text)
	return None


def accent_rule(colour: str | None) -> str:
	"""The accent behind buttons, with black or white text on it, whichever contrasts more (WCAG 2.2, 1.4.3)."""
	if not colour or not _COLOUR.fullmatch(colour):
		return ""
	text = "#fff" if _luminance(colour) < 0.179 else "#000"
	return f":root{{--accent:{colour};--on-accent:{text}}}"


def _kinds() -> tuple[tuple[str, str, str], ...]:
	"""How it may be written, what that becomes, and the link's text."""
	number = r"[\d\s().-]{3,25}"
	return (
		(
			rf"(?:whatsapp:|https?://wa\.me/)\s*\+?({number})",
			"https://wa.me/{0}",
			_("Write to us on WhatsApp"),
		),
		(rf"(?:tel:)?(\+?{number})", "tel:{0}", _("Call us")),
	)


def _helpdesk_brand() -> str | None:
	return frappe.get_cached_doc("HD Settings").get("brand_name")


def _luminance(colour: str) -> float:
	"""Relative luminance as WCAG 2.2 defines it, 0 to 1."""
	channels = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
	red, green, blue = (
		value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels
	)
	return 0.2126 * red + 0.7152 * green + 0.0722 * blue
