"""The agents' panel of a ticket, through HTTP: what it shows, what its buttons do, and who gets none of it."""

import re
from datetime import timedelta
from html import unescape

import frappe
import pyqrcode
import pytest

from customer_portal import links, rows, sessions
from customer_portal.clock import utc_now
from customer_portal.notifications import ledger
from tests import doors, events
from tests.door import counts, session_of
from tests.factories import make_agent, make_ticket, unique
from tests.gateways import configure

pytestmark = pytest.mark.usefixtures("at_the_door")

PASSWORD = "Correct-horse-9"
PHONE = "+966501112233"
ACTIONS = ("make", "send", "rotate", "revoke", "unlock", "end-session", "resend")
FOREIGN = ("https://evil.example", "http://127.0.0.1.evil.example", "file://", "x")
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605 Version/17.0 Safari/604"


@pytest.fixture
def ticket():
	return make_ticket(phone=PHONE)


@pytest.fixture
def link(ticket):
	made = links.ensure(str(ticket.name))
	frappe.db.commit()
	return made


def log_in(client, user):
	assert client.post("/api/method/login", {"usr": user, "pwd": PASSWORD}).ok
	return client


@pytest.fixture
def agent(client):
	return log_in(client, make_agent().name)


@pytest.fixture
def customer(new_client):
	"""A website user who may write tickets as Helpdesk's customers do."""
	email = f"{unique('customer')}@example.com"
	user = frappe.new_doc("User")
	user.update(
		{"email": email, "first_name": "Customer", "user_type": "Website User", "send_welcome_email": 0}
	)
	user.update({"new_password": PASSWORD})
	user.flags.ignore_password_policy = True
	user.insert(ignore_permissions=True)
	frappe.db.commit()
	return log_in(new_client(), email), email


def home(ticket) -> str:
	return f"/portal/staff/ticket/{getattr(ticket, 'name', ticket)}"


def text(answer) -> str:
	"""What a person reads."""
	body = re.sub(r"<(style|script|svg)\b.*?</\1>", " ", answer.text, flags=re.S)
	return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def tokens(client, ticket) -> dict[str, str]:
	"""What every form of the panel carries, whatever it is for."""
	page = client.get(home(ticket)).text
	names = ("form_token", "csrf_token")
	return {name: re.search(rf'name="{name}" value="([^"]+)"', page)[1] for name in names}


def act(client, ticket, action: str, **values):
	return client.post(f"{home(ticket)}/{action}", {**tokens(client, ticket), **values})


def message(ticket, **values) -> str:
	"""A row of the outbox, written as a change of status writes it; committed."""
	name = frappe.generate_hash(length=20)
	now = utc_now()
	row = {
		"name": name,
		"dedupe_key": frappe.generate_hash(length=40),
		"ticket": str(ticket.name),
		"event": frappe.generate_hash(length=20),
		"kind": "Status",
		"channel": "SMS",
		"recipient": PHONE,
		"masked_recipient": "+966 ••• 233",
		"language": "en",
		"sub_status": frappe.db.get_value("HD Ticket", ticket.name, "sub_status"),
		"occurred_at": now,
		"due_at": now,
		"state": "Sent",
		"attempts": 1,
		**values,
	}
	rows.insert("Portal Notification", row)
	frappe.db.commit()
	return name


def sent_again(ticket) -> list:
	frappe.db.commit()
	filters = {"ticket": str(ticket.name), "kind": "Status", "event": ("is", "not set")}
	return frappe.get_all("Portal Notification", filters=filters, fields=["*"])


# What it shows


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


# The ledger


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


# What its buttons do


def test_send(agent, ticket, link):
	events.clear()
	assert act(agent, ticket, "send").status_code == 303
	frappe.db.commit()
	sent = frappe.get_all("Portal Notification", {"ticket": ticket.name, "kind": "Link"}, pluck="channel")
	assert sorted(sent) == ["Email", "SMS"]


