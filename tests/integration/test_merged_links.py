"""The link of a merged ticket shows the survivor, so it is no way round the survivor's lock and revocation."""

from datetime import timedelta

import frappe
import pytest

from customer_portal import links, throttle
from customer_portal.clock import utc_now
from tests import doors
from tests.doors import Browser
from tests.factories import make_ticket, saudi_mobile, unique
from tests.gateways import configure
from tests.threads import in_parallel

pytestmark = pytest.mark.usefixtures("at_the_door")


def merged_doors(times: int, phone: str | None = None) -> tuple[list[Browser], str]:
	"""Doors of tickets of one person that were merged into one, and the survivor's name."""
	phone = phone or saudi_mobile()
	email = f"{unique('person')}@example.com"
	survivor = str(make_ticket(phone, email).name)
	found = []
	for _ in range(times):
		ticket = str(make_ticket(phone, email).name)
		found.append(Browser(links.ensure(ticket), phone))
		merge(ticket, survivor)
	configure(resend_after_seconds=0, destination_sends_per_hour=100, destination_sends_per_day=100)
	return found, survivor


def merge(ticket: str, survivor: str) -> None:
	frappe.db.set_value("HD Ticket", ticket, {"is_merged": 1, "merged_with": survivor})
	frappe.db.commit()


def test_the_survivors_lock_binds_the_merged_link():
	[door], survivor = merged_doors(1)
	door.ask()
	links.lock(links.ensure(survivor), utc_now() + timedelta(hours=5))
	frappe.db.commit()
	assert door.ask().kind == "locked"
	assert door.enter(door.code).kind == "locked"
	links.unlock(survivor)
	frappe.db.commit()
	assert door.enter(door.code).kind == "verified"


@pytest.mark.parametrize("end", [lambda ticket: links.revoke(ticket, "Leaked"), None])
def test_the_survivors_revocation_binds_the_merged_link(end):
	[door], survivor = merged_doors(1)
	door.ask()
	end = end or (lambda ticket: links.revoke_by_failures(links.ensure(ticket)))
	end(survivor)
	frappe.db.commit()
	assert door.ask().kind == "revoked"
	assert door.enter(door.code).kind == "revoked"


def test_any_number_of_merged_tickets_has_one_budget_of_wrong_codes():
	found, survivor = merged_doors(3)
	configure(failures_per_day=5, tries_per_code=10)
	for door in found[:2]:
		door.ask()
	assert [answer.kind for answer in found[0].fail(3)] == ["wrong"] * 3
	assert [answer.kind for answer in found[1].fail(2)] == ["wrong", "locked"]
	assert found[2].ask().kind == "locked"
	assert Browser(links.of_ticket(survivor), found[0].typed).ask().kind == "locked"


def test_a_right_code_ends_the_row_of_the_survivor_too():
	[door], survivor = merged_doors(1)
	door.ask()
	door.fail(2)
	assert links.of_ticket(survivor).failures_in_a_row == 2
	assert door.enter(door.code).kind == "verified"
	assert doors.reload(links.of_ticket(survivor)).failures_in_a_row == 0


def test_codes_of_a_merged_link_have_more_digits_after_the_survivors_lock():
	[door], survivor = merged_doors(1)
	links.lock(links.ensure(survivor), utc_now() - timedelta(hours=1))
	frappe.db.commit()
	door.ask()
	assert door.challenge.digits == 6


def test_strangers_of_the_survivor_cannot_lock_it():
	"""They do not see it either."""
	survivor = str(make_ticket(saudi_mobile()).name)
	door = doors.make_door()
	merge(door.link.ticket, survivor)
	door.ask()
	door.fail(3)
	assert links.of_ticket(door.link.ticket).failures_in_a_row == 3
	assert (
		throttle.count(throttle.FAILURE, throttle.ticket_subject(survivor), utc_now() - timedelta(days=1))
		== 0
	)
	link = links.of_ticket(survivor)
	assert link is None or link.failures_in_a_row == 0


def test_wrong_codes_of_merged_links_are_counted_one_by_one():
	found, survivor = merged_doors(4)
	configure(failures_per_day=50, failures_in_a_row=50, failures_per_30_days=50, tries_per_code=10)
	for door in found:
		door.ask()
	wrong = [door.wrong_code for door in found]
	in_parallel(lambda number: found[number % 4].enter(wrong[number % 4]).kind, range(12), 4)
	assert doors.reload(links.of_ticket(survivor)).failures_in_a_row == 12
