"""E-mail addresses in their comparable form."""

import pytest

from customer_portal.mail_addresses import mailbox as mailbox_of
from customer_portal.mail_addresses import normal_email, tagged_pattern
from customer_portal.otp.recipients import Recipient


@pytest.mark.parametrize(
	("typed", "expected"),
	[
		("name@example.com", "name@example.com"),
		(" Name@Example.COM ", "name@example.com"),
		("\u200ename@example.com\u200f", "name@example.com"),
		("name+tag@example.com", "name+tag@example.com"),
		("näme@exämple.com", "näme@xn--exmple-cua.com"),
		("name@XN--EXMPLE-CUA.com", "name@xn--exmple-cua.com"),
		("name@مثال.example", "name@xn--mgbh0fb.example"),
		("o'brien@example.com", "o'brien@example.com"),
		("first.last@example.com", "first.last@example.com"),
		("!#$%&'*+-/=?^_`{|}~@example.com", "!#$%&'*+-/=?^_`{|}~@example.com"),
		("محمد.علي@example.com", "محمد.علي@example.com"),
		("कि@example.com", "कि@example.com"),
	],
)
def test_addresses(typed, expected):
	assert normal_email(typed) == expected


@pytest.mark.parametrize(
	"typed",
	[
		"",
		" ",
		None,
		"name",
		"@example.com",
		"name@",
		"a b@example.com",
		"a@example.com, b@example.com",
		"a@example.com;b@example.com",
		"Name <name@example.com>",
		"name@example.com\nBcc: x@example.com",
		"name@example.com\x00",
		"name@" + "a" * 64 + ".com",
		"name@exa..mple.com",
		"n" * 250 + "@example.com",
		"n" * 100_000,
		"a(b)@example.com",
		"name@example.com(c)",
		"name@exa(c)mple.com",
		'"name"@example.com',
		'"a b"@example.com',
		"a\\b@example.com",
		"a@b@example.com",
		"a:b@example.com",
		"name@[192.0.2.1]",
		"name@exam_ple.com",
		"name@example!com",
		".name@example.com",
		"name.@example.com",
		"na..me@example.com",
		"name\u2028@example.com",
		"name\ue000@example.com",
		"groß@example.com",  # a column takes it for "gross"
	],
)
def test_what_is_no_address(typed):
	assert normal_email(typed) is None


def test_a_look_alike_is_another_address():
	"""Dotless i, Kelvin sign and the like: the code would go to the stored address in any case."""
	assert normal_email("mıke@example.com") != normal_email("mike@example.com")


@pytest.mark.parametrize(
	("address", "mailbox"),
	[
		("mona@acme.example", "mona@acme.example"),
		("mona+1@acme.example", "mona@acme.example"),
		("mona+1+2@acme.example", "mona@acme.example"),
		("+mona@acme.example", "+mona@acme.example"),
	],
)
def test_the_mailbox_of_an_address(address, mailbox):
	assert mailbox_of(address) == mailbox


def test_the_pattern_of_a_mailbox_has_no_wildcards_of_the_address():
	assert tagged_pattern("m_o%na+1@acme.example") == r"m\_o\%na+%@acme.example"


def test_the_stored_spelling_is_what_gets_the_mail():
	recipient = Recipient("Email", "Name@Example.com")
	assert recipient.address == "Name@Example.com"
	assert recipient.key == "name@example.com"


def test_masks():
	assert Recipient("Email", "name@example.com").masked == "n•••@example.com"
	assert Recipient("SMS", "+966501234567").masked == "+966 ••• 567"


@pytest.mark.parametrize("length", [137, 138, 140, 254])
def test_a_mask_fits_into_its_column(length):
	address = f"n@{'d' * (length - 14)}.example.com"
	masked = Recipient("Email", address).masked
	assert len(masked) <= 140
	assert masked.startswith("n•••@ddd")
