"""SMS, WhatsApp, and what Twilio reports back."""

from datetime import timedelta
from urllib.parse import urlsplit

import frappe
from frappe import _

from customer_portal import provider_hooks, settings
from customer_portal.channels import sms, whatsapp
from customer_portal.clock import utc_now
from customer_portal.integrations import sms_gateway
from customer_portal.integrations.failures import SendFailure
from customer_portal.integrations.twilio import client as twilio_client
from customer_portal.notifications import outbox
from customer_portal.setup_check.finding import SETTINGS, Finding, failed, off, ok, warning

GATEWAY = "/app/sms-settings"
TEMPLATES = "/app/portal-ticket-template"
TWILIO = "Twilio"
ACTIVE = "active"
REPORT_AFTER = timedelta(hours=1)  # by then a message that arrived is reported
RECENT = timedelta(days=7)


def sms_provider() -> Finding:
	chosen = settings.get().sms_provider
	if not chosen:
		return off(
			_("Customers get no SMS."), _("Choose an SMS provider in Customer Portal Settings."), SETTINGS
		)
	if not sms.Sms().is_ready():
		return failed(
			_("{0} is chosen for SMS, and lacks something that sending needs.").format(chosen),
			_(
				"Fill in what the provider needs: credentials and sender, or the gateway's address and parameters."
			),
			SETTINGS if chosen == TWILIO else GATEWAY,
		)
	return _twilio() if chosen == TWILIO else _gateway()


def _gateway() -> Finding:
	"""Every call of a gateway sends an SMS, so none is made; its address may hold a password, so only the host is told."""
	host = urlsplit(_gateway_address()).hostname
	if not host:
		return failed(
			_("The address of the SMS gateway is not a web address."),
			_("Write the whole address, with https:// in front, into SMS Settings."),
			GATEWAY,
		)
	return ok(_("The SMS gateway at {0} is set up. Only a real SMS can test it.").format(host))


def _gateway_address() -> str:
	return frappe.db.get_single_value(sms_gateway.DOCTYPE, "sms_gateway_url").strip()


def _twilio() -> Finding:
	try:
		status = twilio_client.account_status()
	except SendFailure as failure:
		return failed(
			failure.reason,
			_("Compare Account SID and auth token with those on the first page of Twilio's console."),
			SETTINGS,
		)
	if status != ACTIVE:
		return failed(
			_("Twilio says that the account is {0}.").format(status),
			_("Sign in to Twilio's console to see why."),
			SETTINGS,
		)
	return ok(_("Twilio knows the account and its auth token, and the account is active."))


def whatsapp_sender() -> Finding:
	if not settings.get().send_whatsapp:
		return off(
			_("Customers get no WhatsApp messages."),
			_("Switch WhatsApp on in Customer Portal Settings to use it."),
			SETTINGS,
		)
	if not whatsapp.WhatsApp().is_ready():
		return failed(
			_("WhatsApp is switched on, and lacks a sender or Twilio's credentials."),
			_("Fill in the WhatsApp sender and Twilio's credentials."),
			SETTINGS,
		)
	missing = _languages_without_template()
	if missing:
		return warning(
			_("There is no WhatsApp message template for: {0}. Customers who read these get none.").format(
				", ".join(missing)
			),
			_("Add the Content SID of an approved template for each language to a Portal Ticket Template."),
			TEMPLATES,
		)
	return _twilio()


def _languages_without_template() -> list[str]:
	"""By the part before the region, as a message falls back to it."""
	offered = [row.language for row in settings.get().languages]
	site = frappe.get_system_settings("language") or "en"
	written = set(frappe.get_all("Portal WhatsApp Template", pluck="language", distinct=True))
	return [code for code in offered or [site] if not {code, code.split("-")[0]} & written]


def receipts() -> Finding:
	"""Whether Twilio can tell us what became of a message, and whether it did."""
	if not _uses_twilio():
		return off(_("Nothing goes out by Twilio, and other providers report nothing."))
	if not provider_hooks.receipts_address("check"):
		return warning(
			_(
				"Twilio cannot reach this site, so messages stay at Sent and a failed SMS goes to no other channel."
			),
			_("Set an address that is reachable from the internet in Customer Portal Settings."),
			SETTINGS,
		)
	last = _last_receipt()
	if last is None and _sent_without_report():
		return warning(
			_("Messages went out by Twilio in the last 7 days, and no report has come back."),
			_(
				"Open the site's address from outside your network, and see whether a firewall keeps Twilio out."
			),
			SETTINGS,
		)
	if last is None:
		return ok(_("Twilio can report to this site. No report has come yet."))
	return ok(_("The last report of a delivery came at {0} UTC.").format(f"{last:%Y-%m-%d %H:%M}"))


def answers() -> Finding:
	"""Where customers' STOP and START have to go; Twilio does not tell whether it knows."""
	if not _uses_twilio():
		return off(_("Nothing goes out by Twilio, and other providers report nothing."))
	address = provider_hooks.incoming_address()
	if not address:
		return warning(
			_("Twilio cannot reach this site, so STOP and START do not arrive."),
			_("Set an address that is reachable from the internet in Customer Portal Settings."),
			SETTINGS,
		)
	return ok(_("At Twilio, incoming messages have to go to {0} by HTTP POST.").format(address))


def _uses_twilio() -> bool:
	chosen = settings.get()
	return chosen.sms_provider == TWILIO or bool(chosen.send_whatsapp)


def _last_receipt():
	newest = frappe.get_all(
		outbox.DOCTYPE, filters={"state": "Delivered"}, pluck="delivered_at", order_by="due_at desc", limit=1
	)
	return newest[0] if newest else None


def _sent_without_report() -> bool:
	"""Messages of a phone that Twilio took long enough ago."""
	now = utc_now()
	waiting = {"state": "Sent", "channel": ("in", (sms.Sms.name, whatsapp.WhatsApp.name))}
	period = {"due_at": ("between", (now - RECENT, now - REPORT_AFTER))}
	return bool(frappe.db.exists(outbox.DOCTYPE, {**waiting, **period}))
