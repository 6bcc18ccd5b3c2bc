import re
from urllib.parse import urlsplit

import frappe
import phonenumbers
from frappe import _
from frappe.model.document import Document
from frappe.utils import get_time, now_datetime, validate_email_address

from customer_portal import mail_addresses, names
from customer_portal.clock import utc_now
from customer_portal.constants import (
	SLACK_CHANNEL,
	SLACK_NOTE_MARKER,
	SLACK_REPLY_MARKER,
	TENANT_ID,
)

RANGES = {
	"link_expiry_days": (0, 3650),
	"archive_after_days": (0, 3650),
	"session_idle_minutes": (1, 1440),
	"session_absolute_hours": (1, 168),
	"remember_device_days": (1, 365),
	"code_length": (4, 8),
	"raised_code_length": (4, 8),
	"code_lifetime_minutes": (1, 60),
	"tries_per_code": (1, 10),
	"resend_after_seconds": (5, 3600),
	"failures_per_day": (1, 100),
	"lock_hours": (1, 720),
	"failures_in_a_row": (1, 1000),
	"failures_per_30_days": (1, 1000),
	"mismatches_per_hour": (1, 1000),
	"mismatches_per_day": (1, 10000),
	"checks_per_ip_per_hour": (1, 100000),
	"alarm_failures_per_hour": (1, 1000000),
	"sends_per_15_minutes": (1, 100),
	"sends_per_hour": (1, 1000),
	"sends_per_day": (1, 10000),
	"sends_per_ip_per_hour": (1, 100000),
	"destination_sends_per_hour": (1, 1000),
	"destination_sends_per_day": (1, 10000),
	"sms_per_hour": (0, 1000000),
	"burst_seconds": (0, 600),
	"notification_sms_per_number": (0, 10000),
	"notification_mails_per_address": (0, 10000),
	"notification_sms_per_hour": (0, 1000000),
	"no_news_days": (0, 365),
	"reopen_days": (0, 3650),
	"upload_megabytes": (1, 100),
	"uploads_per_reply": (0, 50),
	"replies_per_hour": (0, 1000),
	"reply_messages": (1, 20),
	"reply_wait_minutes": (0, 1440),
	"tickets_per_person_per_hour": (0, 1000),
	"tickets_per_customer_per_hour": (0, 10000),
	"provider_timeout_seconds": (1, 60),
	"trusted_proxies": (0, 10),
}
SLACK_RULES = (
	"slack_enabled",
	"slack_triage_channel",
	"slack_triage_mode",
	"slack_reply_marker",
	"slack_note_marker",
)
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
ACCOUNT_SID = re.compile(r"AC[0-9a-f]{32}")
SENDER = re.compile(
	r"""\+[1-9]\d{1,14}            # E.164
	| MG[0-9a-f]{32}               # a messaging service
	| (?=.*[A-Za-z])[A-Za-z0-9 +\-_&]{1,11}  # an alphanumeric sender, 11 signs of which one is a letter
	| \d{3,8}                      # a short code
	""",
	re.VERBOSE,
)
WHATSAPP_SENDER = re.compile(r"\+[1-9]\d{1,14}|MG[0-9a-f]{32}")
SLACK_TOKEN = re.compile(r"xoxb-[!-~]+")
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
SOCIAL_LOGIN_KEYS = {"sign_in_google": "google", "sign_in_microsoft": "office_365"}
PHONE = re.compile(r"(tel:|whatsapp:)?\+?[0-9][0-9 ()-]{4,20}")


