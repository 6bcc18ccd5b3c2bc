"""The picture of a template: nearest main status, labels by language, choices. No site records are needed."""

import pytest

from customer_portal import statuses
from customer_portal.statuses import MainStatus, SubStatus, TicketTemplate, Wording

FITS = ({"Open"}, {"Open", "Replied"}, {"Resolved"}, {"Closed"})


def sub_status(name, main_status, **values) -> SubStatus:
	fields = {
		"label": f"internal {name}",
		"enabled": True,
		"customer_label": f"customer {name}",
		"is_default": False,
		"notify": True,
		"message": "",
		"next_step": "",
		"ball": "",
	}
	return SubStatus(name=name, main_status=main_status, **{**fields, **values})


def template(fits=FITS, wordings=None) -> TicketTemplate:
	return TicketTemplate(
		name="Default",
		main_statuses=tuple(
			MainStatus(position, f"main {position}", min(fitting, default=""), frozenset(fitting))
			for position, fitting in enumerate(fits, 1)
		),
		sub_statuses=(
			sub_status("new", 1, is_default=True, next_step="Soon."),
			sub_status("work", 2, is_default=True, ball="Us"),
			sub_status("old", 2, enabled=False),
			sub_status("part", 2, message="It is on its way.", ball="A third party"),
			sub_status("done", 3, is_default=True),
			sub_status("shut", 4, is_default=True),
		),
		wordings=wordings or {},
	)


@pytest.mark.parametrize(
	("status", "start", "expected"),
	[
		("Open", 1, 1),
		("Open", 2, 2),
		("Open", 3, 2),
		("Open", 4, 2),
		("Replied", 1, 2),
		("Replied", 4, 2),
		("Resolved", 1, 3),
		("Closed", 1, 4),
		("Resolved", 4, 3),
		("Waiting for rain", 2, None),
	],
)
def test_nearest_main_status(status, start, expected):
	assert template().nearest_main(status, start) == expected


CATEGORIES = {"Open": "Open", "Replied": "Paused", "Resolved": "Resolved", "Closed": "Resolved"}


@pytest.mark.parametrize(
	("category", "sets", "expected"),
	[
		("Open", ("Open", "Open", "Resolved", "Closed"), (1, 2)),
		("Resolved", ("Open", "Open", "Resolved", "Closed"), (3, 4)),
		("Paused", ("Open", "Open", "Resolved", "Closed"), (2,)),
		("Paused", ("Open", "Replied", "Replied", "Closed"), (2, 3)),
		("Paused", ("Open", "Resolved", "Resolved", "Closed"), (1,)),
		("Open", ("Replied", "Replied", "Resolved", "Closed"), ()),
		("Resolved", ("Open", "Open", "Open", "Open"), ()),
		("Paused", ("Closed", "Closed", "Resolved", "Closed"), ()),
		("", ("Open", "Open", "Resolved", "Closed"), ()),
	],
)
def test_main_statuses_by_category(category, sets, expected):
	assert statuses.positions_by_category(category, dict(enumerate(sets, 1)), CATEGORIES) == expected


def test_the_earlier_main_status_wins_when_two_are_as_near():
	both_ends = ({"Open"}, {"Replied"}, {"Open"}, {"Closed"})
	assert template(both_ends).nearest_main("Open", 2) == 1


def test_a_status_that_fits_the_current_main_status_stays_there():
	everywhere = ({"Open"}, {"Open"}, {"Open"}, {"Open"})
	assert [template(everywhere).nearest_main("Open", start) for start in (1, 2, 3, 4)] == [1, 2, 3, 4]


def test_choices_leave_out_disabled_ones_and_keep_the_order():
	assert [row.name for row in statuses.choices(template())] == ["new", "work", "part", "done", "shut"]


def test_default_of_a_main_status():
	assert template().default_of(2).name == "work"


@pytest.mark.parametrize(
	("language", "expected"),
	[
		("pt", "Peça"),
		("pt-BR", "Peça"),
		("ar", "القطعة"),
		("ar-EG", "القطعة المصرية"),
		("fi", "customer part"),
	],
)
def test_labels_by_language_then_by_its_base(language, expected):
	wordings = {
		("pt", "part"): Wording("Peça", "", ""),
		("ar", "part"): Wording("القطعة", "", ""),
		("ar-EG", "part"): Wording("القطعة المصرية", "", ""),
	}
	assert statuses.customer_label(template(wordings=wordings), "part", language, 2) == expected


def test_each_text_of_a_label_row_falls_back_by_itself():
	wordings = {("ar", "part"): Wording("", "في الطريق", "")}
	offered = template(wordings=wordings)
	assert statuses.customer_label(offered, "part", "ar", 2) == "customer part"
	assert statuses.message(offered, "part", "ar") == "في الطريق"
	assert statuses.next_step(offered, "new", "ar") == "Soon."


def test_main_labels_have_rows_of_their_own():
	wordings = {("ar", "2"): Wording("قيد المعالجة", "", "")}
	offered = template(wordings=wordings)
	assert statuses.main_label(offered, 2, "ar") == "قيد المعالجة"
	assert statuses.main_label(offered, 3, "ar") == "main 3"


def test_a_label_that_nobody_worded_goes_through_the_translations():
	offered = template()
	words = TicketTemplate("T", offered.main_statuses, (sub_status("x", 1, customer_label="Closed"),), {})
	assert statuses.customer_label(words, "x", "en", 1) == "Closed"


def test_a_sub_status_that_the_template_lacks_never_shows_its_internal_label():
	assert statuses.customer_label(template(), "gone", "en", main_status=3) == "main 3"
	assert statuses.message(template(), "gone", "en") == ""
	assert statuses.next_step(template(), None, "en") == ""
	assert statuses.ball(template(), "gone") == ""


def test_who_has_the_ball():
	assert [statuses.ball(template(), name) for name in ("work", "part", "shut")] == [
		"Us",
		"A third party",
		"",
	]
