"""Times as people read them: in the ticket's time zone, with the words, order and digits of their language."""

from dataclasses import dataclass
from datetime import date, datetime, timezone
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time, get_timezone_name

from customer_portal.numerals import digits
from customer_portal.pages import languages
from customer_portal.pages.texts import translate as _


@dataclass(frozen=True)
class Moment:
	"""``machine`` is UTC for ``<time datetime>``; ``text`` and ``zone`` are for people."""

	machine: str
	text: str
	zone: str


def moment(utc: datetime, zone: str, language: str, width: str = "long") -> Moment:
	"""``utc`` is naive UTC; ``zone`` an IANA name that exists; ``width`` of the date as CLDR names it."""
	locale = languages.locale_of(language)
	aware = utc.replace(tzinfo=timezone.utc, microsecond=0)
	local = aware.astimezone(ZoneInfo(zone))
	day = format_date(local, width, locale=locale)
	hour = format_time(local, "short", locale=locale)
	text = digits(_("{0}, {1}").format(day, hour), locale)
	return Moment(aware.isoformat().replace("+00:00", "Z"), text, zone_name(local, locale))


def hour(utc: datetime, zone: str, language: str) -> str:
	"""The time of day alone."""
	locale = languages.locale_of(language)
	local = utc.replace(tzinfo=timezone.utc).astimezone(ZoneInfo(zone))
	return digits(format_time(local, "short", locale=locale), locale)


def day(of: date, language: str) -> str:
	locale = languages.locale_of(language)
	return digits(format_date(of, "medium", locale=locale), locale)


def zone_name(local: datetime, locale: Locale) -> str:
	"""The long name with its season: "Central European Summer Time"."""
	return digits(get_timezone_name(local, width="long", locale=locale), locale)


def number(value: int | str, language: str) -> str:
	"""Digits only, without separators."""
	return digits(str(value), languages.locale_of(language))
