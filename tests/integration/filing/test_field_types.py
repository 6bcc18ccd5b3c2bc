"""Every type of field that a form can have: what is stored of what is typed, and what is refused by name."""

from datetime import date, datetime, timedelta
from pathlib import Path

import frappe
import pytest

from customer_portal.ticket_forms import kinds
from tests.filing import drop_fields, fill, make_field, make_form, offer, page_of, problems, ticket_of
from tests.organisations import make_organisation
from tests.sample_files import HTML
from tests.talk import PDF, own_png

LONG = "x" * 10_001
LINES = "One\nTwo\n\nThree"
AS_HTML = '<p dir="auto">One<br>Two</p><p dir="auto">Three</p>'


def seconds(**parts) -> int:
	return int(timedelta(**parts).total_seconds())


# Type and options → what is typed and what is stored, and what is refused.
TYPES: dict[tuple[str, str], tuple[dict, tuple]] = {
	("Data", ""): ({" a  b ": "a b", "مرحبا": "مرحبا", "x" * 140: "x" * 140}, ("x" * 141,)),
	("Data", "Email"): (
		{"Sara@Example.COM": "sara@example.com"},
		("sara", "a@b@c", "a b@c.d", "a@localhost"),
	),
	("Data", "Phone"): ({"0501234567": "+966501234567"}, ("12", "phone", "+999")),
	("Data", "URL"): ({"https://a.example/b?c=1": "https://a.example/b?c=1"}, ("a.example", "javascript:1")),
	("Data", "Name"): ({"Sara Ali": "Sara Ali"}, ("Sara@1",)),
	("Barcode", ""): ({"4006381333931": "4006381333931"}, ("x" * 141,)),
	("Color", ""): ({"#a1B2c3": "#a1B2c3"}, ("red", "#fff", "#12345g")),
	("Phone", ""): ({"٠٥٠١٢٣٤٥٦٧": "+966501234567", "+491711234567": "+491711234567"}, ("12", "x")),
	("Small Text", ""): ({LINES: LINES}, (LONG,)),
	("Text", ""): ({LINES: LINES}, (LONG,)),
	("Long Text", ""): ({LINES: LINES}, (LONG,)),
	("Code", ""): ({"if a < b:": "if a < b:"}, (LONG,)),
	("Markdown Editor", ""): ({"# One": "# One"}, (LONG,)),
	("JSON", ""): ({'{"a": [1]}': '{"a": [1]}'}, ("{", "{'a': 1}", "NaN", "[" * 100)),
	("Text Editor", ""): ({LINES: AS_HTML}, (LONG,)),
	("HTML Editor", ""): ({LINES: AS_HTML}, (LONG,)),
	("Int", ""): (
		{"12": 12, "-3": -3, "٤٢": 42, "2147483647": 2147483647},
		("1.5", "a", "2147483648", "1e3", "9" * 30, "--1"),
	),
	("Float", ""): ({"1.5": 1.5, "٣٫٥": 3.5, "-2": -2.0}, ("1,5", "a", "NaN", "inf", "1e9", "9" * 13)),
	("Currency", ""): ({"1234.50": 1234.5}, ("1,234.50", "$5", "x")),
	("Percent", ""): ({"12.5": 12.5}, ("12%",)),
	("Date", ""): (
		{"2026-01-31": date(2026, 1, 31)},
		("31.01.2026", "2026-02-30", "0001-01-01", "today", "2026-01-31T10:00"),
	),
	("Datetime", ""): (
		{"2026-01-31T14:30": datetime(2026, 1, 31, 14, 30)},
		("14:30", "2026-01-31T25:00", "2026-01-31T14:30Z", "2026-01-31T14:30+02:00"),
	),
	("Time", ""): ({"14:30": timedelta(hours=14, minutes=30)}, ("25:00", "2 pm", "14:30+01:00")),
	("Duration", ""): (
		{"1d 2h 30m": seconds(days=1, hours=2, minutes=30), "90m": seconds(minutes=90)},
		("1:30", "90", "h", "1x"),
	),
	("Rating", ""): ({"4": 0.8, "5": 1.0}, ("0", "6", "4.5", "-1", "x")),
	("Rating", "10"): ({"10": 1.0}, ("11",)),
	("Check", ""): ({"1": 1, "0": 0}, ("2", "yes", "on")),
	("Select", "\nRed\nGreen"): ({"Red": "Red"}, ("Blue", "red", "Red\nGreen")),
	("Autocomplete", "Red\nGreen"): ({"Green": "Green"}, ("Blue",)),
	("Link", "HD Ticket Priority"): ({"High": "High"}, ("Nonsense", "high'", "%")),
}
NAMES = {key: f"filing_{number}" for number, key in enumerate(TYPES)}
GOOD_ROWS = [(key, text) for key, (good, _bad) in TYPES.items() for text in good]
BAD_ROWS = [(key, text) for key, (_good, bad) in TYPES.items() for text in bad]


def name_of(value: object) -> str:
	return str(value)[:40]


@pytest.fixture(scope="module")
def every_type(site):
	"""One form with a field of each type, and its name."""
	for (fieldtype, field_options), fieldname in NAMES.items():
		make_field(fieldname, fieldtype, options=field_options)
	yield make_form(*NAMES.values())
	drop_fields(*NAMES.values())


@pytest.fixture
def form(every_type, offered):
	offered(every_type)
	return every_type


def test_the_table_is_whole():
	"""Types with rows in this table or a test of their own below."""
	others = {"Password", "Attach", "Attach Image", "Table MultiSelect", "Dynamic Link"}
	v16_only = {"Long Int"}
	assert {fieldtype for fieldtype, _options in TYPES} | others | v16_only == set(kinds.KINDS)


