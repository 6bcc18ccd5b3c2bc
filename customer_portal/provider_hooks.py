"""The addresses at which providers report to us. Always made from the site's configuration, never from a request."""

from urllib.parse import urlsplit

from customer_portal import links
from customer_portal.exceptions import SiteAddressMissing

RECEIPTS = "/portal/hooks/twilio/receipt"
INCOMING = "/portal/hooks/twilio/message"
SLACK_EVENTS = "/portal/hooks/slack/events"
SLACK_ACTIONS = "/portal/hooks/slack/actions"
LOCAL = (".localhost", ".local", ".internal")


def receipts_address(reference: str) -> str:
	"""Where Twilio reports what became of the message; empty where no provider could reach the site."""
	base = address(RECEIPTS)
	return f"{base}?message={reference}" if base else ""


def incoming_address() -> str:
	"""What an admin enters at Twilio for incoming messages; empty without an address that Twilio can reach."""
	return address(INCOMING)


def address(path: str) -> str:
	"""The whole address of a path; empty where no provider could reach the site.

	Twilio refuses a whole message whose callback has a host without a dot (error 21609).
	"""
	try:
		site = links.site_address()
	except SiteAddressMissing:
		return ""
	host = urlsplit(site).hostname or ""
	return "" if "." not in host or host.endswith(LOCAL) else f"{site}{path}"


def slack_events_address() -> str:
	"""Slack's Request URL for events; empty where Slack could not reach the site."""
	return _by_https(SLACK_EVENTS)


def slack_actions_address() -> str:
	"""Slack's Request URL for presses of buttons; empty where Slack could not reach the site."""
	return _by_https(SLACK_ACTIONS)


def _by_https(path: str) -> str:
	"""Slack calls nothing else: https://docs.slack.dev/reference/app-manifest#settings"""
	found = address(path)
	return found if found.startswith("https://") else ""
