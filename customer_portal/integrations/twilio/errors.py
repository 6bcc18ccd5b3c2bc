"""What Twilio's error codes mean to an agent. Twilio's own texts may repeat the number, so only the code is kept.

https://www.twilio.com/docs/api/errors
"""

from frappe import _

TEMPORARY = frozenset({20429, 14107, 21611, 30001, 30022})  # too many requests; sender's queue is full
OPTED_OUT = 21610


def reason(code: int | None) -> str:
	"""One sentence about a message that Twilio did not take, or took and did not deliver."""
	known = _refused().get(code) or _undelivered().get(code)
	if known:
		return known
	if code:
		return _("Twilio refused or could not deliver the message (error {0}).").format(code)
	return _("Twilio could not deliver the message and does not say why.")


def _refused() -> dict[int, str]:
	return {
		20003: _("Twilio refused the Account SID or the auth token (error 20003)."),
		21211: _("Twilio says that this is not a valid number (error 21211)."),
		21408: _("Twilio is not allowed to send SMS to this country (error 21408)."),
		21609: _("Twilio cannot report to the address of this site (error 21609)."),
		21610: _("The customer has answered STOP to this sender (error 21610)."),
		21612: _("The sender cannot reach this number (error 21612)."),
		21614: _("This number cannot receive SMS (error 21614)."),
		21656: _("WhatsApp's message template has other variables than this app fills in (error 21656)."),
		63007: _("The WhatsApp sender in the settings is none of this Twilio account (error 63007)."),
	}


def _undelivered() -> dict[int, str]:
	return {
		30002: _("The Twilio account is suspended (error 30002)."),
		30003: _("The phone could not be reached; it may be switched off (error 30003)."),
		30004: _("The number or its network blocks such messages (error 30004)."),
		30005: _("The number is unknown or no longer in use (error 30005)."),
		30006: _("The number is a landline, or its network cannot be reached (error 30006)."),
		30007: _("The network took the message for spam (error 30007)."),
		30008: _("The network could not deliver the message and does not say why (error 30008)."),
		63014: _("The customer has blocked this sender (error 63014)."),
		63016: _("WhatsApp wants an approved message template for this message (error 63016)."),
		63024: _("This number has no WhatsApp (error 63024)."),
		63049: _("WhatsApp chose not to deliver the message (error 63049)."),
	}
