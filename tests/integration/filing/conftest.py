import pytest

from tests.filing import drop_fields, make_field, offer


@pytest.fixture
def person(organisation):
	return organisation.address()


@pytest.fixture
def member(sign_in_as, person):
	"""The browser of a member of the organisation."""
	return sign_in_as(person)


@pytest.fixture
def offered(organisation):
	"""Call it with forms: they are all that the organisation is offered."""
	return lambda *forms: offer(organisation, *forms)


@pytest.fixture
def colour(site):
	"""A field with a default that no form shows."""
	yield make_field("filing_colour", "Select", options="\nRed\nGreen", default="Red")
	drop_fields("filing_colour")


@pytest.fixture
def note(site):
	yield make_field(
		"filing_note", "Data", description="Stands <b>below</b> the machine", label="Serial number"
	)
	drop_fields("filing_note")
