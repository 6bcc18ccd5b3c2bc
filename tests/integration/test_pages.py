"""The customers' pages as a browser without JavaScript meets them."""

import re

import frappe
import pytest

from customer_portal import links, statuses, tickets, visits
from tests.client import Client, text_of
from tests.door import home_of, sign_in, submit
from tests.doors import reset_limits
from tests.factories import attach_file, make_agent, make_contact, make_ticket, unique
from tests.gateways import configure


@pytest.fixture
def channels(mail_server, twilio):
	"""Codes can go by SMS and by e-mail, and no limit of an earlier test is in force."""
	reset_limits()


def set_sub_status(ticket, customer_label: str) -> None:
	"""As an agent would."""
	ticket.reload()
	template = statuses.template_of(ticket)
	ticket.sub_status = next(
		row.name for row in template.sub_statuses if row.customer_label == customer_label
	)
	ticket.save(ignore_permissions=True)
	frappe.db.commit()


def test_unknown_expired_and_revoked_links_are_one_answer(new_client):
	expired, revoked = make_ticket(), make_ticket()
	paths = ["/t/unknown", f"/t/{'A' * 22}", "/t", "/t/", home_of(expired), home_of(revoked)]
	frappe.db.set_value("Portal Access Link", {"ticket": str(expired.name)}, "expires_at", "2020-01-01")
	links.revoke(str(revoked.name), "test")
	frappe.db.commit()
	paths += [f"{paths[4]}/state", f"{paths[5]}/nothing", "/t/unknown/file/x", "/t/unknown/code"]
	answers = []
	for path in paths:
		client = new_client()
		client.session.cookies.set("portal_session", "0" * 64)
		client.session.cookies.set("portal_language", "ar")
		answers.append(client.get(path))
		answers.append(client.post(path, {"code": "1234"}))
	assert {answer.status_code for answer in answers} == {404}
	assert len({answer.content for answer in answers}) == 1
	assert len({frozenset(_comparable(answer)) for answer in answers}) == 1


def _comparable(answer) -> list[tuple[str, str]]:
	return [(name, value) for name, value in answer.headers.items() if name != "Date"]


def test_an_unknown_address_below_a_live_link_is_not_found(client, ticket):
	assert client.get(f"{home_of(ticket)}/nothing").status_code == 404


@pytest.mark.parametrize(
	"method, below, allow",
	[
		("GET", "/code", "POST"),
		("POST", "/state", "GET, HEAD"),
		("PUT", "", "GET, HEAD, POST"),
		("DELETE", "", "GET, HEAD, POST"),
	],
)
def test_other_methods(client, ticket, method, below, allow):
	answer = client.session.request(method, f"{client.base}{home_of(ticket)}{below}")
	assert (answer.status_code, answer.headers["Allow"]) == (405, allow)


def test_head_is_get_without_a_body(client, ticket):
	home = sign_in(client, ticket)
	answer = client.session.head(f"{client.base}{home}")
	assert (answer.status_code, answer.content) == (200, b"")
	frappe.db.rollback()
	assert not links.of_ticket(str(ticket.name)).opens


def test_the_ticket_page_shows_the_state_and_no_more(client, ticket):
	home = sign_in(client, ticket)
	set_sub_status(ticket, "Part ordered")
	page = client.get(home).text
	shown = text_of(page)
	for wanted in ("Part ordered", "What happens next", "Last update:", "Received", "Closed", "Description"):
		assert wanted in shown
	for hidden in (
		"Waiting: part ordered",
		ticket.subject,
		ticket.contact,
		ticket.raised_by,
		ticket.sub_status,
	):
		assert hidden not in page
	assert page.count('aria-current="step"') == 1
	assert re.search(r'<time datetime="\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ">', page)
	frappe.db.rollback()
	assert links.of_ticket(str(ticket.name)).opens == 1


def test_internal_labels_appear_nowhere(client, ticket):
	home = sign_in(client, ticket)
	template = statuses.template_of(ticket)
	customer_labels = {row.customer_label for row in template.sub_statuses}
	for row in template.sub_statuses:
		set_sub_status(ticket, row.customer_label)
		page = client.get(home).text + client.get(f"{home}/state").text
		internal = {other.label for other in template.sub_statuses} - customer_labels
		assert not [label for label in internal if f">{label}<" in page or f'"{label}"' in page]