def test_rotate(agent, ticket, link):
	answer = act(agent, ticket, "rotate")
	assert "The old link has ended. This is the new one." in text(agent.follow(answer))
	assert links.resolve(links.token(link)) is None
	assert links.resolve(links.token(doors.reload(link)))


def test_revoke_with_a_reason(agent, ticket, link):
	assert act(agent, ticket, "revoke", reason="Wrong person").status_code == 303
	assert links.resolve(links.token(link)) is None
	assert doors.reload(link).revoke_reason == "Wrong person"


def test_what_a_revoked_link_refuses_is_said_on_the_panel(agent, ticket, link):
	fields = tokens(agent, ticket)
	links.revoke(str(ticket.name), "")
	frappe.db.commit()
	before = counts()
	for action in ("send", "resend"):
		answer = agent.post(f"{home(ticket)}/{action}", {**fields, "message": message(ticket)})
		assert answer.status_code == 409
		assert "This ticket's link was revoked. Replace it to get a new one." in text(answer)
		assert "Make a new link" in text(answer)
	assert counts() == before


def test_end_a_session(agent):
	door = doors.make_door()
	token = door.sign_in().session_token
	other = session_of(frappe.get_doc("HD Ticket", door.link.ticket))
	name = frappe.db.get_value(sessions.DOCTYPE, {"session_digest": sessions._digest(token)})
	assert act(agent, door.link.ticket, "end-session", session=name).status_code == 303
	frappe.db.commit()
	assert sessions.resume(door.link, token) is None
	assert sessions.resume(door.link, other)
	assert act(agent, door.link.ticket, "end-session", session=name).status_code == 303  # twice is no error


def test_another_tickets_session_stays(agent, ticket, link):
	door = doors.make_door()
	token = door.sign_in().session_token
	name = frappe.db.get_value(sessions.DOCTYPE, {"session_digest": sessions._digest(token)})
	act(agent, ticket, "end-session", session=name)
	frappe.db.commit()
	assert sessions.resume(door.link, token)


@pytest.mark.parametrize("state", ["Sent", "Failed", "Superseded"])
def test_resend(agent, ticket, link, state):
	events.forget_told(ticket)
	name = message(ticket, state=state)
	assert "The message is on its way." in text(agent.follow(act(agent, ticket, "resend", message=name)))
	(row,) = sent_again(ticket)
	assert (row.channel, row.recipient, row.state) == ("SMS", PHONE, "Queued")
	assert row.sub_status == frappe.db.get_value("HD Ticket", ticket.name, "sub_status")
	assert row.due_at <= utc_now()
	assert "Sent again by an agent" in text(agent.get(home(ticket)))


@pytest.mark.parametrize("state", ["Queued", "Sending", "Delivered"])
def test_what_is_on_its_way_or_there_is_not_sent_again(agent, ticket, link, state):
	events.forget_told(ticket)
	name = message(ticket, state=state)
	assert f'value="{name}"' not in agent.get(home(ticket)).text
	answer = act(agent, ticket, "resend", message=name)
	assert answer.status_code == 409
	assert "This message cannot be sent again now." in text(answer)
	assert sent_again(ticket) == []


def test_nothing_is_sent_again_for_others_or_nowhere(agent, ticket, link):
	foreign = message(make_ticket())
	own = message(ticket, channel="Email")
	configure(send_email=0)
	for name in (foreign, own, "unknown"):
		assert act(agent, ticket, "resend", message=name).status_code == 409
	configure(send_email=1)
	assert sent_again(ticket) == []


# Who gets none of it, and how forms are refused


