"""The one clock. Every date and time that this app stores is naive UTC: no daylight-saving gap or fold."""

from datetime import datetime, timezone


def utc_now() -> datetime:
	return datetime.now(timezone.utc).replace(tzinfo=None)