def test_refreshing_costs_a_304(client, ticket):
	home = sign_in(client, ticket)
	version = re.search(r'data-version="(\w+)"', client.get(home).text)[1]
	first = client.get(f"{home}/state", headers={"If-None-Match": f'"{version}"'})
	assert (first.status_code, first.content) == (304, b"")
	set_sub_status(ticket, "Waiting for you")
	second = client.get(f"{home}/state", headers={"If-None-Match": f'"{version}"'})
	assert second.status_code == 200
	assert "Waiting for you" in second.text
	assert second.headers["ETag"] != first.headers["ETag"]


def test_refreshing_needs_the_session(client, ticket):
	assert client.get(f"{home_of(ticket)}/state").status_code == 401


def test_times_are_in_the_agents_zone(client, ticket):
	agent = make_agent()
	frappe.db.set_value("User", agent.name, "time_zone", "Asia/Riyadh")
	frappe.db.set_value("HD Ticket", ticket.name, "_assign", frappe.as_json([agent.name]))
	home = sign_in(client, ticket)
	set_sub_status(ticket, "Part ordered")
	assert "Times are in Arabian Standard Time." in client.get(home).text


def test_an_archived_ticket_says_so(client, ticket):
	home = sign_in(client, ticket)
	frappe.db.set_value("HD Ticket", ticket.name, "portal_archived", 1)
	frappe.db.commit()
	assert "This ticket is archived." in client.get(home).text


def test_a_merged_ticket_shows_the_survivor_to_its_people(client):
	email = f"{unique('person')}@example.com"
	first = make_ticket(email=email)
	second = make_ticket(
		email=f"{unique('person')}@example.com", raised_by=email, description="<p>The survivor.</p>"
	)
	home = sign_in(client, first)
	_merge(first, second)
	shown = text_of(client.get(home).text)
	assert f"Your ticket \u2068{first.name}\u2069 was merged into this one." in shown
	assert "The survivor." in shown


@pytest.mark.parametrize("values", [{"is_revoked": 1}, {"expires_at": "2020-01-01"}])
def test_a_merged_ticket_shows_nothing_of_a_survivor_whose_link_has_ended(client, ticket, values):
	second = make_ticket(email=ticket.raised_by, description="<p>The survivor.</p>")
	home_of(second)
	home = sign_in(client, ticket)
	_merge(ticket, second)
	assert "The survivor." in client.get(home).text
	frappe.db.set_value(links.DOCTYPE, {"ticket": str(second.name)}, values)
	frappe.db.commit()
	page = client.get(home).text
	assert "This ticket was merged" in page
	assert "The survivor." not in page
	assert client.get(f"{home}/state").status_code == 401


def test_a_merged_ticket_tells_others_nothing(client, ticket):
	other = make_ticket(description="<p>The survivor.</p>")
	home = sign_in(client, ticket)
	_merge(ticket, other)
	page = client.get(home).text
	assert "This ticket was merged" in page
	assert "The survivor." not in page
	assert f"\u2068{other.name}\u2069" not in text_of(page)


def _merge(source, target) -> None:
	frappe.db.set_value("HD Ticket", source.name, {"is_merged": 1, "merged_with": target.name})
	frappe.db.commit()


@pytest.mark.parametrize(
	"written, address",
	[
		("https://example.com/help?a=b", "https://example.com/help?a=b"),
		("help@example.com", "mailto:help@example.com"),
		("+966 (50) 123-4567", "tel:+966501234567"),
		("whatsapp:+966 50 123 4567", "https://wa.me/966501234567"),
	],
)
def test_contact_links(client, ticket, written, address):
	home = sign_in(client, ticket)
	configure(contact_link=written)
	assert f'href="{frappe.utils.escape_html(address)}"' in client.get(home).text


@pytest.mark.parametrize("written", ["javascript:alert(1)", "data:text/html,x", "/app/user", ""])
def test_other_contact_links_are_left_out(client, ticket, written):
	home = sign_in(client, ticket)
	configure(contact_link=written)
	assert "button second" not in client.get(home).text


def test_the_language_switch_keeps_its_choice(channels, client, ticket):
	home = home_of(ticket)
	assert '<html lang="en" dir="ltr">' in client.get(home).text
	assert submit(client, home, "language", language="ar").status_code == 303
	page = client.get(home).text
	assert '<html lang="ar" dir="rtl">' in page
	assert "رقم الهاتف" in page
	assert '<html lang="ar" dir="rtl">' in client.get(sign_in(client, make_ticket())).text


def test_arabic_times_have_arabic_digits(client, ticket):
	home = sign_in(client, ticket)
	client.session.headers["Accept-Language"] = "ar-SA,ar;q=0.9"
	page = client.get(home).text
	assert re.search(r"<time [^>]+>[٠-٩]", page)
	assert f"\u2068{ticket.name}\u2069" in page