@pytest.mark.parametrize("action", ["", "/as-customer", "/file/x", *(f"/{name}" for name in ACTIONS)])
def test_guests_and_customers_get_nothing(new_client, customer, action):
	client, email = customer
	ticket = make_ticket(email=email, description="<p>Own words.</p>")
	link = links.ensure(str(ticket.name))
	message(ticket)
	before = counts(), frappe.db.count("View Log"), frappe.db.count("Portal Notification")
	for visitor in (new_client(), client):
		token = re.findall(r'csrf_token = "([0-9a-f]{56,64})"', visitor.get("/me").text)
		sends = action.strip("/") in ACTIONS
		fields = {"csrf_token": token[0] if token else "", "form_token": "0" * 64}
		answer = (visitor.post if sends else visitor.get)(
			home(ticket) + action, **({"data": fields} if sends else {})
		)
		assert answer.status_code in (400, 403)
		for secret in (links.token(link), "Own words.", "••• "):
			assert secret not in answer.text
	assert (counts(), frappe.db.count("View Log"), frappe.db.count("Portal Notification")) == before


def test_a_guest_is_shown_the_way_to_sign_in(client, ticket):
	page = client.get(home(ticket))
	assert page.status_code == 403
	assert f'href="/login?redirect-to={home(ticket)}" target="_top"' in page.text


@pytest.fixture
def fields(agent, ticket):
	"""Of a panel that was loaded while the agent was still allowed to."""
	return tokens(agent, ticket)


@pytest.fixture
def restricted():
	"""Helpdesk's setting by which agents see the tickets of their own teams only."""
	team = frappe.get_doc({"doctype": "HD Team", "team_name": unique("Team")})
	team.append("users", {"user": make_agent().name})
	team.insert(ignore_permissions=True)
	frappe.db.set_single_value("HD Settings", "restrict_tickets_by_agent_group", 1)
	frappe.clear_document_cache("HD Settings", "HD Settings")
	frappe.db.commit()
	yield team.name
	frappe.db.rollback()
	frappe.db.set_single_value("HD Settings", "restrict_tickets_by_agent_group", 0)
	frappe.clear_document_cache("HD Settings", "HD Settings")
	frappe.db.commit()


@pytest.mark.parametrize("action", ["", "/as-customer", "/file/x", *(f"/{name}" for name in ACTIONS)])
def test_agents_of_another_team_get_nothing(agent, ticket, link, fields, restricted, action):
	ticket.db_set("agent_group", restricted)
	frappe.db.commit()
	before = counts(), frappe.db.count("View Log")
	sends = action.strip("/") in ACTIONS
	answer = agent.post(home(ticket) + action, fields) if sends else agent.get(home(ticket) + action)
	assert answer.status_code == 403
	assert "You are not allowed to do this with this ticket." in text(answer)
	assert links.token(link) not in answer.text
	assert (counts(), frappe.db.count("View Log")) == before


@pytest.mark.parametrize("action", ["", "/as-customer", "/file/x", *(f"/{name}" for name in ACTIONS)])
def test_a_deleted_ticket_is_not_there(agent, ticket, action):
	fields = tokens(agent, ticket)
	frappe.delete_doc("HD Ticket", ticket.name, force=True)
	frappe.db.commit()
	sends = action.strip("/") in ACTIONS
	before = counts()
	answer = agent.post(home(ticket) + action, fields) if sends else agent.get(home(ticket) + action)
	assert answer.status_code == 404
	assert "This ticket does not exist." in text(answer)
	assert counts() == before


@pytest.mark.parametrize("name", ["no-such-ticket", "9" * 3000, "%00", "%ff", "%27%20OR%201=1", "0"])
@pytest.mark.parametrize("action", ["", "/as-customer"])
def test_bad_tickets_are_refused(agent, name, action):
	before = counts()
	answer = agent.get(f"/portal/staff/ticket/{name}{action}")
	assert 400 <= answer.status_code < 500
	assert "Traceback" not in answer.text
	assert counts() == before


def test_another_spelling_of_a_ticket_is_the_same_ticket(agent, ticket, link):
	assert links.url(str(ticket.name)) in agent.get(f"{home(ticket)}%20").text
	assert frappe.db.count(links.DOCTYPE, {"ticket": ("like", f"{ticket.name}%")}) == 1


