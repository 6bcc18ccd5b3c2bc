"""What customers answer to our SMS and WhatsApp messages: STOP and START. Every other text is left to Twilio.

https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out: single words, in any case. Words in other languages
are set at Twilio, which then sends their meaning as ``OptOutType``.
"""

import re
from collections.abc import Mapping

from customer_portal import opt_outs
from customer_portal.channels.base import PHONE
from customer_portal.notifications.receipts import channel_and_number
from customer_portal.otp.recipients import Recipient

STOP, START = "STOP", "START"
STOP_WORDS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
START_WORDS = frozenset({"START", "YES", "UNSTOP"})
_E164 = re.compile(r"\+[1-9]\d{6,14}")


def take(message: Mapping[str, str]) -> None:
	"""``message`` is Twilio's signed form of an incoming message. The caller commits."""
	channel, number = channel_and_number(message.get("From", ""))
	wish = _wish(message)
	if not wish or not _E164.fullmatch(number):
		return
	if wish == STOP:
		opt_outs.stop(channel, Recipient(PHONE, number), opt_outs.STOP)
	else:
		opt_outs.start(channel, Recipient(PHONE, number))


def _wish(message: Mapping[str, str]) -> str:
	"""STOP, START or nothing. What Twilio made of a message counts more than its text."""
	if kind := message.get("OptOutType", "").upper():
		return kind if kind in (STOP, START) else ""
	word = message.get("Body", "").strip(" \t\r\n.!\"'").upper()
	return STOP if word in STOP_WORDS else START if word in START_WORDS else ""
