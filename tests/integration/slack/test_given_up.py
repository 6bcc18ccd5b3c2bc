"""What cannot be had keeps nobody waiting for ever: a file that Slack does not hand out, and a message after a day."""

import time

import frappe
import pytest

from customer_portal.slack import files, inbox, intake, trouble
from customer_portal.slack.posts import CLOSE
from tests.integration.slack.conftest import replies, whispers
from tests.integration.slack.test_files import attached
from tests.integration.slack.test_inbox import make_old, quiet, say, tell
from tests.talk import PDF

__all__ = ["quiet"]

EVENT = inbox.DOCTYPE
HELPDESK = (
	"A message that you wrote or changed here a day ago did not reach Helpdesk, and is not tried again: "
)


@pytest.fixture(autouse=True)
def own_times(monkeypatch):
	"""Nothing is tried again by itself: only where a test says so."""
	monkeypatch.setattr(intake, "LONGEST_SLEEP_SECONDS", 0)


def try_again(desk, times: int = 1) -> None:
	for _attempt in range(times):
		frappe.db.sql(f"UPDATE `tab{EVENT}` SET due_at = due_at - INTERVAL 1 HOUR WHERE state = 'Waiting'")
		desk.run()


def is_their_last_try(desk) -> None:
	"""So often were the messages that wait tried before."""
	frappe.db.set_value(EVENT, {"state": "Waiting"}, "attempts", files.MOST_ATTEMPTS - 1)
	try_again(desk)


def contents(ticket) -> list[str]:
	return [one.content for one in replies(ticket)]


# Files


@pytest.mark.parametrize("error", ["500", "drop"])
def test_a_file_that_slack_does_not_hand_out_keeps_no_thread_waiting(desk, ticket, error):
	desk.slack.fail("download", error, times=1000)
	desk.say(ticket, "See", files=[("a.txt", b"hello")])
	desk.say(ticket, "Turn off the water")
	try_again(desk, files.MOST_ATTEMPTS - 2)
	assert contents(ticket) == [] and not whispers(desk)
	try_again(desk)
	assert contents(ticket) == ["<p>See</p>", "<p>Turn off the water</p>"]
	(told,) = whispers(desk)
	assert told.startswith("Files that stay in Slack: a.txt: ")


def test_the_others_come(desk, ticket):
	desk.slack.fail("download", "500", times=2)
	desk.say(ticket, "See", files=[("a.txt", b"hello"), ("manual.pdf", PDF)])
	assert contents(ticket) == []
	is_their_last_try(desk)
	(reply,) = replies(ticket)
	assert list(attached(reply.name).values()) == [PDF]
	assert whispers(desk) == ["Files that stay in Slack: a.txt: The provider is out of order at the moment."]


def test_a_file_that_comes_later_is_waited_for(desk, ticket):
	desk.slack.fail("download", "500", times=3)
	desk.say(ticket, "See", files=[("manual.pdf", PDF)])
	try_again(desk, 3)
	(reply,) = replies(ticket)
	assert list(attached(reply.name).values()) == [PDF]
	assert not whispers(desk)


def test_a_lone_file_that_never_comes(desk, ticket):
	desk.slack.fail("download", "500", times=1000)
	desk.say(ticket, "", files=[("a.txt", b"hello")])
	is_their_last_try(desk)
	assert contents(ticket) == []
	assert len(whispers(desk)) == 1


def test_all_files_have_one_time(desk, ticket, monkeypatch):
	monkeypatch.setattr(files, "MOST_SECONDS", 2)
	desk.slack.fail("download", "hang", times=1000)
	desk.say(ticket, "See", files=[(f"{number}.txt", b"hello") for number in range(10)])
	frappe.db.set_value(
		EVENT, {"state": "Waiting"}, {"attempts": files.MOST_ATTEMPTS, "due_at": "2020-01-01"}
	)
	frappe.db.commit()
	started = time.monotonic()
	assert intake.work_off(1) == 1
	assert time.monotonic() - started < 12
	assert contents(ticket) == ["<p>See</p>"]
	desk.run()
	assert all(f"{number}.txt: " in whispers(desk)[0] for number in range(10))


def test_a_workspace_that_is_shut_is_waited_for(desk, ticket):
	"""An admin can mend that; the file is not at fault."""
	desk.slack.channels[desk.channel].is_ext_shared = True
	desk.slack.fail("files.info", "token_revoked", times=2)
	desk.say(ticket, "See", files=[("manual.pdf", PDF)])
	is_their_last_try(desk)
	assert contents(ticket) == []
	try_again(desk)
	(reply,) = replies(ticket)
	assert list(attached(reply.name).values()) == [PDF]


# After a day


def give_up(desk) -> None:
	"""Slack does not say who somebody is for a day, and then it does."""
	make_old()
	intake.work_off(1)
	assert frappe.db.count(EVENT, {"state": "Failed"}) == 1
	desk.slack.failures.clear()
	desk.slack.is_delivering = True
	desk.run()


