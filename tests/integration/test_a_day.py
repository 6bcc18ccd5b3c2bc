"""A day of changes on the clocks of Riyadh, and the exact list of messages that customers get."""

from contextlib import contextmanager
from datetime import datetime, timedelta

import frappe
import pytest
from freezegun import freeze_time

from customer_portal import links, opt_outs, timeline, timezones
from customer_portal.channels import base
from customer_portal.channels.base import EMAIL, PHONE, PermanentFailure, TemporaryFailure
from customer_portal.clock import utc_now
from customer_portal.notifications import dispatch, outbox, wake
from customer_portal.otp.recipients import SMS, Recipient
from tests import events
from tests.channels import Recording
from tests.factories import make_ticket, saudi_mobile, unique
from tests.gateways import configure
from tests.ledger import named

RIYADH = timezones.named("Asia/Riyadh")
MIDNIGHT = datetime(utc_now().year + 1, 4, 14)  # a ledger never goes back in time
COMPANY = "Cool & Dry"
CHANNELS = {"SMS": (PHONE, 10, True), "WhatsApp": (PHONE, 20, True), "Email": (EMAIL, 30, False)}


class Clocked(Recording):
	"""Also notes when it sent."""

	def send(self, recipient, message):
		receipt = super().send(recipient, message)
		self.sent[-1] = (timezones.local(utc_now(), RIYADH), self.name, recipient, message.text)
		return receipt


class Customer:
	"""One ticket of one person."""

	def __init__(self, with_mail: bool = True):
		self.phone, self.mail = saudi_mobile(), f"{unique('customer')}@example.com"
		self.ticket = make_ticket(self.phone, self.mail)
		if not with_mail:
			self.ticket.db_set("raised_by", "")
			frappe.db.delete("Contact Email", {"parent": self.ticket.contact})
			frappe.db.set_value("Contact", self.ticket.contact, "email_id", "")
		self.name = str(self.ticket.name)
		self.link = links.url(self.name)
		frappe.db.commit()

	def change(self, label: str) -> None:
		events.change_status(self.ticket, named(label))

	def looks_at_the_page(self) -> None:
		timeline.note_seen(self.name)
		frappe.db.commit()

	def gets(self, at: str, channel: str, label: str) -> tuple:
		recipient = self.mail if channel == "Email" else self.phone
		text = f"{COMPANY}: Your ticket {self.name} is now: {label}\n{self.link}"
		return moment(at), channel, recipient, text


def moment(text: str) -> datetime:
	"""``[+]HH:MM[:SS]`` of the day; with a plus of the next one."""
	hours, minutes, seconds = (*map(int, text.lstrip("+").split(":")), 0)[:3]
	days = int(text.startswith("+"))
	return MIDNIGHT + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


@contextmanager
def clock(now: datetime):
	frappe.db.commit()
	with freeze_time(timezones.to_utc(now, RIYADH)):
		yield
	frappe.db.commit()


class Day:
	"""Workers that send each message in the second in which it is due."""

	def __init__(self):
		self.now = MIDNIGHT

	@contextmanager
	def at(self, text: str):
		self.run_until(moment(text))
		with clock(self.now):
			yield

	def run_until(self, end: datetime) -> None:
		self._send()
		while (due := self._next_due()) and due <= end:
			self.now = max(due, self.now)
			self._send()
		self.now = end

	def _send(self) -> None:
		with clock(self.now):
			dispatch.announce()
			while notification := outbox.claim():
				dispatch._send(notification)

	def _next_due(self) -> datetime | None:
		(due,) = frappe.db.sql("SELECT MIN(due_at) FROM `tabPortal Notification` WHERE state = 'Queued'")[0]
		return due and timezones.local(due, RIYADH)


@pytest.fixture
def channels(site, monkeypatch):
	monkeypatch.setattr(wake, "ring", lambda *arguments, **options: None)
	found = {name: Clocked(name, kind, rank, rings) for name, (kind, rank, rings) in CHANNELS.items()}
	for name, channel in found.items():
		monkeypatch.setitem(base.registry, name, channel)
	configure(company_name=COMPANY, burst_seconds=20, quiet_from="22:00:00", quiet_until="07:00:00")
	set_exclusions([(row, "WhatsApp") for row in events.sub_statuses(frappe._dict(template=None))])
	events.clear()
	yield found
	events.clear()
	set_exclusions([])
	configure(company_name="", quiet_from="", quiet_until="")


