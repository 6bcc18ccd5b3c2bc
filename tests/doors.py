"""A customer's browser in front of a ticket link, by function calls: what the pages do with each request."""

import itertools
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import frappe
import pytest
from freezegun import freeze_time

from customer_portal import links, sessions, settings, visits
from customer_portal.access_link import AccessLink
from customer_portal.clock import utc_now
from customer_portal.otp import challenge, delivery, keyed_codes, recipients, record, verify
from customer_portal.otp.outcome import Outcome
from tests.factories import make_ticket, saudi_mobile, unique
from tests.gateways import configure

DEAD_GATEWAY = "http://127.0.0.1:9/send"
_addresses = itertools.count(1)


def new_address() -> str:
	"""An IPv4 address that no other browser of the run has (RFC 2544's range for tests)."""
	number = next(_addresses)
	return f"198.18.{number // 250}.{number % 250 + 1}"


NO_LIMIT = 10_000


@pytest.fixture
def at_the_door(site, monkeypatch):
	"""Both channels are configured, all limits are as installed, and no job sends: the list of what it would."""
	frappe.db.set_single_value(
		"SMS Settings",
		{"sms_gateway_url": DEAD_GATEWAY, "message_parameter": "message", "receiver_parameter": "to"},
	)
	frappe.clear_document_cache("SMS Settings", "SMS Settings")
	monkeypatch.setitem(frappe.local.conf, "mail_server", "127.0.0.1")
	reset_limits()
	configure(sms_provider="SMS Settings", send_email=1, portal_url="")
	queued: list[str] = []
	monkeypatch.setattr(delivery, "enqueue", queued.append)
	yield queued
	reset_limits()
	configure(sms_provider="")


@dataclass
class Browser:
	"""``typed`` is what its owner enters to get a code."""

	link: AccessLink
	typed: str
	channel: str = "SMS"
	id: str = field(default_factory=lambda: frappe.generate_hash(length=32))
	address: str = field(default_factory=new_address)

	def ask(self, typed: str | None = None, channel: str | None = None) -> Outcome:
		return challenge.start(
			self.link, channel or self.channel, typed or self.typed, self.id, self.address, "en"
		)

	def ask_again(self) -> Outcome:
		return challenge.resend(self.link, self.id, self.address)

	def enter(self, code: str, **options) -> Outcome:
		return verify.check(self.link, code, self.id, self.address, **options)

	@property
	def challenge(self):
		return record.latest(self.link.name, self.id)

	@property
	def code(self) -> str:
		"""The code that the sending job would derive; only while it has not forgotten the seed."""
		return keyed_codes.derive(self.challenge.seed, self.challenge.digits)

	@property
	def wrong_code(self) -> str:
		return wrong_codes(self.code)[0]

	def fail(self, times: int) -> list[Outcome]:
		wrong = self.wrong_code
		return [self.enter(wrong) for _ in range(times)]

	def sign_in(self, **options) -> Outcome:
		self.ask()
		return self.enter(self.code, **options)


def wrong_codes(code: str) -> list[str]:
	"""Every code of the same length but this one, from the next one on."""
	size = 10 ** len(code)
	return [str((int(code) + step) % size).zfill(len(code)) for step in range(1, min(size, 1000))]


def make_door(email: str | None = None, **values) -> Browser:
	"""A new ticket whose contact has a new number, its link, and a browser in front of it."""
	phone = saudi_mobile()
	ticket = make_ticket(phone, email or f"{unique('customer')}@example.com", **values)
	link = links.ensure(str(ticket.name))
	frappe.db.commit()
	return Browser(link, phone)


def another_browser(door: Browser, **values) -> Browser:
	return Browser(door.link, **{"typed": door.typed, "channel": door.channel, **values})


def reload(link: AccessLink) -> AccessLink:
	frappe.db.commit()
	return links.of_ticket(link.ticket)


def visit(link: AccessLink, session_token: str | None = None):
	return visits.enter(links.token(link), session_token)


@contextmanager
def later(**units):
	"""The clock shows so much later within."""
	frappe.db.commit()
	with freeze_time(utc_now() + timedelta(**units), tick=True):
		yield
	frappe.db.commit()


def reset_limits() -> None:
	"""Every number of the settings as it is right after install, no counted act, and no code on its way."""
	numbers = [one for one in frappe.get_meta(settings.DOCTYPE).fields if one.fieldtype == "Int"]
	configure(**{one.fieldname: int(one.default or 0) for one in numbers})
	configure(sms_countries="", allow_remember_device=0, default_region="SA", trusted_proxies=1)
	for table in ("Portal Throttle", "Portal Throttle Event"):
		frappe.db.delete(table)
	frappe.db.delete(sessions.DOCTYPE, {"state": "Pending"})
	frappe.db.commit()


def lift(*fieldnames):
	"""Only the limit under test stays."""
	configure(**dict.fromkeys(fieldnames, NO_LIMIT))


def lift_sends():
	configure(resend_after_seconds=0)
	lift("sends_per_15_minutes", "sends_per_hour", "sends_per_day", "sends_per_ip_per_hour")
	lift("destination_sends_per_hour", "destination_sends_per_day")


def lift_failures():
	lift("tries_per_code", "failures_per_day", "failures_in_a_row", "failures_per_30_days")
	lift("checks_per_ip_per_hour")


def email_of(door):
	return next(one.address for one in recipients.of(door.link.ticket) if one.channel == "Email")
