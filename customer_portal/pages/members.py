"""A member of an organisation who is signed in, and the ticket that they are at."""

import hmac
from dataclasses import dataclass
from typing import ClassVar

import frappe
from werkzeug.wrappers import Request, Response

from customer_portal import access, accounts, keys
from customer_portal.access import Member
from customer_portal.exceptions import ForeignRequest, MembersOnly
from customer_portal.pages import csrf, forms, languages
from customer_portal.pages.caller import is_looking
from customer_portal.pages.newcomer import DOOR
from customer_portal.tickets import Participant

TICKETS = f"{DOOR}/tickets"
NEW = f"{DOOR}/new"
ARTICLES = f"{DOOR}/articles"


@dataclass(frozen=True)
class MemberVisitor:
	"""``session`` is the member at one ticket, None on all other pages; ``rest`` what follows the ticket's address."""

	request: Request
	member: Member
	language: str
	session: Participant | None = None
	home: str = TICKETS
	rest: tuple[str, ...] = ()
	door: str = DOOR

	is_member: ClassVar[bool] = True

	@property
	def form_scope(self) -> str:
		return f"user:{self.member.user}"

	@property
	def form_token(self) -> str:
		return keys.digest("member-form", frappe.session.sid, self.member.user)

	@property
	def is_looking(self) -> bool:
		return is_looking(self.request)

	def check_form(self, largest: int = forms.LARGEST_BODY) -> None:
		"""Raises what ``forms.check_body`` raises, and ``ForeignRequest`` for a form that we did not give."""
		forms.check_body(self.request, largest)
		sent = self.request.form.getlist(csrf.FIELD)
		if not csrf.is_from_own_site(self.request) or len(sent) != 1:
			raise ForeignRequest
		if not hmac.compare_digest(sent[0].encode(), self.form_token.encode()):
			raise ForeignRequest

	def remember_browser(self, response: Response) -> Response:
		"""The session's cookie is Frappe's."""
		return response


def receive(request: Request, home: str = TICKETS) -> MemberVisitor:
	"""Asks the policy anew; ``home`` is the page at which they are. Raises ``MembersOnly``."""
	member = access.member(frappe.session.user)
	if member is None:
		raise MembersOnly
	frappe.local.lang = languages.of_user(request)
	_note_here(request, member)
	return MemberVisitor(request, member, frappe.local.lang, home=home)


def _note_here(request: Request, member: Member) -> None:
	if is_looking(request):
		accounts.note_here(member.user)
		frappe.local.flags.commit = True  # Frappe commits no GET by itself


def receive_at(request: Request, ticket: str, *rest: str) -> MemberVisitor:
	"""The same at a ticket; whether they may see it is for the handler to ask."""
	visitor = receive(request)
	session = Participant(ticket, visitor.member)
	return MemberVisitor(request, visitor.member, visitor.language, session, f"{TICKETS}/{ticket}", rest)
