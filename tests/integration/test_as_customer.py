"""An agent looks at a ticket as its customer: the same page, read only, recorded, and not counted."""

import re

import frappe
import pytest

from customer_portal import links
from tests.accounts import log_in
from tests.door import counts, sign_in
from tests.factories import attach_file, make_agent, make_ticket, unique
from tests.gateways import configure

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def user():
	return make_agent().name


@pytest.fixture
def agent(client, user):
	return log_in(client, user)


def address(ticket) -> str:
	return f"/portal/staff/ticket/{ticket.name}/as-customer"


def main(page: str) -> str:
	"""The page's content, without what only a live page has: its address for news, and its forms."""
	content = re.search(r"<main.*?</main>", page, re.S)[0]
	content = re.sub(r' data-(address|version)="[^"]*"', "", content)
	return re.sub(r"<form.*?</form>", "", content, flags=re.S)


def test_it_is_the_customers_page(agent, new_client, ticket):
	customer = new_client()
	own = customer.get(sign_in(customer, ticket)).text
	shown = agent.get(address(ticket))
	assert shown.status_code == 200
	assert main(shown.text) == main(own)
	assert "Water on the floor." in shown.text


def test_it_is_read_only_and_says_so(agent, ticket):
	answer = agent.get(address(ticket))
	assert "Preview for agents" in answer.text
	for part in ("<form", "<button class", "<textarea", "<script", 'type="hidden"'):
		assert part not in re.sub(r'<button[^>]*id="copy"[^>]*hidden>.*?</button>', "", answer.text), part
	assert "portal_" not in answer.headers.get("Set-Cookie", "")
	assert links.token(links.ensure(str(ticket.name))) not in answer.text
	assert agent.post(address(ticket)).status_code in (400, 405)


def views(ticket) -> list[str]:
	frappe.db.rollback()
	found = {"reference_doctype": "HD Ticket", "reference_name": str(ticket.name)}
	return frappe.get_all("View Log", filters=found, pluck="viewed_by")


def test_it_is_recorded_and_counts_as_no_visit(agent, user, ticket):
	links.ensure(str(ticket.name))
	frappe.db.commit()
	before = counts()
	agent.get(address(ticket))
	agent.session.head(agent._url(address(ticket)), timeout=30)
	assert views(ticket) == [user]
	assert counts() == before
	link = links.of_ticket(str(ticket.name))
	assert (link.opens, link.first_opened_at) == (0, None)
	seen = frappe.get_all("Portal Status Event", {"ticket": str(ticket.name)}, pluck="seen_at")
	assert seen
	assert not any(seen)


def test_what_is_refused_is_not_recorded(agent, ticket):
	for query in ("language=xx", "language=en&language=ar", "language=%00"):
		assert agent.get(f"{address(ticket)}?{query}").status_code == 400
	assert views(ticket) == []


def test_it_speaks_the_customers_language_and_any_other(agent, ticket):
	assert '<html lang="en"' in agent.get(address(ticket)).text
	ticket.db_set("portal_language", "ar")
	frappe.db.commit()
	page = agent.get(address(ticket)).text
	assert '<html lang="ar" dir="rtl">' in page
	assert '<aside class="preview" lang="en" dir="ltr"' in page  # the banner is for the agent
	assert '<html lang="en"' in agent.get(f"{address(ticket)}?language=en").text


def test_images_of_the_description_load(agent, new_client, ticket):
	shown = attach_file(ticket, "leak.png", PNG + unique("").encode(), owner=ticket.raised_by)
	hidden = attach_file(ticket, "contract.png", PNG + unique("").encode(), owner="Administrator")
	images = "".join(f'<img src="{file.file_url}">' for file in (shown, hidden))
	ticket.db_set("description", f"<p>Look:</p>{images}")
	frappe.db.commit()
	page = agent.get(address(ticket)).text
	(source,) = re.findall(r'<img[^>]* src="([^"]*)"', page)
	assert source == f"/portal/staff/ticket/{ticket.name}/file/{shown.name}"
	answer = agent.get(source)
	assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")
	assert "sandbox" in answer.headers["Content-Security-Policy"]
	assert agent.get(source.replace(shown.name, hidden.name)).status_code == 404
	assert new_client().get(source).status_code == 403


@pytest.fixture
def with_conversation():
	configure(show_conversation=1)
	yield
	configure(show_conversation=0)


def test_it_shows_the_conversation_without_its_forms(agent, ticket, with_conversation):
	configure(allow_reply=1)
	mail = frappe.get_doc(
		{
			"doctype": "Communication",
			"communication_type": "Communication",
			"communication_medium": "Email",
			"sent_or_received": "Sent",
			"subject": "Re",
			"content": "<p>We come on Monday.</p>",
			"sender": "agent@example.com",
			"reference_doctype": "HD Ticket",
			"reference_name": str(ticket.name),
		}
	).insert(ignore_permissions=True)
	frappe.db.commit()
	page = agent.get(address(ticket)).text
	configure(allow_reply=0)
	assert mail.name
	assert "We come on Monday." in page
	assert "<form" not in page


def merged_into(ticket, survivor):
	frappe.db.set_value("HD Ticket", ticket.name, {"is_merged": 1, "merged_with": survivor.name})
	frappe.db.commit()


def test_a_merged_ticket_shows_what_its_customer_is_shown(agent):
	email = f"{unique('customer')}@example.com"
	ticket, survivor = make_ticket(email=email), make_ticket(email=email, description="<p>One for both.</p>")
	merged_into(ticket, survivor)
	page = agent.get(address(ticket)).text
	assert "One for both." in page
	assert f"Ticket \u2068{survivor.name}\u2069" in page
	stranger = make_ticket(description="<p>Not theirs.</p>")
	merged_into(ticket, stranger)
	page = agent.get(address(ticket)).text
	assert "This ticket was merged" in page
	assert "Not theirs." not in page


def test_a_ticket_that_knows_nobody_is_shown_too(agent, ticket):
	fields = {"portal_phone": None, "portal_email": None, "raised_by": None, "contact": None}
	frappe.db.set_value("HD Ticket", ticket.name, fields)
	frappe.db.commit()
	assert "Water on the floor." in agent.get(address(ticket)).text


def test_nobody_frames_it(agent, ticket):
	answer = agent.get(address(ticket))
	assert answer.headers["X-Frame-Options"] == "DENY"
	assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
	assert answer.headers["Cache-Control"] == "no-store"
