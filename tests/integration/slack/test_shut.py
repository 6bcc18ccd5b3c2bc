"""What only an admin can mend: the token, the app's rights, its place in a channel. Everything waits until then."""

import frappe
import pytest

from customer_portal.slack import delivery, manifest, outbox, trouble
from tests.doors import reset_limits
from tests.factories import make_ticket, unique
from tests.gateways.slack.workspace import BOT_USER
from tests.integration.slack.conftest import answer, rows
from tests.integration.slack.time_machine import sweep, sweep_until_quiet

MENDED = ["one", "two"]


@pytest.fixture(autouse=True)
def untold(site):
	frappe.db.delete(trouble.LOG)
	frappe.db.commit()


def told() -> list[str]:
	"""What an admin was told."""
	frappe.db.rollback()
	return frappe.get_all(trouble.LOG, {"for_user": "Administrator"}, pluck="subject")


def texts(desk, ticket, channel=None) -> list[str]:
	return [message["text"] for message in desk.thread(ticket, channel)]


@pytest.mark.parametrize("error", ["token_revoked", "invalid_auth", "account_inactive", "token_expired"])
def test_a_token_that_does_not_count_any_more(desk, ticket, agent, error):
	desk.slack.token_error = error
	answer(ticket, agent, "<p>one</p>")
	sweep(2)
	answer(ticket, agent, "<p>two</p>")
	desk.slack.calls.clear()
	sweep(2)
	assert len(desk.slack.calls) == 2  # one of each sweep: all others would be refused as well
	assert told() == [f"Slack: nothing goes out. Slack does not accept the bot token ({error})."]
	desk.slack.token_error = ""
	sweep_until_quiet()
	for channel in (desk.channel, desk.slack.triage):
		assert texts(desk, ticket, channel) == MENDED


def test_a_scope_is_missing(desk, ticket, agent):
	desk.slack.scopes.discard("chat:write")
	answer(ticket, agent, "<p>one</p>")
	sweep(3)
	answer(ticket, agent, "<p>two</p>")
	assert len(told()) == 1
	assert "scope" in told()[0]
	desk.slack.scopes.add("chat:write")
	sweep_until_quiet()
	assert texts(desk, ticket) == MENDED


def archive(desk):
	desk.slack.channels[desk.channel].is_archived = True


def unarchive(desk):
	desk.slack.channels[desk.channel].is_archived = False


def kick(desk):
	desk.slack.kick(desk.channel)


def make_private(desk):
	"""It cannot be seen any more."""
	desk.slack.kick(desk.channel)
	desk.slack.channels[desk.channel].is_private = True


def invite(desk):
	desk.slack.invite(BOT_USER, desk.channel)


@pytest.mark.parametrize(
	("shut", "open_", "reason"),
	[
		(archive, unarchive, "archived"),
		(kick, invite, "invite it"),
		(make_private, invite, "cannot see the channel"),
	],
)
def test_a_channel_is_shut(desk, ticket, agent, organisation, sara, shut, open_, reason):
	shut(desk)
	answer(ticket, agent, "<p>one</p>")
	later = organisation.ticket(sara)
	sweep(2)
	answer(ticket, agent, "<p>two</p>")
	sweep(8)
	assert texts(desk, ticket, desk.slack.triage) == MENDED
	assert desk.post(later, desk.slack.triage)
	(subject,) = told()
	assert reason in subject
	assert organisation.customer in subject
	assert not rows(state="Failed")
	open_(desk)
	sweep_until_quiet()
	assert texts(desk, ticket) == MENDED
	assert desk.post(later)


def test_settings_that_are_saved_end_the_pause(desk, ticket, agent):
	"""Nobody waits minutes for what has been mended."""
	desk.slack.token_error = "token_revoked"
	answer(ticket, agent, "<p>one</p>")
	sweep()
	delivery.deliver_due(10)  # the other channel's
	assert outbox.claim()[0] is None
	desk.slack.token_error = ""
	reset_limits()
	frappe.get_doc("Customer Portal Settings").save()
	frappe.db.commit()
	row, _wait = outbox.claim()
	assert row is not None


@pytest.mark.parametrize("is_private", [False, True])
def test_a_channel_that_is_opened_again_waits_no_longer(desk, ticket, agent, is_private):
	desk.slack.channels[desk.channel].is_private = is_private
	archive(desk)
	answer(ticket, agent, "<p>one</p>")
	sweep()
	desk.slack.unarchive(desk.channel)
	assert desk.slack.events[-1]["event"]["type"] in manifest.EVENTS
	desk.run()
	assert texts(desk, ticket) == ["one"]


def test_slack_says_that_the_app_was_removed(desk, ticket):
	desk.slack.announce({"type": "tokens_revoked", "tokens": {"bot": ["U0PORTALBT"]}})
	desk.run()
	(subject,) = told()
	assert "removed" in subject


def test_a_post_that_slack_refuses_comes_with_the_next_change(desk, organisation, sara):
	desk.slack.fail("chat.postMessage", "invalid_blocks", times=2)
	ticket = organisation.ticket(sara)
	sweep_until_quiet()
	assert len(rows(kind="Post", state="Failed")) == 2
	assert told() == ["Slack: a message could not be delivered. Slack refused it: invalid_blocks."]
	frappe.get_doc("HD Ticket", ticket.name).update({"subject": "Another"}).save()
	frappe.db.commit()
	sweep_until_quiet()
	assert desk.post(ticket)
	assert desk.post(ticket, desk.slack.triage)


def test_a_row_that_slack_never_answers_keeps_no_other_thread_back(desk, ticket, agent, organisation, sara):
	"""And nothing overtakes it in its own."""
	answer(ticket, agent, "<p>poison</p>")
	answer(ticket, agent, "<p>after it</p>")
	desk.slack.fail_texts.add("poison")
	sweep(8)
	later = organisation.ticket(sara)
	sweep(8)
	assert desk.post(later)
	assert desk.post(later, desk.slack.triage)
	assert texts(desk, ticket) == []
	desk.slack.fail_texts.clear()
	sweep_until_quiet()
	for channel in (desk.channel, desk.slack.triage):
		assert texts(desk, ticket, channel) == ["poison", "after it"]


def test_a_channel_is_taken_out_of_the_settings_and_put_back(desk, ticket, agent, organisation):
	organisation.change(slack_channel=None)
	answer(ticket, agent, "<p>Meanwhile</p>")
	sweep_until_quiet()
	assert texts(desk, ticket, desk.slack.triage) == ["Meanwhile"]
	assert texts(desk, ticket) == []
	organisation.change(slack_channel=desk.channel)
	answer(ticket, agent, "<p>Again</p>")
	frappe.get_doc("HD Ticket", ticket.name).update({"subject": "Changed"}).save()
	frappe.db.commit()
	sweep_until_quiet()
	assert texts(desk, ticket) == ["Again"]
	assert "Changed" in str(desk.post(ticket)["blocks"])


def test_a_ticket_of_nobody_does_not_wait_for_others_channels(desk, ticket, agent):
	archive(desk)
	answer(ticket, agent, "<p>one</p>")
	other = make_ticket(email=f"{unique('x')}@elsewhere.example")
	sweep(4)
	assert desk.post(other, desk.slack.triage)
