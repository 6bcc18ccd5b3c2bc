"""Whether a message that is due goes out now, later, or not at all.

Asked when the message is taken from the outbox, so that a STOP, a mute or a look at the page in the last second
still counts. A link that an agent sends is asked for: only an opt-out holds it back.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import frappe
from frappe import _
from frappe.utils import get_time

from customer_portal import links, opt_outs, phones, settings, statuses, timeline, timezones
from customer_portal.channels import base
from customer_portal.clock import utc_now
from customer_portal.constants import RESOLVED
from customer_portal.otp.recipients import Recipient

LINK = "Link"


@dataclass(frozen=True)
class Drop:
	"""``reason`` is a sentence for the agent."""

	reason: str


@dataclass(frozen=True)
class Hold:
	"""``until`` is naive UTC."""

	until: datetime
	reason: str


def verdict(row) -> Drop | Hold | None:
	"""``row`` is one of the outbox. None: send it."""
	channel = base.registry.get(row.channel)
	if channel is None:
		return None  # the sender says so
	if opt_outs.is_out(row.channel, Recipient(channel.address_kind, row.recipient)):
		return Drop(_("The customer wants no messages by this channel."))
	if row.kind == LINK:
		return None
	return _dropped(row) or (_quiet(row) if channel.rings else None)


def _dropped(row) -> Drop | None:
	if row.event and timeline.was_seen(row.event):
		return Drop(_("The customer has already seen it on the ticket's page."))
	link = links.of_ticket(row.ticket)
	if link and link.is_muted and not _is_resolution(row):
		return Drop(_("The customer has muted this ticket."))
	return None


def _is_resolution(row) -> bool:
	"""A muted ticket still tells that it is resolved or closed."""
	found = statuses.template_of(row.ticket).sub_status(row.sub_status)
	return bool(row.event and found and found.main_status >= RESOLVED)


def _quiet(row) -> Hold | None:
	begins, ends = settings.get().quiet_from, settings.get().quiet_until
	if begins is None or ends is None or begins == ends:
		return None
	now = timezones.local(utc_now(), zone_of(row))
	end = quiet_end(now, get_time(begins), get_time(ends))
	if end is None:
		return None
	return Hold(timezones.to_utc(end, zone_of(row)), _("It waits for the end of the customer's quiet hours."))


def quiet_end(now: datetime, begins: time, ends: time) -> datetime | None:
	"""When the quiet hours end in which ``now`` lies; None outside of them. All on the customer's clocks.

	Hours that begin later than they end go over midnight.
	"""
	clock = now.time()
	is_quiet = begins <= clock < ends if begins < ends else clock >= begins or clock < ends
	if not is_quiet:
		return None
	end = now.replace(hour=ends.hour, minute=ends.minute, second=ends.second, microsecond=0)
	return end if end > now else end + timedelta(days=1)


def zone_of(row) -> ZoneInfo:
	"""The customer's: of the number, else of the contact's user, else the site's."""
	return (
		timezones.named(phones.time_zone(row.recipient))
		or _zone_of_contact(row.ticket)
		or timezones.of_site()
	)


def _zone_of_contact(ticket: str) -> ZoneInfo | None:
	contact = frappe.db.get_value("HD Ticket", ticket, "contact")
	user = frappe.db.get_value("Contact", contact, "user") if contact else None
	return timezones.named(frappe.db.get_value("User", user, "time_zone")) if user else None
