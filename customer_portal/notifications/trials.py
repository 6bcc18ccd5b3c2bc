"""A test message to oneself: by the real channel and the real provider, of no ticket, with a link that opens nothing.

Nothing is stored but the throttle's counts.
"""

import frappe
from frappe import _

from customer_portal import samples, throttle
from customer_portal.channels import base
from customer_portal.exceptions import NoOwnAddress, TooManyTests
from customer_portal.integrations.failures import SendFailure, UnknownResult
from customer_portal.otp import recipients
from customer_portal.otp.recipients import EMAIL
from customer_portal.statuses import TicketTemplate
from customer_portal.throttle import HOUR, SEND, Limit

PER_USER = Limit(10, HOUR)


def own_address(user: str, channel: str) -> str | None:
	"""The user's e-mail address, or their mobile number as E.164; None when their profile has none."""
	kind = base.registry[channel].address_kind
	own = frappe.db.get_value("User", user, "email" if kind == EMAIL else "mobile_no")
	return recipients.typed_key(kind, own or "")


def send(user: str, channel: str, template: TicketTemplate, sub_status: str, language: str) -> str:
	"""The address to which the message went.

	Raises ``NoOwnAddress``, ``TooManyTests``, and a ``SendFailure`` whose reason is a sentence.
	"""
	address = own_address(user, channel)
	if address is None:
		raise NoOwnAddress(channel)
	take(user)
	message = samples.test_message(channel, template, sub_status, language)
	try:
		base.registry[channel].send_test(address, message)
	except SendFailure:
		raise
	except Exception as error:
		frappe.log_error("A test message could not be sent", type(error).__name__)
		raise UnknownResult(_("Something unexpected happened while it was being sent.")) from error
	return address


def take(user: str) -> None:
	"""Counts an attempt at a test message, of whatever kind; this commits. Raises ``TooManyTests``."""
	subject = throttle.user_subject(user)
	with throttle.hold(subject):
		seconds = throttle.wait_seconds(SEND, subject, PER_USER)
		if not seconds:
			throttle.record(SEND, subject)
	if seconds:
		raise TooManyTests(seconds)
