"""The one clock. Every date and time that this app stores is naive UTC: no daylight-saving gap or fold."""

from datetime import datetime, timezone


def utc_now() -> datetime:
	return datetime.now(timezone.utc).replace(tzinfo=None)


def to_unix(moment: datetime) -> float:
	"""Unix seconds of a naive UTC time."""
	return moment.replace(tzinfo=timezone.utc).timestamp()


def from_unix(seconds: float) -> datetime:
	"""The naive UTC time of Unix seconds."""
	return datetime.fromtimestamp(seconds, timezone.utc).replace(tzinfo=None)
