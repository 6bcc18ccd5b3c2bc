"""Tables as files for spreadsheet programs, sent while they are made: memory holds one batch of rows.

No cell is a formula. OWASP, "CSV Injection" (https://owasp.org/www-community/attacks/CSV_Injection): every cell is
quoted, quotes are doubled, and an apostrophe stands before each sign that begins a formula, also after a separator or a
quote inside a text, where a program with another separator would begin a cell.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import to_excel

from customer_portal.exceptions import ExportTooLong

Cell = str | int | datetime | None
Batches = Iterable[Sequence[Sequence[Cell]]]
CSV, XLSX = "csv", "xlsx"
MIME_TYPES = {
	CSV: "text/csv; charset=utf-8",
	XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
BOM = "\ufeff"  # without it Excel takes UTF-8 for the code page of Windows
MOST_ROWS = 1_048_576  # of a sheet, https://support.microsoft.com/office/1672b34d-7043-467e-8e27-269d656771c3
LONGEST_TITLE = 31
WIDTHS = (10, 48, 24, 16, 20, 12, 28, 24, 20, 20)  # characters
TIME_FORMAT = "yyyy-mm-dd hh:mm"
_SHEET = "xl/worksheets/sheet1.xml"
_SIGNS = "=+\\-@\uff1d\uff0b\uff0d\uff20"  # also in full width, as Excel reads them
_FORMULA = re.compile(rf"(^\s*|[,;|\"'])(?=[{_SIGNS}])")
_NOT_IN_A_TITLE = re.compile(r"[\\*?:/\[\]]")
# Line ends and tabs begin cells; the others are in no XML 1.0 (2.2) or no UTF-8.
_UNWRITABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]+")


def neutral(text: str) -> str:
	"""The text as no program takes it for a formula, in one line."""
	return _FORMULA.sub(r"\1'", _UNWRITABLE.sub(" ", text))


def comma_separated(head: Sequence[str], batches: Batches, broken: str) -> Iterator[bytes]:
	"""RFC 4180 in UTF-8. A file that ends too early says ``broken`` in its last line: it looks whole otherwise."""
	text = io.StringIO()
	writer = csv.writer(text, quoting=csv.QUOTE_ALL)
	text.write(BOM)
	writer.writerow([neutral(name) for name in head])
	yield _taken(text)
	try:
		for batch in batches:
			writer.writerows([[_plain(cell) for cell in row] for row in batch])
			yield _taken(text)
	except Exception:
		writer.writerow([neutral(broken)])
		yield _taken(text)
		raise


def workbook(head: Sequence[str], batches: Batches, title: str, is_rtl: bool) -> Iterator[bytes]:
	"""An Office Open XML workbook (ECMA-376) of one sheet. One that ends too early opens nowhere.

	openpyxl makes all but the rows: it writes a file when all of them are known. Raises ``ExportTooLong`` past what a
	sheet holds.
	"""
	parts, before, after, time_style = _empty_workbook(head, title, is_rtl)
	sink = _Sink()
	with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
		for name, content in parts.items():
			archive.writestr(name, content)
		yield sink.taken()
		with archive.open(_SHEET, "w", force_zip64=True) as sheet:
			sheet.write(before)
			count = 1
			for batch in batches:
				count += len(batch)
				if count > MOST_ROWS:
					raise ExportTooLong
				sheet.write("".join(_row(row, time_style) for row in batch).encode())
				yield sink.taken()
			sheet.write(after)
	yield sink.taken()


class _Sink:
	"""A file that cannot be sought in: what ``zipfile`` writes, until it is taken."""

	def __init__(self) -> None:
		self.chunks: list[bytes] = []

	def write(self, data: bytes) -> int:
		self.chunks.append(bytes(data))
		return len(data)

	def flush(self) -> None:
		"""Nothing waits elsewhere."""

	def taken(self) -> bytes:
		chunks, self.chunks = self.chunks, []
		return b"".join(chunks)


def _taken(text: io.StringIO) -> bytes:
	written = text.getvalue().encode()
	text.seek(0)
	text.truncate()
	return written


def _plain(cell: Cell) -> str:
	if isinstance(cell, datetime):
		return cell.strftime("%Y-%m-%d %H:%M")
	return neutral(cell) if isinstance(cell, str) else "" if cell is None else str(cell)


def _row(cells: Sequence[Cell], time_style: int) -> str:
	"""CT_Row of ECMA-376, 18.3.1.73, without the optional references."""
	return f"<row>{''.join(_cell(cell, time_style) for cell in cells)}</row>"


def _cell(cell: Cell, time_style: int) -> str:
	if isinstance(cell, datetime):
		return f'<c s="{time_style}"><v>{to_excel(cell.replace(second=0, microsecond=0))}</v></c>'
	if isinstance(cell, int):
		return f"<c><v>{cell}</v></c>"
	if not cell:
		return "<c/>"
	return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(neutral(cell))}</t></is></c>'


def _empty_workbook(
	head: Sequence[str], title: str, is_rtl: bool
) -> tuple[dict[str, bytes], bytes, bytes, int]:
	"""All parts but the sheet, what comes before and after the sheet's rows, and the style of times."""
	book = Workbook()
	sheet = book.active
	sheet.title = _NOT_IN_A_TITLE.sub(" ", title)[:LONGEST_TITLE].strip(" '") or book.active.title
	sheet.sheet_view.rightToLeft = is_rtl
	sheet.freeze_panes = "A2"
	for number, (name, width) in enumerate(zip(head, WIDTHS, strict=True), 1):
		cell = sheet.cell(1, number, neutral(name))
		cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
		sheet.column_dimensions[get_column_letter(number)].width = width
	sample = sheet.cell(2, 1)
	sample.number_format = TIME_FORMAT
	time_style = sample.style_id
	sheet.delete_rows(2)
	made = io.BytesIO()
	book.save(made)
	with zipfile.ZipFile(made) as archive:
		parts = {name: archive.read(name) for name in archive.namelist()}
	without_size = re.sub(rb"<dimension [^>]*/>", b"", parts.pop(_SHEET))
	before, end, after = without_size.partition(b"</sheetData>")
	return parts, before, end + after, time_style
