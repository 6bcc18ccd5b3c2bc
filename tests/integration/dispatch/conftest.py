"""A ticket with one change to tell by one channel, while no job delivers behind the test's back."""

import pytest

from tests import events
from tests.factories import make_ticket, saudi_mobile
from tests.gateways import configure


@pytest.fixture(autouse=True)
def quiet(no_jobs):
	configure(send_email=0)
	yield
	configure(send_email=1, portal_url="")


@pytest.fixture
def ticket(channel):
	ticket = make_ticket(saudi_mobile())
	events.forget_told(ticket)
	return events.change_status(ticket)


def only_row(ticket):
	(row,) = events.notifications(ticket)
	return row
