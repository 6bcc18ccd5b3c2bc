"""The ticket link: one per ticket, derived, stored as a digest, and silent about why it does not work."""

import re
from datetime import timedelta

import frappe
import pytest

from customer_portal import links, sessions, settings, throttle
from customer_portal.clock import utc_now
from customer_portal.exceptions import LinkIsRevoked, SiteAddressMissing
from customer_portal.integrations.failures import TemporaryFailure
from customer_portal.notifications import messages
from tests import doors
from tests.factories import make_ticket
from tests.gateways import configure
from tests.threads import in_parallel

pytestmark = pytest.mark.usefixtures("at_the_door")


@pytest.fixture
def ticket():
	return str(make_ticket().name)


def stored(ticket):
	return frappe.db.get_value(links.DOCTYPE, {"ticket": ticket}, "*", as_dict=True)


def test_a_token_is_short_safe_and_has_128_bits(ticket):
	token = links.token(links.ensure(ticket))
	assert re.fullmatch(r"[A-Za-z0-9_-]{22}", token)


def test_the_same_link_again_from_digest_and_nonce(ticket):
	first = links.url(ticket)
	frappe.db.commit()
	assert links.url(ticket) == first
	assert first.endswith("/t/" + links.token(links.of_ticket(ticket)))


def test_the_database_does_not_hold_the_token(ticket):
	token = links.token(links.ensure(ticket))
	assert token not in str(stored(ticket))


def test_the_token_needs_the_key_outside_the_database(ticket, monkeypatch):
	token = links.token(links.ensure(ticket))
	monkeypatch.setattr("customer_portal.keys.get_encryption_key", lambda: "another key")
	assert links.token(links.of_ticket(ticket)) != token
	assert links.resolve(token) is None


def test_after_a_restore_without_the_key_messages_carry_links_that_work(monkeypatch):
	"""The nonce alone would make a token whose digest is not the stored one."""
	tickets = [str(make_ticket().name) for _ in range(3)]
	before = [links.url(one) for one in tickets]
	monkeypatch.setitem(frappe.local.conf, "encryption_key", frappe.generate_hash(length=44))
	reports = frappe.db.count("Error Log", {"method": ("like", "%encryption key%")})
	after = [links.url(one) for one in tickets]
	assert not set(before) & set(after)
	assert [links.resolve(url.rpartition("/")[2]).ticket for url in after] == tickets
	assert [links.url(one) for one in tickets] == after
	assert frappe.db.count("Error Log", {"method": ("like", "%encryption key%")}) == reports + 1


def test_another_key_revives_no_revoked_link(ticket, monkeypatch):
	links.revoke(ticket, "Leaked")
	monkeypatch.setitem(frappe.local.conf, "encryption_key", frappe.generate_hash(length=44))
	with pytest.raises(LinkIsRevoked):
		links.url(ticket)


def test_a_token_resolves_to_its_own_ticket(ticket):
	other = str(make_ticket().name)
	assert links.resolve(links.token(links.ensure(ticket))).ticket == ticket
	assert links.resolve(links.token(links.ensure(other))).ticket == other


def test_thirty_at_once_mint_one_link(ticket):
	minted = in_parallel(_ensure, [ticket] * 30, workers=15)
	assert len({link.nonce for link in minted}) == 1
	assert frappe.db.count(links.DOCTYPE, {"ticket": ticket}) == 1


def _ensure(ticket):
	link = links.ensure(ticket)
	frappe.db.commit()
	return link


@pytest.mark.parametrize(
	"token",
	[
		"",
		"x",
		"a" * 21,
		"a" * 22,
		"a" * 23,
		"-" * 22,
		"a" * 100_000,
		"ا" * 22,
		"' OR '1'='1' -- aaaaa",
		None,
		7,
		[],
	],
)
def test_what_is_no_token_is_unknown(token):
	assert links.resolve(token) is None


def test_unknown_malformed_expired_and_revoked_cost_the_same_reads(ticket):
	revoked, expired = links.ensure(ticket), links.ensure(str(make_ticket().name))
	links.revoke(revoked.ticket, "Test")
	frappe.db.set_value(links.DOCTYPE, expired.name, "expires_at", utc_now() - timedelta(days=1))
	tokens = [links.token(revoked), links.token(expired), "a" * 22, "", "a" * 5000]
	counted = [statements(lambda token=token: links.resolve(token)) for token in tokens]
	assert counted[0][1] == 1
	assert len(set(counted)) == 1


def statements(function) -> tuple[object, int]:
	"""The result, and how many statements the database ran for it."""
	before = questions()
	result = function()
	return result, questions() - before - 1


def questions() -> int:
	return int(frappe.db.sql("SHOW SESSION STATUS LIKE 'Questions'")[0][1])


def test_rotation_ends_the_old_link(ticket):
	old = links.token(links.ensure(ticket))
	new = links.token(links.rotate(ticket))
	assert old != new
	assert links.resolve(old) is None
	assert links.resolve(new).ticket == ticket


def test_rotation_ends_codes_and_sessions():
	door, asker = doors.make_door(), None
	token = door.sign_in().session_token
	asker = doors.another_browser(door)
	with doors.later(minutes=1):
		asker.ask()
	links.rotate(door.link.ticket)
	renewed = doors.reload(door.link)
	assert doors.visit(renewed, token).session is None
	assert asker.challenge is None
	assert asker.enter("0000").kind == "revoked"


def test_revoking_ends_link_codes_and_sessions():
	door = doors.make_door()
	token = door.sign_in().session_token
	links.revoke(door.link.ticket, "Sent to the wrong person")
	revoked = doors.reload(door.link)
	assert revoked.revoke_reason == "Sent to the wrong person"
	assert doors.visit(revoked, token) is None
	with pytest.raises(LinkIsRevoked):
		links.url(door.link.ticket)


