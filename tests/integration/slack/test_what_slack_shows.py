"""What is recorded as shown is what Slack shows: after calls without an answer, refusals, and changes in between."""

import frappe
import pytest

from customer_portal.slack import delivery, outbox
from tests.doors import reset_limits
from tests.gateways import configure, save
from tests.gateways.slack.chat import BOT
from tests.integration.slack.conftest import answer, rows
from tests.integration.slack.test_changes import change, texts
from tests.integration.slack.test_files_of_answers import salaries
from tests.integration.slack.test_files_out import message_with, pdf, shown
from tests.integration.slack.test_private_tickets import set_private
from tests.integration.slack.time_machine import make_due, sweep_until_quiet
from tests.integration.team.test_switches import press
from tests.threads import elsewhere

__all__ = ["salaries"]


def buttons(desk, ticket, channel: str | None = None) -> int:
	return sum(block["type"] == "actions" for block in desk.post(ticket, channel)["blocks"])


def deliver_without_an_answer(desk, method: str) -> None:
	desk.slack.fail(method, "500", times=2, is_taken=True)
	make_due()
	delivery.deliver_due(2)
	assert len(rows(doubtful_since=("is", "set"))) == 2


def test_a_post_that_was_found_shows_the_ticket_as_it_is_by_then(desk, organisation, sara):
	ticket = organisation.ticket(sara, subject="Old words")
	deliver_without_an_answer(desk, "chat.postMessage")
	change("HD Ticket", ticket.name, subject="New words")
	sweep_until_quiet()
	for channel in (desk.channel, desk.slack.triage):
		assert len(desk.slack.messages(channel)) == 1
		assert "New words" in desk.post(ticket, channel)["text"]


def test_so_does_a_message(desk, ticket, agent):
	message = answer(ticket, agent, "<p>With a secret</p>")
	deliver_without_an_answer(desk, "chat.postMessage")
	change("Communication", message, content="<p>Without</p>")
	sweep_until_quiet()
	assert texts(desk, ticket) == texts(desk, ticket, desk.slack.triage) == ["Without"]


def test_a_change_without_an_answer_is_taken_back(desk, ticket):
	before = ticket.subject
	change("HD Ticket", ticket.name, subject="For a moment")
	deliver_without_an_answer(desk, "chat.update")
	change("HD Ticket", ticket.name, subject=before)
	sweep_until_quiet()
	for channel in (desk.channel, desk.slack.triage):
		assert before in desk.post(ticket, channel)["text"]


def test_where_it_is_stays_known_when_the_change_is_refused(desk, organisation, sara):
	ticket = organisation.ticket(sara, subject="Old words")
	deliver_without_an_answer(desk, "chat.postMessage")
	change("HD Ticket", ticket.name, subject="New words")
	desk.slack.fail("chat.update", "edit_window_closed", times=2)
	sweep_until_quiet()
	assert {row.state for row in rows(kind="Post")} == {"Failed"}
	assert outbox.again(rows(kind="Post", channel=desk.channel)[0].name)
	set_private(ticket, 1)
	sweep_until_quiet()
	assert desk.slack.messages(desk.channel) == []
	assert len(desk.slack.messages(desk.slack.triage)) == 1


def give_to_another_app(desk, ticket) -> None:
	"""As when the app was made anew in Slack: what the old one has posted is not its own."""
	desk.post(ticket)["bot_id"] = "B0OTHER001"


def test_what_slack_does_not_let_us_delete_is_not_gone(desk, ticket):
	give_to_another_app(desk, ticket)
	set_private(ticket, 1)
	sweep_until_quiet()
	(row,) = rows(kind="Post", channel=desk.channel)
	assert row.state == "Failed" and "cant_delete_message" in row.reason and row.ts
	desk.post(ticket)["bot_id"] = BOT
	assert outbox.again(row.name)
	frappe.db.commit()
	sweep_until_quiet()
	assert desk.slack.messages(desk.channel) == []


