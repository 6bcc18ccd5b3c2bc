"""The pages for providers and mail programs against what neither sends: a clear 4xx, never a 5xx, nothing written."""

from urllib.parse import urlencode

import frappe
import pytest

from customer_portal import follow_links, opt_outs
from tests.accounts import log_in
from tests.client import Client
from tests.door import counts
from tests.factories import make_agent, make_customer, make_ticket, saudi_mobile, unique
from tests.gateways import configure
from tests.gateways.twilio import ACCOUNT_SID, SENDER, use_twilio
from tests.integration.test_bad_input import BAD_BODIES, FORM, MULTIPART, PART
from tests.twilio_hooks import SITE, sign

HOOKS = ("/portal/hooks/twilio/receipt", "/portal/hooks/twilio/message")
METHODS = ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")
ONE_CLICK = b"List-Unsubscribe=One-Click"
WRITTEN = {
	"followers": "select count(*), sum(is_following) from `tabPortal Ticket Follower`",
	"opt-outs": "select count(*), max(name) from `tabPortal Opt-Out`",
	"messages": "select count(*), sum(state = 'Failed'), sum(state = 'Delivered') from `tabPortal Notification`",
	"errors": "select count(*) from `tabError Log`",
}


@pytest.fixture(autouse=True)
def known_to_twilio(hooks):
	return hooks


@pytest.fixture
def stop() -> dict[str, str]:
	"""A form that would change something, were it signed."""
	fields = {"AccountSid": ACCOUNT_SID, "From": saudi_mobile(), "To": SENDER, "Body": "STOP"}
	return {**fields, "MessageSid": "SM" + "0" * 32, "MessageStatus": "failed"}


@pytest.fixture(params=["of all mails", "of one ticket"])
def way_out(request) -> str:
	if request.param == "of all mails":
		return opt_outs.PATH + opt_outs.token(unique("customer") + "@example.com")
	token = follow_links.token(str(make_ticket().name), make_customer().name)
	return follow_links.PATH + token


def written() -> dict[str, object]:
	return {**counts(), **{what: frappe.db.sql(query) for what, query in WRITTEN.items()}}


def send(client: Client, path: str, kind: str, body: bytes, **headers):
	return client.post(path, body, origin=None, headers={"Content-Type": kind, **headers})


def assert_refused(answer, before, status: int | None = None) -> None:
	assert 400 <= answer.status_code < 500, answer.status_code
	assert status in (None, answer.status_code)
	assert answer.headers["Cache-Control"] == "no-store"
	for leak in ("Traceback", "frappe", "customer_portal/", "werkzeug", "twilio"):
		assert leak not in answer.text
	assert written() == before


@pytest.mark.parametrize("kind, body", BAD_BODIES.values(), ids=BAD_BODIES)
@pytest.mark.parametrize("path", HOOKS)
def test_bodies(client, path, kind, body):
	before = written()
	signature = sign(f"{SITE}{path}", {})
	assert_refused(send(client, path, kind, body, **{"X-Twilio-Signature": signature}), before)


@pytest.mark.parametrize("kind, body", BAD_BODIES.values(), ids=BAD_BODIES)
def test_bodies_at_the_way_out(client, way_out, kind, body):
	before = written()
	assert_refused(send(client, way_out, kind, body), before)


@pytest.mark.parametrize(
	"body, status",
	[
		(b"From=%2B966&From=%2B966&Body=STOP", 400),
		(b"From=%ff%fe&Body=STOP", 400),
		(b"From=%ed%a0%80&Body=STOP", 400),
		("From=é&Body=STOP".encode(), 400),
		(b"From=" + b"1" * 70_000, 413),
		(b"&".join(b"a%d=1" % number for number in range(300)), 400),
		(b"", 403),
	],
)
@pytest.mark.parametrize("path", HOOKS)
def test_forms_that_twilio_never_sends(client, path, body, status):
	before = written()
	assert_refused(send(client, path, FORM, body, **{"X-Twilio-Signature": "x"}), before, status)


@pytest.mark.parametrize("signature", [None, "", "x", "é", "=" * 28, "A" * 28, "A" * 5000])
@pytest.mark.parametrize("path", HOOKS)
def test_signatures(hooks, stop, path, signature):
	before = written()
	value = signature.encode("latin-1") if signature else signature
	body = urlencode(stop).encode()
	headers = {} if value is None else {"X-Twilio-Signature": value}
	assert_refused(send(hooks.client, path, FORM, body, **headers), before, 403)


