"""What was written in threads while Slack told the site nothing of it: the site was down, or Slack was."""

from contextlib import contextmanager
from datetime import timedelta

import frappe
import pytest

from customer_portal import tasks
from customer_portal.clock import utc_now
from customer_portal.slack import catch_up, inbox, intake
from customer_portal.slack.channels import ACCESS, CLOCKS, RULED, TWO_WAY, Place
from tests.factories import unique
from tests.gateways import configure
from tests.gateways.slack.workspace import BOT_USER
from tests.integration.slack.conftest import replies, whispers
from tests.integration.slack.test_disorder import tell
from tests.integration.slack.time_machine import forget_limits


@pytest.fixture(autouse=True)
def only_these(desk, organisation):
	"""They have been so for an hour. Channels of earlier tests would have their turn as well."""
	others = {"slack_channel": ("is", "set"), "name": ("!=", organisation.customer)}
	frappe.db.set_value(ACCESS, others, "slack_channel", None)
	frappe.db.set_value(ACCESS, organisation.customer, RULED, utc_now() - timedelta(hours=1))
	configure(**{RULED: utc_now() - timedelta(hours=1)})


@pytest.fixture
def later(monkeypatch):
	"""So much that Slack itself has given up."""
	monkeypatch.setattr(catch_up, "STILL_COMING", timedelta(0))


@contextmanager
def deaf(desk):
	"""The site hears nothing; what Slack would have told is what this gives."""
	desk.run()
	first = len(desk.slack.events)
	desk.slack.is_delivering = False
	untold = []
	yield untold
	desk.slack.is_delivering = True
	untold += desk.slack.events[first:]


def say(desk, ticket, text: str, user: str | None = None, **options) -> dict:
	return desk.slack.say(user or desk.user, desk.channel, text, thread_ts=desk.post(ticket)["ts"], **options)


def read_back(desk) -> None:
	tasks.catch_up_with_slack()
	desk.run()


def texts(ticket) -> list[str]:
	return [reply.content for reply in replies(ticket)]


def test_nothing_is_lost_and_nothing_comes_twice(desk, ticket, later):
	with deaf(desk) as untold:
		say(desk, ticket, "We are on our way")
		say(desk, ticket, "It takes an hour")
	desk.say(ticket, "Here we are")
	both = ["<p>We are on our way</p>", "<p>It takes an hour</p>"]
	read_back(desk)
	assert sorted(texts(ticket)) == sorted([*both, "<p>Here we are</p>"])
	read_back(desk)
	frappe.cache.delete_keys("customer_portal:slack_read_until")
	read_back(desk)
	tell(desk, *untold)
	desk.run()
	assert len(texts(ticket)) == 3
	assert not whispers(desk)


def test_in_its_order(desk, ticket, later):
	words = [f"Sentence {number}" for number in range(5)]
	with deaf(desk):
		for word in words:
			say(desk, ticket, word)
	read_back(desk)
	assert texts(ticket) == [f"<p>{word}</p>" for word in words]


def test_a_page_is_not_the_end(desk, ticket, later, monkeypatch):
	monkeypatch.setattr(catch_up.client, "PAGE", 2)
	with deaf(desk):
		for number in range(5):
			say(desk, ticket, f"Sentence {number}")
	read_back(desk)
	assert len(texts(ticket)) == 5


def test_the_words_of_now_with_its_files(desk, ticket, later):
	with deaf(desk):
		written = say(desk, ticket, "On Monday", files=[("plan.txt", unique("plan").encode())])
		desk.slack.edit(desk.user, desk.channel, written["ts"], "On Tuesday")
		gone = say(desk, ticket, "Never")
		desk.slack.remove(desk.user, desk.channel, gone["ts"])
	read_back(desk)
	(reply,) = replies(ticket)
	assert reply.content == "<p>On Tuesday</p>"
	assert frappe.db.count("File", {"attached_to_name": reply.name}) == 1


