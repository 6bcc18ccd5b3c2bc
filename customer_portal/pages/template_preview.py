"""Any status of a template in any language: the customer's page, every channel's message, and what is not translated.

For agents who may read Portal Ticket Template, which Helpdesk's roles Agent and Agent Manager and a System Manager
may. It shows a sample ticket and no customer's data. What it shows comes from the code that shows and sends.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import frappe
from werkzeug.wrappers import Request, Response

from customer_portal import agents, samples, settings, statuses, translations_check
from customer_portal.channels import base, segments
from customer_portal.channels.base import EMAIL, Channel, Message
from customer_portal.channels.segments import Measure
from customer_portal.constants import DEFAULT_TEMPLATE
from customer_portal.exceptions import PortalError, TemplateNotAllowed, TemplateNotFound
from customer_portal.integrations.failures import PermanentFailure, SendFailure
from customer_portal.notifications import trials
from customer_portal.pages import forms, headers, languages, slack_preview, texts, views
from customer_portal.pages import staff as staff_pages
from customer_portal.pages import ticket as ticket_page
from customer_portal.pages.staff import Staff
from customer_portal.pages.texts import translate as _
from customer_portal.slack import channels
from customer_portal.statuses import SubStatus, TicketTemplate
from customer_portal.translations_check import Gap

DOCTYPE = "Portal Ticket Template"
HOME = "/portal/staff/preview"
STYLE = "css/template_preview.css"
FEW = 5  # characters outside of GSM-7 that are worth naming: a text in another script is full of them
REFUSED = 409


@dataclass(frozen=True)
class Choice:
	template: TicketTemplate
	sub_status: SubStatus
	language: str

	@property
	def query(self) -> str:
		values = {
			"template": self.template.name,
			"sub_status": self.sub_status.name,
			"language": self.language,
		}
		return urlencode(values)


@dataclass(frozen=True)
class Preview:
	"""One channel's message, or the ``problem`` why there is none. ``measure`` is that of an SMS."""

	channel: Channel
	is_told: bool
	own_address: str | None
	message: Message | None
	problem: str
	measure: Measure | None

	@property
	def outside(self) -> str:
		"""The characters that alone make an SMS UCS-2, when there are few."""
		found = segments.outside(self.message.text) if self.measure else ""
		return found if len(found) <= FEW else ""


@dataclass(frozen=True)
class Result:
	"""``is_good`` says whether the test message went out; ``text`` is a sentence."""

	channel: str
	is_good: bool
	text: str


def show(request: Request, _starred: tuple[str, ...]) -> Response:
	staff = _receive(request)
	return _page(staff, _choice(lambda name: forms.query(request, name)))


def show_ticket(request: Request, _starred: tuple[str, ...]) -> Response:
	"""The customer's page, for a frame of ours in which nothing works."""
	_receive(request)
	choice = _choice(lambda name: forms.query(request, name))
	frappe.local.lang = choice.language
	state = samples.state(choice.template, choice.sub_status.name, choice.language)
	content = ticket_page.content_of(state, samples.description())
	return views.page("ticket.html", ancestors=headers.OWN_SITE, banner="", **content)


def show_mail(request: Request, _starred: tuple[str, ...]) -> Response:
	"""The HTML of the e-mail, with a policy under which it can do nothing but be looked at."""
	_receive(request)
	choice = _choice(lambda name: forms.query(request, name))
	mail = _preview(base.registry[EMAIL], choice, frappe.session.user).message
	policy = {**headers.FRAMED_BY_OWN_SITE, "Content-Security-Policy": headers.MAIL_POLICY}
	return views.answer(mail.html if mail else "", extra=policy)


def send_test(request: Request, _starred: tuple[str, ...]) -> Response:
	staff = _receive(request)
	staff.check_form()
	choice = _choice(lambda name: forms.optional_field(request, name))
	channel = forms.field(request, "channel")
	if channel not in base.registry:
		raise PortalError
	result, status = _send(staff, channel, choice)
	return _page(staff, choice, result, status)


