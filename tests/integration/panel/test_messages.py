"""What the panel shows of a ticket's messages, a page at a time."""

import re
from datetime import timedelta

import frappe

from customer_portal.clock import utc_now
from customer_portal.notifications import ledger
from tests import events
from tests.accounts import log_in
from tests.factories import make_agent, make_ticket
from tests.integration.panel.conftest import PHONE, home, message, text


def test_each_message_tells_its_fate(agent, ticket, link):
	events.forget_told(ticket)
	event = frappe.db.get_value("Portal Status Event", {"ticket": str(ticket.name)})
	frappe.db.set_value("Portal Status Event", event, "seen_at", utc_now())
	failed = message(ticket, state="Failed", reason="No such number.", attempts=3, may_be_repeated=1)
	message(ticket, channel="Email", fallback_of=failed, state="Delivered", sent_at=utc_now())
	message(ticket, event=event, state="Superseded", reason="A newer message took its place.")
	message(ticket, state="Queued", attempts=0, due_at=utc_now() + timedelta(hours=2))
	message(ticket, kind="Link", event=None, state="Sending")
	told = text(agent.get(home(ticket)))
	for sentence in (
		"Failed No such number. It may have been sent twice.",
		"Attempts: 3",
		"In the place of SMS",
		"Not sent A newer message took its place.",
		"Seen by the customer: ",
		"Waits until ",
		"The link, sent by an agent",
		"Delivered 1 Being sent 1 Waiting 1 Failed 1 Not sent 1",
	):
		assert sentence in told, sentence
	assert PHONE not in told


def test_times_and_words_are_the_agents(client, ticket, link):
	user = make_agent()
	user.db_set({"language": "ar", "time_zone": "Pacific/Kiritimati"})
	frappe.db.commit()
	frappe.clear_cache(user=user.name)
	events.forget_told(ticket)
	message(ticket, occurred_at="2026-03-01 12:30:00")
	page = log_in(client, user.name).get(home(ticket)).text
	assert 'lang="ar" dir="rtl"' in page
	assert '<time datetime="2026-03-01T12:30:00Z">٠٢/٠٣/٢٠٢٦' in page.replace("\u200f", "")
	assert "English" in page  # the language of the message, which is not the agent's


def shown_rows(page) -> list[str]:
	return re.findall(r'<li id="m-([^"]+)"', page.text)


def test_more_than_a_page_is_paged_newest_first(agent, ticket, link):
	events.forget_told(ticket)
	start = utc_now() - timedelta(days=1)
	names = [message(ticket, occurred_at=start + timedelta(seconds=number // 2)) for number in range(45)]
	newest, seen = home(ticket), []
	while newest:
		page = agent.get(newest)
		seen.append(shown_rows(page))
		older = re.search(r'href="([^"#]*\?after=[^"#]*)', page.text)
		newest = older and older[1]
	assert [len(part) for part in seen] == [20, 20, 5]
	assert sorted(name for part in seen for name in part) == sorted(names)
	assert seen[0][0] == names[44]
	assert set(seen[2][-2:]) == set(names[:2])


def test_another_tickets_message_is_no_cursor(agent, ticket, link):
	other = message(make_ticket())
	message(ticket)
	assert shown_rows(agent.get(f"{home(ticket)}?after={other}")) == []


def selects() -> int:
	return int(frappe.db.sql("SHOW SESSION STATUS LIKE 'Com_select'")[0][1])


def test_a_thousand_messages_come_in_a_few_reads(ticket, link):
	events.forget_told(ticket)
	for _ in range(1000):
		message(ticket, state="Delivered")
	ledger.read(str(ticket.name), "en")  # fills the cache of the template
	before = selects()
	found = ledger.read(str(ticket.name), "en")
	assert selects() - before <= 8
	assert (found.total, len(found.entries)) == (1000, 20)
