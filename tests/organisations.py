"""Organisations with their people, and the browsers of those people at the organisation portal. Fixtures for conftest."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import frappe
import pytest

from customer_portal.otp import keyed_codes
from customer_portal.sign_in import challenge
from tests.client import Client, hidden_fields
from tests.door import submit
from tests.doors import lift_sends, new_address, reset_limits
from tests.factories import make_ticket, unique

ACCESS = "Portal Customer Access"
SIGN_IN = "/portal/sign-in"
TICKETS = "/portal/tickets"
ALL, OWN = "All tickets", "Own tickets"
MANAGER, MEMBER = "Manager", "Member"


@dataclass
class Organisation:
	"""An HD Customer whose people may enter; ``domain`` is its own, unless ``make_organisation`` got others."""

	customer: str
	domain: str

	def address(self, name: str = "sara") -> str:
		"""A new one at its domain."""
		return f"{unique(name)}@{self.domain}"

	def change(self, **values) -> None:
		access = frappe.get_doc(ACCESS, self.customer)
		access.update(values)
		_save(access)

	def put(self, address: str, **values) -> str:
		"""A row of its own for this person, in the place of an older one."""
		access = frappe.get_doc(ACCESS, self.customer)
		access.people = [row for row in access.people if row.email != address]
		access.append("people", {"email": address, "role": MEMBER, **values})
		_save(access)
		return address

	def manager(self, name: str = "mona") -> str:
		return self.put(self.address(name), role=MANAGER)

	def ticket(self, address: str | None = None, **values):
		"""One of its tickets, raised by that address."""
		return make_ticket(email=address or self.address("somebody"), **{"customer": self.customer, **values})


def make_organisation(name: str = "acme", **values) -> Organisation:
	"""With a domain of its own, where everybody may enter and sees their own tickets."""
	customer = frappe.get_doc({"doctype": "HD Customer", "customer_name": unique(name.title())})
	customer.insert(ignore_permissions=True)
	domain = f"{unique(name)}.example"
	access = frappe.new_doc(ACCESS)
	access.update({"customer": customer.name, "domains": [{"domain": domain}], **values})
	_save(access)
	return Organisation(customer.name, domain)


def _save(access) -> None:
	access.save()
	frappe.db.commit()


def code_of(address: str) -> str:
	"""What the mail for this address says; only while no job has sent it."""
	frappe.db.rollback()
	waiting = {"link": challenge.link_of(address), "state": "Pending"}
	seed, digits = frappe.db.get_value("Portal OTP Session", waiting, ["seed", "digits"])
	return keyed_codes.derive(seed, digits)


def link_of(address: str) -> str:
	"""The path of the link in the mail for this address."""
	frappe.db.rollback()
	name = frappe.db.get_value(
		"Portal OTP Session", {"link": challenge.link_of(address), "state": "Pending"}, "name"
	)
	return f"{SIGN_IN}/link/{keyed_codes.link_token(name)}"


def ask(client: Client, address: str):
	"""The browser asks for a mail, from a network of its own."""
	client.session.headers.setdefault("X-Forwarded-For", new_address())
	return submit(client, SIGN_IN, "mail", page=f"{SIGN_IN}?again=1", email=address)


def enter(client: Client, address: str) -> Client:
	"""The browser signs in by the code of its mail."""
	assert ask(client, address).status_code == 303
	answer = submit(client, SIGN_IN, "code", code=code_of(address))
	assert answer.status_code == 303, answer.text
	frappe.db.rollback()  # what the test reads next has the new user in it
	return client


def is_in(client: Client) -> bool:
	return client.get(TICKETS).status_code == 200


def member_form(client: Client) -> dict[str, str]:
	"""The hidden fields that every form of a member's pages has."""
	return hidden_fields(client.get(TICKETS).text, "/sign-out")


@pytest.fixture
def open_door(site):
	"""Limits are as installed, except that nobody waits for the next mail."""
	reset_limits()
	lift_sends()
	yield
	reset_limits()


@pytest.fixture
def organisation(open_door):
	return make_organisation()


@pytest.fixture
def other_organisation(open_door):
	return make_organisation("globex")


@pytest.fixture
def sign_in_as(open_door, new_client):
	"""Call it with an address for one more browser that is signed in by it."""
	return lambda address: enter(new_client(), address)


@pytest.fixture
def sign_in_page(open_door, address, open_browser):
	"""The same in Chromium, with options of its context."""

	def sign_in(person: str, **options):
		page = open_browser(**options)
		page.goto(f"{address}{SIGN_IN}")
		enter_by_code(page, person)
		return page

	return sign_in


def enter_by_code(page, person: str) -> None:
	"""From the page that asks for an address to the list of tickets."""
	page.locator("#email").fill(person)
	page.locator("main .button").click()
	page.locator("#code").wait_for()  # by then the code is sent
	page.locator("#code").fill(code_of(person))
	page.locator("main .stack .button").click()
	page.wait_for_url(lambda url: urlsplit(url).path.startswith(TICKETS))
