"""What mail servers say of mails that they could not deliver."""

from email import message_from_bytes

import pytest

from customer_portal.notifications import bounces
from customer_portal.notifications.bounces import Bounce
from tests import returned_mails

OURS = "0123456789abcdef0123.customer-portal@help.example.com"
ORIGINAL = f"""From: Help <helpdesk@portal-tests.example>
To: nobody@customer.example
Subject: Your ticket is now: Ready (#42)
Message-ID: <{OURS}>
In-Reply-To: <earlier@customer.example>
References: <earlier@customer.example>
MIME-Version: 1.0
Content-Type: text/plain; charset="utf-8"

See the state of your ticket
"""


def read(raw: bytes) -> Bounce | None:
	return bounces.read(message_from_bytes(raw))


@pytest.mark.parametrize("kind", returned_mails.KINDS)
def test_a_mail_that_came_back(kind):
	assert read(returned_mails.write(kind, ORIGINAL)) == Bounce(OURS, "5.1.1", True)


@pytest.mark.parametrize("kind", ["Postfix", "Exchange", "Gmail", "headers alone"])
def test_a_delay(kind):
	found = read(returned_mails.write(kind, ORIGINAL, "delayed", "4.4.1", "451 4.4.1 try again later"))
	assert found == Bounce(OURS, "4.4.1", False)


@pytest.mark.parametrize("kind", ["Postfix", "Exchange", "Gmail", "headers alone"])
def test_a_server_that_gave_up_after_days(kind):
	"""RFC 3464, 2.3.3: "failed" is the end, also where the last error was a temporary one."""
	assert read(returned_mails.write(kind, ORIGINAL, "failed", "4.4.7")) == Bounce(OURS, "4.4.7", True)


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
def test_good_news_is_no_bounce(action):
	assert read(returned_mails.write("Postfix", ORIGINAL, action, "2.0.0")) == Bounce(OURS, "2.0.0", False)


@pytest.mark.parametrize(
	"smtp, status, is_final",
	[
		("550 5.7.1 Message rejected", "5.7.1", True),
		("550-5.2.2 The mailbox is full", "5.2.2", True),
		("553 sorry, no such user", "5.0.0", True),
		("451 4.7.1 Greylisted", "4.7.1", False),
		("450 try again", "4.0.0", False),
		("Connection refused", "4.0.0", False),
	],
)
def test_codes_in_the_text_of_older_servers(smtp, status, is_final):
	original = ORIGINAL.replace("Ready (#42)", "Ready 2.10.1 (#550)")
	assert read(returned_mails.write("qmail", original, smtp=smtp)) == Bounce(OURS, status, is_final)


def test_a_server_that_gave_the_mail_another_id():
	original = ORIGINAL.replace(f"<{OURS}>", f"<0100-abc@email.example>\n{bounces.MARK}: <{OURS}>")
	assert read(returned_mails.write("Postfix", original)) == Bounce(OURS, "5.1.1", True)


def test_the_mail_that_came_back_counts_more_than_what_it_answers_to():
	"""An agent's answer in the same thread is another mail."""
	raw = returned_mails.write("Gmail", ORIGINAL).decode()
	raw = raw.replace(f"Message-ID: <{OURS}>", f"Message-ID: <reply@agents.example>\r\nReferences: <{OURS}>")
	assert read(raw.encode()).message_id == "reply@agents.example"


def test_people_send_no_bounces():
	reply = ORIGINAL.replace("Subject:", f"In-Reply-To: <{OURS}>\nSubject:").encode()
	assert read(reply) is None
	holiday = reply.replace(b"MIME-Version", b"Auto-Submitted: auto-replied\nMIME-Version")
	assert read(holiday) is None


def test_a_read_receipt_is_no_bounce():
	raw = f"""From: nobody@customer.example
In-Reply-To: <{OURS}>
Content-Type: multipart/report; report-type=disposition-notification; boundary=b

--b
Content-Type: message/disposition-notification

Final-Recipient: rfc822; nobody@customer.example
Original-Message-ID: <{OURS}>
Disposition: manual-action/MDN-sent-manually; displayed

--b--
"""
	assert read(raw.encode()) is None


@pytest.mark.parametrize(
	"raw",
	[
		b"",
		b"From: MAILER-DAEMON@x.example\n\n",
		b"From: \xff\xfe@x\n\n550 5.1.1",
		b"Return-Path: <>\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n",
		b"Return-Path: <>\nContent-Type: multipart/report\n\n",
		b"Content-Type: message/delivery-status\n\nAction: failed\n\nStatus: x\n",
		b"Return-Path: <>\nContent-Type: message/rfc822\n\n",
		b"Return-Path: <>\nContent-Type: text/rfc822-headers; charset=utf-99\nContent-Transfer-Encoding: base64\n\n%%",
	],
)
def test_nonsense_is_no_bounce(raw):
	assert read(raw) is None


@pytest.mark.parametrize("status", ["5.1.1", "5.2.1", "5.2.2", "4.4.7", "5.7.26", "5.0.0", "5.6.0"])
def test_reasons_name_the_code(status):
	assert f"(code {status})." in bounces.reason(status)


@pytest.mark.parametrize(
	"sender",
	[
		"Return-Path: <>\nFrom: Sara <sara@customer.example>\nAuto-Submitted: auto-replied",
		"Return-Path: <postmaster@customer.example>\nFrom: Ali <postmaster@customer.example>",
	],
)
@pytest.mark.parametrize(
	"words", ["I am away until 5.12.26.", "Call 0501 555 1234.", "Monday at 9, room 512 in building B."]
)
def test_an_answer_without_a_mail_that_comes_back_is_no_bounce(sender, words):
	"""Holiday notes have the null sender (RFC 3834, 3.3), and a postmaster may be a customer."""
	raw = f"{sender}\nSubject: Re: Your ticket\nIn-Reply-To: <{OURS}>\n\n{words}\n"
	assert read(raw.encode()) is None


@pytest.mark.parametrize("is_attached", [True, False])
def test_numbers_in_our_own_words_are_no_codes(is_attached):
	original = ORIGINAL.replace("See the state", "Your ticket 512 is now: Ready. See the state")
	raw = returned_mails.write("qmail", original, smtp="try again later").decode()
	if is_attached:
		raw = (
			"Return-Path: <>\nFrom: MAILER-DAEMON@x.example\nContent-Type: multipart/mixed; boundary=b\n\n"
			f"--b\n\nSorry.\n--b\nContent-Type: message/rfc822\n\n{original}\n--b--\n"
		)
	assert read(raw.encode()) == Bounce(OURS, "4.0.0", False)
