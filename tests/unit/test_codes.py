"""Codes: derived, read as people type them, and spread evenly."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_portal.otp import codes

KEY = b"k" * 32


@pytest.mark.parametrize("digits", [4, 5, 6, 7, 8])
def test_a_code_has_the_asked_number_of_digits(digits):
	made = [codes.generate(KEY, f"seed {number}", digits) for number in range(300)]
	assert {len(code) for code in made} == {digits}
	assert all(code.isascii() and code.isdigit() for code in made)
	assert any(code.startswith("0") for code in made)


def test_the_same_seed_gives_the_same_code():
	assert codes.generate(KEY, "seed", 8) == codes.generate(KEY, "seed", 8)


def test_another_seed_or_key_gives_another_code():
	assert codes.generate(KEY, "seed", 8) != codes.generate(KEY, "seed 2", 8)
	assert codes.generate(KEY, "seed", 8) != codes.generate(b"other", "seed", 8)


def test_codes_are_spread_evenly():
	"""1000 codes over ten first digits: 100 each, and none further off than chance explains (7 sigma)."""
	firsts = [codes.generate(KEY, str(number), 4)[0] for number in range(1000)]
	assert all(33 < firsts.count(digit) < 167 for digit in "0123456789")


@pytest.mark.parametrize(
	("typed", "code"),
	[
		("1234", "1234"),
		("12345678", "12345678"),
		(" 1234 ", "1234"),
		("12 34", "1234"),
		("12-34", "1234"),
		("123 456", "123456"),
		("123\u00a0456", "123456"),
		("123–456", "123456"),
		("٠١٢٣", "0123"),
		("۰۱۲۳۴۵", "012345"),
		("१२३४", "1234"),
		("1234", "1234"),
		("\u200e1234\u200f", "1234"),
		("1234\n", "1234"),
	],
)
def test_codes_as_people_enter_them(typed, code):
	assert codes.read(typed) == code


@pytest.mark.parametrize(
	"typed",
	[
		"",
		" ",
		"123",
		"123456789",
		"12a4",
		"1.234",
		"+1234",
		"½234",
		"²²²²",
		"\x001234",
		"1" * 100_000,
		None,
		1234,
	],
)
def test_what_is_no_code(typed):
	assert codes.read(typed) is None


@settings(deadline=None)
@given(st.text())
def test_any_text_is_read_or_refused(text):
	code = codes.read(text)
	assert code is None or (code.isascii() and code.isdigit() and 4 <= len(code) <= 8)


def test_digests_are_compared():
	assert codes.is_same("ab", "ab")
	assert not codes.is_same("ab", "ac")
	assert not codes.is_same("ab", "")
