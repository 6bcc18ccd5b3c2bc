"""The catalogue is in step with the source, and every language is whole."""

import re
from string import Formatter

import pytest

from tests import catalogue

LANGUAGES = sorted(path.stem for path in catalogue.LOCALE.glob("*.po"))
FULL_STOPS = "।۔"  # Hindi, Urdu
BIDIRECTIONAL_MARKS = re.compile("[\u200e\u200f\u202a-\u202e]")


@pytest.fixture(scope="module")
def source():
	return catalogue.messages(catalogue.extracted())


def test_arabic_is_there():
	assert "ar" in LANGUAGES


def test_the_template_is_in_step_with_the_source(source):
	with (catalogue.LOCALE / "main.pot").open("rb") as file:
		written = catalogue.messages(catalogue.read_po(file))
	assert set(written) == set(source), "Run python -m tests.catalogue"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_missing_or_left_over(source, language):
	translated = catalogue.messages(catalogue.of_language(language))
	assert set(translated) == set(source), "Run python -m tests.catalogue"
	assert not [text for (text, _), message in translated.items() if not message.string]


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_a_guess(language):
	assert not [text for (text, _), message in _of(language) if message.fuzzy]


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_are_the_same(language):
	wrong = [text for (text, _), message in _of(language) if _places(text) != _places(message.string)]
	assert not wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_end_is_the_same(language):
	"""A sentence stays a sentence, and a label a label."""
	wrong = [text for (text, _), message in _of(language) if _ending(text) != _ending(message.string)]
	assert not wrong


def _of(language: str):
	return catalogue.messages(catalogue.of_language(language)).items()


def _places(text: str) -> list[str]:
	return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def _ending(text: str) -> str:
	last = BIDIRECTIONAL_MARKS.sub("", text).strip()[-1]
	if last in FULL_STOPS:
		return "."
	return last if last in ".:" else ""
