"""What a member may type takes no time by its length, and what a form does not have is not read."""

import threading

import frappe
import pytest

from customer_portal import throttle
from customer_portal.pages import filling
from customer_portal.ticket_forms import filing, kinds
from customer_portal.ticket_forms.kinds import Column
from tests.client import hidden_fields, text_of
from tests.filing import (
	GOOD,
	NEW,
	drop_fields,
	fill,
	make_field,
	make_form,
	offer,
	page_of,
	problems,
	tickets_of,
)

FIELD = "test_hostile"
DEADLINE = 20  # seconds; only a guard against hanging
LONG = 20_000


@pytest.fixture(scope="module")
def duration():
	drop_fields(FIELD)
	yield make_field(FIELD, "Duration")
	drop_fields(FIELD)


@pytest.fixture
def form(duration, organisation):
	made = make_form(duration)
	offer(organisation, made)
	return made


def refresh(member, form: str, **values):
	known = hidden_fields(member.get(page_of(form)).text, NEW)
	return member.post(NEW, {**known, **GOOD, "refresh": "1", **values})


@pytest.mark.parametrize("gap", [" ", "\u3000", "\t"])
def test_a_text_that_is_longer_than_its_kind_is_refused_unread(member, form, organisation, gap):
	longest = kinds.KINDS["Duration"].longest
	page = fill(member, form, **{filling.PREFIX + FIELD: "1d" + gap * (LONG - 10) + "x"})
	assert page.status_code == 422
	assert problems(page.text) == {filling.PREFIX + FIELD: f"Keep it below {longest} characters."}
	assert tickets_of(organisation) == 0


@pytest.mark.parametrize("unit", ["1d ", "1", " ", "1d1h", "\u0661"])
def test_a_duration_is_read_in_one_go(unit):
	"""Also where nothing has cut it before."""
	refused = []

	def read():
		with pytest.raises(kinds.BadFieldValue):
			kinds.KINDS["Duration"].read("1d" + unit * LONG + "x", Column())
		refused.append(True)

	reader = threading.Thread(target=read, daemon=True)
	reader.start()
	reader.join(DEADLINE)
	assert refused


@pytest.mark.parametrize("text, seconds", [("1d2h", 93_600), ("1d   2h\t30m", 95_400), ("5m 3s", 303)])
def test_spaces_between_units_are_free(text, seconds):
	assert kinds.KINDS["Duration"].read(text, Column()) == seconds


def test_fields_that_the_form_does_not_have_are_not_read(member, form):
	"""Each of these is refused in a field of the form's own."""
	strange = {filling.PREFIX + "other": ["\x00" * LONG] * (filling.MOST_VALUES + 1)}
	assert refresh(member, form, **strange).status_code == 200
	own = {filling.PREFIX + FIELD: strange[filling.PREFIX + "other"]}
	assert refresh(member, form, **own).status_code == 400


@pytest.mark.parametrize(
	"values",
	[["a"] * (filling.MOST_VALUES + 1), ["a" * LONG] * (filling.LONGEST_VALUES // LONG + 1)],
	ids=["many", "long"],
)
def test_a_field_has_a_most_of_values_and_of_text(member, form, values):
	assert refresh(member, form, **{filling.PREFIX + FIELD: values}).status_code == 400


def test_nobody_sends_forms_without_end(member, form, person):
	user = frappe.db.get_value("User", {"email": person})
	assert refresh(member, form).status_code == 200
	subject = throttle.filling_subject(user)
	with throttle.hold(subject):
		throttle.record(throttle.LOOK_UP, *[subject] * filing.READINGS.most)
	answer = refresh(member, form)
	assert answer.status_code == 429
	assert "You have sent a lot in a short time" in text_of(answer.text)
	throttle.forget(subject)
	frappe.db.commit()
	assert fill(member, form).status_code == 303
