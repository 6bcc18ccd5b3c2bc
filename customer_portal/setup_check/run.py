"""All checks in the order in which an admin mends them, each guarded: one that breaks never hides the others."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import frappe
from frappe import _

from customer_portal.setup_check import background, files, mail, phone, sign_in, site, slack, versions
from customer_portal.setup_check.finding import FAILED, Finding, failed


@dataclass(frozen=True)
class Check:
	"""``group`` and ``title`` are in the language of whoever asks."""

	key: str
	group: str
	title: str
	look: Callable[[], Finding]


def checks() -> list[Check]:
	messages, address, work, releases = (
		_("Messages"),
		_("Address and keys"),
		_("Background work"),
		_("Versions"),
	)
	return [
		Check("outgoing_mail", messages, _("Outgoing mail"), mail.outgoing_mail),
		Check("incoming_mail", messages, _("Incoming mail and bounces"), mail.incoming_mail),
		Check("sms", messages, _("SMS"), phone.sms_provider),
		Check("whatsapp", messages, _("WhatsApp"), phone.whatsapp_sender),
		Check("receipts", messages, _("Reports of delivery"), phone.receipts),
		Check("answers", messages, _("STOP and START by SMS"), phone.answers),
		Check("slack", messages, _("Slack"), slack.connection),
		Check("slack_channels", messages, _("Channels of Slack"), slack.all_channels),
		Check("slack_events", messages, _("Events of Slack"), slack.events),
		Check("slack_backlog", messages, _("Messages between Helpdesk and Slack"), slack.backlog),
		Check("virus_scanner", messages, _("Virus scanner"), files.virus_scanner),
		Check("host_name", address, _("Site address"), site.host_name),
		Check("encryption_key", address, _("Encryption key"), site.encryption_key),
		Check("endpoint_blocking", address, _("Blocked endpoints"), site.endpoint_blocking),
		Check("time_zone", address, _("Time zone"), site.time_zone),
		Check("clock", address, _("Clocks"), site.clock),
		Check("google", address, _("Sign-in with Google"), sign_in.google),
		Check("microsoft", address, _("Sign-in with Microsoft"), sign_in.microsoft),
		Check("scheduler", work, _("Scheduler"), background.scheduler),
		Check("workers", work, _("Workers"), background.workers),
		Check("redis", work, _("Redis"), background.redis),
		Check("backlog", work, _("Waiting messages"), background.backlog),
		Check("frappe", releases, _("Frappe"), versions.frappe_version),
		Check("helpdesk", releases, _("Helpdesk"), versions.helpdesk_version),
		Check("database", releases, _("Database"), versions.database_version),
	]


def run(key: str) -> Finding | None:
	"""The finding of one check; None for a key that there is not."""
	return next((_guarded(check) for check in checks() if check.key == key), None)


def run_all() -> list[Finding]:
	return [_guarded(check) for check in checks()]


def has_failed(findings: list[Finding]) -> bool:
	return any(finding.state == FAILED for finding in findings)


def _guarded(check: Check) -> Finding:
	"""What breaks is told by the name of its kind alone: its text may hold a password."""
	try:
		finding = check.look()
	except Exception as error:  # noqa: BLE001
		finding = failed(
			_("This check itself broke off: {0}.").format(type(error).__name__),
			_("Mend what the other checks report, then check again."),
		)
	finally:
		frappe.clear_messages()  # Frappe would show them as dialogs over the page
	return replace(finding, key=check.key, title=check.title)
