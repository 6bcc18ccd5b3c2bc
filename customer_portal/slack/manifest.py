"""The app's manifest, which an admin gives to Slack, and what it asks for.

https://docs.slack.dev/reference/app-manifest
"""

import json
import re
import unicodedata

import frappe
from frappe import _

from customer_portal import provider_hooks
from customer_portal.notifications.company import company_name

SCOPES = (
	"channels:history",
	"channels:read",
	"chat:write",
	"chat:write.customize",
	"files:read",
	"files:write",
	"groups:history",
	"groups:read",
	"users:read",
	"users:read.email",
)
EVENTS = (
	"app_uninstalled",
	"channel_id_changed",
	"channel_unarchive",
	"file_deleted",
	"group_unarchive",
	"message.channels",
	"message.groups",
	"tokens_revoked",
)
LONGEST_NAME, LONGEST_BOT_NAME, LONGEST_DESCRIPTION = 35, 80, 140  # characters, of Slack
USUAL_BOT_NAME = "customer-portal"
_NOT_IN_BOT_NAMES = re.compile(r"[^a-z0-9._-]+")


def manifest() -> str:
	"""JSON for "From a manifest"; empty where Slack could not reach the site."""
	events, actions = provider_hooks.slack_events_address(), provider_hooks.slack_actions_address()
	if not events:
		return ""
	company = company_name(frappe.local.lang)
	shown = {
		"display_information": {"name": _cut(company, LONGEST_NAME), "description": _description(company)},
		"features": {"bot_user": {"display_name": bot_name(), "always_online": True}},
		"oauth_config": {"scopes": {"bot": list(SCOPES)}},
		"settings": {
			"event_subscriptions": {"request_url": events, "bot_events": list(EVENTS)},
			"interactivity": {"is_enabled": True, "request_url": actions},
			"org_deploy_enabled": False,
			"socket_mode_enabled": False,
			"token_rotation_enabled": False,
		},
	}
	return json.dumps(shown, ensure_ascii=False, indent=2)


def bot_name() -> str:
	"""As people invite it: of small Latin letters and digits, which not every company's name has."""
	latin = unicodedata.normalize("NFKD", company_name(frappe.local.lang)).encode("ascii", "ignore").decode()
	found = _NOT_IN_BOT_NAMES.sub("-", latin.lower()).strip("-._")
	return found[:LONGEST_BOT_NAME].strip("-._") or USUAL_BOT_NAME


def missing_scopes(granted: frozenset[str]) -> list[str]:
	"""Of those that the token has to have; none where a proxy keeps from us what Slack says of the token."""
	return sorted(set(SCOPES) - granted) if granted else []


def _description(company: str) -> str:
	return _cut(
		_("Tickets of {0}: agents answer here, and customers read it in the portal.").format(company),
		LONGEST_DESCRIPTION,
	)


def _cut(text: str, most: int) -> str:
	return text if len(text) <= most else text[: most - 1].rstrip() + "…"
