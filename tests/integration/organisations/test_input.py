"""Every address under /portal against what no browser sends, and against forms of other sites and browsers."""

import frappe
import pytest
from markupsafe import escape

from tests.client import hidden_fields
from tests.door import counts
from tests.doors import new_address
from tests.factories import unique
from tests.integration.test_bad_input import BAD_BODIES, BAD_VALUES, FORM, assert_refused, send
from tests.integration.test_cross_site import FOREIGN_ORIGINS
from tests.organisations import SIGN_IN, TICKETS, ask, enter, is_in, link_of, make_organisation, member_form

KEY = "0123456789abcdef" * 2
NEWCOMERS = {
	"sign-in/mail": {"email": "sara@example.com"},
	"sign-in/resend": {"x": ""},
	"sign-in/code": {"code": "123456"},
	"sign-in/link/*": {"x": ""},
	"sign-in/with/google": {"x": ""},
	"language": {"language": "en"},
}
MEMBERS = {
	"language": {"language": "en"},
	"tickets/export": {"kind": "csv"},
	"new": {"form": "Default", "key": KEY, "subject": "Hello", "description": "Hello"},
	"tickets/*/reply": {"key": KEY, "text": "Hello"},
	"tickets/*/accept": {"key": KEY},
	"tickets/*/reject": {"key": KEY, "text": "Hello"},
	"tickets/*/close": {"key": KEY},
	"tickets/*/reopen": {"key": KEY},
	"tickets/*/rate": {"key": KEY, "stars": "5"},
	"sign-out": {"x": ""},
}
# Of these, a field holds free text, or may be left out: many of the bad values are good there.
TEXTS = {"text", "subject", "description"}
PAGES = {"new"}  # with an answer to GET too
BAD_PATHS = (
	"/portal/%ff%fe",
	"/portal/%00",
	"/portal/sign-in/%00",
	"/portal/sign-in/link",
	"/portal/sign-in/with",
	"/portal/sign-in/with/%00",
	"/portal/sign-in/back/{{7*7}}",
	"/portal/sign-in/back/google/x",
	"/portal/sign-in/link/a/b",
	"/portal/tickets/1/2/3/4",
	"/portal/tickets/%2e%2e/x",
	"/portal/tickets/a%00b",
	"/portal/tickets/%0d%0aSet-Cookie:%20a=b",
	"/portal/tickets/" + "9" * 3000,
	"/portal/tickets/{{7*7}}",
	"/portal/tickets/%F0%9F%98%80",
	"/portal/tickets/1'%20or%201=1",
)
BAD_CURSORS = (
	"x",
	"%00",
	"%ff",
	"1;drop",
	"'",
	"9" * 400,
	"9" * 30,
	"-1",
	"1.5",
	"٣",
	"0-1",
	"0-1-",
	"-1-1-1",
	"0-" + "9" * 18 + "-1",
	"0-1-" + "1" * 200,
	"٠-١-١",
	"after[]=1",
	"1&after=2",
)


@pytest.fixture(scope="module")
def acme(site):
	return make_organisation()


@pytest.fixture
def newcomer(providers_on, open_door, client, acme):
	"""A browser that has asked for a mail, with the address of the mail's link."""
	address = acme.address()
	ask(client, address)
	client.link = link_of(address)
	return client


@pytest.fixture
def member(open_door, client, acme):
	address = acme.address()
	client.ticket = acme.ticket(address)
	return enter(client, address)


def path_for(client, action: str) -> str:
	if action.startswith("sign-in/link"):
		return client.link
	return f"/portal/{action.replace('*', str(client.ticket.name)) if '*' in action else action}"


def token_of(client) -> dict[str, str]:
	if hasattr(client, "ticket"):
		return member_form(client)
	return {"form_token": hidden_fields(client.get(f"{SIGN_IN}?again=1").text, "/mail")["form_token"]}


def state() -> tuple:
	"""What a request could have written of what ``counts`` does not see."""
	frappe.db.rollback()
	users = frappe.db.sql("select count(*), max(modified), group_concat(distinct language) from tabUser")
	return counts(), users, frappe.db.count("Contact"), frappe.db.count("Portal Ticket Follower")


