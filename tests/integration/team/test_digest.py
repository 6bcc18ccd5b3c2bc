"""The weekly digest: to who turned it on, on Monday morning of their zone, once."""

import re
from datetime import datetime

import frappe
import pytest
from freezegun import freeze_time

from customer_portal import accounts, signed_addresses, tasks
from customer_portal.notifications import dispatch
from customer_portal.notifications.letters import PURPOSE
from tests.integration.team.conftest import letters
from tests.ledger import default_of

MONDAY = datetime(2026, 11, 23, 8, 0)  # 08:00 UTC


@pytest.fixture
def reader(sign_in_as, organisation):
	"""A manager with the digest, in UTC."""
	address = organisation.manager()
	sign_in_as(address)
	return choose(address)


def choose(user: str, zone: str = "UTC", language: str = "en") -> str:
	frappe.db.rollback()
	accounts.change(user, accounts.Account("Mona", language, zone, accounts.WHEN_AWAY, True))
	frappe.db.commit()
	return user


def tell(moment: datetime) -> None:
	with freeze_time(moment, tick=True):
		tasks.tell_members()


def deliver() -> None:
	with freeze_time(MONDAY.replace(hour=10), tick=True):
		dispatch.deliver_due(60)


@pytest.mark.parametrize(
	("zone", "moment", "is_due"),
	[
		("UTC", datetime(2026, 11, 23, 6, 59), False),
		("UTC", datetime(2026, 11, 23, 7, 0), True),
		("UTC", datetime(2026, 11, 22, 12, 0), False),
		("UTC", datetime(2026, 11, 24, 8, 0), False),
		("Asia/Tokyo", datetime(2026, 11, 22, 22, 0), True),  # Monday, 07:00
		("America/Los_Angeles", datetime(2026, 11, 23, 14, 0), False),  # Monday, 06:00
		("America/Los_Angeles", datetime(2026, 11, 23, 15, 0), True),
	],
)
def test_when_it_is_due(reader, zone, moment, is_due):
	choose(reader, zone)
	tell(moment)
	assert bool(letters(recipient=reader, kind="Digest")) is is_due


def test_once_a_week(reader):
	for hour in (7, 8, 12):
		tell(MONDAY.replace(hour=hour))
	assert len(letters(recipient=reader, kind="Digest")) == 1
	tell(MONDAY.replace(day=30))
	assert len(letters(recipient=reader, kind="Digest")) == 2


def test_nobody_gets_it_who_did_not_turn_it_on(sign_in_as, organisation):
	address = organisation.manager("other")
	sign_in_as(address)
	tell(MONDAY)
	assert not letters(recipient=address)


def test_what_it_says(mail_server, organisation, other_organisation, reader):
	with freeze_time(datetime(2026, 11, 18, 9, 0), tick=True):  # Wednesday of the last week
		waiting = organisation.ticket(subject="Waits <b>for</b> you")
		resolved = organisation.ticket(subject="Done")
		other_organisation.ticket(subject="Not for you")
	put(waiting, "2026-11-18 09:00:00", status="Replied")
	put(resolved, "2026-11-18 09:00:00", sub_status=default_of(3), resolution_date="2026-11-19 09:00:00")
	tell(MONDAY)
	deliver()
	(mail,) = mail_server.mails_to(reader)
	text = mail.get_body(("plain",)).get_content().replace("\r\n", "\n")
	assert re.search(r"^Open: 1$", text, re.M)
	assert re.search(r"^Waiting for you: 1$", text, re.M)
	assert re.search(r"^New in the last week: 2$", text, re.M)
	assert re.search(r"^Resolved in the last week: 1$", text, re.M)
	assert str(waiting.name) in text
	assert "Not for you" not in text
	html = mail.get_body(("html",)).get_content()
	assert "Waits &lt;b&gt;for&lt;/b&gt; you" in html
	assert "Waits" not in frappe.db.get_value("Email Queue", letters(recipient=reader)[0].name, "message")


def put(ticket, created: str, **values) -> None:
	"""As if it had come then; the site's clocks are the database's."""
	frappe.db.set_value("HD Ticket", ticket.name, {"creation": created, **values}, update_modified=False)
	frappe.db.commit()


def test_nothing_to_tell_is_not_told(mail_server, reader):
	tell(MONDAY)
	deliver()
	assert not mail_server.mails_to(reader)
	(row,) = letters(recipient=reader)
	assert (row.state, row.reason) == ("Superseded", "There is nothing to tell.")


def test_who_has_left_gets_none(mail_server, organisation, reader):
	organisation.ticket()
	tell(MONDAY)
	organisation.put(reader, is_disabled=1)
	deliver()
	assert not mail_server.mails_to(reader)


def test_in_their_language(mail_server, organisation, reader):
	choose(reader, language="ar")
	organisation.ticket()
	tell(MONDAY)
	deliver()
	(mail,) = mail_server.mails_to(reader)
	assert 'lang="ar" dir="rtl"' in mail.get_body(("html",)).get_content()


def test_one_click_ends_it(mail_server, new_client, organisation, reader):
	organisation.ticket()
	tell(MONDAY)
	deliver()
	(mail,) = mail_server.mails_to(reader)
	path = "/" + mail["List-Unsubscribe"].strip("<>").split("/", 3)[3]
	assert path.startswith("/portal/digest/")
	assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
	client = new_client()
	assert client.get(path).status_code == 200
	frappe.db.rollback()
	assert accounts.read(reader).wants_digest  # a scanner's look changes nothing
	answer = client.post(path, {"List-Unsubscribe": "One-Click"}, origin=None)
	assert answer.status_code == 200
	frappe.db.rollback()
	assert not accounts.read(reader).wants_digest
	assert client.post(path, {"again": "1"}).status_code == 200
	frappe.db.rollback()
	assert accounts.read(reader).wants_digest


@pytest.mark.parametrize("token", ["x", "0" * 22, "é" * 30, "A" * 300])
def test_links_that_nobody_made(client, token):
	assert client.get(f"/portal/digest/{token}").status_code == 404
	assert client.post(f"/portal/digest/{token}", {"List-Unsubscribe": "One-Click"}).status_code == 404


def test_a_link_of_the_other_kind_is_none(client, reader):
	assert client.get(f"/portal/digest/{signed_addresses.token('unsubscribe', reader)}").status_code == 404
	assert client.get(f"/portal/unsubscribe/{signed_addresses.token(PURPOSE, reader)}").status_code == 404


@pytest.mark.parametrize(
	"fields", [{}, {"List-Unsubscribe": "x"}, {"List-Unsubscribe": "One-Click", "again": "1"}], ids=str
)
def test_posts_that_say_nothing(client, reader, fields):
	path = f"/portal/digest/{signed_addresses.token(PURPOSE, reader)}"
	assert client.post(path, {"x": "", **fields}).status_code == 400
	frappe.db.rollback()
	assert accounts.read(reader).wants_digest
