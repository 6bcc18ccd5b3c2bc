"""One translated error per condition that a person meets, with its HTTP status (RFC 9110)."""

from typing import NoReturn

import frappe
from frappe import _


class PortalError(frappe.ValidationError):
	"""Base of every error that a person may see.

	``http_status_code`` is what Frappe answers with; ``message`` is a whole translated sentence.
	"""

	http_status_code = 400

	@property
	def message(self) -> str:
		return _("This request could not be read.")

	def __str__(self) -> str:
		return self.message


class LinkNotFound(PortalError):
	"""Unknown, expired and revoked links alike."""

	http_status_code = 404

	@property
	def message(self) -> str:
		return _("This link does not work. Ask us for a new one.")


class ForeignRequest(PortalError):
	"""The form was sent by another site, or its token is missing or of another browser."""

	http_status_code = 403

	@property
	def message(self) -> str:
		return _("This page is too old. Load it again and repeat.")


class SubStatusNotAllowed(PortalError):
	"""The ticket's template does not offer this sub-status."""

	http_status_code = 417

	@property
	def message(self) -> str:
		return _("This sub-status is not offered for this kind of ticket.")


class LedgerIsAppendOnly(PortalError):
	"""Somebody tried to change or delete a row of the status ledger."""

	http_status_code = 403

	@property
	def message(self) -> str:
		return _("Status events cannot be changed or deleted.")


class TemplateMissing(PortalError):
	"""The Default Portal Ticket Template was deleted behind Frappe's back."""

	http_status_code = 500

	@property
	def message(self) -> str:
		return _("The portal template for Default is missing. Run bench migrate to create it again.")


class LinkIsRevoked(PortalError):
	"""An agent asks for the address of a link that was revoked."""

	http_status_code = 409

	@property
	def message(self) -> str:
		return _("This ticket's link was revoked. Replace it to get a new one.")


class SiteAddressMissing(PortalError):
	"""Neither the settings nor the site's configuration say under which address customers reach the site."""

	http_status_code = 409

	@property
	def message(self) -> str:
		return _("Set the site address in Customer Portal Settings, so that links can be made.")


class AgentsOnly(PortalError):
	"""Somebody who is no agent called an agent's endpoint."""

	http_status_code = 403

	@property
	def message(self) -> str:
		return _("Only agents may do this.")


class FormTooLarge(PortalError):
	"""A form of ours has a few short fields."""

	http_status_code = 413

	@property
	def message(self) -> str:
		return _("This request is too large.")


class FormKindUnknown(PortalError):
	"""The body is no HTML form: JSON, XML, or bytes."""

	http_status_code = 415

	@property
	def message(self) -> str:
		return _("This page takes only what its own forms send.")


class MethodNotAllowed(PortalError):
	"""The address exists, but not for this method; ``allow`` is the Allow header (RFC 9110 10.2.1)."""

	http_status_code = 405

	def __init__(self, allow: str):
		self.allow = allow
		super().__init__()

	@property
	def message(self) -> str:
		return _("This address cannot be opened in this way.")


class FileNotShown(PortalError):
	"""Unknown files, files of other tickets, and any file without a session alike."""

	http_status_code = 404

	@property
	def message(self) -> str:
		return _("This file is not here.")


class SignedOut(PortalError):
	"""A page that refreshes itself has lost its session."""

	http_status_code = 401

	@property
	def message(self) -> str:
		return _("You are signed out. Load the page again.")


class ServerTrouble(PortalError):
	"""Something failed that the visitor cannot mend."""

	http_status_code = 500

	@property
	def message(self) -> str:
		return _("Something went wrong on our side. Try again in a moment.")


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

	@property
	def message(self) -> str:
		return _("This ticket is archived and takes no more replies.")


def refuse(error: PortalError) -> NoReturn:
	"""Raise, and hand the sentence to the Desk and to Helpdesk's pages, which show only such messages."""
	frappe.msgprint(error.message, indicator="red")
	raise error