def both(newcomers, members):
	cases = [("newcomer", action) for action in newcomers] + [("member", action) for action in members]
	return pytest.mark.parametrize(("who", "action"), cases, ids=lambda one: one.replace("/", "-"))


everywhere = both(NEWCOMERS, MEMBERS)
FIELDS = {**NEWCOMERS, **MEMBERS}


@everywhere
def test_bodies(request, who, action):
	client = request.getfixturevalue(who)
	before = state()
	for name, (kind, body) in BAD_BODIES.items():
		answer = send(client, path_for(client, action), kind, body)
		assert 400 <= answer.status_code < 500, name
		assert "Traceback" not in answer.text, name
		assert "<h1>" in answer.text, name
	assert state() == before


@everywhere
def test_values(request, who, action):
	client = request.getfixturevalue(who)
	token = "&".join(f"{name}={value}" for name, value in token_of(client).items()).encode()
	before = state()
	for field in [name for name in FIELDS[action] if name not in {*TEXTS, "x"}]:
		rest = b"".join(b"&%s=%s" % (n.encode(), v.encode()) for n, v in FIELDS[action].items() if n != field)
		for name, value in BAD_VALUES.items():
			body = b"%s&%s=%s%s" % (token, field.encode(), value, rest)
			answer = send(client, path_for(client, action), FORM, body)
			assert 400 <= answer.status_code < 500, (field, name)
		for shape in (b"%(n)s=a&%(n)s=b", b"%(n)s[]=a", b"%(n)s[x]=a", b"z=1"):
			answer = send(
				client, path_for(client, action), FORM, token + b"&" + shape % {b"n": field.encode()} + rest
			)
			assert 400 <= answer.status_code < 500, (field, shape)
	if set(FIELDS[action]) & {"code"}:
		return  # codes that can be read are counted
	after = state()
	if action == "new":  # and so are forms that have to be read
		before[0].pop("counted acts"), after[0].pop("counted acts")
	assert after == before


@pytest.mark.parametrize("who", ["newcomer", "member"])
@pytest.mark.parametrize("path", BAD_PATHS)
def test_paths(request, who, path):
	client = request.getfixturevalue(who)
	before = state()
	answer = client.session.get(client.base + path, allow_redirects=False)
	assert answer.status_code in (303, 400, 403, 404, 405, 410)
	assert "Traceback" not in answer.text
	if answer.status_code == 303:
		assert (who, answer.headers["Location"]) == ("newcomer", SIGN_IN)
	assert "a=b" not in answer.headers.get("Set-Cookie", "")
	assert state() == before


@pytest.mark.parametrize("cursor", BAD_CURSORS)
def test_cursors(member, cursor):
	query = cursor if "[" in cursor else f"after={cursor}"
	answer = member.get(f"{TICKETS}?{query}")
	assert answer.status_code == (200 if "[" in cursor else 400)


@pytest.mark.parametrize(
	"cookie", ["portal_browser=../..", "portal_language=xx", "portal_wanted=%00", "sid=%ff", "sid=x"]
)
def test_cookies(client, cookie):
	answer = client.get(SIGN_IN, headers={"Cookie": cookie})
	assert answer.status_code == 200
	assert client.get(TICKETS, headers={"Cookie": cookie}).headers["Location"] == SIGN_IN


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
@pytest.mark.parametrize("path", [SIGN_IN, TICKETS, f"{SIGN_IN}/mail"])
def test_methods(member, method, path):
	before = state()
	assert_refused(member.session.request(method, f"{member.base}{path}"), before[0])


@everywhere
def test_forms_of_other_sites(request, who, action):
	client = request.getfixturevalue(who)
	fields, path = {**token_of(client), **FIELDS[action]}, path_for(client, action)
	before = state()
	for origin in FOREIGN_ORIGINS:
		assert client.post(path, fields, origin=origin).status_code == 403, origin
	for said in ("cross-site", "same-site", "nonsense"):
		assert client.post(path, fields, headers={"Sec-Fetch-Site": said}).status_code == 403, said
	assert state() == before


