"""What belongs to the member and to no ticket: name, language, time zone, mails, and the way out."""

import re
from collections.abc import Callable

import frappe
from werkzeug.wrappers import Request, Response

from customer_portal import accounts
from customer_portal.accounts import Account
from customer_portal.exceptions import PortalError
from customer_portal.pages import (
	brand,
	cookies,
	forms,
	languages,
	members,
	newcomer,
	preferences,
	told,
	views,
)
from customer_portal.pages.members import MemberVisitor
from customer_portal.pages.newcomer import DOOR
from customer_portal.pages.team import STYLE

HOME = f"{DOOR}/account"
_PLACE = re.compile(rf"{DOOR}(/[\w-]{{1,40}}){{0,3}}", re.ASCII)


def show(request: Request, _starred: tuple[str, ...]) -> Response:
	visitor = members.receive(request, HOME)
	return _page(visitor, accounts.read(visitor.member.user), is_saved=forms.query(request, "saved") == "1")


def change(request: Request, _starred: tuple[str, ...]) -> Response:
	visitor = members.receive(request, HOME)
	visitor.check_form()
	wanted = _wanted(visitor)
	return told.act(
		lambda: accounts.change(visitor.member.user, wanted),
		f"{HOME}?saved=1",
		lambda problem: _page(visitor, wanted, problem),
	)


def _wanted(visitor: MemberVisitor) -> Account:
	"""Raises ``PortalError`` for what the form does not offer."""
	request = visitor.request
	language, digest = forms.field(request, "language"), forms.optional_field(request, "digest")
	kept = accounts.read(visitor.member.user).language
	if (language not in languages.offered() and language != kept) or digest not in ("", "1"):
		raise PortalError
	return Account(
		name=forms.field(request, "name"),
		language=language,
		time_zone=forms.field(request, "time_zone"),
		replies=forms.field(request, "replies"),
		wants_digest=digest == "1",
	)


def _page(
	visitor: MemberVisitor, account: Account, problem: PortalError | None = None, is_saved: bool = False
) -> Response:
	return views.page(
		"account.html",
		visitor,
		problem.http_status_code if problem else 200,
		styles=(STYLE,),
		place="account",
		account=account,
		replies=accounts.REPLIES,
		zones=accounts.time_zones(),
		problem=problem.message if problem else "",
		is_saved=is_saved,
		contact=brand.contact(),
	)


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


def _signs_out(end: Callable[[MemberVisitor], None]) -> Callable[[Request, tuple[str, ...]], Response]:
	def handle(request: Request, _starred: tuple[str, ...]) -> Response:
		visitor = members.receive(request)
		visitor.check_form()
		end(visitor)
		frappe.local.login_manager.logout()
		return views.see_other(DOOR)

	return handle


sign_out = _signs_out(lambda visitor: None)
sign_out_everywhere = _signs_out(lambda visitor: accounts.sign_out_everywhere(visitor.member.user))
