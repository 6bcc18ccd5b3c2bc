"""The words of a notification, in the customer's language: label, link, and the template's optional message.

Rendered when the message is sent and never stored, since it holds the link.
"""

import frappe
from frappe import _

from customer_portal import links, settings, statuses
from customer_portal.channels.base import Message, PermanentFailure, TemporaryFailure
from customer_portal.exceptions import LinkIsRevoked, SiteAddressMissing
from customer_portal.notifications import segments
from customer_portal.notifications.outbox import LINK, Notification

TEMPLATE = "templates/emails/portal_status.html"
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ps", "ur"})
SMS = "SMS"
MOST_SEGMENTS = 3  # of an SMS with the template's optional message


def render(notification: Notification) -> Message:
	"""Raises ``PermanentFailure`` when the link is revoked, ``TemporaryFailure`` when the site has no address
	or, on MariaDB 11.6 or later, when another worker makes the ticket's first link at the same moment."""
	try:
		link = links.url(notification.ticket)
	except LinkIsRevoked as error:
		raise PermanentFailure(error.message) from error
	except SiteAddressMissing as error:
		raise TemporaryFailure(error.message) from error
	except frappe.QueryDeadlockError as error:
		raise TemporaryFailure(_("Another process was making the link at the same time.")) from error
	return status_message(notification, link)


def status_message(notification: Notification, link: str) -> Message:
	label, extra = _wording(notification)
	if notification.channel == SMS:
		return _sms(notification, label, extra, link)
	return _mail(notification, label, extra, link)


def _wording(notification: Notification) -> tuple[str, str]:
	"""The customer's label and the optional message, each on one line."""
	template = statuses.template_of(notification.ticket)
	language = notification.language
	label = statuses.customer_label(template, notification.sub_status, language)
	extra = "" if notification.kind == LINK else statuses.message(template, notification.sub_status, language)
	return " ".join(label.split()), " ".join(extra.split())


def _sms(notification: Notification, label: str, extra: str, link: str) -> Message:
	ticket, language = notification.ticket, notification.language
	short = _("Ticket {0}: {1}", language).format(ticket, label)
	long = _("{0}: Your ticket {1} is now: {2}", language).format(company_name(language), ticket, label)
	if extra:
		text = segments.fit(f"{short}\n{extra}", f"\n{link}", MOST_SEGMENTS)
	elif segments.count(f"{long}\n{link}") == 1:
		text = f"{long}\n{link}"
	else:
		text = segments.fit(short, f"\n{link}", MOST_SEGMENTS)
	return Message("", text, ticket=ticket, reference=notification.name)


def _mail(notification: Notification, label: str, extra: str, link: str) -> Message:
	"""The subject ends as Frappe expects it of an answer that lost its threading headers: ``(#ticket)``."""
	ticket, language = notification.ticket, notification.language
	words = {
		"language": language,
		"direction": "rtl" if language.split("-")[0] in RIGHT_TO_LEFT else "ltr",
		"company": company_name(language),
		"heading": _("Your ticket {0} is now: {1}", language).format(ticket, label),
		"message": extra,
		"link": link,
		"invitation": _("See the state of your ticket", language),
		"footer": _("This message was sent automatically. You can answer it to write to us.", language),
	}
	kept = _("The link was part of the message that was sent. It is not kept here.", language)
	return Message(
		subject=_("Your ticket is now: {0} (#{1})", language).format(label, ticket),
		text=_plain({**words, "link": f"{words['invitation']}:\n{link}"}),
		html=frappe.get_template(TEMPLATE).render(words),
		ticket=ticket,
		reference=notification.name,
		redacted=_plain({**words, "link": kept}),
	)


def _plain(words: dict[str, str]) -> str:
	parts = (words[part] for part in ("heading", "message", "link", "footer", "company"))
	return "\n\n".join(part for part in parts if part) + "\n"


def company_name(language: str) -> str:
	"""The settings' name, else Helpdesk's brand, else a word that stands for both."""
	brand = frappe.get_cached_doc("HD Settings").get("brand_name")
	return settings.get().company_name or brand or _("Customer support", language)