def set_exclusions(pairs: list[tuple[str, str]]) -> None:
	template = frappe.get_doc("Portal Ticket Template", "Default")
	template.set("exclusions", [{"sub_status": row, "channel": channel} for row, channel in pairs])
	template.save()
	frappe.db.commit()


def test_a_day(channels):
	washer, fridge, dryer = Customer(), Customer(), Customer(with_mail=False)
	events.clear()
	day = Day()

	# A night: mail goes at once, an SMS waits for 7 o'clock and tells the last state.
	with day.at("00:30"):
		washer.change("In progress")
	with day.at("03:00"):
		washer.change("Part ordered")
	# A burst becomes one message with its last state.
	for seconds, label in ((0, "Being checked"), (5, "In progress"), (10, "Waiting for you")):
		with day.at(f"09:00:{seconds}"):
			washer.change(label)
	# A muted ticket is silent, until it is resolved.
	with day.at("10:00"):
		links.mute(fridge.name, True)
	with day.at("10:05"):
		fridge.change("Part ordered")
	# A customer who has seen the change on the page is not told; the next one is told.
	with day.at("11:00"):
		dryer.change("In progress")
	with day.at("11:00:10"):
		dryer.looks_at_the_page()
	with day.at("11:30"):
		dryer.change("Being checked")
	# STOP and START.
	with day.at("12:00"):
		opt_outs.stop("SMS", Recipient(SMS, washer.phone), opt_outs.STOP)
	with day.at("12:10"):
		washer.change("In progress")
	with day.at("13:00"):
		opt_outs.start("SMS", Recipient(SMS, washer.phone))
	with day.at("13:10"):
		washer.change("Part ordered")
	# An SMS that cannot be delivered: the next channel that the customer has, once.
	with day.at("14:00"):
		channels["SMS"].failures = [PermanentFailure("No such number")]
		dryer.change("Part ordered")
	with day.at("15:00"):
		fridge.change("Resolved")
	# A gateway that is busy, and asks for a minute.
	with day.at("16:00"):
		channels["SMS"].failures = [TemporaryFailure("Busy", 60)]
		washer.change("In progress")
	# A message that is due after the quiet hours have begun, and one that takes its place in the night.
	with day.at("21:59:50"):
		washer.change("Resolved")
	with day.at("23:00"):
		washer.change("Closed")
	day.run_until(moment("+09:00"))

	told = sorted(message for channel in channels.values() for message in channel.sent)
	assert told == sorted(
		[
			washer.gets("00:30:20", "Email", "In progress"),
			washer.gets("03:00:20", "Email", "Part ordered"),
			washer.gets("07:00", "SMS", "Part ordered"),
			washer.gets("09:00:20", "Email", "Waiting for you"),
			washer.gets("09:00:20", "SMS", "Waiting for you"),
			dryer.gets("11:30:20", "SMS", "Being checked"),
			washer.gets("12:10:20", "Email", "In progress"),
			washer.gets("13:10:20", "Email", "Part ordered"),
			washer.gets("13:10:20", "SMS", "Part ordered"),
			dryer.gets("14:00:20", "WhatsApp", "Part ordered"),
			fridge.gets("15:00:20", "Email", "Resolved"),
			fridge.gets("15:00:20", "SMS", "Resolved"),
			washer.gets("16:00:20", "Email", "In progress"),
			washer.gets("16:01:20", "SMS", "In progress"),
			washer.gets("22:00:10", "Email", "Resolved"),
			washer.gets("23:00:20", "Email", "Closed"),
			washer.gets("+07:00", "SMS", "Closed"),
		]
	)
	left = {row.state for one in (washer, fridge, dryer) for row in events.notifications(one.ticket)}
	assert left == {"Sent", "Superseded", "Failed"}
