"""Every guest route against what no browser sends: a clear 4xx, never a 5xx, and nothing written."""

import gzip

import pytest

from customer_portal.pages.routes import ROUTES
from tests.client import hidden_fields
from tests.door import counts, home_of, sign_in
from tests.doors import reset_limits
from tests.factories import make_ticket, saudi_mobile

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"
PART = b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
FIELDS = {
	"code": ("by", "contact"),
	"verify": ("code",),
	"language": ("language",),
	"resend": (),
	"sign-out": (),
}
POSTS = [pattern for method, pattern in ROUTES if method == "POST"]
BAD_VALUES = {
	"empty": b"",
	"spaces": b"%20%09%20",
	"control": b"12%0034",
	"escape": b"12%1b%5b31m",
	"broken UTF-8": b"%ff%fe%c3%28",
	"surrogate": b"%ed%a0%80",
	"long": b"9" * 400,
	"very long": b"9" * 15_000,
	"right to left override": b"%e2%80%ae1%0024",
	"HTML": b"%3Cscript%3Ealert(1)%3C/script%3E",
	"SQL": b"'%20or%201=1%20--%20",
	"template": b"%7B%7B7*7%7D%7D",
	"format": b"%7B0%7D%25s",
	"emoji": "😀".encode() * 20,
}
BAD_BODIES = {
	"JSON": ("application/json", b'{"code": "1234", "form_token": "x"}'),
	"JSON list": ("application/json", b'[1, 2, {"sid": []}]'),
	"JSON number": ("application/json", b"5"),
	"JSON null": ("application/json", b"null"),
	"broken JSON": ("application/json", b'{"code": '),
	"deep JSON": ("application/json", b"[" * 5000),
	"JSON with lists": ("application/json", b'{"code": ["1", "2"], "sid": [1], "_lang": {"a": 1}}'),
	"problem JSON": ("application/problem+json", b"{"),
	"XML": ("text/xml", b"<code>1234</code>"),
	"bytes": ("application/octet-stream", bytes(range(256))),
	"no type": ("", b"code=1234"),
	"wrong charset": (f"{FORM}; charset=utf-99", b"code=1234"),
	"broken multipart": ("multipart/form-data", b"--x\r\nnothing"),
	"unfinished multipart": (MULTIPART, PART[:40]),
	"huge": (FORM, b"code=" + b"1" * 300_000),
	"many fields": (FORM, b"&".join(b"a%d=1" % number for number in range(3000))),
	"gzip": (FORM, gzip.compress(b"code=1234")),
}
BAD_PATHS = (
	"/t/%ff%fe",
	"/t/%00",
	"/t/a%00b",
	"/t/%0d%0aSet-Cookie:%20a=b",
	"/t/" + "a" * 3000,
	"/t/..%2f..%2fetc%2fpasswd",
	"/t/{{7*7}}",
	"/t/%F0%9F%98%80",
	"/t/token.html",
	"/t//",
	"/t/%2e%2e",
)
BAD_QUERIES = ("by=nonsense", "by=email&by=phone", "by=%ff", "by=%00", "by[]=email", "by=" + "a" * 3000)
ODD_QUERIES = (
	"_lang=ar&_lang=en",
	"_lang=%00%ff",
	"_=1",
	"sid=Administrator",
	"utm_source=x&fbclid=y",
	"by[a]=1",
)


@pytest.fixture(scope="module")
def ticket():
	return make_ticket(phone=saudi_mobile())


@pytest.fixture
def home(ticket, client, mail_server, twilio):
	"""The browser has loaded the page, so that only the input in question is wrong."""
	reset_limits()
	client.get(home_of(ticket))
	return home_of(ticket)


def send(client, path: str, kind: str, body: bytes, **headers):
	return client.post(path, body, headers={"Content-Type": kind, **headers})


def assert_refused(answer, before) -> None:
	assert 400 <= answer.status_code < 500, answer.status_code
	assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
	assert "<h1>" in answer.text
	for leak in ("Traceback", "frappe", "customer_portal/", "werkzeug", "7*7}} 49"):
		assert leak not in answer.text
	assert counts() == before


@pytest.mark.parametrize("kind, body", BAD_BODIES.values(), ids=BAD_BODIES)
@pytest.mark.parametrize("action", POSTS)
def test_bodies(client, home, action, kind, body):
	before = counts()
	assert_refused(send(client, f"{home}/{action}", kind, body), before)


@pytest.mark.parametrize("value", BAD_VALUES.values(), ids=BAD_VALUES)
@pytest.mark.parametrize("action, field", [(action, field) for action in FIELDS for field in FIELDS[action]])
def test_values(client, home, action, field, value):
	token = hidden_fields(client.get(home).text, "/language")["form_token"].encode()
	rest = b"".join(b"&%s=1" % other.encode() for other in FIELDS[action] if other not in (field, "by"))
	by = b"&by=email" if action == "code" and field != "by" else b""
	before = counts()
	body = b"form_token=%s&%s=%s%s%s" % (token, field.encode(), value, rest, by)
	assert_refused(send(client, f"{home}/{action}", FORM, body), before)


@pytest.mark.parametrize("action, field", [(action, field) for action in FIELDS for field in FIELDS[action]])
@pytest.mark.parametrize("shape", [b"%(n)s=a&%(n)s=b", b"%(n)s[]=a", b"%(n)s[x]=a", b""], ids=repr)
def test_repeated_and_missing_fields(client, home, action, field, shape):
	token = hidden_fields(client.get(home).text, "/language")["form_token"].encode()
	before = counts()
	body = b"form_token=%s&%s" % (token, shape % {b"n": field.encode()} if shape else b"")
	assert_refused(send(client, f"{home}/{action}", FORM, body), before)


@pytest.mark.parametrize("path", BAD_PATHS)
def test_paths(client, path):
	before = counts()
	assert_refused(client.session.get(client.base + path), before)


@pytest.mark.parametrize("query", BAD_QUERIES)
def test_queries(client, home, query):
	before = counts()
	answer = client.get(f"{home}?{query}")
	if query.startswith("by["):
		assert answer.status_code == 200
	else:
		assert_refused(answer, before)


@pytest.mark.parametrize("query", ODD_QUERIES)
def test_parameters_of_others_change_nothing(client, home, query):
	before = counts()
	answer = client.get(f"{home}?{query}")
	assert answer.status_code == 200
	assert '<html lang="en"' in answer.text
	assert counts() == before


@pytest.mark.parametrize(
	"cookie",
	["portal_session=x", "portal_session=%00", "portal_browser=../..", "portal_language=xx", "sid=%ff"],
)
def test_cookies(client, ticket, cookie):
	answer = client.get(home_of(ticket), headers={"Cookie": cookie})
	assert answer.status_code == 200
	assert "Water on the floor." not in answer.text


@pytest.mark.parametrize("version", ['"x"', "*", "W/", "\xff", '"' * 500])
def test_conditions(client, ticket, version):
	home = sign_in(client, ticket)
	headers = {"If-None-Match": version.encode("latin-1")}
	assert client.get(f"{home}/state", headers=headers).status_code in (200, 304)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
def test_methods(client, home, method):
	before = counts()
	assert_refused(client.session.request(method, f"{client.base}{home}"), before)
