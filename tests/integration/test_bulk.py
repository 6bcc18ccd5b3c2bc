"""Many tickets changed at once, as the Desk's list and Frappe's API do it, and delivered by several workers."""

import json
import time
from collections import Counter
from contextlib import ExitStack

import frappe
import pytest
from frappe.client import bulk_update
from frappe.desk.doctype.bulk_update.bulk_update import submit_cancel_or_update_docs
from frappe.utils.background_jobs import create_job_id, get_queue, get_redis_conn

from customer_portal.notifications import wake
from tests import events, ledger
from tests.accounts import log_in
from tests.conftest import SITES
from tests.factories import make_agent, make_ticket, saudi_mobile
from tests.gateways import configure
from tests.ledger import default_of, make_template
from tests.servers import background_worker

ENDPOINT = "/api/method/frappe.desk.doctype.bulk_update.bulk_update.submit_cancel_or_update_docs"
MANY = 500  # the most that Frappe takes in one request
WORKERS = 4
RESOLVED = 3


@pytest.fixture(autouse=True)
def delivery(sms_gateway):
	"""Each change is due at once, by SMS alone, and no limit of the site stands in the way."""
	events.clear()
	configure(burst_seconds=0, send_email=0, notification_sms_per_hour=100_000)
	yield
	configure(burst_seconds=20, send_email=1, notification_sms_per_hour=1000)
	events.clear()


@pytest.fixture
def agent(client):
	user = make_agent().name
	log_in(client, user)
	return user


def copies(count: int) -> dict[str, str]:
	"""New tickets by name, each with a number of its own; rows alone, as from before the app was installed."""
	first = make_ticket()
	numbers = {}
	for _number in range(count):
		ticket = frappe.copy_doc(first)
		ticket.set_new_name()
		values = {"portal_phone": saudi_mobile(), "sub_status": first.sub_status}
		ticket.update({**values, "docstatus": 0, "creation": first.creation, "modified": first.modified})
		ticket.db_insert()
		numbers[str(ticket.name)] = ticket.portal_phone
	frappe.db.commit()
	return numbers


def edit(client, tickets, sub_status: str):
	"""What the Desk's list sends when an agent edits the field of many."""
	body = {"doctype": "HD Ticket", "docnames": list(tickets), "action": "update"}
	answer = client.post(ENDPOINT, json={**body, "data": {"sub_status": sub_status}})
	assert answer.status_code == 200, answer.text
	return answer.json()


def new_events(tickets, sub_status: str) -> Counter:
	rows = frappe.get_all(
		"Portal Status Event",
		filters={"ticket": ("in", list(tickets)), "to_sub_status": sub_status},
		fields=["ticket", "awaits_messages"],
	)
	assert not any(row.awaits_messages for row in rows)
	return Counter(row.ticket for row in rows)


def states(tickets) -> Counter:
	frappe.db.rollback()
	return Counter(
		frappe.get_all("Portal Notification", filters={"ticket": ("in", list(tickets))}, pluck="state")
	)


def quieten() -> None:
	"""As if all that happened so far had been delivered: no job waits, and the next change rings."""
	get_queue(wake.QUEUE).empty()
	wake.fall_asleep()


def waiting_jobs(prefix: str = "") -> list[str]:
	return [job for job in get_queue(wake.QUEUE).job_ids if job.startswith(prefix)]


def rings() -> int:
	return len(waiting_jobs(create_job_id("customer_portal_deliver_")))


def wait_until(condition, seconds: float) -> None:
	deadline = time.monotonic() + seconds
	while not condition():
		assert time.monotonic() < deadline, "It did not come about in time."
		time.sleep(0.5)


def test_many_tickets_by_several_workers(client, agent, worker, sms_gateway, tmp_path):
	"""Every customer gets one message, and nothing is left over."""
	tickets = copies(MANY)
	wanted = default_of(RESOLVED)
	with ExitStack() as stack:
		for number in range(WORKERS - 1):
			stack.enter_context(background_worker(SITES, tmp_path / f"worker-{number}.log"))
		edit(client, tickets, wanted)
		wait_until(lambda: states(tickets)["Sent"] >= MANY, 480)
	assert states(tickets) == {"Sent": MANY}
	assert new_events(tickets, wanted) == Counter(dict.fromkeys(tickets, 1))
	assert Counter(message["to"] for message in sms_gateway.received) == Counter(tickets.values())
	for ticket, number in tickets.items():
		(text,) = sms_gateway.texts_to(number)
		assert ticket in text


