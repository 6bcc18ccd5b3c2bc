"""Filing a ticket: the chooser of forms, a form, and what comes of it.

A form is a page of its own for every answer: what does not fit is told at its field, with all that was typed. Values
that depend on others are narrowed when somebody presses the button for it, or at once by the page's module, which does
the same in the background; what is sent is checked anew in any case.
"""

import re
import secrets

import frappe
from werkzeug.wrappers import Request, Response

from customer_portal import keys, timezones, uploads
from customer_portal.exceptions import (
	FileRefused,
	FormNotOffered,
	PortalError,
	SignedOut,
)
from customer_portal.html import clean
from customer_portal.pages import forms, members, views
from customer_portal.pages.conversation import STYLE as WRITING_STYLE
from customer_portal.pages.conversation import file_size
from customer_portal.pages.filling import PREFIX, Filling
from customer_portal.pages.members import TICKETS, MemberVisitor
from customer_portal.pages.texts import translate as _
from customer_portal.ticket_forms import filing, offered
from customer_portal.ticket_forms.fields import TicketForm

SCRIPTS = ("js/conversation.js", "js/new_ticket.js")
STYLES = (WRITING_STYLE, "css/form.css")
_KEY = re.compile(r"[0-9a-f]{32}")


def show(request: Request, _starred: tuple[str, ...]) -> Response:
	"""The only form at once, the one that is asked for, or all to choose from."""
	visitor = members.receive(request)
	wanted = forms.query(request, "form")
	offers = offered.to(visitor.member)
	if not wanted and len(offers) > 1:
		return views.page("form_chooser.html", visitor, place="new", styles=STYLES, offers=offers)
	offer = offered.find(visitor.member, wanted) if wanted else offers[0]
	return _page(visitor, Filling(request, offer, is_new=True))


def file(request: Request, _starred: tuple[str, ...]) -> Response:
	visitor = members.receive(request)
	visitor.check_form(_largest_body())
	key = forms.field(request, "key")
	if not _KEY.fullmatch(key):
		raise PortalError
	if ticket := filing.filed(visitor.form_scope, key):
		return _see(ticket)
	filing.count_reading(visitor.member.user)
	filling = Filling(request, offered.find(visitor.member, forms.field(request, "form")))
	if "refresh" in request.form:
		return _page(visitor, filling)
	return _file(visitor, filling, key)


def _file(visitor: MemberVisitor, filling: Filling, key: str) -> Response:
	wanted = filling.request_of(visitor, key)
	if wanted is None:
		return _page(visitor, filling, 422)
	try:
		return _see(filing.file(wanted))
	except (FormNotOffered, SignedOut):
		raise
	except PortalError as problem:
		frappe.db.rollback()
		filling.problems["files" if isinstance(problem, FileRefused) else ""] = problem
		return views.with_pause(_page(visitor, filling, problem.http_status_code), problem)


def _see(ticket: str) -> Response:
	return views.see_other(f"{TICKETS}/{ticket}?done=file#done")


def _page(visitor: MemberVisitor, filling: Filling, status: int = 200) -> Response:
	limits = uploads.limits()
	return views.page(
		"new_ticket.html",
		visitor,
		status,
		SCRIPTS,
		STYLES,
		place="new",
		filling=filling,
		form=filling.form,
		about=clean(filling.offer.about),
		problems=filling.problems,
		labels=_labels(filling.form).get,
		limits=limits,
		draft_key=keys.digest("draft", visitor.form_scope)[:16],
		key=_kept_key(filling) or secrets.token_hex(16),
		zone=timezones.of_site().key,
		file_size=file_size,
		had_files=any(file.filename for file in visitor.request.files.values()),
		has_choice=len(offered.to(visitor.member)) > 1,
	)


def _labels(form: TicketForm) -> dict[str, str]:
	own = {
		"customer": _("Organisation"),
		"subject": _("Subject"),
		"description": _("Description"),
		"files": _("Add files"),
		"copies": _("Colleagues to be informed"),
	}
	return {**own, **{PREFIX + one.name: _(one.label) for one in form.fields}}


def _kept_key(filling: Filling) -> str:
	"""A form that could not be taken is the same filling still."""
	sent = filling.request.form.get("key", "")
	return sent if _KEY.fullmatch(sent) else ""


def _largest_body() -> int:
	"""Bytes: all files that may be sent at once, and as much text as a form of many fields has."""
	return uploads.limits().all_bytes + uploads.FORM_BYTES
