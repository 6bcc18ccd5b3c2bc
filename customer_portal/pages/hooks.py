"""What Twilio tells us, at addresses that only Twilio can use: each request is signed with the account's token.

No cookie, no form token, no page: strangers get 403.
"""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from werkzeug.wrappers import Request, Response

from customer_portal import provider_hooks
from customer_portal.exceptions import FormKindUnknown, FormTooLarge, NotSigned, PortalError
from customer_portal.integrations.twilio import signature
from customer_portal.notifications import answers, receipts
from customer_portal.pages import headers

LARGEST_BODY = 64 * 1024  # bytes; a WhatsApp text has 4096 signs of up to 12 bytes each in a form
MOST_FIELDS = 200
MIME_TYPE = "application/x-www-form-urlencoded"
SILENCE = '<?xml version="1.0" encoding="UTF-8"?><Response/>'  # TwiML without a reply


def take_receipt(request: Request, _starred: tuple[str, ...]) -> Response:
	"""Raises ``NotSigned`` and what ``_fields`` raises, before anything is looked up or written."""
	report = _signed(request, provider_hooks.RECEIPTS)
	receipts.take(request.args.get("message", ""), report)
	return Response(status=204, headers=headers.SECURITY)


def take_message(request: Request, _starred: tuple[str, ...]) -> Response:
	"""Raises what ``take_receipt`` raises. Twilio itself answers STOP and START."""
	answers.take(_signed(request, provider_hooks.INCOMING))
	return Response(SILENCE, headers=headers.SECURITY, mimetype="text/xml")


def _signed(request: Request, path: str) -> Mapping[str, str]:
	"""The form, if Twilio signed it together with the address that it was given: ours as configured, and the query
	as it came. What the request says about its host counts for nothing."""
	fields = _fields(request)
	address = provider_hooks.address(path)
	if address and request.query_string:
		address += f"?{request.query_string.decode('latin-1')}"
	if not signature.is_valid(request.headers.get("X-Twilio-Signature", ""), address, fields):
		raise NotSigned
	return fields


def _fields(request: Request) -> dict[str, str]:
	"""Raises ``FormTooLarge``, ``FormKindUnknown``, and ``PortalError`` for repeated fields and broken UTF-8."""
	body = request.get_data()
	if len(body) > LARGEST_BODY:
		raise FormTooLarge
	if request.mimetype != MIME_TYPE or request.mimetype_params.get("charset", "utf-8").lower() != "utf-8":
		raise FormKindUnknown
	try:
		text = body.decode("ascii")
		pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
	except ValueError as error:
		raise PortalError from error
	fields = dict(pairs)
	if len(fields) != len(pairs):
		raise PortalError
	return fields