def test_the_links_token_does_not_reach_redis(client, ticket):
	home = sign_in(client, ticket)
	client.get(home)
	client.get(f"{home}/state")
	token = home.removeprefix("/t/")
	misspelt = [f"/T/{token}", f"/T/{token}/state", f"//t/{token}", f"/%54/{token}", f"/t%20/{token}"]
	for path in misspelt[:2]:
		assert client.get(path).status_code == 404
	for path in misspelt:
		client.session.get(client.base + path, timeout=30)
	for key in frappe.cache.keys("*"):
		assert token.encode() not in key
		if frappe.cache.type(key) == b"hash":
			assert not [field for field in frappe.cache.hkeys(key) if token.encode() in field]


def test_a_ticket_page_needs_few_selects(client, ticket, monkeypatch):
	"""What Frappe itself reads before the page is not counted."""
	home = sign_in(client, ticket)
	visit_token = client.session.cookies.get("portal_session")

	session = visits.enter(home.removeprefix("/t/"), visit_token).session
	tickets.state(tickets.visible_row(session), session, "en")
	asked = []
	real = frappe.db.execute_query
	monkeypatch.setattr(
		frappe.db, "execute_query", lambda query, *rest: asked.append(query) or real(query, *rest)
	)
	visits.enter(home.removeprefix("/t/"), visit_token)
	row = tickets.visible_row(session)
	tickets.state(row, session, "en")
	tickets.description(row, lambda name: name)
	assert 1 < len(asked) <= 6


def test_two_browsers_are_two_sessions(new_client, ticket):
	one, two = new_client(), new_client()
	home = sign_in(one, ticket)
	sign_in(two, ticket)
	submit(one, home, "sign-out")
	assert "Water on the floor." not in one.get(home).text
	assert "Water on the floor." in two.get(home).text


def test_files_of_the_description(client, ticket):
	image = _attach(ticket, "photo.png", b"\x89PNG\r\n\x1a\n" + b"0" * 40)
	paper = _attach(ticket, "note.html", b"<script>alert(1)</script>")
	unseen = _attach(ticket, "unseen.png", b"\x89PNG\r\n\x1a\n" + b"1" * 40)
	foreign = _attach(make_ticket(), "foreign.png", b"\x89PNG\r\n\x1a\n" + b"2" * 40)
	ticket.db_set(
		"description",
		f'<img src="{image.file_url}?fid={image.name}"><a href="{paper.file_url}">n</a><img src="{foreign.file_url}">',
	)
	frappe.db.commit()
	home = sign_in(client, ticket)
	page = client.get(home).text
	assert f'src="{home}/file/{image.name}"' in page
	assert "Some images are not shown" in page
	shown = client.get(f"{home}/file/{image.name}")
	assert (shown.status_code, shown.headers["Content-Type"]) == (200, "image/png")
	assert shown.headers["Cache-Control"] == "no-store"
	saved = client.get(f"{home}/file/{paper.name}")
	assert saved.headers["Content-Disposition"].startswith("attachment")
	assert saved.headers["Content-Type"] == "application/octet-stream"
	for other in (unseen.name, foreign.name, "nothing"):
		assert client.get(f"{home}/file/{other}").status_code == 404


def test_files_need_the_session(new_client, ticket):
	image = _attach(ticket, "photo.png", b"\x89PNG\r\n\x1a\n" + b"3" * 40)
	ticket.db_set("description", f'<img src="{image.file_url}">')
	frappe.db.commit()
	stranger = new_client()
	assert stranger.get(f"{home_of(ticket)}/file/{image.name}").status_code == 404
	neighbour: Client = new_client()
	other_home = sign_in(neighbour, make_ticket())
	assert neighbour.get(f"{other_home}/file/{image.name}").status_code == 404


def _attach(ticket, name: str, content: bytes):
	content += unique("").encode()  # Frappe stores equal files once
	return attach_file(ticket, unique("f") + name, content, owner=ticket.raised_by)


def test_the_company_is_named_and_frappe_sets_no_cookie(client, ticket):
	contact = make_contact(email=f"{unique('x')}@example.com")
	configure(company_name="Fish & <Chips>")
	answer = client.get(home_of(ticket))
	configure(company_name="")
	assert "Fish &amp; &lt;Chips&gt;" in answer.text
	assert contact.name not in answer.text
	assert set(client.session.cookies.keys()) == {"portal_browser"}
