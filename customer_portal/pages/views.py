"""Renders the templates of ``www`` and ``templates/portal`` into whole answers."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import frappe
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from werkzeug.wrappers import Response

from customer_portal.exceptions import LinkNotFound, MethodNotAllowed, PortalError
from customer_portal.otp.outcome import Outcome
from customer_portal.pages import assets, brand, csrf, headers, languages, times
from customer_portal.pages.caller import Caller
from customer_portal.pages.newcomer import Newcomer
from customer_portal.pages.staff import Staff
from customer_portal.pages.texts import translate as _

APP = Path(__file__).parent.parent
TEMPLATES = (APP / "templates" / "portal", APP / "www")
STYLE = "css/portal.css"
MEMBERS_STYLE = "css/members.css"
STAFF_STYLE = "css/staff.css"
MENU = "js/menu.js"
ANSWERED = "customer_portal_answered"


@cache
def environment() -> Environment:
	"""Our own, because Frappe's does not escape by default and is made anew for each request."""
	made = Environment(
		loader=FileSystemLoader(TEMPLATES),
		autoescape=True,
		undefined=StrictUndefined,
		trim_blocks=True,
		lstrip_blocks=True,
		auto_reload=False,
	)
	made.globals["_"] = _
	made.globals["moment"] = times.moment
	made.globals["number"] = times.number
	made.globals["language_name"] = languages.name
	return made


def fragment(template: str, **context: object) -> str:
	return environment().get_template(template).render(language=frappe.local.lang, **context)


def page(
	template: str,
	visitor: Caller | Newcomer | None = None,
	status: int = 200,
	scripts: tuple[str, ...] = (),
	styles: tuple[str, ...] = (),
	ancestors: str = headers.NOBODY,
	**context: object,
) -> Response:
	"""A whole page; ``scripts`` and ``styles`` are files under ``public``, beside what all pages have.

	Without a visitor it has no form and no cookie. ``ancestors``, of ``headers``, may show it in a frame.
	"""
	shown = brand.current()
	own_styles = (MEMBERS_STYLE,) if visitor and visitor.is_member else ()
	style = "".join(map(assets.text, (STYLE, *own_styles, *styles))) + shown.accent
	sources = [assets.text(script) for script in ((MENU, *scripts) if visitor else scripts)]
	known = _of_visitor(visitor) if visitor else {}
	body = _whole(template, style, sources, brand=shown, visitor=visitor, **known, **context)
	policy = headers.content_policy(style, sources, ancestors)
	framed = headers.FRAMED_BY_OWN_SITE if ancestors == headers.OWN_SITE else {}
	response = answer(body, status, {**framed, "Content-Security-Policy": policy})
	return visitor.remember_browser(response) if visitor else response


def staff_page(
	template: str,
	staff: Staff | None,
	status: int = 200,
	scripts: tuple[str, ...] = (),
	styles: tuple[str, ...] = (),
	**context: object,
) -> Response:
	"""A page for agents; pages of this site, such as Helpdesk's, may show it in a frame."""
	style = "".join(map(assets.text, (STYLE, STAFF_STYLE, *styles)))
	sources = [assets.text(script) for script in scripts]
	body = _whole(template, style, sources, staff=staff, **context)
	policy = headers.content_policy(style, sources, headers.OWN_SITE)
	return answer(body, status, {**headers.FRAMED_BY_OWN_SITE, "Content-Security-Policy": policy})


def _whole(template: str, style: str, sources: list[str], **context: object) -> str:
	direction = languages.direction(frappe.local.lang)
	return fragment(template, direction=direction, scripts=sources, style=style, **context)


def answer(body: str | bytes, status: int = 200, extra: Mapping[str, str] | None = None) -> Response:
	return Response(
		body, status, {**headers.SECURITY, **(extra or {})}, mimetype="text/html", content_type=None
	)


def mark_answered() -> None:
	"""The answer to this request is ours: nothing needs to take the place of what Frappe says."""
	frappe.local.flags[ANSWERED] = True


def is_answered() -> bool:
	return bool(frappe.local.flags.get(ANSWERED))


def see_other(address: str) -> Response:
	"""303 (RFC 9110 15.4.4): the browser loads ``address`` with GET."""
	return answer("", 303, {"Location": address})


def error(problem: PortalError, home: str | None = None) -> Response:
	"""The page of an error; ``home`` is where its link leads back to. The same bytes for the same error."""
	extra = {"Allow": problem.allow} if isinstance(problem, MethodNotAllowed) else {}
	if isinstance(problem, LinkNotFound):
		title = _("This link does not work")
		message = _("It may be incomplete, or it is no longer valid. Ask us for a new one.")
	else:
		title, message = _("That did not work"), problem.message
	response = page(
		"message.html",
		None,
		problem.http_status_code,
		title=title,
		message=message,
		contact=brand.contact() if home is None else None,
		home=home,
	)
	response.headers.extend(extra)
	return with_pause(response, problem)


def with_pause(response: Response, problem: PortalError | Outcome) -> Response:
	"""When to try again, in seconds (Retry-After, RFC 9110 10.2.3)."""
	if problem.retry_after:
		response.headers["Retry-After"] = str(problem.retry_after)
	return response


def staff_error(problem: PortalError, sign_in: str | None = None) -> Response:
	"""The same for agents, also in a frame of this site; ``sign_in`` is where a guest may become one."""
	title, status = _("That did not work"), problem.http_status_code
	response = staff_page(
		"staff_message.html", None, status, title=title, message=problem.message, sign_in=sign_in
	)
	response.headers.extend({"Allow": problem.allow} if isinstance(problem, MethodNotAllowed) else {})
	return response


def _of_visitor(visitor: Caller | Newcomer) -> dict[str, object]:
	return {
		"form_token": visitor.form_token,
		"frappe_token": csrf.frappe_token(),
		"languages": languages.offered(),
	}
