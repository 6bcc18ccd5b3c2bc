"""A private channel that is shared with another company gets a new ID: its threads go on as before."""

import frappe
import pytest

from customer_portal.clock import utc_now
from customer_portal.slack import inbox, intake, outbox, told
from tests.factories import unique
from tests.gateways import configure
from tests.gateways.slack.workspace import new_id
from tests.integration.slack.conftest import replies, rows, whispers
from tests.integration.slack.test_channels_change_hands import ours, rename
from tests.integration.slack.test_names import say as customer_says
from tests.organisations import ACCESS, make_organisation

SETTINGS = "Customer Portal Settings"


@pytest.fixture(params=["triage", "customer"])
def old(request, desk, ticket) -> str:
	"""A channel that has a thread."""
	channel = desk.channel if request.param == "customer" else desk.slack.triage
	desk.slack.channels[channel].is_private = True
	return channel


def share(desk, old: str) -> str:
	"""Its new ID, of which Slack has told; it is not worked off."""
	new = desk.slack.share_channel(old)
	desk.channel = new if desk.channel == old else desk.channel
	desk.slack.triage = new if desk.slack.triage == old else desk.slack.triage
	return new


def known() -> list[tuple]:
	"""All that says which channel is whose, and what is where."""
	frappe.db.rollback()
	chosen = [(frappe.db.get_single_value(SETTINGS, "slack_triage_channel"),)]
	chosen += frappe.get_all(
		ACCESS, {"slack_channel": ("is", "set")}, ["customer", "slack_channel"], as_list=1
	)
	chosen += [(row.name, row.channel, row.key, row.ts, row.state) for row in rows()]
	return [tuple(map(str, line)) for line in chosen]


def events(**filters) -> list:
	frappe.db.rollback()
	return frappe.get_all(inbox.DOCTYPE, filters=filters, fields=["*"], order_by="received_at")


def test_settings_and_rows_have_the_new_id(desk, ticket, old):
	before = known()
	new = share(desk, old)
	desk.run()
	assert known() == [tuple(one.replace(old, new) for one in line) for line in before]
	assert events(kind=told.CHANNEL_MOVED)[0].state == inbox.DONE


def test_an_agents_answer_becomes_a_reply(desk, ticket, old):
	new = share(desk, old)
	desk.run()
	written = desk.say(ticket, "Under the new ID", channel=new)
	desk.slack.edit(desk.user, new, written["ts"], "Changed there")
	desk.run()
	assert [one.content for one in replies(ticket)] == ["<p>Changed there</p>"]
	assert whispers(desk) == []


def test_what_was_written_before_can_be_taken_back(desk, ticket, old):
	written = desk.say(ticket, "Under the old ID", channel=old)
	new = share(desk, old)
	desk.run()
	desk.slack.remove(desk.user, new, written["ts"])
	desk.run()
	assert replies(ticket) == []


def test_the_post_follows_its_ticket(desk, ticket, old):
	new = share(desk, old)
	desk.run()
	rename(ticket, "Renamed since")
	desk.run()
	(post,) = ours(desk, new)
	assert "Renamed since" in post["text"]


def test_a_customers_message_goes_into_the_thread(desk, ticket, old):
	new = share(desk, old)
	desk.run()
	customer_says(ticket, "Sara")
	desk.run()
	assert [one["text"] for one in desk.thread(ticket, new)] == ["Please close all"]


def test_what_waits_goes_to_the_new_id(desk, organisation, ticket, old):
	"""Of a channel that Slack does not know any more."""
	new = desk.slack.share_channel(old)
	envelope = desk.slack.events.pop()
	frappe.db.delete(inbox.DOCTYPE)
	customer_says(ticket, "Sara")
	made = organisation.ticket()
	desk.run()
	assert len(rows(channel=old, state=outbox.QUEUED)) > 1
	desk.slack.deliver(envelope | {"event_id": new_id("Ev")})
	desk.run()
	assert [one["text"] for one in desk.thread(ticket, new)] == ["Please close all"]
	assert desk.post(made, new)["ts"]


def test_an_answer_that_waits_becomes_a_reply(desk, ticket, old):
	"""And so does a private word about one to its author."""
	thread = desk.post(ticket, old)["ts"]
	for user in (desk.user, desk.slack.add_user("Guest", "guest@elsewhere.example")):
		desk.slack.invite(user, old)
		desk.slack.say(user, old, "Not worked off yet", thread_ts=thread)
	new = share(desk, old)
	(moved,) = events(kind=told.CHANNEL_MOVED)
	frappe.db.set_value(inbox.DOCTYPE, moved.name, "received_at", moved.received_at.replace(year=2020))
	desk.run()
	assert [one.content for one in replies(ticket)] == ["<p>Not worked off yet</p>"]
	assert [one["channel"] for one in desk.slack.ephemerals] == [new]