def test_a_revoked_link_comes_back_by_rotation_only(ticket):
	old = links.token(links.ensure(ticket))
	links.revoke(ticket, "Test")
	links.unlock(ticket)
	assert links.resolve(old) is None
	links.rotate(ticket)
	assert links.resolve(old) is None
	assert links.resolve(links.token(links.of_ticket(ticket)))


def test_links_do_not_expire_by_default(ticket):
	link = links.ensure(ticket)
	assert link.expires_at is None
	with doors.later(days=3650):
		assert links.resolve(links.token(link))


def test_links_expire_after_the_set_days_and_the_next_message_has_a_new_one(ticket):
	configure(link_expiry_days=7)
	link = links.ensure(ticket)
	with doors.later(days=6, hours=23):
		assert links.resolve(links.token(link))
	with doors.later(days=7, minutes=1):
		assert links.resolve(links.token(link)) is None
		assert links.resolve(links.url(ticket).rpartition("/")[2]).ticket == ticket
		assert links.resolve(links.token(link)) is None


def test_expiry_ends_sessions():
	configure(link_expiry_days=1, session_absolute_hours=100, session_idle_minutes=6000)
	door = doors.make_door()
	token = door.sign_in().session_token
	assert doors.visit(door.link, token).session
	with doors.later(hours=25):
		assert doors.visit(door.link, token) is None


def test_a_renewed_link_revives_no_session_and_no_code():
	configure(link_expiry_days=1, session_absolute_hours=100, session_idle_minutes=6000)
	door = doors.make_door()
	token = door.sign_in().session_token
	with doors.later(hours=23, minutes=59):
		door.ask()
	with doors.later(hours=24, minutes=1):
		links.url(door.link.ticket)
		renewed = doors.reload(door.link)
		assert renewed.is_live
		assert doors.visit(renewed, token).session is None
		assert sessions.of_ticket(door.link.ticket) == []
		assert door.challenge is None


def test_renewing_once_more_keeps_the_sessions_of_the_new_link():
	door = doors.make_door()
	token = door.sign_in().session_token
	links.ensure(door.link.ticket)
	assert doors.visit(door.link, token).session


def test_opening_is_noted(ticket):
	link = links.ensure(ticket)
	links.note_opened(link)
	first = links.of_ticket(ticket)
	links.note_opened(link)
	second = links.of_ticket(ticket)
	assert (first.opens, second.opens) == (1, 2)
	assert second.first_opened_at == first.first_opened_at
	assert second.last_opened_at > first.last_opened_at


def test_the_host_is_the_settings_then_host_name(ticket, monkeypatch):
	configure(portal_url="https://help.example.com/")
	assert links.url(ticket).startswith("https://help.example.com/t/")
	configure(portal_url="")
	monkeypatch.setitem(frappe.local.conf, "host_name", "help.example.org")
	assert links.url(ticket).startswith("https://help.example.org/t/")


@pytest.fixture
def no_host_name(monkeypatch):
	for name in ("host_name", "hostname", "developer_mode", "ssl_certificate"):
		monkeypatch.setitem(frappe.local.conf, name, None)


def test_the_host_is_never_the_requests(ticket, no_host_name, monkeypatch):
	request = frappe._dict(host="evil.example", headers={"Host": "evil.example"}, scheme="https")
	monkeypatch.setattr(frappe.local, "request", request, raising=False)
	assert links.url(ticket).startswith(f"http://{frappe.local.site}/t/")


def test_a_developers_site_is_reached_at_its_port(no_host_name, monkeypatch):
	monkeypatch.setitem(frappe.local.conf, "developer_mode", 1)
	monkeypatch.setitem(frappe.local.conf, "webserver_port", 8123)
	assert links.site_address() == f"http://{frappe.local.site}:8123"


def test_a_site_with_a_certificate_has_a_secure_address(no_host_name, monkeypatch):
	monkeypatch.setitem(frappe.local.conf, "ssl_certificate", "/etc/ssl/site.pem")
	assert links.site_address() == f"https://{frappe.local.site}"


def test_a_site_whose_name_is_no_host_needs_an_address(ticket, no_host_name, monkeypatch):
	monkeypatch.setattr(frappe.local, "site", "frontend")
	with pytest.raises(SiteAddressMissing):
		links.url(ticket)


def test_deleting_the_ticket_forgets_everything():
	door = doors.make_door()
	door.sign_in()
	ticket = door.link.ticket
	frappe.delete_doc("HD Ticket", ticket, force=True)
	assert links.of_ticket(ticket) is None
	assert not frappe.db.exists(sessions.DOCTYPE, {"ticket": ticket})
	assert not frappe.db.exists(throttle.EVENT, {"subject": throttle.ticket_subject(ticket)})


def test_settings_are_read_by_their_defaults_when_never_saved():
	frappe.db.delete("Singles", {"doctype": settings.DOCTYPE, "field": "failures_per_day"})
	frappe.clear_document_cache(settings.DOCTYPE, settings.DOCTYPE)
	assert settings.number("failures_per_day") == 10


def test_two_workers_that_make_the_first_link_at_once_send_both_messages(ticket, monkeypatch):
	"""From MariaDB 11.6 on one of them is refused; its message is tried again instead of being in doubt."""

	def refused(ticket):
		raise frappe.QueryDeadlockError

	monkeypatch.setattr(links, "url", refused)
	with pytest.raises(TemporaryFailure):
		messages.render(frappe._dict(ticket=ticket))