def _send(staff: Staff, channel: str, choice: Choice) -> tuple[Result, int]:
	try:
		address = trials.send(staff.user, channel, choice.template, choice.sub_status.name, choice.language)
	except SendFailure as failure:
		return Result(channel, False, failure.reason), REFUSED
	except PortalError as refusal:
		return Result(channel, False, refusal.message), refusal.http_status_code
	sent = _("The test message was sent to {0}.").format(f"\u2068{address}\u2069")
	return Result(channel, True, sent), 200


def _receive(request: Request) -> Staff:
	"""Raises ``AgentsOnly`` and ``TemplateNotAllowed``."""
	staff = staff_pages.receive(request)
	if not frappe.has_permission(DOCTYPE, "read"):
		raise TemplateNotAllowed
	return staff


def _choice(read: Callable[[str], str]) -> Choice:
	"""What the form names; what it leaves out, and a sub-status of another template, gets the first there is.

	Raises ``TemplateNotFound``, and ``PortalError`` for an unknown language.
	"""
	name = read("template") or DEFAULT_TEMPLATE
	ticket_template = frappe.db.get_value(DOCTYPE, {"name": name}, "ticket_template")
	if ticket_template is None:
		raise TemplateNotFound
	template = statuses.template_named(ticket_template)
	enabled = statuses.choices(template)
	asked = read("sub_status")
	sub_status = next((row for row in enabled if row.name == asked), enabled[0])
	return Choice(template, sub_status, _language(read("language")))


def _language(asked: str) -> str:
	if not asked:
		return _site_language()
	if not frappe.db.exists("Language", {"name": asked}):
		raise PortalError
	return asked


def _site_language() -> str:
	own = frappe.get_system_settings("language")
	return own if own in languages.offered() else languages.offered()[0]


def _page(staff: Staff, choice: Choice, result: Result | None = None, status: int = 200) -> Response:
	offered = languages.offered()
	return views.staff_page(
		"template_preview.html",
		staff,
		status,
		styles=(STYLE,),
		home=HOME,
		is_manager=agents.is_manager(),
		choice=choice,
		templates=frappe.get_all(DOCTYPE, pluck="name", order_by="name"),
		sub_statuses=statuses.choices(choice.template),
		offered=offered,
		other_languages=_other_languages(offered),
		previews=[_preview(channel, choice, staff.user) for channel in base.ranked()],
		has_slack=channels.is_on(),
		posts=slack_preview.of(choice.template, choice.sub_status.name, choice.language),
		gaps=_gaps(choice.template, offered),
		result=result,
	)


def _other_languages(offered: list[str]) -> Mapping[str, str]:
	"""Codes and names of those that customers may have all the same, such as by a ticket's own field."""
	rows = frappe.get_all("Language", filters={"enabled": 1}, fields=["name", "language_name"])
	return {row.name: row.language_name for row in rows if row.name not in offered}


def _preview(channel: Channel, choice: Choice, user: str) -> Preview:
	message, problem = None, ""
	try:
		message = samples.message(channel.name, choice.template, choice.sub_status.name, choice.language)
	except PermanentFailure as failure:
		problem = failure.reason
	is_text = message and not message.html and not message.template
	return Preview(
		channel=channel,
		is_told=choice.sub_status.notify
		and statuses.is_told(choice.template, choice.sub_status.name, channel.name),
		own_address=trials.own_address(user, channel.name),
		message=message,
		problem=problem,
		measure=segments.measure(message.text) if is_text else None,
	)


def _gaps(template: TicketTemplate, offered: list[str]) -> Mapping[str, list[Gap]]:
	found = translations_check.gaps(
		template, offered, _own_language(), _is_translated, bool(settings.get().send_whatsapp)
	)
	return {code: [gap for gap in found if gap.language == code] for code in offered}


def _own_language() -> str:
	return frappe.get_system_settings("language") or languages.SOURCE_LANGUAGE


def _is_translated(text: str, language: str) -> bool:
	"""The texts that the app brings are English, so that English needs no catalogue for them."""
	if language.split("-")[0] == languages.SOURCE_LANGUAGE:
		return any(texts.has(text, code) for code in languages.shipped())
	return texts.has(text, language)
