"""A ticket whose customer is told by SMS and mail, while no job delivers behind the test's back."""

import frappe
import pytest

from customer_portal.notifications import dispatch, outbox
from tests import events
from tests.factories import make_ticket, saudi_mobile
from tests.gateways import configure


@pytest.fixture(autouse=True)
def quiet(no_jobs):
	configure(sms_provider="SMS Settings", send_email=1, burst_seconds=20)
	yield
	configure(sms_provider="")


@pytest.fixture
def ticket():
	"""A ticket whose own creation has been told."""
	ticket = make_ticket(saudi_mobile())
	events.forget_told(ticket)
	return ticket


def claim_for(ticket):
	"""The claim of the ticket's one SMS."""
	dispatch.announce()
	frappe.db.sql(
		"UPDATE `tabPortal Notification` SET state = 'Superseded' WHERE ticket = %s AND channel = 'Email'"
		" AND state = 'Queued'",
		str(ticket.name),
	)
	events.make_due(ticket)
	return outbox.claim()


def queued(ticket, channel="SMS"):
	return events.notifications(ticket, state="Queued", channel=channel)
