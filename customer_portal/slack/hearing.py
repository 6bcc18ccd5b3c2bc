"""Whether Slack tells us what happens there. All that we post comes back as an event, so there is always something."""

from datetime import datetime

from customer_portal.clock import utc_now
from customer_portal.slack import channels, inbox, outbox


def deaf_since() -> datetime | None:
	"""When Slack told something last (naive UTC), where it has told nothing of what we have posted since. None where all
	is well, and where it has never told anything.
	"""
	said = outbox.last_said()
	if said is None or said > utc_now() - outbox.LATE:
		return None
	heard = inbox.last_received()
	return heard if heard and heard + channels.CLOCKS < said else None