def test_its_author_is_told(quiet, ticket):
	quiet.slack.fail("users.info", "internal_error", times=9)
	say(quiet, ticket, "My words")
	give_up(quiet)
	assert contents(ticket) == []
	((to, text),) = [(one["user"], one["text"]) for one in quiet.slack.ephemerals]
	assert to == quiet.user
	assert text.startswith(HELPDESK)
	assert quiet.slack.ephemerals[0]["thread_ts"] == quiet.post(ticket)["ts"]


def test_talk_is_not_spoken_of(quiet, ticket, organisation, monkeypatch):
	organisation.change(slack_mode="Marked messages only")
	say(quiet, ticket, "Lunch?")
	fail_always(monkeypatch)
	give_up(quiet)
	assert not whispers(quiet)


def test_a_foreign_thread_is_not_spoken_of(quiet, monkeypatch):
	root = quiet.slack.say(quiet.user, quiet.channel, "Lunch?")
	quiet.slack.say(quiet.user, quiet.channel, "Pizza", thread_ts=root["ts"])
	del quiet.slack.events[0]
	tell(quiet)
	fail_always(monkeypatch)
	give_up(quiet)
	assert not whispers(quiet)


def fail_always(monkeypatch) -> None:
	def busy(*_arguments):
		raise frappe.db.OperationalError(1205, "Lock wait timeout exceeded")

	monkeypatch.setattr(intake.answers, "take", busy)


@pytest.fixture
def known(desk, ticket) -> dict:
	"""A reply that is in Helpdesk."""
	written = desk.say(ticket, "Hello")
	frappe.db.delete("Portal Slack User")
	frappe.db.commit()
	desk.slack.is_delivering = False
	del desk.slack.events[:]
	desk.slack.fail("users.info", "internal_error", times=9)
	return written


def test_a_deletion(desk, ticket, known):
	desk.slack.remove(desk.user, desk.channel, known["ts"])
	tell(desk)
	give_up(desk)
	assert contents(ticket) == ["<p>Hello</p>"]
	(told,) = whispers(desk)
	assert told.startswith("Your message is deleted in Slack, but stays in Helpdesk: ")


def test_an_edit(desk, ticket, known):
	desk.slack.edit(desk.user, desk.channel, known["ts"], "Goodbye")
	tell(desk)
	give_up(desk)
	assert contents(ticket) == ["<p>Hello</p>"]
	assert [told.startswith(HELPDESK) for told in whispers(desk)] == [True]


def test_a_press(desk, ticket, known):
	payload = desk.slack.click(desk.user, desk.channel, desk.post(ticket)["ts"], CLOSE)
	assert desk.slack.deliver(payload)[0] == 200
	give_up(desk)
	assert [told.startswith("Helpdesk did not take it: ") for told in whispers(desk)] == [True]


def test_an_event_that_nobody_can_read(desk, ticket):
	"""Whose it was is not known either; the next one is worked on."""
	values = {"event_id": "EvBroken", "kind": "message", "payload": "{}", "state": "Waiting", "attempts": 0}
	times = dict.fromkeys(("received_at", "due_at"), "2020-01-01 00:00:00")
	row = {"doctype": EVENT, "subject": "C1:1.0", "signature": "broken", **values, **times}
	frappe.get_doc(row).db_insert()
	frappe.db.commit()
	desk.say(ticket, "Hello")
	assert frappe.db.get_value(EVENT, {"event_id": "EvBroken"}, "state") == "Failed"
	assert contents(ticket) == ["<p>Hello</p>"]
	assert not whispers(desk)


# Workers that die


def die(times: int) -> None:
	"""So many workers are killed at the oldest event, one after the other."""
	for _worker in range(times):
		assert inbox.claim()
		frappe.db.sql(f"UPDATE `tab{EVENT}` SET claimed_at = '2020-01-01' WHERE state = 'Working'")
		inbox.release_expired()


def test_an_event_that_kills_every_worker(quiet, ticket):
	frappe.db.delete(trouble.LOG)
	say(quiet, ticket, "My words")
	die(inbox.MOST_DEATHS)
	intake.work_off(1)
	(event,) = frappe.get_all(EVENT, {"state": "Failed"}, ["payload", "reason"])
	assert (event.payload, event.reason) == (None, inbox.KILLED)
	assert inbox.KILLED in frappe.get_all(trouble.LOG, pluck="subject")[0]
	quiet.run()
	assert contents(ticket) == []
	assert whispers(quiet) == [f"Helpdesk did not take it: {inbox.KILLED}"]


def test_a_worker_that_died_when_the_site_went_off_for_a_day(quiet, ticket):
	say(quiet, ticket, "My words")
	die(1)
	make_old()
	quiet.run()
	assert contents(ticket) == ["<p>My words</p>"]


@pytest.mark.parametrize(("attempts", "deaths"), [(0, inbox.MOST_DEATHS - 1), (50, 1)])
def test_workers_that_died_by_chance(quiet, ticket, attempts, deaths):
	"""It may have waited for something else before."""
	say(quiet, ticket, "My words")
	frappe.db.set_value(EVENT, {"state": "Waiting"}, "attempts", attempts)
	die(deaths)
	quiet.run()
	assert contents(ticket) == ["<p>My words</p>"]
