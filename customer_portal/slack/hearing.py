"""Whether Slack tells us what happens there. All that we post comes back as an event, so there is always something."""

from datetime import datetime, timedelta

from customer_portal.clock import utc_now
from customer_portal.slack import inbox, outbox

ON_ITS_WAY = timedelta(minutes=1)


def deaf_since() -> datetime | None:
	"""When Slack told something last (naive UTC), where it has told nothing of what we have posted since. None where all
	is well, and where it has never told anything.
	"""
	said, heard = outbox.last_said(), inbox.last_received()
	is_deaf = said and heard and heard + ON_ITS_WAY < said < utc_now() - outbox.LATE
	return heard if is_deaf else None
