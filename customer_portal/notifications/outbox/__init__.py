"""The outbox: one row per message to one customer by one channel. The only writer of Portal Notification.

A row goes Queued → Sending → Sent (→ Delivered), or ends as Failed or Superseded. Every change is one conditional
UPDATE, so that of two workers one wins, and a final state stays final.

Changes within ``burst_seconds`` become one message: a row is due that long after it was written, and what is due
then is the newest row of its ticket, channel and recipient; older ones are superseded. A change back and forth is
told too: the customer may have seen the state between on the page.

Replies of agents are told, not superseded: one that gives way goes out in the mail of the newer one (``told_with``).
"""

from customer_portal.notifications.drafts import (
	DIGEST,
	INVITATION,
	JOIN_REQUESTS,
	LINK,
	NO_NEWS,
	REPLY,
	SLIPPED,
	STATUS,
)
from customer_portal.notifications.outbox.additions import (
	RESENDABLE,
	resend,
	write,
	write_link,
	write_news,
	write_replies,
	write_to_person,
)
from customer_portal.notifications.outbox.claims import claim
from customer_portal.notifications.outbox.results import (
	LEASE_SECONDS,
	LONGEST_PAUSE_SECONDS,
	MAX_ATTEMPTS,
	mark_bounced,
	mark_delivered,
	mark_failed,
	mark_for_retry,
	mark_sent,
	mark_undelivered,
	mark_unknown,
	note_automatic_answer,
	release_expired,
)
from customer_portal.notifications.outbox.table import (
	DOCTYPE,
	Notification,
	due_count,
	erase,
	forget,
	next_due_in,
	roll_back,
)

__all__ = [
	"DIGEST",
	"DOCTYPE",
	"INVITATION",
	"JOIN_REQUESTS",
	"LEASE_SECONDS",
	"LINK",
	"LONGEST_PAUSE_SECONDS",
	"MAX_ATTEMPTS",
	"NO_NEWS",
	"REPLY",
	"RESENDABLE",
	"SLIPPED",
	"STATUS",
	"Notification",
	"claim",
	"due_count",
	"erase",
	"forget",
	"mark_bounced",
	"mark_delivered",
	"mark_failed",
	"mark_for_retry",
	"mark_sent",
	"mark_undelivered",
	"mark_unknown",
	"next_due_in",
	"note_automatic_answer",
	"release_expired",
	"resend",
	"roll_back",
	"write",
	"write_link",
	"write_news",
	"write_replies",
	"write_to_person",
]
