"""Recognises mails that no person has written, such as notes of holidays (RFC 3834)."""

from email.message import Message

from customer_portal.channels.mail_format import identifiers, reference_of

ANSWERS = ("X-Autoreply", "X-Autorespond", "X-Autoresponder")  # what robots write that know no RFC 3834
PRECEDENCES = ("auto_reply", "bulk", "junk")
THREAD = ("In-Reply-To", "References")
LONGEST_SUBJECT = 100


def answered(mail: Message) -> str:
	"""The reference of the mail of ours that a robot answers; empty for everything else.

	``X-Auto-Response-Suppress`` alone says only that its sender wants no robot's answer: people's mails may have it.
	"""
	found = filter(None, (reference_of(one) for name in THREAD for one in identifiers(mail.get(name))))
	return next(found, "") if is_automatic(mail) else ""


def is_automatic(mail: Message) -> bool:
	submitted = _word(mail, "Auto-Submitted")
	if submitted and submitted != "no":  # RFC 3834, section 5
		return True
	if any(mail.get(name) for name in ANSWERS):
		return True
	return _word(mail, "Precedence") in PRECEDENCES and not mail.get("List-Id")  # a list's mails are people's


def _word(mail: Message, header: str) -> str:
	return str(mail.get(header, "")).partition(";")[0].strip().lower()