@pytest.mark.parametrize("action", ACTIONS)
def test_a_get_request_changes_nothing(agent, ticket, link, action):
	fields = tokens(agent, ticket)
	before = counts()
	assert agent.get(f"{home(ticket)}/{action}", params=fields).status_code == 405
	assert counts() == before


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("origin", FOREIGN)
def test_foreign_forms_are_refused(agent, ticket, link, action, origin):
	fields = tokens(agent, ticket) | {"session": "x", "message": "x"}
	before = counts()
	answer = agent.post(f"{home(ticket)}/{action}", fields, origin=origin)
	assert answer.status_code == 403
	assert "This page is too old." in text(answer)
	assert counts() == before


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("token", [None, "", "0" * 64, "é", "x" * 200])
def test_missing_and_wrong_tokens_are_refused(agent, ticket, link, action, token):
	fields = tokens(agent, ticket)
	fields.pop("form_token")
	before = counts()
	answer = agent.post(f"{home(ticket)}/{action}", fields | ({} if token is None else {"form_token": token}))
	assert answer.status_code == 403
	assert counts() == before


@pytest.mark.parametrize("action", ACTIONS)
def test_another_agents_token_is_refused(agent, new_client, ticket, link, action):
	foreign = tokens(log_in(new_client(), make_agent().name), ticket)["form_token"]
	fields = tokens(agent, ticket) | {"form_token": foreign}
	before = counts()
	assert agent.post(f"{home(ticket)}/{action}", fields).status_code == 403
	assert counts() == before


@pytest.mark.parametrize("action", ACTIONS)
def test_frappes_own_token_is_demanded_too(agent, ticket, link, action):
	fields = tokens(agent, ticket)
	fields.pop("csrf_token")
	before = counts()
	assert agent.post(f"{home(ticket)}/{action}", fields).status_code == 400
	assert counts() == before


@pytest.mark.parametrize(
	("action", "field"), [("revoke", "reason"), ("end-session", "session"), ("resend", "message")]
)
@pytest.mark.parametrize("value", ["a\x00b", "x" * 400, "\ufffd"])
def test_unreadable_values_are_refused(agent, ticket, link, action, field, value):
	fields = tokens(agent, ticket)
	before = counts()
	assert agent.post(f"{home(ticket)}/{action}", fields | {field: value}).status_code == 400
	assert counts() == before


@pytest.mark.parametrize("query", ["done=x", "done=//evil.example", "after=%27", "next=//evil.example"])
def test_parameters_lead_nowhere(agent, ticket, link, query):
	answer = agent.get(f"{home(ticket)}?{query}")
	assert answer.status_code == 200
	assert "evil.example" not in answer.text


def test_a_redirect_stays_on_the_panel(agent, ticket, link):
	fields = tokens(agent, ticket) | {"next": "//evil.example", "redirect-to": "https://evil.example"}
	answer = agent.post(f"{home(ticket)}/unlock?next=//evil.example", fields)
	assert (answer.status_code, answer.headers["Location"]) == (303, f"{home(ticket)}?done=unlock")


def test_pages_of_this_site_may_frame_it_and_nobody_else(agent, ticket, link):
	for address, status in ((home(ticket), 200), (home(0), 404)):
		answer = agent.get(address)
		assert answer.status_code == status
		assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
		policy = answer.headers["Content-Security-Policy"]
		assert "frame-ancestors 'self'" in policy
		assert "default-src 'none'" in policy
		assert "unsafe" not in policy
		assert answer.headers["Cache-Control"] == "no-store"


# The entry in Helpdesk's page


def test_helpdesk_is_told_where_the_panel_opens(agent):
	entry = agent.get("/api/method/customer_portal.api.links.get_link_entry").json()["message"]
	assert entry == {"group": "Customer portal", "title": "Link and messages", "close": "Close"}


def test_nobody_else_is(new_client, customer):
	for client in (new_client(), customer[0]):
		assert client.get("/api/method/customer_portal.api.links.get_link_entry").status_code in (401, 403)
