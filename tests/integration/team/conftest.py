"""A team of an organisation, and what its managers do on the page. The clients are real browsers as far as HTTP goes."""

import frappe
import pytest

from tests.client import Client, hidden_fields
from tests.organisations import member_form

TEAM = "/portal/team"


def row_of(organisation, address: str):
	frappe.db.rollback()
	rows = frappe.get_doc("Portal Customer Access", organisation.customer).people
	return next((row for row in rows if row.email == address), None)


def change(client: Client, organisation, action: str, address: str, **values):
	"""Sends one of the forms of the team's page about a person."""
	fields = {**member_form(client), "organisation": organisation.customer, "email": address, **values}
	return client.post(f"{TEAM}/{action}", fields)


def request_names(client: Client, organisation) -> list[str]:
	frappe.db.rollback()
	open_ones = {"customer": organisation.customer, "state": "Open"}
	return frappe.get_all("Portal Join Request", filters=open_ones, pluck="name", order_by="asked_at")


def letters(**filters) -> list:
	"""Rows of the outbox that are about no ticket."""
	frappe.db.rollback()
	found = frappe.get_all(
		"Portal Notification", filters={**filters, "ticket": ("is", "not set")}, fields=["*"]
	)
	return sorted(found, key=lambda row: row.creation)


def form_of(client: Client, path: str, action: str) -> dict[str, str]:
	return hidden_fields(client.get(path).text, action)


def sessions_of(user: str) -> int:
	frappe.db.rollback()
	return frappe.db.sql("SELECT COUNT(*) FROM tabSessions WHERE user = %s", (user,))[0][0]


@pytest.fixture
def manager(organisation):
	return organisation.manager()


@pytest.fixture
def manager_client(sign_in_as, manager):
	return sign_in_as(manager)
