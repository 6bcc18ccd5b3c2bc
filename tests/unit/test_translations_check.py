"""Which texts of a template are not there in a customer's language."""

import pytest

from customer_portal.statuses import MainStatus, SubStatus, TicketTemplate, Wording
from customer_portal.translations_check import Gap, gaps

SHIPPED = {("In progress", "ar"), ("In progress", "fr")}


def sub_status(name: str, **values) -> SubStatus:
	fields = {
		"name": name,
		"label": f"Internal {name}",
		"enabled": True,
		"main_status": 1,
		"customer_label": f"Label {name}",
		"is_default": False,
		"notify": True,
		"message": "",
		"next_step": "",
		"ball": "",
	}
	return SubStatus(**{**fields, **values})


def template(*rows: SubStatus, wordings=None, main: str = "In progress", **more) -> TicketTemplate:
	mains = (MainStatus(1, main, "Open", frozenset({"Open"})),)
	return TicketTemplate("T", mains, rows, wordings or {}, **more)


def missing(picture: TicketTemplate, *languages: str, own: str = "en", whatsapp: bool = False) -> list[Gap]:
	def is_translated(text: str, language: str) -> bool:
		return (text, language) in SHIPPED

	return gaps(picture, languages, own, is_translated, whatsapp)


def test_a_label_without_a_row_is_missing():
	assert missing(template(sub_status("a")), "ar") == [Gap("ar", "label", "Internal a", "Label a")]


def test_a_row_or_the_catalogue_is_enough():
	rows = {("ar", "a"): Wording("بطاقة", "", "")}
	picture = template(sub_status("a"), sub_status("b", customer_label="In progress"), wordings=rows)
	assert missing(picture, "ar") == []


def test_each_part_counts_for_itself():
	row = sub_status("a", message="Please call.", next_step="We wait.")
	rows = {("ar", "a"): Wording("بطاقة", "", "ننتظر")}
	assert missing(template(row, wordings=rows), "ar") == [Gap("ar", "message", "Internal a", "Please call.")]


def test_main_statuses_count_too():
	(gap,) = missing(template(main="Being done"), "fr")
	assert gap == Gap("fr", "label", "Being done", "Being done", is_main=True)
	rows = {("fr", "1"): Wording("En cours", "", "")}
	assert missing(template(main="Being done", wordings=rows), "fr") == []


@pytest.mark.parametrize(("language", "own"), [("en", "en"), ("en-GB", "en"), ("pt-BR", "pt")])
def test_the_sites_own_language_needs_no_translation(language, own):
	assert missing(template(sub_status("a")), language, own=own) == []


def test_a_row_of_the_language_serves_its_regions():
	rows = {("pt", "a"): Wording("Etiqueta", "", ""), ("pt", "1"): Wording("Em curso", "", "")}
	assert missing(template(sub_status("a"), wordings=rows), "pt-BR") == []


def test_what_no_customer_reads_is_not_missing():
	picture = template(
		sub_status("a", enabled=False),
		sub_status("b", notify=False, customer_label="In progress", message="Psst"),
	)
	assert missing(picture, "ar") == []


def test_whatsapp_is_asked_for_every_language_when_it_is_used():
	picture = template(sub_status("a"))
	assert missing(picture, "en") == []
	assert missing(picture, "en", whatsapp=True) == [Gap("en", "WhatsApp", "")]


def test_whatsapp_templates_of_some_sub_statuses():
	picture = template(sub_status("a"), sub_status("b"), whatsapp_templates={("en", "a"): "HX1"})
	assert missing(picture, "en", whatsapp=True) == [Gap("en", "WhatsApp", "Internal b")]
	for_all = template(sub_status("a"), sub_status("b"), whatsapp_templates={("en", ""): "HX1"})
	assert missing(for_all, "en", whatsapp=True) == []


def test_whatsapp_is_not_missed_where_it_is_not_told():
	quiet = template(
		sub_status("a"), sub_status("b", notify=False), exclusions=frozenset({("a", "WhatsApp")})
	)
	assert missing(quiet, "en", whatsapp=True) == []
