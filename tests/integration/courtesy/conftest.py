"""A ticket's messages at chosen hours of quiet hours that are set."""

from datetime import datetime

import frappe
import pytest
from freezegun import freeze_time

from customer_portal.clock import utc_now
from customer_portal.notifications import dispatch, outbox
from tests import events
from tests.factories import make_ticket, saudi_mobile
from tests.gateways import configure
from tests.ledger import named

YEAR = utc_now().year + 1  # a ledger never goes back in time
NIGHT = datetime(YEAR, 3, 10, 20, 0)  # 23:00 in Riyadh
MORNING = datetime(YEAR, 3, 11, 4, 0)  # 7:00


@pytest.fixture(autouse=True)
def quiet(no_jobs):
	configure(send_email=0, send_whatsapp=0, burst_seconds=20, quiet_from="22:00:00", quiet_until="07:00:00")
	yield
	configure(send_email=1, quiet_from="", quiet_until="")


@pytest.fixture
def ticket(channel):
	ticket = make_ticket(saudi_mobile())
	events.forget_told(ticket)
	return ticket


def at(moment: datetime):
	"""The clock stands still there. Nothing of the transaction of before is left."""
	frappe.db.commit()
	return freeze_time(moment)


def change_at(ticket, moment: datetime, customer_label: str | None = None):
	with at(moment):
		return events.change_status(ticket, customer_label and named(customer_label))


def deliver_at(moment: datetime) -> None:
	with at(moment):
		dispatch.announce()
		while notification := outbox.claim():
			dispatch._send(notification)


def states(ticket) -> list[tuple[str, str]]:
	return [(row.channel, row.state) for row in events.notifications(ticket)]


def only(ticket):
	(row,) = events.notifications(ticket)
	return row


@pytest.fixture
def told(ticket):
	configure(quiet_from="", quiet_until="")
	return ticket
