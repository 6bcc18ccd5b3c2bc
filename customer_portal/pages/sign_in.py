"""The way into the organisation portal: an e-mail address, then the mail's code or its link."""

from math import ceil

import frappe
from werkzeug.wrappers import Request, Response

from customer_portal import access, settings
from customer_portal.clock import utc_now
from customer_portal.exceptions import SignInLinkNotFound, SignInMethodMissing
from customer_portal.otp import outcome, record
from customer_portal.otp.outcome import Outcome
from customer_portal.pages import cookies, forms, newcomer, views, wanted
from customer_portal.pages.members import TICKETS
from customer_portal.pages.newcomer import Newcomer
from customer_portal.pages.texts import translate as _
from customer_portal.request_address import client_address
from customer_portal.sign_in import challenge, providers, verify

SCRIPT = "js/verification.js"
STYLE = "css/sign_in.css"


def show(request: Request, _starred: tuple[str, ...]) -> Response:
	"""The code's field while a mail is on its way for this browser, else the field for an address; members are through."""
	if access.member(frappe.session.user):
		return views.see_other(TICKETS)
	visitor = newcomer.receive(request)
	is_asked = _is_by_mail() and not forms.query(request, "again")
	waiting = challenge.waiting(visitor.browser) if is_asked else None
	return _code_page(visitor, waiting) if waiting else address_page(visitor)


def ask(request: Request, language: str, address: str, result: Outcome | None = None) -> Response:
	"""The field with this address in it, for a browser that comes from elsewhere; ``result`` says why it is there."""
	visitor = Newcomer(request, cookies.new_browser(), True, language)
	page = address_page(visitor, result, address)
	return views.with_pause(page, result) if result else page


def send_mail(request: Request, _starred: tuple[str, ...]) -> Response:
	visitor = _receive_form(request)
	typed = forms.field(request, "email")
	result = challenge.start(typed, visitor.browser, client_address(), visitor.language)
	if result.is_success:
		return views.see_other(visitor.home)
	return views.with_pause(address_page(visitor, result, typed), result)


def resend(request: Request, _starred: tuple[str, ...]) -> Response:
	visitor = _receive_form(request)
	result = challenge.resend(visitor.browser, client_address(), visitor.language)
	return views.see_other(visitor.home) if result.is_success else _failed(visitor, result)


def check_code(request: Request, _starred: tuple[str, ...]) -> Response:
	visitor = _receive_form(request)
	result = verify.check_code(forms.field(request, "code"), visitor.browser, client_address())
	return enter(visitor, result) if result.user else _failed(visitor, result)


def show_link(request: Request, starred: tuple[str, ...]) -> Response:
	"""What the mail's link opens: it asks for a press, since programs that look into mails open links too."""
	visitor = newcomer.receive(request)
	found = verify.find(starred[0]) if _is_by_mail() else None
	if found is None:
		raise SignInLinkNotFound
	return views.page("sign_in_link.html", visitor, address=found.recipient, token=starred[0])


def use_link(request: Request, starred: tuple[str, ...]) -> Response:
	visitor = _receive_form(request)
	result = verify.check_token(starred[0], client_address())
	if not result.user and result.kind != outcome.LIMITED:
		raise SignInLinkNotFound
	return enter(visitor, result) if result.user else _failed(visitor, result)


def _receive_form(request: Request) -> Newcomer:
	"""Raises ``SignInMethodMissing``, and what ``Newcomer.check_form`` raises."""
	visitor = newcomer.receive(request)
	visitor.check_form()
	if not _is_by_mail():
		raise SignInMethodMissing
	return visitor


def _is_by_mail() -> bool:
	return bool(settings.number("sign_in_link"))


def enter(visitor: Newcomer, result: Outcome) -> Response:
	"""A session of Frappe with a new id: one that the browser had before is nobody's way in."""
	frappe.local.login_manager.login_as(result.user)
	return wanted.forget(views.see_other(wanted.address(visitor.request)))


def _failed(visitor: Newcomer, result: Outcome) -> Response:
	"""Not an exception: what was counted has to be committed."""
	waiting = challenge.waiting(visitor.browser)
	page = _code_page(visitor, waiting, result) if waiting else address_page(visitor, result)
	return views.with_pause(page, result)


def address_page(visitor: Newcomer, result: Outcome | None = None, typed: str = "") -> Response:
	status, problem = (result.http_status, result.message) if result else (200, "")
	return views.page(
		"sign_in.html",
		visitor,
		status,
		styles=(STYLE,),
		problem=problem,
		typed=typed,
		by_mail=_is_by_mail(),
		providers=providers.offered(),
	)


def _code_page(visitor: Newcomer, waiting: challenge.Waiting, result: Outcome | None = None) -> Response:
	is_open = waiting.state == record.PENDING
	over = "" if is_open else _("This code is no longer valid. Ask for a new one.")
	return views.page(
		"sign_in_code.html",
		visitor,
		result.http_status if result else 200,
		(SCRIPT,),
		waiting=waiting,
		is_open=is_open,
		wait=max(0, ceil((waiting.resend_at - utc_now()).total_seconds())),
		problem=result.message if result else over,
	)
