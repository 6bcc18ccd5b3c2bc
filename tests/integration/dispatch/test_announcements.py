"""Events whose messages cannot be written."""

from datetime import timedelta

import frappe
import pytest

from customer_portal import timeline
from customer_portal.clock import utc_now
from customer_portal.notifications import dispatch, outbox
from customer_portal.notifications.outbox.claims import SHORTEST_PAUSE
from tests import events
from tests.factories import make_ticket, saudi_mobile

real_write = outbox.write


@pytest.fixture
def bad_event(ticket, monkeypatch):
	"""The name of an event whose messages cannot be written, older than one that can."""
	dispatch.announce()
	events.change_status(ticket)
	(bad,) = frappe.get_all(timeline.LEDGER, {"ticket": str(ticket.name), "awaits_messages": 1}, pluck="name")

	def broken(event):
		if event == bad:
			raise ZeroDivisionError("secret")
		return real_write(event)

	monkeypatch.setattr(outbox, "write", broken)
	yield bad
	monkeypatch.setattr(outbox, "write", real_write)
	frappe.db.set_value(timeline.LEDGER, bad, {"awaits_messages": 0, "messages_after": None})
	frappe.db.commit()


@pytest.fixture
def logged(bad_event):
	"""What the Error Log says about the bad event."""
	return lambda: frappe.get_all("Error Log", {"reference_name": bad_event}, ["method", "error"])


def test_an_event_that_cannot_be_announced_stops_no_other(bad_event, logged, channel):
	other = events.change_status(make_ticket(saudi_mobile()))
	events.make_due(other)
	dispatch.sweep()
	assert "Sent" in {row.state for row in events.notifications(other)}
	event = frappe.db.get_value(
		timeline.LEDGER, bad_event, ["awaits_messages", "messages_after"], as_dict=True
	)
	assert event.awaits_messages
	assert event.messages_after > utc_now()
	assert len(logged()) == 1
	assert "secret" not in str(logged())


def test_an_event_that_could_not_be_announced_is_tried_again(bad_event, monkeypatch):
	dispatch.announce()
	monkeypatch.setattr(outbox, "write", real_write)
	set_event(bad_event, messages_after=utc_now())
	dispatch.announce()
	assert frappe.db.exists(outbox.DOCTYPE, {"event": bad_event})


def test_an_event_that_can_never_be_announced_is_given_up_after_a_day(bad_event, logged):
	for hours, is_kept in ((1, 1), (23, 1), (25, 0)):
		occurred_at = utc_now() - timedelta(hours=hours)
		set_event(bad_event, occurred_at=occurred_at, messages_after=utc_now())
		dispatch.announce()
		assert frappe.db.get_value(timeline.LEDGER, bad_event, "awaits_messages") == is_kept
	assert sum("given up" in str(entry) for entry in logged()) == 1


def test_an_old_event_is_not_given_up_at_its_first_failure(bad_event):
	"""The workers may have stood still for longer than a day."""
	set_event(bad_event, occurred_at=utc_now() - timedelta(hours=60), messages_after=None)
	dispatch.announce()
	kept = frappe.db.get_value(timeline.LEDGER, bad_event, ["awaits_messages", "messages_after"])
	assert kept[0] == 1
	assert kept[1] - utc_now() <= SHORTEST_PAUSE


def set_event(name, **values):
	frappe.db.set_value(timeline.LEDGER, name, values, update_modified=False)
	frappe.db.commit()
