"""One translated error per condition that a person meets, with its HTTP status (RFC 9110)."""

from typing import NoReturn

import frappe

from customer_portal.texts import marked as _lt
from customer_portal.texts import translate as _


class PortalError(frappe.ValidationError):
	"""Base of every error that a person may see.

	``http_status_code`` is what Frappe answers with; ``sentence`` is English, ``message`` what the person reads.
	"""

	http_status_code = 400
	sentence = _lt("This request could not be read.")

	@property
	def message(self) -> str:
		return _(self.sentence)

	def __str__(self) -> str:
		return self.message


class LinkNotFound(PortalError):
	"""Unknown, expired and revoked links alike."""

	http_status_code = 404
	sentence = _lt("This link does not work. Ask us for a new one.")


class ListUnreadable(PortalError):
	"""The address of a list has a filter, an order or a place that no page of ours could have put there."""

	sentence = _lt("The address of this list cannot be read. Start again without filters.")


class DayUnreadable(PortalError):
	sentence = _lt("A day cannot be read. Write it as year, month and day: 2026-01-31.")


class ExportRunning(PortalError):
	"""A member has one export at a time."""

	http_status_code = 429
	sentence = _lt("An export of yours is still running. Wait until it is done, then start the next one.")


class TooManyExports(PortalError):
	http_status_code = 429

	def __init__(self, minutes: int):
		super().__init__()
		self.minutes = minutes

	@property
	def message(self) -> str:
		return _("You have exported often. The next export can start in {0} minutes.").format(self.minutes)


class ExportTooLong(PortalError):
	"""It runs past its time, or has more rows than a sheet; what was sent of it is no whole file."""

	http_status_code = 413
	sentence = _lt("This export is too large. Narrow the list down, or choose CSV.")


class ForeignRequest(PortalError):
	"""The form was sent by another site, or its token is missing or of another browser."""

	http_status_code = 403
	sentence = _lt("This page is too old. Load it again and repeat.")


class NotSigned(PortalError):
	"""A provider's hook was called by somebody who cannot sign as the provider does."""

	http_status_code = 403
	sentence = _lt("Only the provider can use this address.")


class SubStatusNotAllowed(PortalError):
	"""The ticket's template does not offer this sub-status; ``ticket`` is empty for one that is being opened."""

	http_status_code = 417

	def __init__(self, ticket: str = "", *_: object) -> None:
		super().__init__(ticket)
		self.ticket = ticket

	@property
	def message(self) -> str:
		"""It names the ticket, since an agent may have changed many at once."""
		sentence = _("This sub-status is not offered for this kind of ticket.")
		return _("Ticket {0}: {1}").format(self.ticket, sentence) if self.ticket else sentence


class LedgerIsAppendOnly(PortalError):
	"""Somebody tried to change or delete a row of the status ledger."""

	http_status_code = 403
	sentence = _lt("Status events cannot be changed or deleted.")


class TemplateMissing(PortalError):
	"""The Default Portal Ticket Template was deleted behind Frappe's back."""

	http_status_code = 500
	sentence = _lt("The portal template for Default is missing. Run bench migrate to create it again.")


class LinkIsRevoked(PortalError):
	"""An agent asks for the address of a link that was revoked."""

	http_status_code = 409
	sentence = _lt("This ticket's link was revoked. Replace it to get a new one.")


class SiteAddressMissing(PortalError):
	"""Neither the settings nor the site's configuration say under which address customers reach the site."""

	http_status_code = 409
	sentence = _lt("Set the site address in Customer Portal Settings, so that links can be made.")


class AgentsOnly(PortalError):
	"""Somebody who is no agent called an agent's endpoint."""

	http_status_code = 403
	sentence = _lt("Only agents may do this.")


class TicketNotFound(PortalError):
	"""An agent asks for a ticket that does not exist, or not any more."""

	http_status_code = 404
	sentence = _lt("This ticket does not exist.")


class TicketNotAllowed(PortalError):
	"""An agent who may not read or write this ticket."""

	http_status_code = 403
	sentence = _lt("You are not allowed to do this with this ticket.")


