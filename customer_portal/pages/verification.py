"""The way in: which number or address, then the code."""

from math import ceil

from werkzeug.wrappers import Response

from customer_portal import phones, settings
from customer_portal.clock import utc_now
from customer_portal.exceptions import LinkNotFound, PortalError
from customer_portal.otp import challenge, outcome, recipients, record, verify
from customer_portal.otp.outcome import Outcome
from customer_portal.pages import cookies, forms, views
from customer_portal.pages.texts import translate as _
from customer_portal.pages.visitor import Visitor
from customer_portal.request_address import client_address

SCRIPT = "js/verification.js"
CHANNELS = {"phone": recipients.SMS, "email": recipients.EMAIL}
WORDS = {channel: word for word, channel in CHANNELS.items()}


def show(visitor: Visitor) -> Response:
	"""The code's field while a code is on its way to this browser, else the field for a number or address."""
	asked = forms.query(visitor.request, "by")
	if asked and asked not in CHANNELS:
		raise PortalError
	pending = None if asked else challenge.pending(visitor.link, visitor.browser)
	return _code_page(visitor, pending) if pending else _contact_page(visitor, CHANNELS.get(asked))


def send_code(visitor: Visitor) -> Response:
	visitor.check_form()
	channel = CHANNELS.get(forms.field(visitor.request, "by"))
	if channel is None:
		raise PortalError
	typed = forms.field(visitor.request, "contact")
	result = challenge.start(
		visitor.link, channel, typed, visitor.browser, client_address(), visitor.language
	)
	if result.is_success:
		return views.see_other(visitor.home)
	return _after(visitor, result, _contact_page(visitor, channel, result, typed))


def resend(visitor: Visitor) -> Response:
	visitor.check_form()
	result = challenge.resend(visitor.link, visitor.browser, client_address(), visitor.language)
	if result.is_success:
		return views.see_other(visitor.home)
	return _after(visitor, result, _failed(visitor, result))


def check_code(visitor: Visitor) -> Response:
	visitor.check_form()
	code = forms.field(visitor.request, "code")
	remember = forms.optional_field(visitor.request, "remember") == "1"
	user_agent = visitor.request.user_agent.string
	result = verify.check(visitor.link, code, visitor.browser, client_address(), remember, user_agent)
	if result.kind == outcome.USED:  # the second click on a button: the first one has let them in
		return views.see_other(visitor.home)
	if not result.is_success:
		return _after(visitor, result, _failed(visitor, result))
	response = views.see_other(visitor.home)
	cookies.set_cookie(response, cookies.SESSION, result.session_token, visitor.home, result.expires)
	return response


def _after(visitor: Visitor, result: Outcome, response: Response) -> Response:
	"""Not an exception: what was counted has to be committed."""
	if result.kind == outcome.REVOKED:
		return views.error(LinkNotFound())
	return views.with_pause(response, result)


def _failed(visitor: Visitor, result: Outcome) -> Response:
	pending = challenge.pending(visitor.link, visitor.browser)
	return _code_page(visitor, pending, result) if pending else _contact_page(visitor, None, result)


def _contact_page(
	visitor: Visitor, channel: str | None, result: Outcome | None = None, typed: str = ""
) -> Response:
	offered = challenge.offered_channels()
	chosen = channel if channel in offered else next(iter(offered), None)
	return views.page(
		"contact.html",
		visitor,
		result.http_status if result else 200,
		(SCRIPT,),
		by=WORDS.get(chosen),
		offered=[WORDS[one] for one in offered],
		problem=result.message if result else _no_way() if chosen is None else "",
		typed=typed,
		example=phones.example(settings.get().default_region),
	)


def _code_page(visitor: Visitor, pending: challenge.Pending, result: Outcome | None = None) -> Response:
	return views.page(
		"code.html",
		visitor,
		result.http_status if result else 200,
		(SCRIPT,),
		pending=pending,
		by=WORDS[pending.channel],
		is_open=pending.state == record.PENDING,
		wait=max(0, ceil((pending.resend_at - utc_now()).total_seconds())),
		problem=result.message if result else _trouble(pending),
		may_remember=bool(settings.get().allow_remember_device),
	)


def _trouble(pending: challenge.Pending) -> str:
	if pending.delivery == record.NOT_SENT:
		return _("We could not send the code. Try again, or use another number or address.")
	return "" if pending.state == record.PENDING else _("This code is no longer valid. Ask for a new one.")


def _no_way() -> str:
	return _("We cannot send codes at the moment. Contact us.")