@everywhere
def test_forms_without_their_token(request, who, action):
	"""Or with that of another person, of another browser, or of the other door."""
	client, other = request.getfixturevalue(who), request.getfixturevalue("new_client")()
	own = token_of(client)
	other.session.headers["X-Forwarded-For"] = new_address()
	foreign = hidden_fields(other.get(SIGN_IN).text, "/mail")["form_token"]
	path, before = path_for(client, action), state()
	for token in ("", "0" * 64, "é", "x" * 200, foreign):
		answer = client.post(path, {**own, **FIELDS[action], "form_token": token})
		assert answer.status_code == 403, token
	for fields in ({}, {"csrf_token": own.get("csrf_token", "")}):
		assert client.post(path, {**fields, **FIELDS[action]}).status_code in (400, 403)
	assert other.post(path, {**own, **FIELDS[action]}).status_code in (400, 403)
	assert state() == before


def test_a_form_of_another_member(open_door, new_client, acme):
	one, two = enter(new_client(), acme.address()), enter(new_client(), acme.address())
	stolen = {**member_form(two), "form_token": member_form(one)["form_token"]}
	assert two.post("/portal/sign-out", stolen).status_code == 403
	assert is_in(two)


def test_a_form_of_an_earlier_session(open_door, new_client, acme):
	address = acme.address()
	client = enter(new_client(), address)
	old = member_form(client)["form_token"]
	client.post("/portal/sign-out", member_form(client))
	enter(client, address)
	assert client.post("/portal/sign-out", {**member_form(client), "form_token": old}).status_code == 403


@everywhere
def test_get_instead_of_post(request, who, action):
	client = request.getfixturevalue(who)
	fields, before = {**token_of(client), **FIELDS[action]}, state()
	answer = client.get(path_for(client, action), params=fields)
	pages = {"sign-in/with/google": 303} | {page: 200 for page in ("sign-in/link/*", *PAGES)}
	assert answer.status_code == pages.get(action, 405)
	assert state() == before


def test_head_is_get_without_the_body(member):
	for path in (TICKETS, f"{TICKETS}/{member.ticket.name}"):
		answer = member.session.head(member.base + path)
		assert (answer.status_code, answer.content) == (200, b"")


HEADERS = {
	"Cache-Control": "no-store",
	"Referrer-Policy": "no-referrer",
	"X-Content-Type-Options": "nosniff",
	"X-Frame-Options": "DENY",
	"X-Robots-Tag": "noindex, nofollow",
}


def test_the_headers_of_every_answer(member):
	paths = (
		"",
		f"/{member.ticket.name}",
		f"/{member.ticket.name}/state",
		f"/{member.ticket.name}/file/x",
		"/987",
	)
	answers = [member.get(TICKETS + path) for path in paths]
	answers += [member.get(f"{SIGN_IN}/with/google"), member.get(f"{SIGN_IN}/back/google?code=x&state=y")]
	answers += [member.get(SIGN_IN), member.get(f"{SIGN_IN}/link/x"), member.post(f"{SIGN_IN}/mail", {})]
	for answer in answers:
		assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, answer.url
		if "<html" in answer.text:
			assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
			assert "unsafe" not in answer.headers["Content-Security-Policy"]
			assert 'src="http' not in answer.text


def test_an_error_of_ours_is_a_calm_page(member):
	"""A table is gone: a trouble of the server, told without details."""
	frappe.db.sql_ddl("rename table `tabPortal Ticket View` to `tabPortal Ticket View, gone`")
	try:
		answer = member.get(f"{TICKETS}/{member.ticket.name}")
	finally:
		frappe.db.sql_ddl("rename table `tabPortal Ticket View, gone` to `tabPortal Ticket View`")
	assert answer.status_code == 500
	assert "Something went wrong on our side." in answer.text
	assert "Traceback" not in answer.text


def test_hostile_subjects_and_names_are_text(open_door, client, acme):
	address = acme.address()
	hostile = "<script>alert(1)</script>\"'{{7*7}}<b>"
	ticket = acme.ticket(address, subject=hostile + unique("x"))
	stored = frappe.db.get_value(
		"HD Ticket", ticket.name, "subject"
	)  # Frappe has cleaned it as if it were HTML
	page = enter(client, address).get(TICKETS).text
	assert str(escape(stored)) in page
	assert "{{7*7}}" in page
	for tag in ("<script>alert", "<b>"):
		assert tag not in page