def test_the_request_only_starts_a_job(client, agent, sms_gateway):
	"""So its time does not grow with the number of messages."""
	tickets = copies(MANY)
	quieten()
	edit(client, tickets, default_of(RESOLVED))
	assert len(waiting_jobs()) == 1
	assert not new_events(tickets, default_of(RESOLVED))
	assert not sms_gateway.received


@pytest.mark.parametrize("count", [2, 19])
def test_commits_one_by_one_ring_once(count):
	tickets = copies(count)
	quieten()
	assert not submit_cancel_or_update_docs(
		"HD Ticket", list(tickets), "update", {"sub_status": default_of(RESOLVED)}
	)
	assert rings() == 1


def test_one_transaction_rings_once(monkeypatch):
	tickets = copies(30)
	quieten()
	asked = []
	ring = wake.ring_unless_awake
	monkeypatch.setattr(wake, "ring_unless_awake", lambda: asked.append(ring()))
	changes = [
		{"doctype": "HD Ticket", "docname": name, "sub_status": default_of(RESOLVED)} for name in tickets
	]
	assert bulk_update(json.dumps(changes)) == {"failed_docs": []}
	frappe.db.commit()
	assert (len(asked), rings()) == (1, 1)


def test_the_transaction_after_an_undone_one_rings():
	ticket = make_ticket(saudi_mobile())
	events.forget_told(ticket)
	quieten()
	ticket.reload()
	ticket.sub_status = default_of(RESOLVED)
	ticket.save()
	frappe.db.rollback()
	assert rings() == 0
	events.change_status(ticket, default_of(RESOLVED))
	assert rings() == 1


@pytest.fixture
def mixed():
	"""Six tickets, two of them with a template of their own; and a sub-status that only the others offer."""
	template = make_template(
		{1: ["Open"], 2: ["Replied"], 3: ["Resolved"], 4: ["Closed"]},
		{1: "Open", 2: "Replied", 3: "Resolved", 4: "Closed"},
	)
	frappe.db.commit()
	others = [str(make_ticket(template=template.ticket_template).name) for _number in range(2)]
	return list(copies(4)), others, default_of(RESOLVED)


def test_each_ticket_that_refuses_is_named(client, agent, mixed):
	willing, unwilling, wanted = mixed
	answer = edit(client, [unwilling[0], *willing, unwilling[1]], wanted)
	assert answer["message"] == unwilling
	for name in unwilling:
		assert f"Ticket {name}: This sub-status is not offered" in answer["_server_messages"]
	for name in willing:
		assert ledger.events(frappe._dict(name=name))[-1].to_sub_status == wanted
		assert name not in answer["_server_messages"]


def test_in_one_transaction_too(mixed):
	willing, unwilling, wanted = mixed
	changes = [
		{"doctype": "HD Ticket", "docname": name, "sub_status": wanted} for name in willing + unwilling
	]
	failed = bulk_update(json.dumps(changes))["failed_docs"]
	assert [row["doc"]["docname"] for row in failed] == unwilling
	frappe.db.commit()
	told = [ledger.events(frappe._dict(name=name))[-1].to_sub_status for name in willing + unwilling]
	assert [one == wanted for one in told] == [True] * 4 + [False] * 2


def test_a_job_tells_its_agent(client, agent, mixed, worker):
	"""Frappe drops what a background edit could not do; the agent's open page hears it from us."""
	willing, unwilling, wanted = mixed
	heard = get_redis_conn().pubsub()
	heard.subscribe("events")
	edit(client, [*willing, *copies(20), *unwilling], wanted)
	missing = set(unwilling)

	def is_told():
		while missing and (message := heard.get_message(timeout=1)):
			_note(message, agent, missing)
		return not missing

	wait_until(is_told, 300)


def _note(message: dict, agent: str, missing: set[str]) -> None:
	data = json.loads(message["data"]) if message["type"] == "message" else {}
	if data.get("event") == "msgprint" and data["room"].endswith(agent):
		missing -= {name for name in missing if f"Ticket {name}:" in data["message"]["message"]}
