"""Which releases this app is made for, and which of them have holes that strangers can use from outside."""

import re
from dataclasses import dataclass

import frappe
from frappe import _

from customer_portal.setup_check.finding import Finding, failed, ok, warning

Release = tuple[int, int, int]
FRAPPE = ((15, 109, 0), (17, 0, 0))  # from, and before
HELPDESK = ((1, 19, 0), (2, 0, 0))
MARIADB = (10, 6, 0)
SAFE = {15: (15, 121, 0), 16: (16, 34, 0)}  # the first releases of Frappe without known remote holes


@dataclass(frozen=True)
class Version:
	text: str
	release: Release
	is_development: bool


def read(text: str) -> Version:
	"""``16.0.0-dev``, ``15.121.0``, ``v1.28.1``, ``10.11.6-MariaDB-log``; parts that are missing count as 0."""
	found = re.match(r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(.*)", text)
	if not found:
		return Version(text, (0, 0, 0), True)
	major, minor, patch = (int(part or 0) for part in found.groups()[:3])
	is_development = bool(re.search(r"dev|alpha|beta|rc|x", found[4], re.IGNORECASE))
	return Version(text, (major, minor, patch), is_development)


def frappe_version() -> Finding:
	return judge_frappe(read(frappe.__version__))


def judge_frappe(version: Version) -> Finding:
	finding = _range("Frappe", version, *FRAPPE)
	if finding or version.is_development:
		return finding or _development("Frappe", version)
	safe = SAFE[version.release[0]]
	if version.release < safe:
		return warning(
			_("Frappe {0} has known holes that can be used from outside.").format(version.text),
			_("Update Frappe to {0} or later.").format(_text(safe)),
		)
	return ok(_("Frappe {0} is supported, and has no hole that we know of.").format(version.text))


def helpdesk_version() -> Finding:
	return judge_helpdesk(read(frappe.get_attr("helpdesk.__version__")))


def judge_helpdesk(version: Version) -> Finding:
	finding = _range("Helpdesk", version, *HELPDESK)
	if finding or version.is_development:
		return finding or _development("Helpdesk", version)
	return ok(_("Helpdesk {0} is supported.").format(version.text))


def database_version() -> Finding:
	return judge_database(frappe.db.sql("SELECT VERSION()")[0][0])


def judge_database(text: str) -> Finding:
	if "mariadb" not in text.lower():
		return failed(
			_("The database {0} is not MariaDB.").format(text),
			_("Move the site to MariaDB {0} or later.").format("10.6"),
		)
	if read(text).release < MARIADB:
		return failed(
			_("The database {0} cannot share out messages between workers.").format(text),
			_("Update MariaDB to {0} or later.").format("10.6"),
		)
	return ok(_("The database {0} is supported.").format(text))


def _range(app: str, version: Version, least: Release, before: Release) -> Finding | None:
	"""None inside the range. The development version of a release counts as that release."""
	if version.release >= before:
		return warning(
			_("{0} {1} is newer than what this app was tested with.").format(app, version.text),
			_("Look for a newer release of this app."),
		)
	if version.release < least:
		return failed(
			_("{0} {1} is too old for this app.").format(app, version.text),
			_("Update {0} to {1} or later.").format(app, _text(least)),
		)
	return None


def _development(app: str, version: Version) -> Finding:
	return ok(
		_("{0} {1} is a development version: whether it has known holes cannot be told.").format(
			app, version.text
		)
	)


def _text(release: Release) -> str:
	return ".".join(map(str, release))