class CustomerPortalSettings(Document):
	def validate(self) -> None:
		self.tidy()
		self.check_company_name()
		self.check_ranges()
		self.check_session_limits()
		self.check_addresses()
		self.check_regions()
		self.check_quiet_hours()
		self.check_languages()
		self.check_colour()
		self.check_email_account()
		self.check_twilio()
		self.check_sign_in()
		self.check_slack()

	def tidy(self) -> None:
		"""Drops spaces around texts and secrets, and writes country codes in capitals."""
		for field in self.meta.get("fields", {"fieldtype": ("in", ("Data", "Small Text", "Password"))}):
			value = self.get(field.fieldname)
			if isinstance(value, str):
				self.set(field.fieldname, value.strip())
		self.default_region = (self.default_region or "").upper()
		self.sms_countries = " ".join(self._countries())

	def check_company_name(self) -> None:
		"""It stands in headers of mails, where a line break ends the header."""
		if CONTROL.search(self.company_name or ""):
			self._refuse(_("{0} must be one line without control characters."), "company_name")

	def check_ranges(self) -> None:
		for fieldname, (least, most) in RANGES.items():
			value = self.get(fieldname)
			if value is None:
				continue
			if not least <= int(value) <= most:
				self._refuse(_("{0} must be between {1} and {2}."), fieldname, least, most)

	def check_session_limits(self) -> None:
		if self.raised_code_length and self.raised_code_length < (self.code_length or 0):
			self._refuse(_("{0} cannot be less than the usual number of digits."), "raised_code_length")
		if (self.session_idle_minutes or 0) > (self.session_absolute_hours or 0) * 60:
			self._refuse(
				_("{0} cannot be longer than the time after which sessions end in any case."),
				"session_idle_minutes",
			)

	def check_quiet_hours(self) -> None:
		hours = [
			fieldname for fieldname in ("quiet_from", "quiet_until") if self.get(fieldname) in (None, "")
		]
		if len(hours) == 1:
			self._refuse(_("{0} is needed: quiet hours have a beginning and an end."), hours[0])
		if not hours and get_time(self.quiet_from) == get_time(self.quiet_until):
			self._refuse(_("{0} must differ from the beginning of the quiet hours."), "quiet_until")

	def check_addresses(self) -> None:
		if self.portal_url:
			self.portal_url = self.portal_url.rstrip("/")
			self._check_origin("portal_url")
		if self.twilio_api_base:
			self.twilio_api_base = self.twilio_api_base.rstrip("/")
			self._check_web_address("twilio_api_base")
		if self.slack_api_base:
			self.slack_api_base = self.slack_api_base.rstrip("/").removesuffix("/api")
			self._check_web_address("slack_api_base")
			if set(self.slack_api_base) & set("?#"):
				self._refuse(_("{0} ends before the sign ? or #."), "slack_api_base")
		for fieldname in ("google_issuer", "microsoft_issuer"):
			if self.get(fieldname):
				self.set(fieldname, self.get(fieldname).rstrip("/"))
				self._check_web_address(fieldname)
		if self.contact_link and not self._is_contact(self.contact_link):
			self._refuse(
				_("{0} must be a web page, an e-mail address, a phone number or a WhatsApp number."),
				"contact_link",
			)

	def check_regions(self) -> None:
		if self.default_region and self.default_region not in phonenumbers.SUPPORTED_REGIONS:
			self._refuse(
				_("{0}: {1} is not a country's code of two letters."), "default_region", self.default_region
			)
		for code in self._countries():
			if code not in phonenumbers.SUPPORTED_REGIONS:
				self._refuse(_("{0}: {1} is not a country's code of two letters."), "sms_countries", code)

	def check_languages(self) -> None:
		seen = set()
		for row in self.languages:
			if row.language in seen:
				self._refuse(_("{0}: {1} is listed twice."), "languages", row.language)
			seen.add(row.language)
			if not frappe.db.get_value("Language", row.language, "enabled"):
				self._refuse(_("{0}: {1} is not an enabled language."), "languages", row.language)

	def check_colour(self) -> None:
		if self.accent_colour and not COLOUR.fullmatch(self.accent_colour):
			self._refuse(_("{0} must be written as # and six hexadecimal digits."), "accent_colour")

	def check_email_account(self) -> None:
		for field in ("email_account", "replies_account"):
			account = self.get(field)
			if account and not frappe.db.get_value("Email Account", account, "enable_outgoing"):
				self._refuse(_("{0}: this account does not send mail."), field)

	def check_twilio(self) -> None:
		if self.use_telephony_credentials and "telephony" not in frappe.get_installed_apps():
			self._refuse(_("{0}: the Telephony app is not installed."), "use_telephony_credentials")
		if self.twilio_account_sid and not ACCOUNT_SID.fullmatch(self.twilio_account_sid):
			self._refuse(_("{0} must be AC and 32 hexadecimal digits."), "twilio_account_sid")
		if self.twilio_sender and not SENDER.fullmatch(self.twilio_sender):
			self._refuse(
				_("{0} must be a number such as +15005550006, a sender name, or a messaging service."),
				"twilio_sender",
			)
		if self.whatsapp_sender and not WHATSAPP_SENDER.fullmatch(self.whatsapp_sender):
			self._refuse(
				_("{0} must be a number such as +15005550006, or a messaging service."), "whatsapp_sender"
			)
		if self.sms_provider == "Twilio":
			self._require_twilio("twilio_sender")
		if self.send_whatsapp:
			self._require_twilio("whatsapp_sender")

	def check_sign_in(self) -> None:
		if not any(self.get(switch) for switch in ("sign_in_link", *SOCIAL_LOGIN_KEYS)):
			self._refuse(_("{0}: at least one way to sign in must be on."), "sign_in_link")
		for switch, login_key in SOCIAL_LOGIN_KEYS.items():
			if self.get(switch):
				self._require_client(switch, login_key)
		for tenant in self._words("microsoft_tenants"):
			if not TENANT_ID.fullmatch(tenant):
				self._refuse(_("{0}: {1} is no directory (tenant) ID."), "microsoft_tenants", tenant)
		for domain in self._words("google_domains"):
			if mail_addresses.ascii_domain(domain) != domain or "." not in domain:
				self._refuse(_("{0}: {1} is no domain such as example.com."), "google_domains", domain)

	def check_slack(self) -> None:
		if self.slack_triage_channel:
			self._check_slack_channel()
		if any(map(self.has_value_changed, SLACK_RULES)):
			self.slack_rules_since = utc_now()
		if not self.slack_enabled:
			return
		for fieldname in ("slack_bot_token", "slack_signing_secret"):
			if not self.get(fieldname):
				self._refuse(_("{0} is needed for Slack."), fieldname)
		if not SLACK_TOKEN.fullmatch(self.get_password("slack_bot_token", raise_exception=False) or ""):
			self._refuse(
				_("{0} begins with xoxb-: other tokens of Slack are of people, or of one session."),
				"slack_bot_token",
			)
		self._check_slack_markers()
		if self.has_value_changed("slack_enabled"):
			self.slack_connected_at, self.slack_connected_site = now_datetime(), frappe.local.site

	def _check_slack_markers(self) -> None:
		"""What begins with the marker of notes is a note, whatever follows. Frappe writes what looks like HTML
		otherwise, and a note that is not known by its marker would go to the customer.
		"""
		for fieldname in ("slack_reply_marker", "slack_note_marker"):
			if set(self.get(fieldname) or "") & set("&<>"):
				self._refuse(_("{0} cannot contain the signs &, < and >."), fieldname)
			if self.get(fieldname) and not names.visible(self.get(fieldname)):
				self._refuse(_("{0} is needed for Slack."), fieldname)
		reply = names.visible(self.slack_reply_marker or SLACK_REPLY_MARKER).lower()
		note = names.visible(self.slack_note_marker or SLACK_NOTE_MARKER).lower()
		if reply.startswith(note):
			self._refuse(_("{0}: the marker of replies must not begin with it."), "slack_note_marker")

	def _check_slack_channel(self) -> None:
		if not SLACK_CHANNEL.fullmatch(self.slack_triage_channel):
			self._refuse(_("{0} must be a channel's ID, such as C0123456789."), "slack_triage_channel")
		owner = frappe.db.get_value("Portal Customer Access", {"slack_channel": self.slack_triage_channel})
		if owner:
			self._refuse(_("{0}: this channel is that of the customer {1}."), "slack_triage_channel", owner)

	def _require_client(self, switch: str, login_key: str) -> None:
		filled = {"name": login_key, "client_id": ("is", "set"), "client_secret": ("is", "set")}
		if not frappe.db.exists("Social Login Key", filled):
			self._refuse(
				_("{0}: enter client ID and client secret in the Social Login Key {1} first."),
				switch,
				frappe.unscrub(login_key),
			)

	def _require_twilio(self, sender: str) -> None:
		own = [] if self.use_telephony_credentials else ["twilio_account_sid", "twilio_auth_token"]
		for fieldname in [*own, sender]:
			if not self.get(fieldname):
				self._refuse(_("{0} is needed for messages by Twilio."), fieldname)

	def _check_origin(self, fieldname: str) -> None:
		self._check_web_address(fieldname)
		parts = urlsplit(self.get(fieldname))
		if parts.path or parts.query or parts.fragment:
			self._refuse(_("{0} must have no path after the host."), fieldname)

	def _check_web_address(self, fieldname: str) -> None:
		if not _is_safe_address(self.get(fieldname)):
			self._refuse(_("{0} must begin with https:// (http:// only for this very machine)."), fieldname)

	def _is_contact(self, link: str) -> bool:
		if "://" in link:
			return _is_safe_address(link, allow_http=True)
		address = link.removeprefix("mailto:")
		return bool(PHONE.fullmatch(link) or validate_email_address(address))

	def _words(self, fieldname: str) -> list[str]:
		return (self.get(fieldname) or "").replace(",", " ").lower().split()

	def _countries(self) -> list[str]:
		return (self.sms_countries or "").replace(",", " ").upper().split()

	def _refuse(self, sentence: str, fieldname: str, *values: object) -> None:
		label = _(self.meta.get_label(fieldname))
		frappe.throw(sentence.format(label, *values), title=_("Customer Portal Settings"))


def _is_safe_address(address: str, allow_http: bool = False) -> bool:
	try:
		parts = urlsplit(address)
		host, has_user = parts.hostname, "@" in parts.netloc
		parts.port  # noqa: B018  raises for a port that is no number
	except ValueError:
		return False
	if not host or has_user or any(sign.isspace() for sign in address):
		return False
	return parts.scheme == "https" or (
		parts.scheme == "http" and (allow_http or host in LOOPBACK or _is_local_name(host))
	)


def _is_local_name(host: str) -> bool:
	"""Names below ``localhost`` never leave the machine (RFC 6761, 6.3)."""
	return host.endswith(".localhost")
