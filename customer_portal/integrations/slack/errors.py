"""What Slack's error codes mean, for a message that waits and for the admin.

https://docs.slack.dev/reference/methods/chat.postMessage#errors
"""

import re

from frappe import _

from customer_portal.integrations.failures import (
	PermanentFailure,
	SendFailure,
	TemporaryFailure,
	UnknownResult,
)

WORKSPACE, CHANNEL = "workspace", "channel"
WORKSPACE_PAUSE_SECONDS = 300
CHANNEL_PAUSE_SECONDS = 600
SHORT_PAUSE_SECONDS = 30

LONGEST_PAUSE_SECONDS = 3600
CODE = re.compile(r"[a-z0-9_]{1,100}")

NOT_LET_IN = frozenset(
	[
		"invalid_auth",
		"not_authed",
		"token_revoked",
		"token_expired",
		"account_inactive",
		"no_permission",
		"missing_scope",
		"org_login_required",
		"ekm_access_denied",
		"team_access_not_granted",
		"access_denied",
		"accesslimited",
		"enterprise_is_restricted",
		"not_allowed_token_type",
		"two_factor_setup_required",
		"team_not_found",
	]
)
CHANNEL_SHUT = frozenset(
	[
		"channel_not_found",
		"not_in_channel",
		"is_archived",
		"is_inactive",
		"posting_to_channel_denied",
		"method_not_supported_for_channel_type",
		"restricted_action",
		"restricted_action_read_only_channel",
		"restricted_action_thread_only_channel",
		"restricted_action_non_threadable_channel",
	]
)
TOO_MANY = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
OUT_OF_ORDER = frozenset({"service_unavailable", "team_added_to_org"})
DOUBTFUL = frozenset(
	{"internal_error", "fatal_error", "request_timeout"}
)  # it may have happened all the same


class Shut(TemporaryFailure):
	"""Nothing goes in until an admin mends it: ``scope`` is ``WORKSPACE`` or ``CHANNEL``, ``code`` is Slack's."""

	def __init__(self, scope: str, code: str, reason: str, retry_after: int):
		super().__init__(reason, retry_after)
		self.scope, self.code = scope, code


class Refused(PermanentFailure):
	"""Slack does not take this call; ``code`` is Slack's."""

	def __init__(self, code: str):
		super().__init__(_("Slack refused it: {0}.").format(code))
		self.code = code


def failure_of(code: str, status: int, retry_after: int | None) -> SendFailure:
	"""Slack answers most errors with 200 and a code, and too many requests with 429. What is no code of Slack's was
	answered by something in between.
	"""
	if status == 429 or code in TOO_MANY:
		seconds = min(retry_after or SHORT_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)
		return TemporaryFailure(_("Slack has too many requests from us at the moment."), seconds)
	if not CODE.fullmatch(code):
		return _in_between(status)
	if code in NOT_LET_IN:
		return Shut(WORKSPACE, code, _workspace_reason(code), WORKSPACE_PAUSE_SECONDS)
	if code in CHANNEL_SHUT:
		return Shut(CHANNEL, code, channel_reason(code), CHANNEL_PAUSE_SECONDS)
	if code in DOUBTFUL:
		return UnknownResult(_("Slack is out of order at the moment."))
	if code in OUT_OF_ORDER:
		return TemporaryFailure(_("Slack is out of order at the moment."))
	return Refused(code)


def _in_between(status: int) -> SendFailure:
	"""Such as a proxy, which refuses with 4xx, or a broken server behind it."""
	if 400 <= status < 500:
		return TemporaryFailure(_("Slack could not be reached."))
	return UnknownResult(_("Slack is out of order at the moment."))


def _workspace_reason(code: str) -> str:
	if code == "missing_scope":
		return _(
			"The Slack app lacks a permission (scope): install it again with the manifest of the settings."
		)
	return _("Slack does not accept the bot token ({0}).").format(code)


def channel_reason(code: str) -> str:
	"""Why nothing goes into a channel, of a code in ``CHANNEL_SHUT``."""
	known = {
		"is_archived": _("The Slack channel is archived."),
		"not_in_channel": _("The Slack app is not in the channel: invite it there."),
		"channel_not_found": _(
			"The Slack app cannot see the channel: its ID is wrong, or the app is not in it."
		),
	}
	return known.get(code) or _("Slack lets nobody write into the channel ({0}).").format(code)
