"""Whether a message that is due goes out now, later, or not at all.

Asked when the message is taken from the outbox, so that a STOP, a mute or a look at the page in the last second
still counts. What an agent sends is asked for: only an opt-out holds it back.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import frappe
from frappe import _
from frappe.utils import get_time

from customer_portal import links, opt_outs, phones, promises, settings, statuses, timeline, timezones
from customer_portal.channels import base
from customer_portal.clock import utc_now
from customer_portal.constants import RESOLVED
from customer_portal.notifications import drafts
from customer_portal.otp import recipients
from customer_portal.otp.recipients import Recipient


@dataclass(frozen=True)
class Drop:
	"""``reason`` is a sentence for the agent."""

	reason: str


@dataclass(frozen=True)
class Hold:
	"""``until`` is naive UTC."""

	until: datetime
	reason: str


class Facts:
	"""What a verdict asks for, as it is now. A dry run knows it beforehand, as of another moment."""

	def now(self) -> datetime:
		return utc_now()

	def knows(self, row, person: Recipient) -> bool:
		return recipients.match(row.ticket, person.channel, person.key) is not None

	def is_out(self, row, person: Recipient) -> bool:
		return opt_outs.is_out(row.channel, person)

	def was_seen(self, row) -> bool:
		return timeline.was_seen(row.event)

	def is_muted(self, row) -> bool:
		link = links.of_ticket(row.ticket)
		return bool(link and link.is_muted)

	def template(self, row) -> statuses.TicketTemplate:
		return statuses.template_of(row.ticket)

	def zone_of_contact(self, row) -> ZoneInfo | None:
		return _zone_of_contact(row.ticket)


PRESENT = Facts()


def verdict(row, facts: Facts = PRESENT) -> Drop | Hold | None:
	"""``row`` is one of the outbox. None: send it."""
	channel = base.registry.get(row.channel)
	if channel is None:
		return None  # the sender says so
	person = Recipient(channel.address_kind, row.recipient)
	if not facts.knows(row, person):
		return Drop(_("The ticket has no such contact any more."))
	if facts.is_out(row, person):
		return Drop(_("The customer wants no messages by this channel."))
	if row.kind == drafts.LINK or drafts.is_resent(row):
		return None
	return _dropped(row, facts) or (_quiet(row, facts) if channel.rings else None)


def _dropped(row, facts: Facts) -> Drop | None:
	if _is_overtaken(row):
		return Drop(_("There has been news since."))
	if row.event and facts.was_seen(row):
		return Drop(_("The customer has already seen it on the ticket's page."))
	if facts.is_muted(row) and not _is_resolution(row, facts):
		return Drop(_("The customer has muted this ticket."))
	return None


def _is_overtaken(row) -> bool:
	"""Whether news without a change of status is no longer true, such as after a night in the outbox."""
	if row.kind == drafts.SLIPPED:
		return not promises.is_broken(row.ticket)
	if row.kind != drafts.NO_NEWS:
		return False
	since = timezones.local(row.occurred_at, timezones.of_site())
	written = {"reference_doctype": "HD Ticket", "reference_name": row.ticket, "creation": (">", since)}
	return bool(frappe.db.exists("Communication", {**written, "communication_type": "Communication"}))


def _is_resolution(row, facts: Facts) -> bool:
	"""A muted ticket still tells that it is resolved or closed."""
	template = facts.template(row)
	return bool(row.event) and timeline.main_status_of(template, row.sub_status, row.ticket) >= RESOLVED


def _quiet(row, facts: Facts) -> Hold | None:
	hours = quiet_hours()
	if hours is None:
		return None
	end = quiet_end(facts.now().replace(tzinfo=timezones.UTC).astimezone(zone_of(row, facts)), *hours)
	if end is None:
		return None
	until = end.astimezone(timezones.UTC).replace(tzinfo=None)
	return Hold(until, _("It waits for the end of the customer's quiet hours."))


def quiet_hours() -> tuple[time, time] | None:
	"""When they begin and end, on the customer's clocks; None when there are none."""
	begins, ends = settings.get().quiet_from, settings.get().quiet_until
	if begins in (None, "") or ends in (None, ""):  # midnight counts as false
		return None
	return get_time(begins), get_time(ends)


def quiet_end(now: datetime, begins: time, ends: time) -> datetime | None:
	"""When the quiet hours end in which ``now`` lies; None outside of them. Both are aware, on the customer's clocks.

	Hours that begin later than they end go over midnight. An end that the clocks show twice is the one that is
	still to come; one that they skip is as long after the skip as it would have been after its beginning.
	"""
	clock = now.time()
	is_quiet = begins <= clock < ends if begins <= ends else clock >= begins or clock < ends
	if not is_quiet:
		return None
	end = now.replace(hour=ends.hour, minute=ends.minute, second=ends.second, microsecond=0)
	return end if clock < ends else end + timedelta(days=1)


def zone_of(row, facts: Facts = PRESENT) -> ZoneInfo:
	"""The customer's: of the number, else of the contact's user, else the site's."""
	of_number = _zone_of_number(row.recipient, facts.now())
	return of_number or facts.zone_of_contact(row) or timezones.of_site()


def _zone_of_number(number: str, moment: datetime) -> ZoneInfo | None:
	"""None where it may be in zones whose clocks differ now. A British mobile has four that never do."""
	zones = [zone for zone in map(timezones.named, phones.time_zones(number)) if zone]
	now = moment.replace(tzinfo=timezones.UTC)
	return zones[0] if len({now.astimezone(zone).utcoffset() for zone in zones}) == 1 else None


def _zone_of_contact(ticket: str) -> ZoneInfo | None:
	contact = frappe.db.get_value("HD Ticket", ticket, "contact")
	user = frappe.db.get_value("Contact", contact, "user") if contact else None
	return timezones.named(frappe.db.get_value("User", user, "time_zone")) if user else None
