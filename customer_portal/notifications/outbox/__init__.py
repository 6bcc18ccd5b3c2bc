"""The outbox: one row per message to one customer by one channel. The only writer of Portal Notification.

A row goes Queued → Sending → Sent (→ Delivered), or ends as Failed or Superseded. Every change is one conditional
UPDATE, so that of two workers one wins, and a final state stays final.

Changes within ``burst_seconds`` become one message: a row is due that long after it was written, and what is due
then is the newest row of its ticket, channel and recipient; older ones are superseded. A change back and forth is
told too: the customer may have seen the state between on the page.
"""

from customer_portal.notifications.drafts import (
	DIGEST,
	INVITATION,
	JOIN_REQUESTS,
	LINK,
	NO_NEWS,
	SLIPPED,
	STATUS,
)
from customer_portal.notifications.outbox.additions import (
	RESENDABLE,
	resend,
	write,
	write_link,
	write_news,
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
	"release_expired",
	"resend",
	"roll_back",
	"write",
	"write_link",
	"write_news",
	"write_to_person",
]
