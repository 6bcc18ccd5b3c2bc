"""The texts of pages, in the language of the request."""

from customer_portal import texts


def translate(text: str) -> str:
	return texts.translate(text)
