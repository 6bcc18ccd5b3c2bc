"""The list of tickets as a file, with the filters of the page that it was asked on.

The answer is made while it is sent. Frappe, 15 and 16 alike, ends a request's connection and its ``frappe.local`` when
the server closes the answer (``frappe.app.after_response_wrapper``), not when the handler returns, and a WSGI server
takes the body in the thread that called the application (PEP 3333). So the rows are read with the request's own
connection. What must happen at the end, however the end comes, hangs on the answer: a generator that was never begun
runs no ``finally``.

When something fails in the middle, the server breaks the connection off, so that no browser takes a part for the whole.
"""

from collections.abc import Iterator
from functools import partial

import frappe
from werkzeug.wrappers import Request, Response

from customer_portal import spreadsheets, ticket_export, timezones
from customer_portal.clock import utc_now
from customer_portal.exceptions import PortalError
from customer_portal.pages import forms, headers, languages, members, ticket_list, views
from customer_portal.pages.texts import translate as _
from customer_portal.spreadsheets import CSV, MIME_TYPES
from customer_portal.ticket_export import Export


def send(request: Request, _starred: tuple[str, ...]) -> Response:
	visitor = members.receive(request)
	visitor.check_form()
	try:
		kind = forms.field(request, "kind")
		if kind not in MIME_TYPES:
			raise PortalError
		query = ticket_list.query_of(visitor)
		user = visitor.member.user
		export = Export(user, frappe.session.sid, query.filters, query.zone, visitor.language)
		ticket_export.begin(user)
	except PortalError as problem:
		return views.error(problem, members.TICKETS)
	response = Response(
		_content(kind, export), headers=_headers(kind, export), mimetype=None, content_type=None
	)
	response.call_on_close(partial(ticket_export.end, user))
	return response


def _content(kind: str, export: Export) -> Iterator[bytes]:
	head, batches = ticket_export.head(export.zone), ticket_export.batches(export)
	if kind == CSV:
		return spreadsheets.comma_separated(
			head, batches, _("This file is not complete: the export was broken off.")
		)
	is_rtl = languages.direction(export.language) == "rtl"
	return spreadsheets.workbook(head, batches, _("Tickets"), is_rtl)


def _headers(kind: str, export: Export) -> dict[str, str]:
	today = timezones.local(utc_now(), export.zone).date()
	return {
		**headers.SECURITY,
		"Content-Type": MIME_TYPES[kind],
		"Content-Disposition": f'attachment; filename="tickets-{today}.{kind}"',
		"Content-Security-Policy": headers.FILE_POLICY,
	}
