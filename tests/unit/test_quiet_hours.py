"""When quiet hours end, on clocks of any zone, and in which zone a number is."""

from datetime import datetime, time, timezone
from zoneinfo import ZoneInfo

import pytest

from customer_portal import phones
from customer_portal.notifications.courtesy import quiet_end

NIGHT = time(22), time(7)
NOON = time(12), time(14)
SMALL_HOURS = time(1), time(2, 30)
RIYADH, BERLIN, NEW_YORK, LORD_HOWE = map(
	ZoneInfo, ("Asia/Riyadh", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
)


def utc(text: str) -> datetime:
	return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


@pytest.mark.parametrize(
	("zone", "hours", "now", "end"),
	[
		# Over midnight: Riyadh is three hours ahead of UTC.
		(RIYADH, NIGHT, "2026-03-10 18:59:59", None),
		(RIYADH, NIGHT, "2026-03-10 19:00", "2026-03-11 04:00"),
		(RIYADH, NIGHT, "2026-03-10 20:59:59.999999", "2026-03-11 04:00"),
		(RIYADH, NIGHT, "2026-03-10 21:00", "2026-03-11 04:00"),
		(RIYADH, NIGHT, "2026-03-11 03:59:59", "2026-03-11 04:00"),
		(RIYADH, NIGHT, "2026-03-11 04:00", None),
		(RIYADH, NIGHT, "2026-12-31 20:30", "2027-01-01 04:00"),
		# Within a day.
		(RIYADH, NOON, "2026-03-10 08:59", None),
		(RIYADH, NOON, "2026-03-10 09:00", "2026-03-10 11:00"),
		(RIYADH, NOON, "2026-03-10 11:00", None),
		# Until and from midnight, whose value counts as false.
		(RIYADH, (time(22), time(0)), "2026-03-10 20:00", "2026-03-10 21:00"),
		(RIYADH, (time(22), time(0)), "2026-03-10 21:00", None),
		(RIYADH, (time(0), time(6)), "2026-03-10 21:00", "2026-03-11 03:00"),
		# Hours of no length.
		(RIYADH, (time(8), time(8)), "2026-03-10 05:00", None),
		# The same instant is night in New York and day in Berlin.
		(NEW_YORK, NIGHT, "2026-01-15 10:00", "2026-01-15 12:00"),
		(BERLIN, NIGHT, "2026-01-15 10:00", None),
		# 29 March 2026: Berlin's clocks go from 2:00 to 3:00, so that the night is an hour shorter.
		(BERLIN, NIGHT, "2026-03-28 22:00", "2026-03-29 05:00"),
		# An end that they skip.
		(BERLIN, SMALL_HOURS, "2026-03-29 00:30", "2026-03-29 01:30"),
		(BERLIN, SMALL_HOURS, "2026-03-29 01:00", None),
		# 25 October 2026: they go from 3:00 back to 2:00, and show 2:00 to 3:00 twice.
		(BERLIN, NIGHT, "2026-10-24 21:00", "2026-10-25 06:00"),
		(BERLIN, SMALL_HOURS, "2026-10-24 23:30", "2026-10-25 00:30"),
		(BERLIN, SMALL_HOURS, "2026-10-25 00:10", "2026-10-25 00:30"),
		(BERLIN, SMALL_HOURS, "2026-10-25 00:30", None),
		(BERLIN, SMALL_HOURS, "2026-10-25 01:10", "2026-10-25 01:30"),
		(BERLIN, SMALL_HOURS, "2026-10-25 01:30", None),
		# Lord Howe Island moves its clocks by half an hour, at 2:00 on 5 April 2026 back to 1:30.
		(LORD_HOWE, (time(1), time(1, 45)), "2026-04-04 15:10", "2026-04-04 15:15"),
	],
)
def test_the_end(zone, hours, now, end):
	found = quiet_end(utc(now).astimezone(zone), *hours)
	assert (found and found.astimezone(timezone.utc)) == (utc(end) if end else None)


@pytest.mark.parametrize("zone", [BERLIN, NEW_YORK, LORD_HOWE])
@pytest.mark.parametrize("hours", [NIGHT, NOON, SMALL_HOURS, (time(2, 15), time(2, 45)), (time(23), time(2))])
@pytest.mark.parametrize(
	"day", ["2026-03-08", "2026-03-29", "2026-04-05", "2026-10-04", "2026-10-25", "2026-11-01"]
)
def test_the_end_is_always_to_come(zone, hours, day):
	"""An end in the past would be due at once, and held again, for as long as the hour is shown twice."""
	midnight = int(utc(day).timestamp())
	for second in range(midnight - 86400, midnight + 86400, 300):
		now = datetime.fromtimestamp(second, timezone.utc).astimezone(zone)
		end = quiet_end(now, *hours)
		assert end is None or 0 < end.timestamp() - second <= 86400 + 3600


@pytest.mark.parametrize(
	("number", "zones"),
	[
		("+966501234567", {"Asia/Riyadh"}),
		("+12125550123", {"America/New_York"}),
		("+447911123456", {"Europe/London", "Europe/Jersey", "Europe/Guernsey", "Europe/Isle_of_Man"}),
		("+447700900123", set()),
		("nobody@example.com", set()),
		("", set()),
	],
)
def test_zones_of_a_number(number, zones):
	assert set(phones.time_zones(number)) == zones
