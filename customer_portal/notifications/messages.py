"""The words of a notification, in the customer's language: label, link, and the template's optional texts.

Rendered when the message is sent and never stored, since it holds the link. The channel gives them their form.
"""

from collections.abc import Mapping

import frappe

from customer_portal import links, opt_outs, promises, provider_hooks, statuses, timeline
from customer_portal.channels import base
from customer_portal.channels.base import Message, PermanentFailure, TemporaryFailure, Words
from customer_portal.exceptions import LinkIsRevoked, SiteAddressMissing
from customer_portal.notifications import drafts, letters, reply_mail
from customer_portal.notifications.company import company_name, one_line
from customer_portal.notifications.outbox import LINK, NO_NEWS, REPLY, SLIPPED, Notification
from customer_portal.statuses import TicketTemplate
from customer_portal.texts import translate as _


def render(notification: Notification) -> Message:
	"""Raises ``PermanentFailure`` when the link is revoked, ``TemporaryFailure`` when the site has no address
	or, on MariaDB 11.6 or later, when another worker makes the ticket's first link at the same moment."""
	if notification.kind in drafts.LETTERS:
		return letters.render(notification)
	if notification.kind == REPLY:
		return reply_mail.render(notification)
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
	return base.registry[notification.channel].compose(words(notification, link))


def words(notification: Notification, link: str) -> Words:
	return words_of(notification, link, statuses.template_of(notification.ticket), notification.ticket)


def words_of(notification: Notification, link: str, template: TicketTemplate, ticket: str | Mapping) -> Words:
	"""``ticket`` is its name, or anything with ``promises.FIELDS``: then it need not exist.

	A link that an agent sends again, and news without a change, carry none of the template's texts.
	"""
	sub_status, language = notification.sub_status, notification.language
	main_status = timeline.main_status_of(template, sub_status, notification.ticket)
	label = one_line(statuses.customer_label(template, sub_status, language, main_status))
	is_change = notification.kind not in (LINK, NO_NEWS, SLIPPED)
	return Words(
		ticket=notification.ticket,
		reference=notification.name,
		language=language,
		company=company_name(language),
		label=label,
		headline=_headline(notification.kind, language).format(notification.ticket, label),
		link=link,
		message=one_line(statuses.message(template, sub_status, language)) if is_change else "",
		next_step=one_line(statuses.next_step(template, sub_status, language)) if is_change else "",
		ball=promises.ball_sentence(template, sub_status, language) if is_change else "",
		expected=promises.sentence(ticket, template, sub_status, language) if is_change else "",
		unsubscribe=opt_outs.address(notification.channel, notification.recipient),
		receipts=provider_hooks.receipts_address(notification.name),
		whatsapp_template=statuses.whatsapp_template(template, sub_status, language),
		subject=_subject(notification.kind, language),
	)


def _subject(kind: str, language: str) -> str:
	if kind == NO_NEWS:
		return _("We are still working on your ticket", language)
	return _("Your ticket takes longer than we said", language) if kind == SLIPPED else ""


def _headline(kind: str, language: str) -> str:
	if kind == NO_NEWS:
		return _("We are still working on your ticket {0}. It is: {1}", language)
	if kind == SLIPPED:
		return _("Your ticket {0} takes longer than we said. It is: {1}", language)
	return _("Your ticket {0} is now: {1}", language)
