"""The way to Google or Microsoft, and back: ``sign-in/with/<provider>`` and ``sign-in/back/<provider>``."""

from urllib.parse import quote

import frappe
from werkzeug.wrappers import Request, Response

from customer_portal.exceptions import SignInMethodMissing
from customer_portal.otp.outcome import Outcome
from customer_portal.pages import cookies, newcomer, sign_in, views
from customer_portal.pages.caller import is_looking
from customer_portal.pages.newcomer import Newcomer
from customer_portal.request_address import client_address
from customer_portal.sign_in import attempts, openid, providers
from customer_portal.sign_in.openid import Departure
from customer_portal.sign_in.providers import Provider

_SAFE = "/:?#[]@!$&'()*+,;=%~-._"  # RFC 3986, 2.2 and 2.3; no quotes or line breaks in a header


def show(request: Request, starred: tuple[str, ...]) -> Response:
	"""A link from elsewhere: only a press on our own page begins a sign-in."""
	_find(starred)
	return views.see_other(newcomer.receive(request).home)


def depart(request: Request, starred: tuple[str, ...]) -> Response:
	visitor = newcomer.receive(request)
	visitor.check_form()
	provider = _find(starred)
	departure = openid.depart(provider, visitor.language)
	if departure.outcome:
		return _failed(visitor, departure.outcome)
	return _onward(visitor, provider, departure)


def arrive(request: Request, starred: tuple[str, ...]) -> Response:
	"""A GET, because the provider sends the browser on by a redirect; only the first one acts (``attempts.take``)."""
	visitor = newcomer.receive(request)
	provider = _find(starred)
	if not is_looking(request):
		return views.answer("")
	query = {name: values[0] for name, values in request.args.lists() if len(values) == 1}
	result = openid.arrive(provider, cookies.read_attempt(request), query, client_address())
	frappe.local.flags.commit = True  # of a GET Frappe would keep neither the new person nor the session
	response = sign_in.enter(visitor, result) if result.user else _failed(visitor, result)
	cookies.drop_attempt(response)
	return response


def _find(starred: tuple[str, ...]) -> Provider:
	found = providers.find(starred[0])
	if found is None:
		raise SignInMethodMissing
	return found


def _onward(visitor: Newcomer, provider: Provider, departure: Departure) -> Response:
	"""Not a redirect: a form's may only lead to this site (``form-action``), and a provider's own redirects may lead
	to hosts that nobody can list. Refresh is of the HTML standard, 7.4.2.
	"""
	page = views.page(
		"sign_in_onward.html",
		visitor,
		title=provider.title,
		address=departure.address,
		styles=(sign_in.STYLE,),
	)
	page.headers["Refresh"] = f"0; url={quote(departure.address, safe=_SAFE)}"
	cookies.set_attempt(page, departure.cookie, attempts.LIFETIME_SECONDS)
	return page


def _failed(visitor: Newcomer, result: Outcome) -> Response:
	return views.with_pause(sign_in.address_page(visitor, result), result)
