"""The language switch."""

from datetime import datetime, timedelta

from werkzeug.wrappers import Response

from customer_portal.clock import utc_now
from customer_portal.exceptions import PortalError
from customer_portal.pages import cookies, forms, languages, views
from customer_portal.pages.visitor import PREFIX, Visitor

LIFETIME = timedelta(days=365)


def choose_language(visitor: Visitor) -> Response:
	visitor.check_form()
	language = forms.field(visitor.request, "language")
	if language not in languages.offered():
		raise PortalError
	response = views.see_other(visitor.home)
	cookies.set_cookie(response, cookies.LANGUAGE, language, PREFIX, end_of_choice())
	return response


def end_of_choice() -> datetime:
	"""Naive UTC."""
	return utc_now() + LIFETIME
