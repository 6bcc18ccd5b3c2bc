"""Every form of the team, the account and the ticket's switches: bad input, other sites, other people, other organisations."""

import frappe
import pytest

from tests.door import counts
from tests.integration.team.conftest import row_of
from tests.integration.test_bad_input import BAD_BODIES, BAD_VALUES, FORM, send
from tests.integration.test_cross_site import FOREIGN_ORIGINS
from tests.organisations import enter, make_organisation, member_form

ACCOUNT = {"name": "Mona", "language": "en", "time_zone": "UTC", "replies": "Never", "digest": "1"}
MAY_BE_EMPTY = {"name": (), "digest": ("empty", "spaces")}
WRITTEN = {
	"people": "select group_concat(parent, email, role, sees, is_disabled order by name) from `tabPortal Access Person`",
	"accounts": "select count(*), sum(wants_digest), max(replies) from `tabPortal Account`",
	"users": "select count(*), max(modified), group_concat(distinct time_zone) from tabUser",
	"requests": "select group_concat(name, state) from `tabPortal Join Request`",
	"followers": "select count(*), sum(is_following), sum(is_added) from `tabPortal Ticket Follower`",
	"private": "select count(*) from `tabHD Ticket` where portal_private = 1",
	"letters": "select count(*) from `tabPortal Notification`",
	"sessions": "select count(*) from tabSessions",
}


@pytest.fixture(scope="module")
def acme(site):
	return make_organisation()


@pytest.fixture
def manager(open_door, client, acme):
	client.address = acme.manager()
	client.colleague = acme.put(acme.address("omar"))
	client.ticket = acme.ticket()
	return enter(client, client.address)


def about(acme, client) -> dict[str, dict[str, str]]:
	"""The path of each form, with what a browser would send."""
	whom = {"organisation": acme.customer, "email": client.colleague}
	request = {"organisation": acme.customer, "request": "0" * 20}
	ticket = f"tickets/{client.ticket.name}"
	return {
		"account": ACCOUNT,
		"account/sign-out": {},
		"team/invite": {**whom, "email": acme.address("new")},
		"team/disable": whom,
		"team/enable": whom,
		"team/see-all": whom,
		"team/see-own": whom,
		"team/make-manager": whom,
		"team/unmake-manager": whom,
		"team/accept": request,
		"team/refuse": request,
		f"{ticket}/follow": {},
		f"{ticket}/unfollow": {},
		f"{ticket}/hide": {},
		f"{ticket}/show": {},
		f"{ticket}/share": {"email": client.colleague},
		f"{ticket}/unshare": {"user": client.colleague},
	}


def state() -> tuple:
	before = counts()
	return before, {what: frappe.db.sql(query) for what, query in WRITTEN.items()}


def test_bodies(manager, acme):
	before = state()
	for path in about(acme, manager):
		for name, (kind, body) in BAD_BODIES.items():
			answer = send(manager, f"/portal/{path}", kind, body)
			assert 400 <= answer.status_code < 500, (path, name)
			assert "Traceback" not in answer.text
	assert state() == before


def test_values(manager, acme):
	token = "&".join(f"{name}={value}" for name, value in member_form(manager).items()).encode()
	before = state()
	for path, fields in about(acme, manager).items():
		for field in fields:
			rest = b"".join(b"&%s=%s" % (n.encode(), v.encode()) for n, v in fields.items() if n != field)
			for name, value in BAD_VALUES.items():
				if name in MAY_BE_EMPTY.get(field, ()):
					continue
				body = b"%s&%s=%s%s" % (token, field.encode(), value, rest)
				answer = send(manager, f"/portal/{path}", FORM, body)
				assert 400 <= answer.status_code < 500, (path, field, name)
			for shape in (b"%(n)s=a&%(n)s=b", b"%(n)s[]=a", b"%(n)s[x]=a"):
				if field == "digest" and b"[" in shape:
					continue  # a box that is not ticked is not sent
				answer = send(
					manager, f"/portal/{path}", FORM, token + b"&" + shape % {b"n": field.encode()} + rest
				)
				assert 400 <= answer.status_code < 500, (path, field, shape)
	assert state() == before


def test_other_sites_and_other_tokens(manager, new_client, acme):
	own, other = member_form(manager), enter(new_client(), acme.address())
	foreign = member_form(other)
	before = state()
	for path, fields in about(acme, manager).items():
		sent = {**own, **fields}
		for origin in FOREIGN_ORIGINS:
			assert manager.post(f"/portal/{path}", sent, origin=origin).status_code == 403, (path, origin)
		for said in ("cross-site", "same-site", "nonsense"):
			answer = manager.post(f"/portal/{path}", sent, headers={"Sec-Fetch-Site": said})
			assert answer.status_code == 403, (path, said)
		for token in ("", "0" * 64, "é", foreign["form_token"]):
			answer = manager.post(f"/portal/{path}", {**sent, "form_token": token})
			assert answer.status_code == 403, (path, token)
		assert other.post(f"/portal/{path}", sent).status_code in (400, 403), path
		assert manager.get(f"/portal/{path}", params=sent).status_code in (
			(200, 405) if path == "account" else (405,)
		)
	assert state() == before


def test_whose_it_is_not(manager, new_client, acme):
	"""A member of the same organisation, and managers of another one, with forms of their own."""
	globex = make_organisation("globex")
	strangers = [enter(new_client(), address) for address in (acme.address(), globex.manager())]
	forms = [member_form(stranger) for stranger in strangers]
	before = state()
	for path, fields in about(acme, manager).items():
		if path.startswith("account"):
			continue
		for stranger, form in zip(strangers, forms, strict=True):
			answer = stranger.post(f"/portal/{path}", {**form, **fields})
			assert answer.status_code in (403, 404), path
			assert manager.colleague not in answer.text, path
	assert state() == before


def test_people_who_are_not_there(manager, acme):
	"""To name an address is no way to list it."""
	form, before = member_form(manager), state()
	for address in ("nobody@elsewhere.example", "x", "' or 1=1 --", f"%@{acme.domain}"):
		for action in ("disable", "enable", "see-all", "make-manager"):
			fields = {**form, "organisation": acme.customer, "email": address}
			answer = manager.post(f"/portal/team/{action}", fields)
			assert answer.status_code == 404, (address, action)
	assert state() == before


def test_a_spelling_is_no_second_person(manager, acme):
	"""Columns compare without accents; the list does not."""
	accented = manager.colleague.replace("omar", "ómár")
	fields = {**member_form(manager), "organisation": acme.customer, "email": accented}
	assert manager.post("/portal/team/disable", fields).status_code == 404
	assert not row_of(acme, manager.colleague).is_disabled


def test_organisations_that_do_not_exist(manager):
	for organisation in ("Nobody", "' or 1=1", "x" * 300):
		answer = manager.get("/portal/team", params={"organisation": organisation})
		assert answer.status_code == 403
		assert answer.text == manager.get("/portal/team", params={"organisation": "Other"}).text


@pytest.mark.parametrize(
	"query",
	["organisation=%00", "after=%00", "done=%00", "organisation=a&organisation=b"],
)
def test_queries(manager, query):
	assert manager.get(f"/portal/team?{query}").status_code == 400


def test_hostile_names_are_text(manager, acme, new_client):
	address = acme.address("evil")
	enter(new_client(), address)
	hostile = "<script>alert(1)</script>{{7*7}}"
	frappe.db.set_value("User", address, {"full_name": hostile, "first_name": hostile})
	frappe.db.commit()
	page = manager.get("/portal/team").text
	assert "<script>alert" not in page
	assert "&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}" in page
