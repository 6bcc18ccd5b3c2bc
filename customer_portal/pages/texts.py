"""The texts of pages, in the language of the request."""

from customer_portal import texts


def translate(text: str) -> str:
	return texts.translate(text)


def has(text: str, language: str) -> bool:
	"""Whether the catalogue of a language, or an admin's own Translation, has this text."""
	return text in texts.catalogue(language)
