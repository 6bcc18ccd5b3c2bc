"""What Twilio reports of a message that it took, and of numbers that it may send to no more.

https://www.twilio.com/docs/messaging/guides/track-outbound-message-status. Reports come late, twice and in any order;
the first one that is final counts.
"""

from collections.abc import Mapping

from customer_portal import opt_outs
from customer_portal.channels.base import PHONE
from customer_portal.integrations.twilio import errors
from customer_portal.notifications import outbox
from customer_portal.otp.recipients import Recipient

DELIVERED = frozenset({"delivered", "read"})
UNDELIVERED = frozenset({"undelivered", "failed", "canceled"})
WHATSAPP_PREFIX = "whatsapp:"


def take(name: str, report: Mapping[str, str]) -> None:
	"""``name`` is the message's in the outbox, ``report`` Twilio's signed form. The caller commits.

	Reports of steps on the way, of unknown messages, and of other calls for a message change nothing.
	"""
	status, sid = report.get("MessageStatus", ""), report.get("MessageSid", "")
	channel, number = channel_and_number(report.get("To", ""))
	if not name or not sid:
		return
	if status in DELIVERED:
		outbox.mark_delivered(name, channel, sid)
	elif status in UNDELIVERED:
		code = _code(report.get("ErrorCode", ""))
		is_ours = outbox.mark_undelivered(name, channel, sid, errors.reason(code))
		if is_ours and code == errors.OPTED_OUT:
			opt_outs.stop(channel, Recipient(PHONE, number), opt_outs.PROVIDER)


def channel_and_number(address: str) -> tuple[str, str]:
	"""The channel and the number of an address as Twilio writes it: ``+966…`` or ``whatsapp:+966…``."""
	if address.startswith(WHATSAPP_PREFIX):
		return "WhatsApp", address.removeprefix(WHATSAPP_PREFIX)
	return "SMS", address


def _code(text: str) -> int | None:
	return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else None
