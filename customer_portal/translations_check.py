"""Which texts of a template its customers would read in another language than their own.

Pure: what the catalogues translate comes from the caller.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from customer_portal import statuses
from customer_portal.statuses import SubStatus, TicketTemplate

LABEL, MESSAGE, NEXT_STEP = "label", "message", "next_step"
WHATSAPP = "WhatsApp"


@dataclass(frozen=True)
class Gap:
	"""``part`` is "label", "message", "next_step" or "WhatsApp"; ``text`` is what would be shown instead.

	``status`` is for agents: the sub-status's internal label, the main status's label, or empty when a language
	has no WhatsApp template at all.
	"""

	language: str
	part: str
	status: str
	text: str = ""
	is_main: bool = False


def gaps(
	template: TicketTemplate,
	languages: Iterable[str],
	own_language: str,
	is_translated: Callable[[str, str], bool],
	with_whatsapp: bool,
) -> list[Gap]:
	"""What is missing in each of the ``languages``, in the template's order.

	The template's own texts are taken to be in ``own_language``, that of the site. ``is_translated`` says whether
	the catalogue of a language has a text. Disabled sub-statuses count for nothing, and neither do messages of
	changes that are not told.
	"""
	found: list[Gap] = []
	for language in languages:
		if _base(language) != _base(own_language):
			found += _texts(template, language, is_translated)
		if with_whatsapp:
			found += _whatsapp(template, language)
	return found


def _texts(
	template: TicketTemplate, language: str, is_translated: Callable[[str, str], bool]
) -> Iterator[Gap]:
	for main in template.main_statuses:
		if not _is_there(template, str(main.position), LABEL, main.label, language, is_translated):
			yield Gap(language, LABEL, main.label, main.label, is_main=True)
	for row in statuses.choices(template):
		for part, text in _parts(row):
			if not _is_there(template, row.name, part, text, language, is_translated):
				yield Gap(language, part, row.label, text)


def _parts(row: SubStatus) -> Iterator[tuple[str, str]]:
	yield LABEL, row.customer_label
	if row.message and row.notify:
		yield MESSAGE, row.message
	if row.next_step:
		yield NEXT_STEP, row.next_step


def _is_there(
	template: TicketTemplate,
	key: str,
	part: str,
	text: str,
	language: str,
	is_translated: Callable[[str, str], bool],
) -> bool:
	return bool(statuses.worded(template, key, part, language)) or is_translated(text, language)


def _whatsapp(template: TicketTemplate, language: str) -> list[Gap]:
	"""One line instead of many where a language has no message template at all."""
	told = [
		row
		for row in statuses.choices(template)
		if row.notify and statuses.is_told(template, row.name, WHATSAPP)
	]
	without = [row for row in told if not statuses.whatsapp_template(template, row.name, language)]
	if without and len(without) == len(told):
		return [Gap(language, WHATSAPP, "")]
	return [Gap(language, WHATSAPP, row.label) for row in without]


def _base(language: str) -> str:
	return language.split("-")[0]