def test_a_note_stays_a_note(desk, ticket, later):
	with deaf(desk):
		say(desk, ticket, "note: they have not paid")
	read_back(desk)
	assert texts(ticket) == []
	assert frappe.db.count("HD Ticket Comment", {"reference_ticket": str(ticket.name)}) == 1


def test_a_stranger_stays_one(desk, ticket, later):
	stranger = desk.slack.add_user("Stranger", f"{unique('s')}@nobody.example")
	desk.slack.invite(stranger, desk.channel)
	with deaf(desk):
		say(desk, ticket, "Pay here", user=stranger)
	read_back(desk)
	assert texts(ticket) == []
	assert len(whispers(desk)) == 1
	read_back(desk)
	assert len(whispers(desk)) == 1


def test_other_threads_and_other_apps_are_left_alone(desk, ticket, later):
	with deaf(desk):
		lunch = desk.slack.say(desk.user, desk.channel, "Lunch?")
		desk.slack.say(desk.user, desk.channel, "Yes", thread_ts=lunch["ts"])
	frappe.db.delete(inbox.DOCTYPE)
	tasks.catch_up_with_slack()
	assert not frappe.db.count(inbox.DOCTYPE)


def test_what_slack_may_yet_tell_is_waited_for(desk, ticket):
	with deaf(desk) as untold:
		say(desk, ticket, "We are on our way")
	read_back(desk)
	assert texts(ticket) == []
	tell(desk, *untold)
	desk.run()
	assert len(texts(ticket)) == 1


def test_what_is_still_to_be_worked_off_is_known(desk, ticket, later):
	desk.run()
	say(desk, ticket, "We are on our way")
	tasks.catch_up_with_slack()
	assert frappe.db.count(inbox.DOCTYPE, {"state": "Waiting"}) == 1
	desk.run()
	assert len(texts(ticket)) == 1


def test_what_is_behind_the_mark_is_not_asked_for_again(desk, ticket, later):
	with deaf(desk):
		say(desk, ticket, "We are on our way")
	tasks.catch_up_with_slack()
	before = len(desk.slack.calls_of("conversations.replies"))
	tasks.catch_up_with_slack()
	assert before and len(desk.slack.calls_of("conversations.replies")) == before


@pytest.mark.parametrize("mode", ["Alerts only", "Marked messages only"])
def test_what_was_said_under_stricter_rules(desk, organisation, ticket, later, mode):
	organisation.change(slack_mode=mode)
	with deaf(desk):
		say(desk, ticket, "They never pay in time")
	organisation.change(slack_mode="Two-way")
	read_back(desk)
	assert texts(ticket) == []


def test_rules_that_change_before_it_is_worked_off(desk, ticket, later):
	"""The marker of then is none any more."""
	with deaf(desk):
		say(desk, ticket, "note: they never pay in time")
	tasks.catch_up_with_slack()
	configure(slack_note_marker="intern:", **{RULED: utc_now()})
	desk.run()
	configure(slack_note_marker="note:")
	assert texts(ticket) == []


@pytest.mark.parametrize(("past", "is_read"), [(timedelta(seconds=-5), False), (timedelta(seconds=5), True)])
def test_clocks_may_differ(desk, ticket, later, past, is_read):
	with deaf(desk):
		say(desk, ticket, "We are on our way")
	configure(**{RULED: utc_now() - CLOCKS - past})
	read_back(desk)
	assert bool(texts(ticket)) == is_read


def test_where_nothing_is_answered_nothing_is_read(desk, organisation, ticket, later):
	organisation.change(slack_mode="Alerts only")
	with deaf(desk):
		say(desk, ticket, "They never pay in time")
	read_back(desk)
	assert not frappe.db.exists(inbox.DOCTYPE, {"event_id": ("like", "found:%")})


