"""Pages for agents and admins under /portal: who asks, and forms that no other site can send."""

import hmac
from dataclasses import dataclass

import frappe
from werkzeug.wrappers import Request

from customer_portal import agents, keys
from customer_portal.exceptions import ForeignRequest
from customer_portal.pages import csrf, forms


@dataclass(frozen=True)
class Staff:
	"""A signed-in agent. The language is that of their Frappe profile."""

	request: Request
	user: str

	@property
	def form_token(self) -> str:
		return keys.digest("staff-form", frappe.session.sid, self.user)

	@property
	def frappe_token(self) -> str:
		return csrf.frappe_token()

	def check_form(self) -> None:
		"""Raises what ``forms.check_body`` raises, and ``ForeignRequest`` for a form that we did not give."""
		forms.check_body(self.request)
		sent = self.request.form.getlist(csrf.FIELD)
		if not csrf.is_from_own_site(self.request) or len(sent) != 1:
			raise ForeignRequest
		if not hmac.compare_digest(sent[0].encode(), self.form_token.encode()):
			raise ForeignRequest


def receive(request: Request) -> Staff:
	"""Raises ``AgentsOnly``. Whoever may see the ticket in question is for the handler to check."""
	agents.require_agent()
	return Staff(request, frappe.session.user)