def test_all_are_shown(form, member):
	page = member.get(page_of(form)).text
	for fieldname in NAMES.values():
		assert f'name="f_{fieldname}"' in page, fieldname


@pytest.mark.parametrize("key, text", GOOD_ROWS, ids=name_of)
def test_good_values_are_stored(form, member, key, text):
	ticket = ticket_of(fill(member, form, **{f"f_{NAMES[key]}": text}))
	assert ticket.get(NAMES[key]) == TYPES[key][0][text]


@pytest.mark.parametrize("key, text", BAD_ROWS, ids=name_of)
def test_bad_values_are_told_at_their_field(form, member, key, text):
	before = frappe.db.count("HD Ticket")
	answer = fill(member, form, **{f"f_{NAMES[key]}": text})
	assert answer.status_code == 422
	assert list(problems(answer.text)) == [f"f_{NAMES[key]}"]
	frappe.db.rollback()
	assert frappe.db.count("HD Ticket") == before


def test_an_empty_form_is_as_good_as_none(form, member):
	ticket = ticket_of(fill(member, form, **{f"f_{name}": "" for name in NAMES.values()}))
	for (fieldtype, _options), name in NAMES.items():
		assert not ticket.get(name), fieldtype


def test_several_values_for_one(form, member):
	answer = fill(member, form, **{f"f_{NAMES['Int', '']}": ["1", "2"]})
	assert list(problems(answer.text)) == [f"f_{NAMES['Int', '']}"]


class TestOthers:
	"""Types that take more than a text."""

	@pytest.fixture
	def fields(self, site):
		names = ("filing_secret", "filing_file", "filing_picture", "filing_many", "filing_kind", "filing_any")
		make_field("filing_secret", "Password")
		make_field("filing_file", "Attach")
		make_field("filing_picture", "Attach Image")
		make_field("filing_many", "Table MultiSelect", options="Portal Access Form")
		make_field("filing_kind", "Select", options="\nHD Ticket Priority\nUser")
		make_field("filing_any", "Dynamic Link", options="filing_kind")
		yield make_form(*names)
		drop_fields(*names)

	@pytest.fixture
	def form(self, fields, offered):
		offered(fields)
		return fields

	def test_a_password_is_kept_as_one_and_never_shown_again(self, form, member):
		answer = fill(member, form, subject="", f_filing_secret="s3cret-word")
		assert answer.status_code == 422
		assert "s3cret-word" not in answer.text
		ticket = ticket_of(fill(member, form, f_filing_secret="s3cret-word"))
		assert ticket.get_password("filing_secret") == "s3cret-word"
		assert "s3cret" not in ticket.filing_secret

	def test_files(self, form, member):
		picture = own_png()
		files = (("f_filing_file", "bill.pdf", PDF), ("f_filing_picture", "leak.png", picture))
		ticket = ticket_of(fill(member, form, files))
		for fieldname, content in (("filing_file", PDF), ("filing_picture", picture)):
			assert ticket.get(fieldname).startswith("/private/files/")
			stored = frappe.get_doc(
				"File", {"file_url": ticket.get(fieldname), "attached_to_field": fieldname}
			)
			assert (stored.attached_to_doctype, stored.attached_to_name) == ("HD Ticket", str(ticket.name))
			assert stored.is_private
			assert Path(stored.get_full_path()).read_bytes() == content

	def test_a_file_that_is_not_what_its_name_says(self, form, member):
		answer = fill(member, form, [("f_filing_file", "bill.pdf", HTML)])
		assert answer.status_code == 422
		assert list(problems(answer.text)) == ["f_filing_file"]
		assert "Choose your files again" in answer.text

	def test_several_files_for_one(self, form, member):
		many = [("f_filing_file", f"{number}.pdf", PDF) for number in range(2)]
		assert list(problems(fill(member, form, many).text)) == ["f_filing_file"]

	def test_several_values(self, form, member):
		page = member.get(page_of(form)).text
		assert "There is nothing to choose from." not in page
		chosen = frappe.get_all("HD Ticket Template", pluck="name", limit=2)
		ticket = ticket_of(fill(member, form, f_filing_many=[*chosen, chosen[0]]))
		assert [row.ticket_template for row in ticket.filing_many] == chosen
		answer = fill(member, form, f_filing_many=[chosen[0], "Nonsense"])
		assert list(problems(answer.text)) == ["f_filing_many"]

	def test_a_link_of_a_kind_that_is_chosen(self, form, member):
		ticket = ticket_of(fill(member, form, f_filing_kind="HD Ticket Priority", f_filing_any="Low"))
		assert ticket.filing_any == "Low"
		for kind, value in (("", "Low"), ("User", "Administrator"), ("HD Ticket Priority", "Administrator")):
			answer = fill(member, form, f_filing_kind=kind, f_filing_any=value)
			assert list(problems(answer.text)) == ["f_filing_any"]


def test_what_no_form_can_ask_for_is_not_shown(offered, member):
	"""A table and a heading; nothing is taken for them either."""
	names = ("filing_table", "filing_heading")
	make_field("filing_table", "Table", options="Portal Access Form")
	make_field("filing_heading", "Heading")
	try:
		form = make_form(*({"fieldname": name, "required": 1} for name in names))
		offered(form)
		assert "f_filing_" not in member.get(page_of(form)).text
		assert not ticket_of(fill(member, form, f_filing_table="x")).filing_table
	finally:
		drop_fields(*names)


def test_one_form_in_two_organisations(every_type, sign_in_as):
	for one in (make_organisation(), make_organisation("globex")):
		offer(one, every_type)
		assert ticket_of(fill(sign_in_as(one.address()), every_type)).customer == one.customer
