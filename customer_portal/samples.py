"""A ticket that does not exist, as its customer would see it and be written to.

By the code that shows and sends real ones, with this template's texts: for previews and tests. Nothing is read of
any customer and nothing is written.
"""

from dataclasses import replace
from datetime import timedelta

import frappe

from customer_portal import html, links, opt_outs, tickets, timeline, timezones
from customer_portal.channels import base
from customer_portal.channels.base import EMAIL, Message, Words
from customer_portal.clock import utc_now
from customer_portal.constants import RECEIVED
from customer_portal.exceptions import SiteAddressMissing
from customer_portal.html import CleanHtml
from customer_portal.notifications import messages
from customer_portal.notifications.drafts import STATUS
from customer_portal.notifications.outbox import Notification
from customer_portal.statuses import TicketTemplate
from customer_portal.texts import translate as _
from customer_portal.tickets import State
from customer_portal.timeline import Timeline

TICKET = "00000"  # no ticket has this number, so that an answer to a test finds none
TOKEN = "sample-link-opens-none"  # as long as a real one, so that an SMS has as many parts
ADDRESSES = {EMAIL: "customer@example.com", base.PHONE: "+966500000000"}
NO_ADDRESS = "https://help.example.com"
EXPECTED_IN = timedelta(days=2)


def link() -> str:
	"""An address that opens nothing."""
	return f"{_site()}/t/{TOKEN}"


def message(channel: str, template: TicketTemplate, sub_status: str, language: str) -> Message:
	"""What this channel would send. Raises ``PermanentFailure`` when it cannot say it."""
	return base.registry[channel].compose(_words(channel, template, sub_status, language))


def test_message(channel: str, template: TicketTemplate, sub_status: str, language: str) -> Message:
	"""The same, and that it is a test. Raises ``PermanentFailure``."""
	notice = _("This is a test message. Its link opens nothing.", language)
	words = _words(channel, template, sub_status, language)
	words = replace(words, message=" ".join(filter(None, (notice, words.message))))
	composed = base.registry[channel].compose(words)
	subject = _("Test: {0}", language).format(composed.subject) if composed.subject else ""
	return replace(composed, subject=subject)


def state(template: TicketTemplate, sub_status: str, language: str) -> State:
	"""Where the page says that the ticket stands; each earlier main status was reached a day before the next."""
	current = template.sub_status(sub_status).main_status
	now = utc_now()
	reached = {place: now - timedelta(days=current - place) for place in range(RECEIVED, current + 1)}
	line = Timeline(TICKET, sub_status, current, timeline.steps(current, reached), now)
	return tickets.state_at(_row(sub_status), template, line, language)


def description() -> CleanHtml:
	"""In the language of the request."""
	text = _("Here stands what the customer has written.")
	return html.clean(f"<p>{text}</p>")


def _words(channel: str, template: TicketTemplate, sub_status: str, language: str) -> Words:
	kind = base.registry[channel].address_kind
	notification = Notification(
		name="",
		ticket=TICKET,
		kind=STATUS,
		channel=channel,
		recipient=ADDRESSES[kind],
		language=language,
		sub_status=sub_status,
		attempts=1,
		may_be_repeated=False,
		claim="",
	)
	words = messages.words_of(notification, link(), template, _row(sub_status))
	unsubscribe = f"{_site()}{opt_outs.PATH}{TOKEN}" if words.unsubscribe else ""
	return replace(words, receipts="", unsubscribe=unsubscribe)


def _row(sub_status: str) -> frappe._dict:
	"""As of HD Ticket, whose times are on the site's clocks."""
	due = timezones.local(utc_now() + EXPECTED_IN, timezones.of_site())
	return frappe._dict(name=TICKET, sub_status=sub_status, resolution_by=due)


def _site() -> str:
	try:
		return links.site_address()
	except SiteAddressMissing:
		return NO_ADDRESS
