"""Whether Slack tells us what happens there. All that we post comes back as an event, so there is always something."""

from datetime import datetime, timedelta

from customer_portal.clock import utc_now
from customer_portal.slack import inbox, outbox

ON_ITS_WAY = timedelta(minutes=6)  # our clock may be behind Slack's, by the five that a signature may be old


def deaf_since() -> datetime | None:
	"""When Slack told something last (naive UTC), where it has told nothing of what we have posted since. None where all
	is well, and where it has never told anything.
	"""
	said = outbox.last_said()
	if said is None or said > utc_now() - outbox.LATE:
		return None
	heard = inbox.last_received()
	return heard if heard and heard + ON_ITS_WAY < said else None