def test_what_was_written_while_slack_was_switched_off(desk, ticket, later):
	configure(slack_enabled=0)
	with deaf(desk):
		say(desk, ticket, "We are on our way")
	tasks.catch_up_with_slack()
	configure(slack_enabled=1, slack_rules_since=utc_now())
	read_back(desk)
	assert texts(ticket) == []


@pytest.mark.parametrize("mode", ["500", "drop", "hang"])
def test_slack_is_still_away(desk, ticket, later, mode):
	with deaf(desk):
		say(desk, ticket, "We are on our way")
	desk.slack.mode = mode
	tasks.catch_up_with_slack()
	desk.slack.mode = "ok"
	forget_limits()
	read_back(desk)
	assert texts(ticket) == ["<p>We are on our way</p>"]


@pytest.mark.parametrize("method", ["conversations.history", "conversations.replies"])
def test_slack_wants_to_be_asked_later(desk, ticket, later, method):
	with deaf(desk):
		say(desk, ticket, "We are on our way")
	desk.slack.fail(method, "ratelimited", times=2, retry_after=1)
	read_back(desk)
	assert texts(ticket) == ["<p>We are on our way</p>"]
	assert not desk.slack.impatient


def test_a_token_that_works_again(desk, ticket, later):
	with deaf(desk):
		say(desk, ticket, "We are on our way")
		desk.slack.revoke_token()
		tasks.catch_up_with_slack()
		desk.slack.restore_token()
	forget_limits()
	read_back(desk)
	assert texts(ticket) == ["<p>We are on our way</p>"]


def test_a_channel_without_the_app_stops_no_other(desk, ticket, later):
	desk.slack.kick(desk.slack.triage)
	with deaf(desk):
		say(desk, ticket, "We are on our way")
	read_back(desk)
	assert texts(ticket) == ["<p>We are on our way</p>"]


def test_what_was_written_while_the_app_was_out(desk, ticket, later):
	with deaf(desk):
		desk.slack.kick(desk.channel)
		say(desk, ticket, "They never pay in time")
		tasks.catch_up_with_slack()
		desk.slack.invite(BOT_USER, desk.channel)
	forget_limits()
	read_back(desk)
	assert texts(ticket) == []


def test_what_was_given_up_stays_out(desk, ticket, later):
	with deaf(desk) as untold:
		say(desk, ticket, "We are on our way")
	desk.slack.is_delivering = False
	tell(desk, *untold)
	frappe.db.sql(f"UPDATE `tab{inbox.DOCTYPE}` SET received_at = '2020-01-01' WHERE state = 'Waiting'")
	desk.slack.fail("users.info", "500", times=1)
	intake.work_off(1)
	read_back(desk)
	assert len(whispers(desk)) == 1
	assert texts(ticket) == []


def test_slack_has_still_told_nothing(desk, ticket, later):
	with deaf(desk):
		say(desk, ticket, "We are on our way")
	frappe.db.delete(inbox.DOCTYPE)
	tasks.catch_up_with_slack()
	assert frappe.db.count(inbox.DOCTYPE) == 1
	assert inbox.last_received() is None


def test_a_change_that_waits_is_no_message(desk, ticket, later):
	with deaf(desk) as untold:
		written = say(desk, ticket, "On Monday")
		desk.slack.edit(desk.user, desk.channel, written["ts"], "On Tuesday")
	tell(desk, untold[-1])
	read_back(desk)
	assert texts(ticket) == ["<p>On Tuesday</p>"]


def test_of_many_channels_each_has_its_turn():
	places = [Place(f"C{number}", TWO_WAY) for number in range(101)]
	seen = [catch_up.in_turn(places, hour) for hour in range(500_000, 500_003)]
	assert {len(some) for some in seen} == {catch_up.CHANNELS}
	assert {place for some in seen for place in some} == set(places)
	assert set(catch_up.in_turn(places[:3], 7)) == set(places[:3])
	assert catch_up.in_turn([], 7) == []
