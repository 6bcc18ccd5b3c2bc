"""Phone numbers as people type them, against the E.164 form that they mean."""

import pytest

from customer_portal import phones

SAUDI = "+966501234567"
SAUDI_FORMS = [
	"0501234567",
	"501234567",
	"966501234567",
	"+966501234567",
	"00966501234567",
	"050 123 4567",
	"050-123-4567",
	"(050) 123 4567",
	"050.123.4567",
	"+966 50 123 4567",
	"+966-50-123-4567",
	"+966 (0)50 123 4567",
	"+966 (0) 50 123 4567",
	"(+966) 50 123 4567",
	"9660501234567",
	"+9660501234567",
	"00966 50 123 4567",
	"009660501234567",
	" 0501234567 ",
	"\t0501234567\n",
	"٠٥٠١٢٣٤٥٦٧",
	"٠٥٠ ١٢٣ ٤٥٦٧",
	"٩٦٦٥٠١٢٣٤٥٦٧",
	"+٩٦٦٥٠١٢٣٤٥٦٧",
	"٠٠٩٦٦٥٠١٢٣٤٥٦٧",
	"۰۵۰۱۲۳۴۵۶۷",
	"+۹۶۶ ۵۰ ۱۲۳ ۴۵۶۷",
	"۰۰۹۶۶۵۰۱۲۳۴۵۶۷",
	"٠٥٠123٤٥٦٧",
	"0501234567",
	"+966501234567",
	"\u200e+966501234567",
	"\u200f0501234567\u200e",
	"\u202a+966 50 123 4567\u202c",
	"\u2066+966501234567\u2069",
	"\u061c0501234567",
	"\ufeff0501234567",
	"050\u200b123\u200b4567",
	"050\u00a0123\u00a04567",
	"050\u202f123\u202f4567",
	"050\u2009123\u20094567",
	"050–123–4567",
	"050—123—4567",
	"050‑123‑4567",
	"050−123−4567",
	"050/123/4567",
	"[050] 1234567",
]


@pytest.mark.parametrize("typed", SAUDI_FORMS)
def test_saudi_forms(typed):
	assert phones.normalise(typed, "SA") == SAUDI


@pytest.mark.parametrize(
	("region", "typed", "expected"),
	[
		("SA", "0112345678", "+966112345678"),
		("SA", "8001234567", "+9668001234567"),
		("AE", "050 123 4567", "+971501234567"),
		("AE", "00971501234567", "+971501234567"),
		("EG", "01001234567", "+201001234567"),
		("EG", "٠١٠٠١٢٣٤٥٦٧", "+201001234567"),
		("JO", "079 012 3456", "+962790123456"),
		("KW", "50012345", "+96550012345"),
		("IN", "098765 43210", "+919876543210"),
		("IN", "९८७६५४३२१०", "+919876543210"),
		("PK", "0301 2345678", "+923012345678"),
		("IR", "۰۹۱۲۳۴۵۶۷۸۹", "+989123456789"),
		("TR", "0501 234 56 78", "+905012345678"),
		("DE", "0151 23456789", "+4915123456789"),
		("DE", "+49 (0)151 23456789", "+4915123456789"),
		("FR", "06 12 34 56 78", "+33612345678"),
		("ES", "612 34 56 78", "+34612345678"),
		("IT", "06 1234 5678", "+390612345678"),
		("IT", "312 345 6789", "+393123456789"),
		("GB", "07400 123456", "+447400123456"),
		("GB", "+44 (0) 7400 123456", "+447400123456"),
		("US", "(201) 555-0123", "+12015550123"),
		("US", "1 201 555 0123", "+12015550123"),
		("US", "011 966 50 123 4567", SAUDI),
		("US", "00 966 50 123 4567", SAUDI),
		("BR", "(11) 96123-4567", "+5511961234567"),
		("MX", "222 123 4567", "+522221234567"),
		("ID", "0812-345-678", "+62812345678"),
		("AU", "0412 345 678", "+61412345678"),
		("SG", "8123 4567", "+6581234567"),
		("NG", "0802 123 4567", "+2348021234567"),
	],
)
def test_other_countries(region, typed, expected):
	assert phones.normalise(typed, region) == expected


@pytest.mark.parametrize(
	("typed", "expected"),
	[
		("+44 7400 123456", "+447400123456"),
		("447400123456", "+447400123456"),
		("00447400123456", "+447400123456"),
		("+1 201 555 0123", "+12015550123"),
		("971501234567", "+971501234567"),
		("+201001234567", "+201001234567"),
	],
)
def test_a_foreign_number_in_a_saudi_shop(typed, expected):
	assert phones.normalise(typed, "SA") == expected


def test_without_a_region_only_international_forms_are_read():
	assert phones.normalise("+966501234567", None) == SAUDI
	assert phones.normalise("00966501234567", "") == SAUDI
	assert phones.normalise("0501234567", None) is None


@pytest.mark.parametrize(
	"typed",
	[
		"",
		" ",
		None,
		"0",
		"05",
		"050123456",
		"05012345678",
		"0001234567",
		"+",
		"00",
		"+966",
		"+9665",
		"+96650123456789",
		"+999501234567",
		"abc",
		"call 0501234567",
		"050-CALL-NOW",
		"0501234567 ext 5",
		"0501234567x5",
		"0501234567;ext=5",
		"0501234567#5",
		"0501234567,5",
		"0501234567 0501234568",
		"0501234567/0501234568",
		"name@example.com",
		"tel:+966501234567",
		"<script>",
		"' OR 1=1 --",
		"٠٥٠",
		"\x00",
		"0501234567\x00",
		"5" * 64,
		"5" * 100_000,
		"\u200e" * 30,
		"+966501234567" + " " * 100,
		"½½½½½½½½½",
		"²³¹²³¹²³¹",
	],
)
def test_what_is_no_number(typed):
	assert phones.normalise(typed, "SA") is None


@pytest.mark.parametrize("typed", SAUDI_FORMS)
def test_normalising_twice_changes_nothing(typed):
	once = phones.normalise(typed, "SA")
	assert phones.normalise(once, "US") == once


@pytest.mark.parametrize(
	("number", "country"),
	[(SAUDI, "SA"), ("+12015550123", "US"), ("+447400123456", "GB"), ("+393123456789", "IT"), ("x", None)],
)
def test_country_code(number, country):
	assert phones.country_code(number) == country


def test_mask_shows_the_country_and_three_digits():
	assert phones.mask(SAUDI) == "+966 ••• 567"


@pytest.mark.parametrize("region", ["SA", "GB", "US", None, "", "ZZ"])
def test_the_example_is_a_number(region):
	assert phones.normalise(phones.example(region), region)
