"""What the panel shows of a ticket and its link, and where Helpdesk opens it."""

import re
from datetime import timedelta

import frappe
import pyqrcode

from customer_portal import links
from customer_portal.clock import utc_now
from tests import doors
from tests.integration.panel.conftest import PHONE, act, home, text

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605 Version/17.0 Safari/604"


def test_it_shows_the_link_and_its_use(agent, ticket, link):
	frappe.db.commit()
	page = agent.get(home(ticket))
	assert f'value="{links.url(str(ticket.name))}"' in page.text
	assert "Not opened yet." in text(page)
	links.note_opened(link)
	frappe.db.commit()
	assert "Opened once, on " in text(agent.get(home(ticket)))
	links.note_opened(link)
	frappe.db.commit()
	assert "Opened 2 times: first on " in text(agent.get(home(ticket)))


def drawn(svg: str) -> list[list[int]]:
	"""The modules that an SVG of PyQRCode draws: one line of its path for each run of dark ones."""
	size = int(re.search(r'viewBox="0 0 (\d+) ', svg)[1])
	modules = [[0] * size for _ in range(size)]
	x = y = 0.0
	for command, numbers in re.findall(
		r"([Mmh])([-\d. ]+)", re.search(r'class="pyqrline" d="([^"]*)"', svg)[1]
	):
		values = [float(number) for number in numbers.split()]
		if command == "h":
			for column in range(int(x), int(x + values[0])):
				modules[int(y)][column] = 1
			x += values[0]
		else:
			x, y = (values[0], values[1]) if command == "M" else (x + values[0], y + values[1])
	return modules


def test_the_qr_code_says_the_link(agent, ticket, link):
	svg = re.search(r"<svg.*?</svg>", agent.get(home(ticket)).text, re.S)[0]
	code = pyqrcode.create(links.url(str(ticket.name)), error="M").code
	margin = 4  # modules that scanners need (ISO/IEC 18004, 6.3.8)
	inner = [row[margin:-margin] for row in drawn(svg)[margin:-margin]]
	assert inner == [list(row) for row in code]
	assert not any(drawn(svg)[0] + drawn(svg)[-1])


def test_a_ticket_without_a_link_is_shown_and_gets_none_by_that(agent, ticket):
	frappe.db.delete(links.DOCTYPE, {"ticket": str(ticket.name)})
	frappe.db.commit()
	page = agent.get(home(ticket))
	assert "No link has been made yet." in text(page)
	frappe.db.commit()
	assert links.of_ticket(str(ticket.name)) is None
	assert act(agent, ticket, "make").headers["Location"] == f"{home(ticket)}?done=make"
	assert links.url(str(ticket.name)) in agent.get(home(ticket)).text


def test_it_says_why_a_link_does_not_open(agent, ticket, link):
	name = str(ticket.name)
	links._change(link, {"expires_at": utc_now() - timedelta(days=1)})
	frappe.db.commit()
	page = agent.get(home(ticket))
	assert "The link has expired." in text(page)
	assert "<svg" not in page.text
	links.revoke(name, "Wrong customer")
	frappe.db.commit()
	page = agent.get(home(ticket))
	assert "The link is revoked: Wrong customer" in text(page)
	assert "Make a new link" in text(page)
	for form in ("send", "revoke", "make"):
		assert f'{home(ticket)}/{form}"' not in page.text


def test_it_shows_what_keeps_the_customer_out_and_lifts_it(agent):
	door = doors.make_door()
	doors.configure(sends_per_hour=1)
	door.ask()
	for _ in range(5):
		door.ask(PHONE)
	links.lock(door.link, utc_now() + timedelta(hours=24))
	frappe.db.commit()
	told = text(agent.get(home(door.link.ticket)))
	for line in (
		"Too many wrong codes: locked until ",
		"Too many entries that did not match, until ",
		"Too many codes were sent, until ",
	):
		assert line in told
	assert act(agent, door.link.ticket, "unlock").status_code == 303
	page = agent.get(home(door.link.ticket))
	assert "Too many" not in text(page)
	assert f'{home(door.link.ticket)}/unlock"' not in page.text
	assert doors.reload(door.link).failures_in_a_row == 0


def test_it_shows_sessions_and_nothing_secret(agent):
	door = doors.make_door()
	token = door.sign_in(user_agent=IPHONE).session_token
	page = agent.get(home(door.link.ticket))
	assert f"+966 ••• {door.typed[-3:]} · Safari, iPhone" in text(page)
	for secret in (token, door.typed, door.link.nonce, door.link.digest):
		assert secret not in page.text


def test_it_says_that_the_customer_has_muted_the_ticket(agent, ticket, link):
	assert "muted" not in text(agent.get(home(ticket)))
	links.mute(str(ticket.name), True)
	frappe.db.commit()
	assert "The customer has muted this ticket: only its resolution is told." in text(agent.get(home(ticket)))


def test_helpdesk_is_told_where_the_panel_opens(agent):
	entry = agent.get("/api/method/customer_portal.api.links.get_link_entry").json()["message"]
	assert entry == {"group": "Customer portal", "title": "Link and messages", "close": "Close"}


def test_nobody_else_is(new_client, customer_client):
	for client in (new_client(), customer_client):
		assert client.get("/api/method/customer_portal.api.links.get_link_entry").status_code in (401, 403)
