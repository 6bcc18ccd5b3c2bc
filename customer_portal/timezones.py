"""In which time zone a ticket's times are shown: that of its assigned agent, else the site's."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import frappe
from frappe.utils.data import get_system_timezone

UTC = ZoneInfo("UTC")


def of_ticket(ticket: Mapping) -> ZoneInfo:
	"""``ticket`` is anything with ``_assign``, Helpdesk's JSON list of users; at most one cached SELECT."""
	agents = frappe.parse_json(ticket.get("_assign") or "[]")
	if not agents:
		return of_site()
	return of_user(agents[0])


def of_user(user: str) -> ZoneInfo:
	own = frappe.db.get_value("User", user, "time_zone", cache=True)
	return named(own) or of_site()


def own(name: str) -> ZoneInfo:
	"""Of a person who has chosen this one, or none."""
	return named(name) or of_site()


def local(moment: datetime, zone: ZoneInfo) -> datetime:
	"""A naive UTC time as the naive time on the clocks of ``zone``."""
	return moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)


def to_utc(moment: datetime, zone: ZoneInfo | None = None) -> datetime:
	"""A naive time on the clocks of ``zone``, else of the site, as naive UTC."""
	return moment.replace(tzinfo=zone or of_site()).astimezone(UTC).replace(tzinfo=None)


def of_site() -> ZoneInfo:
	return named(get_system_timezone()) or UTC


def named(name: str | None) -> ZoneInfo | None:
	"""None for an empty name, and for one that this machine's time zone database does not have."""
	if not name:
		return None
	try:
		return ZoneInfo(name)
	except (ZoneInfoNotFoundError, ValueError):
		return None
