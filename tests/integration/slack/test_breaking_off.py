"""Something of ours fails while a row is worked on: what is known of Slack decides whether it may be there."""

import frappe
import pytest

from customer_portal.slack import delivery, intake, outbox, posts, trouble
from customer_portal.slack.outbox import DOCTYPE
from tests.integration.slack.conftest import rows
from tests.integration.slack.time_machine import sweep, sweep_until_quiet

BUSY = (2013, "Lost connection to server during query")
NO_COLUMN = (1054, "Unknown column 'secret' in 'SELECT'")
DEFECT = "Unexpected OperationalError while sending"


@pytest.fixture(autouse=True)
def untold(helpdesk):
	frappe.db.delete("Error Log")
	frappe.db.delete(trouble.LOG)
	frappe.db.commit()


@pytest.fixture
def break_at(monkeypatch):
	"""Call it with a function of a module, and what the database says at each call of it."""

	def make(module, name: str, error: tuple[int, str]) -> None:
		def fail(*_args, **_kwargs):
			raise frappe.db.OperationalError(*error)

		monkeypatch.setattr(module, name, fail)

	return make


@pytest.mark.parametrize(("error", "reason"), [(BUSY, "The database was busy."), (NO_COLUMN, DEFECT)])
def test_before_slack_is_called(desk, organisation, sara, break_at, monkeypatch, error, reason):
	break_at(posts, "of_ticket", error)
	organisation.ticket(sara)
	sweep()
	found = {(row.state, row.reason, row.doubtful_since) for row in rows()}
	assert found == {("Queued", reason, None)}
	assert not outbox.has_unanswered_post(desk.channel)
	monkeypatch.undo()
	sweep_until_quiet()
	assert len(desk.slack.messages(desk.channel)) == 1


@pytest.mark.parametrize("error", [BUSY, NO_COLUMN], ids=str)
def test_after_slack_was_called(desk, organisation, sara, break_at, monkeypatch, error):
	break_at(outbox, "finish", error)
	organisation.ticket(sara)
	delivery.deliver_due(10)
	assert all(row.doubtful_since and not row.ts for row in rows())
	assert outbox.has_unanswered_post(desk.channel)
	monkeypatch.undo()
	sweep_until_quiet()
	for channel in (desk.channel, desk.slack.triage):
		assert len(desk.slack.messages(channel)) == 1


def test_what_never_passes_is_told(desk, organisation, sara, break_at, monkeypatch):
	break_at(posts, "of_ticket", NO_COLUMN)
	ticket = organisation.ticket(sara)
	sweep(delivery.MOST_DEFECTS + 1)
	assert {(row.state, row.reason) for row in rows()} == {("Failed", DEFECT)}
	assert set(frappe.get_all("Error Log", {"reference_doctype": DOCTYPE}, pluck="error")) == {
		"OperationalError"
	}
	told = frappe.get_all(trouble.LOG, {"for_user": "Administrator"}, pluck="subject")
	assert told == [f"Slack: a message could not be delivered. {DEFECT}"]
	monkeypatch.undo()
	frappe.get_doc("HD Ticket", ticket.name).update({"subject": "Mended"}).save()
	frappe.db.commit()
	sweep_until_quiet()
	assert "Mended" in str(desk.post(ticket)["blocks"])


def test_talk_of_others_does_not_wait_for_a_post_that_is_not_there(desk, organisation, sara, break_at):
	break_at(posts, "of_ticket", NO_COLUMN)
	organisation.ticket(sara)
	sweep(2)
	root = desk.slack.say(desk.user, desk.channel, "Lunch?")
	desk.slack.say(desk.user, desk.channel, "Pizza", thread_ts=root["ts"])
	desk.slack.settle()
	intake.work_off(10)
	frappe.db.rollback()
	events = frappe.get_all("Portal Slack Event", {"kind": "message"}, ["state", "payload"], as_list=True)
	assert set(events) == {("Done", None)}
