"""What lies around the messages: a workspace that falls silent, copies of the site, channels by mistake, what is kept."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import frappe
import pytest

from customer_portal import personal_data, tasks
from customer_portal.integrations.failures import SendFailure
from customer_portal.integrations.slack import client
from customer_portal.setup_check import slack as check
from customer_portal.setup_check.finding import FAILED, OFF, OK
from customer_portal.slack import channels, delivery, hearing, inspection, outbox, people
from customer_portal.slack.channels import TWO_WAY, Place
from customer_portal.slack.trouble import LOG
from tests.doors import reset_limits
from tests.factories import unique
from tests.gateways import configure, save
from tests.gateways.slack.chat import BOT
from tests.integration.replies.conftest import join
from tests.integration.slack.conftest import rows
from tests.integration.slack.test_changes import texts
from tests.integration.slack.test_files_of_answers import salaries
from tests.integration.slack.test_files_out import message_with, pdf
from tests.integration.slack.test_private_tickets import set_private
from tests.integration.slack.time_machine import sweep_until_quiet
from tests.organisations import make_organisation
from tests.talk import say

__all__ = ["salaries"]


def pass_by(doctype: str, fields: tuple[str, ...], minutes: int) -> None:
	sets = ", ".join(f"{field} = {field} - INTERVAL {minutes} MINUTE" for field in fields)
	frappe.db.sql(f"UPDATE `tab{doctype}` SET {sets}")
	frappe.db.commit()


# Silence


def is_half_an_hour_old() -> None:
	"""What was posted last."""
	frappe.db.sql(
		"UPDATE `tabPortal Slack Message` SET ts = CAST(ts AS DECIMAL(20, 6)) - 1800 WHERE ts < 'A'"
	)
	frappe.db.commit()


@pytest.mark.parametrize(("heard_before", "is_deaf"), [(90, True), (37, True), (35, False), (30, False)])
def test_slack_takes_and_tells_nothing_any_more(desk, ticket, heard_before, is_deaf):
	frappe.db.delete(LOG)
	pass_by("Portal Slack Event", ("received_at",), heard_before)
	is_half_an_hour_old()
	delivery.sweep()
	assert bool(hearing.deaf_since()) == is_deaf
	configure(portal_url="https://help.example.com")
	state = check.events().state
	configure(portal_url="")
	assert state == (FAILED if is_deaf else OK)
	told = frappe.get_all(LOG, {"for_user": "Administrator"}, pluck="subject")
	assert [("nothing comes from there any more" in one) for one in told] == [True] * is_deaf


def test_a_long_queue_does_not_hide_it(desk, ticket):
	frappe.db.delete(LOG)
	pass_by("Portal Slack Event", ("received_at",), 90)
	is_half_an_hour_old()
	waits = {"state": "Queued", "wanted_at": "2020-01-01", "due_at": "2100-01-01"}
	frappe.db.set_value(outbox.DOCTYPE, {"kind": "Post"}, waits)
	frappe.db.commit()
	delivery.sweep()
	told = sorted(frappe.get_all(LOG, {"for_user": "Administrator"}, pluck="subject"))
	assert ["wait for more than" in told[0], "nothing comes from there" in told[1]] == [True, True]


def test_what_was_posted_right_now_is_waited_for(desk, ticket):
	pass_by("Portal Slack Event", ("received_at",), 90)
	assert hearing.deaf_since() is None


def test_who_has_never_heard_anything_is_not_deaf(desk, ticket):
	is_half_an_hour_old()
	frappe.db.delete("Portal Slack Event")
	assert hearing.deaf_since() is None


# Copies


def test_a_copy_of_the_site_stays_out_of_the_channels(desk, ticket):
	configure(slack_connected_site="production.example")
	say(ticket, "<p>Only a try</p>", sent=False)
	frappe.get_doc("HD Ticket", ticket.name).delete()
	frappe.db.commit()
	desk.run()
	assert texts_of_app(desk) and "Only a try" not in texts_of_app(desk)
	finding = check.connection()
	assert finding.state == OFF and "production.example" in finding.found
	reset_limits()  # else the settings are none that could be saved
	save(slack_connected_at=None)  # anything else
	assert channels.copy_of()
	save(slack_enabled=0)
	save(slack_enabled=1)
	assert channels.is_on() and not channels.copy_of()


def texts_of_app(desk) -> list[str]:
	return [message["text"] for message in desk.slack.channels[desk.channel].messages.values()]


# Channels


def test_a_customers_channel_that_is_triage_by_mistake(desk, open_door):
	"""Two admins have saved at the same moment."""
	configure(slack_triage_channel=desk.channel)
	make_organisation("other").ticket(subject="Nobody else's business")
	sweep_until_quiet()
	assert desk.slack.messages(desk.channel) == []


def test_hundreds_of_channels_without_the_app_are_few_calls(desk):
	places = [Place(desk.channel, TWO_WAY, "Acme")]
	places += [
		Place(desk.slack.add_channel(unique("strange"), with_bot=False), TWO_WAY, unique("Customer"))
		for _number in range(100)
	]
	sights = inspection.see(places)
	assert [bool(sight.trouble) for sight in sights] == [False, *[True] * 100]
	assert len(desk.slack.calls_of("conversations.info")) == inspection.MOST_ASKED


# The token


@contextmanager
def serving(answer):
	"""An HTTP server on loopback; ``answer`` gets the request, and gives status and headers."""

	class Handler(BaseHTTPRequestHandler):
		def do_POST(self) -> None:
			status, headers = answer(self)
			self.send_response(status)
			for name, value in {**headers, "Content-Length": "0"}.items():
				self.send_header(name, value)
			self.end_headers()

		do_GET = do_POST

		def log_message(self, *_arguments) -> None:
			pass

	server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
	threading.Thread(target=server.serve_forever, daemon=True).start()
	try:
		yield f"http://127.0.0.1:{server.server_port}"
	finally:
		server.shutdown()
		server.server_close()


def test_the_token_stays_with_its_host(desk):
	sent = []

	def note(request):
		sent.append(dict(request.headers))
		return 200, {}

	with serving(note) as elsewhere, serving(lambda _request: (302, {"Location": elsewhere})) as proxy:
		configure(slack_api_base=proxy)
		with pytest.raises(SendFailure):
			client.identity()
	assert len(sent) == 1
	assert desk.slack.token not in str(sent)


# What is kept


def test_nothing_is_left_of_a_deleted_ticket_after_a_month(desk, ticket, salaries):
	desk.say(ticket, "Here", files=[salaries])
	frappe.delete_doc("HD Ticket", ticket.name, force=True)
	frappe.db.commit()
	desk.run()
	left = rows()
	assert left and not [row.address for row in left if row.address]
	tasks.purge()
	frappe.db.commit()
	assert len(rows()) == len(left)
	pass_by("Portal Slack Message", ("wanted_at",), 31 * 24 * 60)
	tasks.purge()
	frappe.db.commit()
	assert rows() == []


def test_who_is_erased_is_gone_from_slack(desk, organisation, sara, ticket):
	"""With what they have said in the tickets of others."""
	omar = join(organisation.address("omar"))
	others = organisation.ticket(omar)
	message_with(ticket, ("passport.pdf", pdf()))
	say(others, "<p>It is Sara</p>", by=sara, sent=False)
	say(others, "<p>It is Omar</p>", by=omar, sent=False)
	sweep_until_quiet()
	assert texts(desk, others) == ["It is Sara", "It is Omar"]
	personal_data.erase(sara, "deleted-user@example.com")
	frappe.db.commit()
	sweep_until_quiet()
	for channel in (desk.channel, desk.slack.triage):
		posts = [one for one in desk.slack.messages(channel) if one.get("subtype") != "tombstone"]
		assert [post["ts"] for post in posts] == [desk.post(others, channel)["ts"]]
		assert [text for text in texts(desk, others, channel) if text] == ["It is Omar"]
	assert not [file for file in desk.slack.uploaded if file["name"].startswith("passport")]


def test_who_was_erased_does_not_come_back(desk, organisation, sara, ticket):
	"""When the ticket, or that of others in which they wrote, comes into a channel once more."""
	request = frappe.get_doc({"doctype": "Personal Data Deletion Request", "email": sara})
	request.insert(ignore_permissions=True)
	others = organisation.ticket(join(organisation.address("omar")))
	message = say(others, "<p>It is Sara</p>", by=sara, sent=False)
	frappe.db.set_value("Communication", message.name, "sender", request.name)  # as Frappe does
	personal_data.erase(sara, request.name)
	for one in (ticket, others):
		set_private(one, 1)
		set_private(one, 0)
	sweep_until_quiet()
	for channel in (desk.channel, desk.slack.triage):
		(post,) = [one for one in desk.slack.messages(channel) if one.get("subtype") != "tombstone"]
		assert post["ts"] == desk.post(others, channel)["ts"]
		assert not any(texts(desk, others, channel))


def test_what_could_not_be_deleted_is_tried_again(desk, ticket):
	desk.post(ticket)["bot_id"] = "B0OTHER001"
	frappe.delete_doc("HD Ticket", ticket.name, force=True)
	frappe.db.commit()
	sweep_until_quiet()
	(row,) = rows(kind="Post", channel=desk.channel)
	assert row.state == "Failed"
	pass_by("Portal Slack Message", ("wanted_at",), 31 * 24 * 60)
	tasks.purge()
	desk.slack.channels[desk.channel].messages[row.ts]["bot_id"] = BOT
	assert outbox.again(row.name)
	frappe.db.commit()
	sweep_until_quiet()
	assert desk.slack.messages(desk.channel) == []


def test_who_has_left_is_nobody_in_slack_either(desk, ticket):
	desk.say(ticket, "Hello")
	assert people.user_of(desk.user) == desk.agent.name
	people.erase(desk.agent.name)
	assert people.user_of(desk.user) is None
