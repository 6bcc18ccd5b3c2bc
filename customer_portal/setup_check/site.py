"""The site's own address, keys, clocks and endpoints."""

from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import frappe
from frappe import _

from customer_portal import links, settings
from customer_portal.clock import utc_now
from customer_portal.exceptions import SiteAddressMissing
from customer_portal.provider_hooks import LOCAL
from customer_portal.setup_check.finding import SETTINGS, Finding, failed, ok, warning

SYSTEM = "/app/system-settings"
DRIFT_SECONDS = 2
WRONG_SECONDS = 30  # of the lifetime of a code, which is a few minutes
SAMPLE = 200  # links, the newest ones


def host_name() -> Finding:
	"""Links and messages carry this address."""
	mend = _("Set the site address in Customer Portal Settings, or host_name in the site's configuration.")
	try:
		address = links.site_address()
	except SiteAddressMissing:
		return failed(_("The site has no address that a link could carry."), mend, SETTINGS)
	if not (settings.get().portal_url or frappe.conf.host_name or frappe.conf.hostname):
		return warning(_("Links carry {0}, which is only the site's name.").format(address), mend, SETTINGS)
	parts = urlsplit(address)
	if (parts.hostname or "localhost").endswith((*LOCAL, "localhost")):
		return warning(_("Links carry {0}, which no customer can reach.").format(address), mend, SETTINGS)
	if parts.scheme != "https":
		return warning(
			_("Links carry {0}, and what customers type can be read on its way.").format(address),
			_("Serve the site by HTTPS, and write https:// into its address."),
			SETTINGS,
		)
	return ok(_("Links carry {0}.").format(address))


def endpoint_blocking() -> Finding:
	"""Helpdesk's ``block_endpoints`` closes paths under /api/ to all who are no System Users."""
	if not frappe.conf.block_endpoints:
		return ok(_("Helpdesk's block_endpoints is off. Ticket links need nothing from it."))
	if "" in _opened():
		return warning(
			_(
				"block_endpoints is on, and an empty entry in allowed_custom_endpoints opens every path again."
			),
			_("Take the empty entry out of the site's configuration."),
		)
	return ok(
		_(
			"block_endpoints is on. Ticket links go on working: they are pages, and only agents use our functions."
		)
	)


def _opened() -> list[str]:
	"""Helpdesk takes a list, or one entry alone."""
	entries = frappe.conf.allowed_custom_endpoints or []
	return [entries] if isinstance(entries, str) else list(entries)


def time_zone() -> Finding:
	name = frappe.db.get_single_value("System Settings", "time_zone")
	if not name:
		return warning(
			_("The site has no time zone, so Frappe assumes Asia/Kolkata."),
			_("Choose the time zone in System Settings."),
			SYSTEM,
		)
	if not _is_known(name):
		return failed(
			_("{0} is no time zone that this server knows.").format(name),
			_("Choose another time zone in System Settings, or install tzdata on the server."),
			SYSTEM,
		)
	return ok(_("Times are shown in {0} where an agent has no time zone of their own.").format(name))


def _is_known(name: str) -> bool:
	try:
		return bool(ZoneInfo(name))
	except (ZoneInfoNotFoundError, ValueError):
		return False


def clock() -> Finding:
	"""Codes and sessions end by the clock of whichever process looks."""
	seconds = abs((_database_now() - utc_now()).total_seconds())
	mend = _("Let all servers take their time from the same NTP servers.")
	if seconds > WRONG_SECONDS:
		return failed(
			_("The clocks of web server and database differ by {0} s.").format(round(seconds)), mend
		)
	if seconds > DRIFT_SECONDS:
		return warning(
			_("The clocks of web server and database differ by {0} s.").format(round(seconds)), mend
		)
	return ok(_("Web server and database have the same time."))


def _database_now() -> datetime:
	return frappe.db.sql("SELECT UTC_TIMESTAMP(6)")[0][0]


def encryption_key() -> Finding:
	"""Links are made from it: with another key those that were sent before are dead."""
	if not frappe.conf.encryption_key:
		return failed(
			_("The site's configuration has no encryption_key."),
			_(
				"Put back the encryption_key of before; without a copy of it, run bench migrate to make a new one."
			),
		)
	newest = links.newest(SAMPLE)
	strange = sum(links.has_other_key(link) for link in newest)
	if strange:
		return warning(
			_(
				"{0} of the {1} newest ticket links were made with another encryption key and are dead."
			).format(strange, len(newest)),
			_(
				"Put back the encryption_key of before, for instance from the backup. Each next message has a new link."
			),
		)
	return ok(_("The encryption key is there, and it made the links."))
