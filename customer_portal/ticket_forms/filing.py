"""Files a ticket for a member, by Helpdesk's own way: what follows a new ticket there follows this one.

The write runs as Administrator, as Helpdesk's mail intake does (see ``on_behalf``), since members need no role of
Helpdesk's. So what Helpdesk checks of its own customers is checked here: the customer is one of the member's, the
ticket is raised by the member, and its contact is the member's own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import frappe

from customer_portal import access, acting, followers, on_behalf, settings, throttle, uploads
from customer_portal.access import Member
from customer_portal.exceptions import FormNotOffered, SignedOut, TooManyReplies
from customer_portal.sign_in import people
from customer_portal.throttle import HOUR, MINUTE, Limit
from customer_portal.ticket_forms import offered
from customer_portal.ticket_forms.kinds import Value
from customer_portal.uploads import Upload

TICKET = "HD Ticket"
MESSAGE = "Communication"
READINGS = Limit(
	200, 10 * MINUTE
)  # of one person's forms: what depends on an answer is asked for with each change


@dataclass(frozen=True)
class Request:
	"""What a member asks for, checked field by field; ``key`` is the random value of the filled form.

	``attachments`` are files by the field of type Attach that they are for, ``copies`` addresses in their comparable
	form.
	"""

	member: Member
	scope: str
	key: str
	template: str
	customer: str
	subject: str
	description: str
	values: Mapping[str, Value]
	files: tuple[Upload, ...] = ()
	attachments: Mapping[str, Upload] | None = None
	copies: tuple[str, ...] = ()

	@property
	def form(self) -> str:
		return throttle.form_subject(self.scope, self.key)


def filed(scope: str, key: str) -> str | None:
	"""The ticket that this filling of a form has made already."""
	return throttle.outcome(throttle.form_subject(scope, key))


def count_reading(user: str) -> None:
	"""One more form that this person sends, whether or not a ticket comes of it. Raises ``TooManyReplies``."""
	subject = throttle.filling_subject(user)
	with throttle.hold(subject):
		if seconds := throttle.wait_seconds(throttle.LOOK_UP, subject, READINGS):
			raise TooManyReplies(seconds)
		throttle.record(throttle.LOOK_UP, subject)


def file(request: Request) -> str:
	"""The ticket's name; the same when the form comes a second time.

	Raises ``TooManyReplies``, ``FileRefused`` and its kin, ``FormNotOffered``, ``SignedOut``, ``HelpdeskRefused``.
	"""
	attachments = request.attachments or {}
	_count(request)
	uploads.scan((*request.files, *attachments.values()))
	with throttle.hold(throttle.user_subject(request.member.user)):
		if not throttle.take_once(request.form):
			return throttle.outcome(request.form) or ""
		_check_still_offered(request)
		failed = f"a ticket of {request.member.user} could not be filed"
		with on_behalf.of(request.member.address), on_behalf.rules_of_others(failed):
			ticket = _insert(request, attachments)
		throttle.note_outcome(request.form, str(ticket.name))
	return str(ticket.name)


def _count(request: Request) -> None:
	"""One more of this person and of this organisation; a form that is sent twice is one."""
	person = throttle.user_subject(request.member.user)
	customer = throttle.customer_subject(request.customer)
	with throttle.hold(person, customer):
		if throttle.is_taken(request.form):
			return
		wait = max(
			throttle.wait_seconds(throttle.TICKET, person, _limit("tickets_per_person_per_hour")),
			throttle.wait_seconds(throttle.TICKET, customer, _limit("tickets_per_customer_per_hour")),
		)
		if wait:
			raise TooManyReplies(wait)
		throttle.record(throttle.TICKET, person, customer)


def _limit(setting: str) -> Limit:
	return Limit(settings.number(setting), HOUR)


def _check_still_offered(request: Request) -> None:
	"""A scanner, or a turn, may have taken long."""
	member = access.member(request.member.user)
	if member is None:
		raise SignedOut
	if request.customer not in offered.find(member, request.template).customers:
		raise FormNotOffered


def _insert(request: Request, attachments: Mapping[str, Upload]):
	ticket = frappe.new_doc(TICKET)
	ticket.update(request.values)
	ticket.update({field: _address(file) for field, file in attachments.items()})
	ticket.update(
		{
			"subject": request.subject,
			"description": acting.paragraphs(request.description),
			"template": request.template,
			"customer": request.customer,
			"raised_by": request.member.user,
			"contact": people.contact_of(request.member.user, request.member.address),
			"via_customer_portal": 1,  # as from Helpdesk's own portal: no automatic answer by mail
		}
	)
	ticket.insert(ignore_permissions=True)
	# Frappe makes whoever inserts the owner; Helpdesk's own portal inserts as the customer.
	frappe.db.set_value(TICKET, ticket.name, "owner", request.member.user, update_modified=False)
	_complete_message(ticket, request.files, request.copies)
	return ticket


def _address(file: Upload) -> str:
	"""A File of nothing yet; Frappe attaches it to the ticket that names it (``attach_files_to_document``)."""
	return frappe.db.get_value("File", uploads.store(file, None, None), "file_url")


def _complete_message(ticket, files: Iterable[Upload], copies: tuple[str, ...]) -> None:
	"""The message that Helpdesk made of the description gets what its own function has no place for.

	Files lie at the message and at the ticket, as ``create_communication_via_contact`` leaves them.
	"""
	about = {"reference_doctype": TICKET, "reference_name": str(ticket.name)}
	message = frappe.db.get_value(MESSAGE, about, order_by="creation")
	for file in files:
		uploads.store(file, MESSAGE, message)
		uploads.store(file, TICKET, str(ticket.name))
	if copies:
		frappe.db.set_value(MESSAGE, message, "cc", ", ".join(copies), update_modified=False)
		_let_follow(str(ticket.name), copies)


def _let_follow(ticket: str, copies: tuple[str, ...]) -> None:
	"""Colleagues who have signed in before; nobody else has a user who could see the ticket."""
	users = frappe.get_all("User", filters={"email": ("in", copies), "enabled": 1}, pluck="name")
	for user in filter(access.member, users):
		followers.add(ticket, user)