def test_it_is_told_twice(desk, ticket, old):
	share(desk, old)
	envelope = desk.slack.events[-1]
	desk.slack.deliver(envelope | {"event_id": new_id("Ev")})
	desk.run()
	before, calls = known(), len(desk.slack.calls_of("chat.postMessage"))
	desk.slack.deliver(envelope | {"event_id": new_id("Ev")})
	desk.run()
	assert known() == before
	assert len(desk.slack.calls_of("chat.postMessage")) == calls
	assert events(state=("!=", inbox.DONE)) == []


@pytest.mark.parametrize("new", [None, 7, "", "D0123456789", {"id": "C0123456789"}])
def test_nonsense_is_dropped(desk, ticket, new):
	before = known()
	event = {"type": told.CHANNEL_MOVED, "old_channel_id": desk.channel, "new_channel_id": new}
	desk.slack.announce(event)
	desk.slack.announce({**event, "old_channel_id": new, "new_channel_id": desk.channel})
	desk.run()
	assert known() == before


def test_another_channel_is_no_matter(desk, ticket):
	before = known()
	desk.slack.share_channel(desk.slack.add_channel(unique("foreign"), is_private=True))
	assert [(one.state, one.payload) for one in events(kind=told.CHANNEL_MOVED)] == [(inbox.DONE, None)]
	desk.run()
	assert known() == before


def test_the_new_id_is_a_customers_already(desk, ticket, open_door):
	"""Whatever of others' stands there goes; no two have one channel."""
	old, new = desk.channel, new_id("C")
	other = make_organisation("other", slack_channel=new)
	desk.slack.channels[new] = desk.slack.channels.pop(old)
	desk.slack.channels[new].id = new
	desk.slack.announce({"type": told.CHANNEL_MOVED, "old_channel_id": old, "new_channel_id": new})
	desk.run()
	assert frappe.db.get_value(ACCESS, {"slack_channel": new}) == other.customer
	assert ours(desk, new) == []


def test_rows_that_are_there_already_stay(desk, ticket, old):
	(post,) = rows(channel=old, kind=outbox.POST)
	new = share(desk, old)
	twin = frappe.get_doc(outbox.DOCTYPE, post.name).as_dict()
	twin |= {"name": unique("row"), "channel": new, "key": post.key.replace(old, new), "ts": "1.000001"}
	frappe.get_doc(twin).db_insert()
	desk.run()
	assert [row.ts for row in rows(kind=outbox.POST, channel=("in", (old, new)), name=twin.name)] == [
		"1.000001"
	]
	assert rows(name=post.name)[0].channel == old
	assert len(rows(channel=old)) == 1
	assert events(kind=told.CHANNEL_MOVED)[0].state == inbox.DONE


def test_while_slack_is_switched_off(desk, ticket, old):
	configure(slack_enabled=0)
	new = share(desk, old)
	desk.run()
	configure(slack_enabled=1)
	frappe.db.set_value(inbox.DOCTYPE, {"kind": told.CHANNEL_MOVED}, "due_at", utc_now())
	desk.run()
	assert rows(channel=old) == []
	assert desk.post(ticket, new)


@pytest.mark.parametrize("doctype", [outbox.DOCTYPE, inbox.DOCTYPE])
def test_it_waits_for_what_is_on_its_way(desk, ticket, old, doctype):
	before, values = known(), {"claimed_at": utc_now(), "claim": "x"}
	if doctype == outbox.DOCTYPE:
		(busy,), values["state"] = rows(channel=old, kind=outbox.POST), outbox.SENDING
	else:
		desk.slack.say(desk.user, old, "Now", thread_ts=desk.post(ticket, old)["ts"])
		(busy,), values["state"] = events(state=inbox.WAITING), inbox.WORKING
	frappe.db.set_value(doctype, busy.name, values)
	new = share(desk, old)
	intake.work_off(1)
	assert [line[:3] for line in known()] == [line[:3] for line in before]
	frappe.db.set_value(doctype, busy.name, "state", busy.state)
	frappe.db.commit()
	frappe.db.set_value(inbox.DOCTYPE, {"kind": told.CHANNEL_MOVED}, "due_at", utc_now())
	desk.run()
	assert known()[0][0] == desk.slack.triage
	assert rows(channel=old) == []
	assert desk.post(ticket, new)
