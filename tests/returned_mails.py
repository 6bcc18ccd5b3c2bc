"""Notifications as Postfix, Exchange Online, Gmail and qmail send them, about a mail of ours."""

from email import message_from_string

POSTFIX = """Return-Path: <>
Received: by mx.sender.example (Postfix) id 4WxQ2R1Zj9z; Sat, 21 Nov 2026 10:00:02 +0000 (UTC)
Date: Sat, 21 Nov 2026 10:00:02 +0000 (UTC)
From: MAILER-DAEMON@mx.sender.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: helpdesk@portal-tests.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="4WxQ2R0zK1z.1763719202/mx.sender.example"
Content-Transfer-Encoding: 8bit
Message-Id: <20261121100002.4WxQ2R1Zj9z@mx.sender.example>

This is a MIME-encapsulated message.

--4WxQ2R0zK1z.1763719202/mx.sender.example
Content-Description: Notification
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

This is the mail system at host mx.sender.example.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

For further assistance, please send mail to postmaster.

<{recipient}>: host mx.customer.example[192.0.2.7] said: {smtp} (in reply to RCPT TO command)

--4WxQ2R0zK1z.1763719202/mx.sender.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.sender.example
X-Postfix-Queue-ID: 4WxQ2R0zK1z
X-Postfix-Sender: rfc822; helpdesk@portal-tests.example
Arrival-Date: Sat, 21 Nov 2026 10:00:01 +0000 (UTC)

Final-Recipient: rfc822; {recipient}
Original-Recipient: rfc822;{recipient}
Action: {action}
Status: {status}
Remote-MTA: dns; mx.customer.example
Diagnostic-Code: smtp; {smtp}

--4WxQ2R0zK1z.1763719202/mx.sender.example
Content-Description: Undelivered Message
Content-Type: message/rfc822
Content-Transfer-Encoding: 8bit

Return-Path: <helpdesk@portal-tests.example>
{original}

--4WxQ2R0zK1z.1763719202/mx.sender.example--
"""

EXCHANGE = """From: <postmaster@customer.onmicrosoft.com>
To: <helpdesk@portal-tests.example>
Date: Sat, 21 Nov 2026 10:00:04 +0000
Content-Type: multipart/report; report-type=delivery-status;
	boundary="2c5ef0a1-bb05-4f56-8f5c-96f0f9a1e5b5"
X-MS-Exchange-Message-Is-Ndr:
Content-Language: en-GB
Message-ID: <8b1f2f4e-4c9a-4a10-a4fb-0c4f2b7c9d11@DB9PR01MB0000.eurprd01.prod.exchangelabs.com>
In-Reply-To: <{message_id}>
References: <{message_id}>
Subject: Undeliverable: {subject}
Auto-Submitted: auto-replied
MIME-Version: 1.0

--2c5ef0a1-bb05-4f56-8f5c-96f0f9a1e5b5
Content-Type: multipart/alternative; differences=Content-Type;
	boundary="9d1e0d42-6a8a-4d0e-9f53-2f6d04f0f6a4"

--9d1e0d42-6a8a-4d0e-9f53-2f6d04f0f6a4
Content-Type: text/plain; charset="us-ascii"
Content-Transfer-Encoding: quoted-printable

Your message to {recipient} couldn't be delivered.

someone wasn't found at customer.example.

Error Details
Reported error: {smtp}

Original Message Headers
Message-ID: <{message_id}>

--9d1e0d42-6a8a-4d0e-9f53-2f6d04f0f6a4
Content-Type: text/html; charset="us-ascii"
Content-Transfer-Encoding: quoted-printable

<html><body><p>Your message to <a href=3D"mailto:{recipient}">{recipient}</a> couldn't be delivered.</p></body></html>

--9d1e0d42-6a8a-4d0e-9f53-2f6d04f0f6a4--

--2c5ef0a1-bb05-4f56-8f5c-96f0f9a1e5b5
Content-Type: message/delivery-status

Reporting-MTA: dns;DB9PR01MB0000.eurprd01.prod.outlook.com
Received-From-MTA: dns;mx.sender.example
Arrival-Date: Sat, 21 Nov 2026 10:00:03 +0000

Final-Recipient: rfc822;{recipient}
Action: {action}
Status: {status}
Diagnostic-Code: smtp;{smtp}

--2c5ef0a1-bb05-4f56-8f5c-96f0f9a1e5b5
Content-Type: message/rfc822

Received: from mx.sender.example (192.0.2.1) by DB9PR01MB0000.eurprd01.prod.outlook.com
{original}

--2c5ef0a1-bb05-4f56-8f5c-96f0f9a1e5b5--
"""