class CannotBeResent(PortalError):
	"""A message that is still on its way, that has arrived, or whose channel or address is gone."""

	http_status_code = 409
	sentence = _lt(
		"This message cannot be sent again now. Look at its state, its channel and the ticket's contact."
	)


class MembersOnly(PortalError):
	"""No organisation admits this person, or nobody is signed in."""

	http_status_code = 403
	sentence = _lt("Sign in with an address that your organisation has registered with us.")


class CustomersHaveAccess(PortalError):
	"""Two customers of whom each has rules for the organisation portal are to become one."""

	http_status_code = 409
	sentence = _lt(
		"Both customers have a Portal Customer Access. Delete one of them before you merge the customers."
	)


class SignInLinkNotFound(PortalError):
	"""Unknown, used and expired links of sign-in mails alike."""

	http_status_code = 410
	sentence = _lt("This link was used already, or it is too old. Ask for a new one.")


class SignInMethodMissing(PortalError):
	"""An admin has switched this way of signing in off, or there is none of this name."""

	http_status_code = 404
	sentence = _lt("This way to sign in is not offered here. Choose another one.")


class SignInAtPortal(PortalError):
	"""A member came by Frappe's own sign-in with another site's account."""

	http_status_code = 403
	sentence = _lt("Sign in to the organisation portal at its own page.")


class ManagersOnly(PortalError):
	"""An agent without the roles that manage the helpdesk or the site."""

	http_status_code = 403
	sentence = _lt("Only a System Manager or an Agent Manager may do this.")


class TemplateNotAllowed(PortalError):
	"""An agent who may not read portal templates."""

	http_status_code = 403
	sentence = _lt("You are not allowed to see portal ticket templates.")


class TemplateNotFound(PortalError):
	"""No Portal Ticket Template has this name."""

	http_status_code = 404
	sentence = _lt("There is no portal ticket template of this name.")


class NoOwnAddress(PortalError):
	"""A test message has nowhere to go; ``channel`` is the one that needs an address."""

	http_status_code = 409

	def __init__(self, channel: str):
		super().__init__()
		self.channel = channel

	@property
	def message(self) -> str:
		return _(
			"Your user has no address for {0}. Enter an e-mail address or a mobile number in your profile."
		).format(self.channel)


class TooManyTests(PortalError):
	"""A user has sent as many test messages as an hour allows."""

	http_status_code = 429

	def __init__(self, minutes: int):
		super().__init__()
		self.minutes = minutes

	@property
	def message(self) -> str:
		return _("You have sent many test messages. The next one can go out in {0} minutes.").format(
			self.minutes
		)


class FormTooLarge(PortalError):
	"""A form of ours has a few short fields."""

	http_status_code = 413
	sentence = _lt("This request is too large.")


class FormKindUnknown(PortalError):
	"""The body is no HTML form: JSON, XML, or bytes."""

	http_status_code = 415
	sentence = _lt("This page takes only what its own forms send.")


class MethodNotAllowed(PortalError):
	"""The address exists, but not for this method; ``allow`` is the Allow header (RFC 9110 10.2.1)."""

	http_status_code = 405

	def __init__(self, allow: str):
		self.allow = allow
		super().__init__()

	sentence = _lt("This address cannot be opened in this way.")


class FileNotShown(PortalError):
	"""Unknown files, files of other tickets, and any file without a session alike."""

	http_status_code = 404
	sentence = _lt("This file is not here.")


class SignedOut(PortalError):
	"""A page that refreshes itself has lost its session."""

	http_status_code = 401
	sentence = _lt("You are signed out. Load the page again.")


class ServerTrouble(PortalError):
	"""Something failed that the visitor cannot mend."""

	http_status_code = 500
	sentence = _lt("Something went wrong on our side. Try again in a moment.")


class _FieldRefused(PortalError, frappe.PermissionError):
	"""``label`` is that of the ticket's field."""

	http_status_code = 403

	def __init__(self, label: str = "", *_: object) -> None:
		super().__init__(label)
		self.label = label


class FieldIsForAgents(_FieldRefused):
	"""Somebody who is no agent set a field of a ticket that only agents may set."""

	@property
	def message(self) -> str:
		return _("Only agents may change the field {0}.").format(self.label)


