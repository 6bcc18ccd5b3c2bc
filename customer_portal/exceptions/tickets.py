"""What customers meet on a ticket's page."""

from customer_portal.exceptions.base import PortalError, TooOften
from customer_portal.texts import marked as _lt


class LinkNotFound(PortalError):
	"""Unknown, expired and revoked links alike."""

	http_status_code = 404
	sentence = _lt("This link does not work. Ask us for a new one.")


class ForeignRequest(PortalError):
	"""The form was sent by another site, or its token is missing or of another browser."""

	http_status_code = 403
	sentence = _lt("This page is too old. Load it again and repeat.")


class NotSigned(PortalError):
	"""A provider's hook was called by somebody who cannot sign as the provider does."""

	http_status_code = 403
	sentence = _lt("Only the provider can use this address.")


class SlackNotSigned(NotSigned):
	"""Slack's own answer to a signature that is wrong, old, or was used already."""

	http_status_code = 401


class LinkIsRevoked(PortalError):
	"""An agent asks for the address of a link that was revoked."""

	http_status_code = 409
	sentence = _lt("This ticket's link was revoked. Replace it to get a new one.")


class TicketNotFound(PortalError):
	"""An agent asks for a ticket that does not exist, or not any more."""

	http_status_code = 404
	sentence = _lt("This ticket does not exist.")


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


class SignedOut(PortalError):
	"""A page that refreshes itself has lost its session."""

	http_status_code = 401
	sentence = _lt("You are signed out. Load the page again.")


class ServerTrouble(PortalError):
	"""Something failed that the visitor cannot mend."""

	http_status_code = 500
	sentence = _lt("Something went wrong on our side. Try again in a moment.")


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
	sentence = _lt("This is too long. Keep it below {0} characters.")


class RatingMissing(PortalError):
	"""No star is chosen, or a reason that belongs to other stars."""

	http_status_code = 422
	sentence = _lt("Choose one to five stars.")


class TooManyReplies(TooOften):
	sentence = _lt("You have sent a lot in a short time. Try again in {0} minutes.")


class HelpdeskRefused(PortalError):
	"""A rule of Helpdesk, or of another app, does not let the ticket change like this."""

	http_status_code = 409
	sentence = _lt("This could not be done. Try again in a moment, or contact us.")
