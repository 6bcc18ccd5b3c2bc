"""Mails to a person of an organisation, about no ticket: an invitation, requests to join, and the weekly digest.

Rendered when they are sent, from what is true then: the outbox keeps neither text nor link.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

import frappe

from customer_portal import access, accounts, digests, links, opt_outs, signed_addresses, timezones
from customer_portal.access import Member
from customer_portal.channels.base import Message, PermanentFailure, TemporaryFailure
from customer_portal.channels.email import RIGHT_TO_LEFT
from customer_portal.digests import Digest
from customer_portal.exceptions import SiteAddressMissing
from customer_portal.notifications.company import company_name, one_line
from customer_portal.notifications.courtesy import Drop
from customer_portal.notifications.drafts import DIGEST, INVITATION, JOIN_REQUESTS
from customer_portal.otp.recipients import EMAIL, Recipient
from customer_portal.texts import translate as _

TEMPLATE = "templates/emails/letter.html"
PURPOSE = "digest"  # of the link that ends the digest alone
PATH = "/portal/digest/"
REQUESTS = "Portal Join Request"


@dataclass(frozen=True)
class Letter:
	"""All that such a mail says, in its reader's language; ``facts`` are numbers by their names."""

	subject: str
	paragraphs: Sequence[str]
	link: str
	link_text: str
	unsubscribe: str
	facts: Mapping[str, int] | None = None
	heading: str = ""
	lines: Sequence[str] = ()


def verdict(row) -> Drop | None:
	"""Why this row of the outbox is not sent any more; None: send it."""
	if opt_outs.is_out(EMAIL, Recipient(EMAIL, row.recipient)):
		return Drop(_("The customer wants no messages by this channel."))
	if row.kind == DIGEST:
		return _verdict_on_digest(row)
	joined = [one for one in access.of_address(row.recipient) if one.customer == row.customer]
	if not joined or (row.kind == JOIN_REQUESTS and not joined[0].is_manager):
		return Drop(_("This person has no access any more."))
	if row.kind == JOIN_REQUESTS and not _has_requests(row.customer):
		return Drop(_("The requests were answered already."))
	return None


def _verdict_on_digest(row) -> Drop | None:
	member = _member(row.recipient)
	if member is None:
		return Drop(_("This person has no access any more."))
	if not accounts.read(member.user).wants_digest:
		return Drop(_("This person wants no digest any more."))
	return None if _digest(member, row.language) else Drop(_("There is nothing to tell."))


def render(notification) -> Message:
	"""Raises ``TemporaryFailure`` when the site has no address, ``PermanentFailure`` for who has lost access just now."""
	try:
		site = links.site_address()
	except SiteAddressMissing as error:
		raise TemporaryFailure(error.message) from error
	write = {INVITATION: _invitation, JOIN_REQUESTS: _requests, DIGEST: _weekly}[notification.kind]
	letter = write(notification, f"{site}/portal")
	return _message(notification, letter)


def _invitation(notification, portal: str) -> Letter:
	language, company = notification.language, company_name(notification.language)
	return Letter(
		subject=_("Your access to the customer portal of {0}", language).format(company),
		paragraphs=(
			_("{0} has given you access to its tickets at {1}.", language).format(
				_isolated(notification.customer), company
			),
			_("Sign in with this address: {0}. You need no password.", language).format(
				_isolated(notification.recipient)
			),
		),
		link=f"{portal}/sign-in",
		link_text=_("Sign in", language),
		unsubscribe=opt_outs.address(EMAIL, notification.recipient),
	)


def _requests(notification, portal: str) -> Letter:
	language = notification.language
	return Letter(
		subject=_("Somebody asks for access to the tickets of {0}", language).format(notification.customer),
		paragraphs=(
			_(
				"People with addresses of your organisation tried to sign in, and are not on its list.",
				language,
			),
			_("Accept only whom you know. Nobody sees anything before you do.", language),
		),
		link=f"{portal}/team?organisation={quote(notification.customer, safe='')}",
		link_text=_("See who asks", language),
		unsubscribe=opt_outs.address(EMAIL, notification.recipient),
	)


def _weekly(notification, portal: str) -> Letter:
	language, member = notification.language, _member(notification.recipient)
	if member is None:
		raise PermanentFailure(_("This person has no access any more."))
	week = _digest(member, language)
	return Letter(
		subject=_("Your tickets at {0}: the last week", language).format(company_name(language)),
		paragraphs=(),
		facts={
			_("Open", language): week.open_count,
			_("Waiting for you", language): week.waiting_count,
			_("New in the last week", language): week.new_count,
			_("Resolved in the last week", language): week.resolved_count,
		},
		heading=_("Waiting for you", language) if week.waiting else "",
		lines=[
			_("{0}: {1} ({2})", language).format(one.ticket, _isolated(one.subject), _isolated(one.label))
			for one in week.waiting
		],
		link=f"{portal}/tickets",
		link_text=_("See all tickets", language),
		unsubscribe=f"{portal.removesuffix('/portal')}{PATH}{signed_addresses.token(PURPOSE, member.user)}",
	)


def _message(notification, letter: Letter) -> Message:
	language = notification.language
	parts = {
		"letter": letter,
		"language": language,
		"direction": "rtl" if language.split("-")[0] in RIGHT_TO_LEFT else "ltr",
		"company": company_name(language),
		"footer": _("This message was sent automatically.", language),
		"leaving": _("Unsubscribe", language) if letter.unsubscribe else "",
	}
	return Message(
		subject=one_line(letter.subject),
		text=_plain(letter, parts),
		html=frappe.get_template(TEMPLATE).render(parts),
		reference=notification.name,
		redacted=_("The text is not kept here.", language),
		headers=_unsubscribe_headers(letter.unsubscribe),
	)


def _plain(letter: Letter, parts: dict) -> str:
	facts = "\n".join(f"{name}: {number}" for name, number in (letter.facts or {}).items())
	lines = "\n".join(filter(None, (letter.heading, *letter.lines)))
	link = f"{letter.link_text}:\n{letter.link}"
	blocks = (*letter.paragraphs, facts, lines, link, parts["footer"], parts["company"])
	return "\n\n".join(filter(None, blocks)) + "\n"


def _unsubscribe_headers(address: str) -> dict[str, str]:
	"""RFC 8058, as ``channels.email`` gives them to messages of a ticket."""
	if not address:
		return {}
	return {"List-Unsubscribe": f"<{address}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def _digest(member: Member, language: str) -> Digest:
	return digests.read(member, timezones.of_user(member.user), language)


def _member(address: str) -> Member | None:
	user = accounts.user_of(address)
	return access.member(user) if user else None


def _has_requests(customer: str) -> bool:
	return bool(frappe.db.exists(REQUESTS, {"customer": customer, "state": "Open"}))


def _isolated(text: str) -> str:
	"""Names of any direction, as one word of the sentence (Unicode: first strong isolate)."""
	return f"\u2068{one_line(text)}\u2069"