class AddressIsNotYours(_FieldRefused):
	"""Somebody who is no agent opened a ticket whose messages would go to a stranger."""

	@property
	def message(self) -> str:
		return _("The field {0} takes only what your own contact has.").format(self.label)


class TicketIsArchived(PortalError):
	"""An answer to an archived ticket."""

	http_status_code = 409
	sentence = _lt("This ticket is archived and takes no more replies.")


class ActNotOffered(PortalError):
	"""The settings, or the state of the ticket, do not offer this act to its customer."""

	http_status_code = 409
	sentence = _lt("This is not possible for this ticket any more. Load the page again to see what is.")


class TicketIsMerged(PortalError):
	"""The link is that of a ticket that was merged: acts belong to the link of the surviving one."""

	http_status_code = 409
	sentence = _lt("This ticket was merged into another one. Ask us for the link to that one to reply there.")


class TextMissing(PortalError):
	"""A message, or a reason, without a word in it."""

	http_status_code = 422
	sentence = _lt("Write something first.")


class TextTooLong(PortalError):
	http_status_code = 422

	def __init__(self, most: int = 0, *_: object):
		super().__init__(most)
		self.most = most

	@property
	def message(self) -> str:
		return _("This is too long. Keep it below {0} characters.").format(self.most)


class RatingMissing(PortalError):
	"""No star is chosen, or a reason that belongs to other stars."""

	http_status_code = 422
	sentence = _lt("Choose one to five stars.")


