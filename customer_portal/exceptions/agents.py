"""What agents and admins meet, and what guards their fields."""

import frappe

from customer_portal.exceptions.base import PortalError, TooOften
from customer_portal.texts import marked as _lt
from customer_portal.texts import translate as _


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


class SiteAddressMissing(PortalError):
	"""Neither the settings nor the site's configuration say under which address customers reach the site."""

	http_status_code = 409
	sentence = _lt("Set the site address in Customer Portal Settings, so that links can be made.")


class AgentsOnly(PortalError):
	"""Somebody who is no agent called an agent's endpoint."""

	http_status_code = 403
	sentence = _lt("Only agents may do this.")


class ManagersOnly(PortalError):
	"""An agent without the roles that manage the helpdesk or the site."""

	http_status_code = 403
	sentence = _lt("Only a System Manager or an Agent Manager may do this.")


class TicketNotAllowed(PortalError):
	"""An agent who may not read or write this ticket."""

	http_status_code = 403
	sentence = _lt("You are not allowed to do this with this ticket.")


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
	sentence = _lt(
		"Your user has no address for {0}. Enter an e-mail address or a mobile number in your profile."
	)


class TooManyTests(TooOften):
	"""A user has sent as many test messages as an hour allows."""

	sentence = _lt("You have sent many test messages. The next one can go out in {0} minutes.")


class NoSlackChannel(PortalError):
	"""A test message has nowhere to go."""

	http_status_code = 404
	sentence = _lt("This customer has no channel in Slack.")


class CannotBeResent(PortalError):
	"""A message that is still on its way, that has arrived, or whose channel or address is gone."""

	http_status_code = 409
	sentence = _lt(
		"This message cannot be sent again now. Look at its state, its channel and the ticket's contact."
	)


class _FieldRefused(PortalError, frappe.PermissionError):
	"""``label`` is that of the ticket's field."""

	http_status_code = 403


class FieldIsForAgents(_FieldRefused):
	"""Somebody who is no agent set a field of a ticket that only agents may set."""

	sentence = _lt("Only agents may change the field {0}.")


class AddressIsNotYours(_FieldRefused):
	"""Somebody who is no agent opened a ticket whose messages would go to a stranger."""

	sentence = _lt("The field {0} takes only what your own contact has.")