def test_what_slack_does_not_let_us_change_has_failed(desk, ticket, agent):
	"""Its thread goes on."""
	give_to_another_app(desk, ticket)
	change("HD Ticket", ticket.name, subject="New words")
	answer(ticket, agent, "<p>Hello</p>")
	sweep_until_quiet()
	(row,) = rows(kind="Post", channel=desk.channel)
	assert row.state == "Failed" and "cant_update_message" in row.reason
	assert texts(desk, ticket) == ["Hello"]


def test_words_that_are_edited_away_go_and_their_file_stays(desk, ticket, salaries):
	written = desk.say(ticket, "They owe us 40k", channel=desk.slack.triage, files=[salaries])
	assert texts(desk, ticket)[0] == "They owe us 40k"
	desk.slack.edit(desk.user, desk.slack.triage, written["ts"], "")
	desk.run()
	assert not [text for text in texts(desk, ticket) if text]
	assert len(shown(desk, ticket)) == 1
	desk.slack.edit(desk.user, desk.slack.triage, written["ts"], "Here it is")
	desk.run()
	assert [text for text in texts(desk, ticket) if text] == ["Here it is"]
	assert len(shown(desk, ticket)) == 1


def test_settings_count_at_once(desk, organisation, sara):
	"""Also for a worker that has begun before they were saved, elsewhere."""
	for _number in range(3):
		organisation.ticket(sara)

	def switch_off() -> bool:
		elsewhere(configure_and_commit)
		return False

	delivery.deliver_due(3, gives_way=switch_off)
	assert len(desk.slack.messages(desk.channel)) + len(desk.slack.messages(desk.slack.triage)) == 1


def configure_and_commit() -> None:
	configure(slack_enabled=0)
	frappe.db.commit()


def test_what_is_no_spam_after_all_comes_with_its_file(desk, ticket):
	message = message_with(ticket, ("plan.pdf", pdf()))
	sweep_until_quiet()
	change("Communication", message.name, email_status="Spam")
	sweep_until_quiet()
	assert not any(texts(desk, ticket))
	change("Communication", message.name, email_status="Open")
	sweep_until_quiet()
	for channel in (desk.channel, desk.slack.triage):
		assert "See below" in texts(desk, ticket, channel)
		assert [file["mode"] for file in shown(desk, ticket, channel)] == ["tombstone", "hosted"]


@pytest.mark.parametrize("by", ["agent", "customer"])
def test_a_private_ticket_is_shown_where_there_is_no_triage(desk, organisation, sara, sign_in_as, by):
	configure(slack_triage_channel="")
	ticket = organisation.ticket(sara, portal_private=1)
	sweep_until_quiet()
	assert desk.slack.messages(desk.channel) == []
	set_private(ticket, 0) if by == "agent" else press(sign_in_as(sara), ticket, "show")
	sweep_until_quiet()
	assert desk.post(ticket)


def test_buttons_follow_the_mode_of_their_channel(desk, organisation, ticket):
	assert buttons(desk, ticket) == buttons(desk, ticket, desk.slack.triage) == 1
	organisation.change(slack_mode="Alerts only")
	reset_limits()  # else the settings are none that could be saved
	save(slack_triage_mode="Alerts only")
	desk.run()
	assert buttons(desk, ticket) == buttons(desk, ticket, desk.slack.triage) == 0
	organisation.change(slack_mode="Two-way")
	desk.run()
	assert (buttons(desk, ticket), buttons(desk, ticket, desk.slack.triage)) == (1, 0)


def test_a_file_that_is_deleted_in_helpdesk_by_itself(desk, ticket):
	message = message_with(ticket, ("one.pdf", pdf()), ("two.pdf", pdf()))
	sweep_until_quiet()
	file = frappe.get_all("File", {"attached_to_name": message.name}, pluck="name", order_by="file_name")[0]
	frappe.delete_doc("File", file)
	frappe.db.commit()
	sweep_until_quiet()
	for channel in (desk.channel, desk.slack.triage):
		assert [one["mode"] for one in shown(desk, ticket, channel)] == ["tombstone", "hosted"]
		assert texts(desk, ticket, channel)[0] == "See below"
