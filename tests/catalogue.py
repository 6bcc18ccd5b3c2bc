"""Collects every translatable text of the app with Frappe's own extractors, as ``bench generate-pot-file`` does.

``python -m tests.catalogue`` writes locale/main.pot and brings the .po files in step with it, keeping what is
translated. Unlike the bench command it also works where the app's folder is a link into the bench.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po
from frappe.gettext.extractors.utils import extract_messages_from_docfield

from customer_portal.customizations import CUSTOM_FIELDS

APP = Path(__file__).resolve().parent.parent / "customer_portal"
LOCALE = APP / "locale"
EXTRACTORS = (
	("**/doctype/*/*.json", "frappe.gettext.extractors.doctype.extract"),
	("**/workspace/*/*.json", "frappe.gettext.extractors.workspace.extract"),
	("**.py", "frappe.gettext.extractors.python.extract"),
	("**.js", "frappe.gettext.extractors.javascript.extract"),
	("**.html", "frappe.gettext.extractors.html_template.extract"),
)
HEADER = """# Translations of Customer Portal.
# AGPL-3.0-or-later
#"""


def extracted() -> Catalog:
	"""All texts of the source, the labels of our custom fields among them."""
	catalog = _new()
	for filename, _line, text, comments, context in _from_files():
		catalog.add(
			text, locations=[(f"customer_portal/{filename}", None)], auto_comments=comments, context=context
		)
	for doctype, fields in CUSTOM_FIELDS.items():
		for field in fields:
			for text, comment in extract_messages_from_docfield(doctype, field):
				catalog.add(text, auto_comments=[comment])
	return catalog


def of_language(code: str) -> Catalog:
	with (LOCALE / f"{code}.po").open("rb") as file:
		return read_po(file, locale=code.replace("-", "_"))


def messages(catalog: Catalog) -> dict[tuple[str, str | None], Message]:
	return {(message.id, message.context): message for message in catalog if message.id}


def write() -> None:
	source = extracted()
	_save(source, LOCALE / "main.pot")
	for path in LOCALE.glob("*.po"):
		catalog = of_language(path.stem)
		catalog.update(source, no_fuzzy_matching=True)
		_save(catalog, path)


def _from_files() -> Iterator[tuple]:
	keywords = {**DEFAULT_KEYWORDS, "_lt": None}
	found = extract_from_dir(APP, EXTRACTORS, keywords=keywords, directory_filter=_is_source)
	yield from (row for row in found if row[2])


def _is_source(folder: str) -> bool:
	return not Path(folder).is_symlink() and not Path(folder).name.startswith((".", "_"))


def _new() -> Catalog:
	return Catalog(
		domain="messages",
		header_comment=HEADER,
		project="Customer Portal",
		msgid_bugs_address="maintainers@customer-portal.invalid",
		last_translator="maintainers@customer-portal.invalid",
		language_team="maintainers@customer-portal.invalid",
		fuzzy=False,
	)


def _save(catalog: Catalog, path: Path) -> None:
	with path.open("wb") as file:
		write_po(file, catalog, sort_output=True, ignore_obsolete=True, width=None, include_lineno=False)


if __name__ == "__main__":
	sys.exit(write())
