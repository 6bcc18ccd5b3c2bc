"""Numbers and addresses that want no messages: by STOP, by an unsubscribe link, or on the preferences page.

The only writer of Portal Opt-Out. A row's name is a keyed digest of channel and address, so that every spelling of
an address finds it. Codes are no messages of this kind: whoever asks for one gets it.
"""

from collections.abc import Iterable

import frappe

from customer_portal import keys, links, rows, signed_addresses
from customer_portal.clock import utc_now
from customer_portal.exceptions import SiteAddressMissing
from customer_portal.otp.recipients import EMAIL, Recipient

DOCTYPE = "Portal Opt-Out"
STOP, UNSUBSCRIBE, PREFERENCES, PROVIDER = "STOP", "Unsubscribe link", "Preferences page", "Provider"
PATH = "/portal/unsubscribe/"
PURPOSE = "unsubscribe"


def stop(channel: str, recipient: Recipient, source: str) -> None:
	"""No more messages by this channel to this recipient. The caller commits.

	A second time changes nothing, but that the owner's own word counts more than a switch on a preferences page.
	"""
	values = {
		"name": _name(channel, recipient),
		"channel": channel,
		"masked_recipient": recipient.masked,
		"source": source,
		"opted_out_at": utc_now(),
	}
	if not rows.insert_new(DOCTYPE, values) and source != PREFERENCES:
		frappe.db.set_value(DOCTYPE, {"name": values["name"], "source": PREFERENCES}, {"source": source})


def start(channel: str, recipient: Recipient) -> None:
	"""Messages again. The caller commits."""
	frappe.db.delete(DOCTYPE, {"name": _name(channel, recipient)})


def erase_mask(channel: str, recipient: Recipient) -> None:
	"""The wish stays, as a digest that names nobody; its readable part goes. The caller commits."""
	frappe.db.set_value(DOCTYPE, {"name": _name(channel, recipient)}, {"masked_recipient": ""})


def is_out(channel: str, recipient: Recipient) -> bool:
	return source(channel, recipient) is not None


def out_among(pairs: Iterable[tuple[str, Recipient]]) -> set[tuple[str, Recipient]]:
	"""Those pairs of channel and recipient that want no messages. One SELECT."""
	by_name = {_name(channel, recipient): (channel, recipient) for channel, recipient in pairs}
	stopped = frappe.get_all(DOCTYPE, filters={"name": ("in", list(by_name))}, pluck="name")
	return {by_name[name] for name in stopped}


def source(channel: str, recipient: Recipient) -> str | None:
	"""How the messages were stopped: STOP, UNSUBSCRIBE, PREFERENCES or PROVIDER; None while they are wanted."""
	return frappe.db.get_value(DOCTYPE, _name(channel, recipient), "source")


def address(channel: str, recipient: str) -> str:
	"""The unsubscribe address of an e-mail (RFC 8058); empty for other channels and without a site address.

	It carries the address itself and a signature.
	"""
	if channel != EMAIL:
		return ""
	try:
		return f"{links.site_address()}{PATH}{token(recipient)}"
	except SiteAddressMissing:
		return ""


def token(recipient: str) -> str:
	return signed_addresses.token(PURPOSE, recipient)


def read(text: str) -> Recipient | None:
	"""The e-mail recipient of an unsubscribe address; None when nobody here made it."""
	recipient = signed_addresses.read(PURPOSE, text)
	return Recipient(EMAIL, recipient) if recipient is not None else None


def _name(channel: str, recipient: Recipient) -> str:
	return keys.digest("opt-out", channel, recipient.key)[:20]
