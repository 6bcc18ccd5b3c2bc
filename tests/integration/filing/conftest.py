import pytest

from tests.filing import offer


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