@pytest.mark.parametrize("path", HOOKS)
def test_a_signature_for_something_else(hooks, stop, path):
	"""For the host that was asked, for another path, another query, or a form with one field more or less."""
	right = f"{SITE}{path}"
	other = HOOKS[1 - HOOKS.index(path)]
	before = written()
	signed = (
		sign(f"http://{hooks.client.host}{path}", stop),
		sign(f"{SITE}{other}", stop),
		sign(f"{right}?message=x", stop),
		sign(right, {**stop, "Extra": "1"}),
		sign(right, {name: value for name, value in stop.items() if name != "Body"}),
		sign(right, {**stop, "Body": "START"}),
	)
	for signature in signed:
		assert_refused(hooks.post(right, stop, signature), before, 403)
	assert_refused(hooks.post(f"{right}?message=y", stop, sign(right, stop)), before, 403)


@pytest.mark.parametrize("host", ["evil.example", "help.portal-tests.example"])
@pytest.mark.parametrize("header", ["X-Forwarded-Host", "X-Original-Host", "Forwarded"])
def test_no_header_stands_for_the_configured_address(hooks, stop, header, host):
	path = HOOKS[1]
	before = written()
	signature = sign(f"https://evil.example{path}", stop)
	body = urlencode(stop).encode()
	headers = {"X-Twilio-Signature": signature, header: host, "X-Forwarded-Proto": "https"}
	assert_refused(send(hooks.client, path, FORM, body, **headers), before, 403)


@pytest.mark.parametrize("path", HOOKS)
def test_without_a_token_nobody_can_sign(hooks, stop, twilio, path):
	use_twilio(twilio, twilio_auth_token="", sms_provider="")
	before = written()
	for token in ("", "None", "*"):
		assert_refused(hooks.post(f"{SITE}{path}", stop, sign(f"{SITE}{path}", stop, token)), before, 403)
	use_twilio(twilio)


@pytest.mark.parametrize("path", HOOKS)
def test_without_an_address_nobody_can_sign(hooks, stop, path):
	configure(portal_url="http://localhost:8000")
	before = written()
	for address in ("", f"http://localhost:8000{path}", path):
		assert_refused(hooks.post(f"{SITE}{path}", stop, sign(address, stop)), before, 403)


@pytest.mark.parametrize("method", ["GET", "HEAD", *METHODS])
@pytest.mark.parametrize("path", HOOKS)
def test_methods(client, path, method):
	before = written()
	answer = client.session.request(method, client._url(path), timeout=30)
	assert_refused(answer, before, 405)


@pytest.mark.parametrize("method", METHODS)
def test_methods_at_the_way_out(client, way_out, method):
	before = written()
	assert_refused(client.session.request(method, client._url(way_out), timeout=30), before, 405)


@pytest.mark.parametrize(
	"body",
	[
		b"",
		b"List-Unsubscribe=",
		b"List-Unsubscribe=One-click-me",
		b"list-unsubscribe=One-Click",
		ONE_CLICK + b"&" + ONE_CLICK,
		ONE_CLICK + b"&again=1",
		b"again=2",
		b"again=1&again=1",
		b"again[]=1",
		b"List-Unsubscribe=%ff",
		b"List-Unsubscribe=%00",
		b"List-Unsubscribe=" + b"x" * 400,
	],
	ids=repr,
)
def test_wishes_that_no_mail_program_has(client, way_out, body):
	before = written()
	assert_refused(send(client, way_out, FORM, body), before, 400)


def test_a_broken_multipart_form_at_the_way_out(client, way_out):
	before = written()
	body = PART % (b"List-Unsubscribe", b"One-Click")
	assert_refused(send(client, way_out, MULTIPART, body[:40]), before)


@pytest.mark.parametrize("path", ["/portal/hooks", "/portal/hooks/twilio", "/portal/hooks/twilio/receipt/x"])
def test_paths_beside_the_hooks(client, path):
	before = written()
	assert_refused(client.post(path, {"a": "1"}, origin=None), before, 404)


def test_a_signed_in_agent_gets_no_further(client, stop):
	"""Neither a session nor Frappe's own token takes the place of a signature."""
	log_in(client, make_agent().name)
	before = written()
	for path in HOOKS:
		assert_refused(client.post(path, stop), before)


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_a_foreign_site_cannot_sign(client, stop, origin):
	before = written()
	for path in HOOKS:
		answer = client.post(path, stop, origin=origin)
		assert_refused(answer, before, 403)
		assert "Access-Control-Allow-Origin" not in answer.headers