GMAIL = """Return-Path: <>
From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>
To: helpdesk@portal-tests.example
Auto-Submitted: auto-replied
Subject: Delivery Status Notification (Failure)
References: <{message_id}>
In-Reply-To: <{message_id}>
X-Failed-Recipients: {recipient}
Message-ID: <674a0b1c.050a0220.1a2b3c.0001.GMR@mx.google.com>
Date: Sat, 21 Nov 2026 02:00:03 -0800 (PST)
MIME-Version: 1.0
Content-Type: multipart/report; boundary="000000000000a1b2c30627600001"; report-type=delivery-status

--000000000000a1b2c30627600001
Content-Type: multipart/related; boundary="000000000000a1b2c80627600005"

--000000000000a1b2c80627600005
Content-Type: multipart/alternative; boundary="000000000000a1b2cd0627600006"

--000000000000a1b2cd0627600006
Content-Type: text/plain; charset="UTF-8"

** Address not found **

Your message wasn't delivered to {recipient} because the address couldn't be found, or is unable to receive mail.

The response from the remote server was:
{smtp}

--000000000000a1b2cd0627600006
Content-Type: text/html; charset="UTF-8"

<html><body><h2>Address not found</h2><p>Your message wasn't delivered to <b>{recipient}</b>.</p></body></html>

--000000000000a1b2cd0627600006--

--000000000000a1b2c80627600005
Content-Type: image/png; name="icon.png"
Content-Disposition: attachment; filename="icon.png"
Content-Transfer-Encoding: base64
Content-ID: <icon.png>

iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=

--000000000000a1b2c80627600005--

--000000000000a1b2c30627600001
Content-Type: message/delivery-status

Reporting-MTA: dns; googlemail.com
Arrival-Date: Sat, 21 Nov 2026 02:00:02 -0800 (PST)
X-Original-Message-ID: <{message_id}>

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}
Remote-MTA: dns; mx.customer.example. (192.0.2.7, the server for the domain customer.example.)
Diagnostic-Code: smtp; {smtp}
Last-Attempt-Date: Sat, 21 Nov 2026 02:00:03 -0800 (PST)

--000000000000a1b2c30627600001
Content-Type: message/rfc822

{original}

--000000000000a1b2c30627600001--
"""

QMAIL = """Return-Path: <>
Date: 21 Nov 2026 10:00:02 -0000
From: MAILER-DAEMON@mx.customer.example
To: helpdesk@portal-tests.example
Subject: failure notice

Hi. This is the qmail-send program at mx.customer.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<{recipient}>:
192.0.2.7 does not like recipient.
Remote host said: {smtp}
Giving up on 192.0.2.7.

--- Below this line is a copy of the message.

Return-Path: <helpdesk@portal-tests.example>
{original}
"""

HEADERS_ALONE = """Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@relay.example>
To: helpdesk@portal-tests.example
Subject: Delivery report
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=xyz

--xyz
Content-Type: text/plain

Sorry.

--xyz
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}

--xyz
Content-Type: text/rfc822-headers

{headers}

--xyz--
"""

KINDS = {
	"Postfix": POSTFIX,
	"Exchange": EXCHANGE,
	"Gmail": GMAIL,
	"qmail": QMAIL,
	"headers alone": HEADERS_ALONE,
}
UNKNOWN_ADDRESS = "550 5.1.1 <{0}>: Recipient address rejected: User unknown"


def write(kind: str, original: str, action: str = "failed", status: str = "5.1.1", smtp: str = "") -> bytes:
	"""A notification about the mail ``original``, which is a whole raw mail."""
	mail = message_from_string(original)
	recipient = mail["To"]
	text = KINDS[kind].format(
		original=original.replace("\r\n", "\n").strip(),
		headers=original.replace("\r\n", "\n").partition("\n\n")[0],
		message_id=mail["Message-ID"].strip("<>"),
		subject=mail["Subject"],
		recipient=recipient,
		action=action,
		status=status,
		smtp=smtp or UNKNOWN_ADDRESS.format(recipient),
	)
	return text.replace("\n", "\r\n").encode()
