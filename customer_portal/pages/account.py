"""What belongs to the whole organisation portal and to no ticket: the language, and the way out."""

import re

import frappe
from werkzeug.wrappers import Request, Response

from customer_portal import accounts
from customer_portal.exceptions import PortalError
from customer_portal.pages import cookies, forms, languages, members, newcomer, preferences, views
from customer_portal.pages.newcomer import DOOR

_PLACE = re.compile(rf"{DOOR}(/[\w-]{{1,40}}){{0,3}}", re.ASCII)


def choose_language(request: Request, _starred: tuple[str, ...]) -> Response:
	"""A member's choice is kept in their profile, a newcomer's in a cookie."""
	is_guest = frappe.session.user == "Guest"
	visitor = newcomer.receive(request) if is_guest else members.receive(request)
	visitor.check_form()
	language = forms.field(request, "language")
	if language not in languages.offered():
		raise PortalError
	response = views.see_other(_place(request))
	if is_guest:
		cookies.set_cookie(response, cookies.LANGUAGE, language, DOOR, preferences.end_of_choice())
	else:
		accounts.set_language(visitor.member.user, language)
	return response


def _place(request: Request) -> str:
	"""The page on which the language was chosen, which its form names; nothing but a page of the portal."""
	named = forms.optional_field(request, "at")
	return named if _PLACE.fullmatch(named) else DOOR


def sign_out(request: Request, _starred: tuple[str, ...]) -> Response:
	visitor = members.receive(request)
	visitor.check_form()
	frappe.local.login_manager.logout()
	return views.see_other(DOOR)
