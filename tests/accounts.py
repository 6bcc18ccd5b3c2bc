"""People who sign in to Frappe, and Helpdesk's customer among them. Fixtures for conftest."""

import pytest

from tests.client import Client
from tests.factories import PASSWORD, make_customer


def log_in(client: Client, user: str, password: str = PASSWORD) -> Client:
	"""The same browser, as that user from now on."""
	assert client.post("/api/method/login", {"usr": user, "pwd": password}).ok
	return client


@pytest.fixture
def customer(site):
	return make_customer()


@pytest.fixture
def customer_client(new_client, customer):
	"""The customer's browser, signed in, beside that of the test."""
	return log_in(new_client(), customer.name)