class TooManyReplies(PortalError):
	"""``retry_after`` in seconds."""

	http_status_code = 429

	def __init__(self, retry_after: int = 0, *_: object):
		super().__init__(retry_after)
		self.retry_after = retry_after

	@property
	def message(self) -> str:
		return _("You have sent a lot in a short time. Try again in {0} minutes.").format(
			max(1, -(-self.retry_after // 60))
		)


class BadFieldValue(PortalError):
	"""What is filled in does not suit the field; ``detail`` is what the sentence has a place for."""

	http_status_code = 422

	def __init__(self, sentence: str = "", detail: object = "", *_: object) -> None:
		super().__init__(sentence)
		self.sentence, self.detail = sentence, detail

	@property
	def message(self) -> str:
		return _(self.sentence).format(self.detail)


class FormNotOffered(PortalError):
	"""Unknown forms, and those that the member's organisations are not offered, alike."""

	http_status_code = 404
	sentence = _lt("This form is not here. Go back to the list of forms.")


class ArticleNotFound(PortalError):
	"""Unknown articles, and those that are not published, alike."""

	http_status_code = 404
	sentence = _lt("This article is not here.")


class TooManyMentions(PortalError):
	http_status_code = 422

	def __init__(self, most: int = 0, *_: object):
		super().__init__(most)
		self.most = most

	@property
	def message(self) -> str:
		return _("Mention {0} people at most in one message.").format(self.most)


class HelpdeskRefused(PortalError):
	"""A rule of Helpdesk, or of another app, does not let the ticket change like this."""

	http_status_code = 409
	sentence = _lt("This could not be done. Try again in a moment, or contact us.")


class TooManyFiles(PortalError):
	http_status_code = 422

	def __init__(self, most: int = 0, *_: object):
		super().__init__(most)
		self.most = most

	@property
	def message(self) -> str:
		return _("Too many files. Send {0} at most in one message.").format(self.most)


class FileRefused(PortalError):
	"""The content is not what the name says; also for scanners of the hook ``customer_portal_scan_file``."""

	http_status_code = 422

	def __init__(self, name: str = "", detail: object = "", *_: object):
		super().__init__(name, detail)
		self.name, self.detail = f"\u2068{name}\u2069", detail

	@property
	def message(self) -> str:
		return _("We cannot take the file {0}: it is empty, or it is not what its name says.").format(
			self.name
		)


class FileTypeRefused(FileRefused):
	"""``detail`` lists the endings that are taken."""

	@property
	def message(self) -> str:
		return _("We cannot take the file {0}. We take these kinds: {1}.").format(self.name, self.detail)


class FileTooLarge(FileRefused):
	"""``detail`` is the limit in megabytes."""

	http_status_code = 413

	@property
	def message(self) -> str:
		return _("The file {0} is too large. A file may have {1} MB at most.").format(self.name, self.detail)


class FileHasVirus(FileRefused):
	@property
	def message(self) -> str:
		return _("We cannot take the file {0}: our virus scanner has found something in it.").format(
			self.name
		)


class FileNotChecked(FileRefused):
	"""A scanner is configured and gives no clear answer. No 503: a proxy may put its own page in place of that one."""

	@property
	def message(self) -> str:
		return _(
			"We cannot take files at the moment, because {0} could not be checked for viruses. "
			"Your text is still here: send it without the file, or try again later."
		).format(self.name)


class TeamManagersOnly(PortalError):
	"""A member who does not manage the organisation, or not any more; unknown organisations alike."""

	http_status_code = 403
	sentence = _lt("Only a manager of the organisation may do this.")


class AddressUnreadable(PortalError):
	http_status_code = 422
	sentence = _lt("Enter a full e-mail address, such as name@example.com.")


class OutsideDomains(PortalError):
	"""Managers add people of their organisation's own domains; others are for the helpdesk to add."""

	http_status_code = 422

	def __init__(self, domains: str = "", *_: object):
		super().__init__(domains)
		self.domains = domains

	@property
	def message(self) -> str:
		if not self.domains:
			return _("You cannot add people yourself. Ask us to add this address.")
		return _("You can add addresses of {0}. Ask us to add others.").format(self.domains)


class ColleagueUnknown(PortalError):
	"""An address that is on no list of the organisation, and of none of its domains."""

	http_status_code = 404
	sentence = _lt("This person is not in your organisation.")


class ColleagueNotHere(PortalError):
	"""A ticket is shared with people of its organisation who have signed in before."""

	http_status_code = 422
	sentence = _lt("Nobody with this address has signed in for this organisation yet.")


class ColleagueIsIn(PortalError):
	"""An invitation of somebody who has signed in before."""

	http_status_code = 409
	sentence = _lt("This person is in your team already.")


class ColleagueIsOut(PortalError):
	http_status_code = 409
	sentence = _lt("This person has no access. Give it back first.")


class NotYourself(PortalError):
	"""So each organisation that has a manager keeps one."""

	http_status_code = 409
	sentence = _lt("You cannot take your own access or role away. Ask another manager.")


class HelpdeskDecides(PortalError):
	"""The helpdesk took this person's access, and no manager gives it back."""

	http_status_code = 403
	sentence = _lt("We have taken this person's access ourselves. Contact us to give it back.")


class RequestDecided(PortalError):
	"""Unknown requests, those of other organisations, and what another manager has decided meanwhile."""

	http_status_code = 409
	sentence = _lt("This request was answered already.")


class TooManyInvitations(PortalError):
	"""``retry_after`` in seconds."""

	http_status_code = 429

	def __init__(self, retry_after: int = 0, *_: object):
		super().__init__(retry_after)
		self.retry_after = retry_after

	@property
	def message(self) -> str:
		return _("Your organisation has invited many people. Try again in {0} minutes.").format(
			max(1, -(-self.retry_after // 60))
		)


class NameUnreadable(PortalError):
	"""Empty, too long, or with signs that no name has."""

	http_status_code = 422

	def __init__(self, most: int = 0, *_: object):
		super().__init__(most)
		self.most = most

	@property
	def message(self) -> str:
		return _("Enter a name of up to {0} letters.").format(self.most)


def refuse(error: PortalError) -> NoReturn:
	"""Raise, and hand the sentence to the Desk and to Helpdesk's pages, which show only such messages.

	Nobody reads the answer of a job, such as Frappe's for many documents: its user's open pages are told.
	"""
	frappe.msgprint(error.message, indicator="red")
	if getattr(frappe.local, "job", None):
		told = {"message": error.message, "indicator": "red"}
		frappe.publish_realtime("msgprint", told, user=frappe.session.user)
	raise error
