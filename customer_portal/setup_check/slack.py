"""Slack: whether it lets the app in, whether the app reaches its channels, and whether messages come and go."""

from datetime import datetime, timedelta

import frappe
from frappe import _

from customer_portal import provider_hooks
from customer_portal.clock import utc_now
from customer_portal.integrations.failures import SendFailure
from customer_portal.integrations.slack import client
from customer_portal.integrations.slack.errors import Shut
from customer_portal.setup_check.finding import SETTINGS, Finding, failed, off, ok, warning
from customer_portal.slack import channels, hearing, inbox, inspection, manifest, outbox
from customer_portal.slack.inspection import Sight

RECENT = timedelta(days=7)  # what failed before that is history
MOST_NAMED = 10  # channels
ACCESS = "/app/portal-customer-access"
MESSAGES, EVENTS = "/app/portal-slack-message", "/app/portal-slack-event"


def connection() -> Finding:
	"""The token, and what it may do."""
	reason = _why_off()
	if reason:
		return reason
	try:
		identity = client.identity()
	except SendFailure as failure:
		return failed(failure.reason, _mend(failure), SETTINGS)
	missing = manifest.missing_scopes(identity.scopes)
	if missing:
		return failed(
			_("The Slack app lacks these permissions (scopes): {0}.").format(", ".join(missing)),
			_(
				"Put the manifest of Customer Portal Settings into the app's page at Slack, and install the app again."
			),
			SETTINGS,
		)
	return ok(
		_("Slack knows the app in the workspace {0}, and lets it do all it needs.").format(identity.team_name)
	)


def _why_off() -> Finding | None:
	if channels.copy_of():
		return off(
			_("This site is a copy of {0}, so Slack stays switched off here.").format(channels.copy_of()),
			_(
				"Switch Slack off and on again in Customer Portal Settings if this site is to write into the channels itself."
			),
			SETTINGS,
		)
	if not channels.is_on():
		return off(
			_("Tickets do not go to Slack."),
			_("Switch Slack on in Customer Portal Settings to use it."),
			SETTINGS,
		)
	return None


def _mend(failure: SendFailure) -> str:
	if isinstance(failure, Shut):
		return _("Copy the bot token once more from the app's page at Slack, or install the app again.")
	return _("Let this server reach slack.com, or the address of its API in Customer Portal Settings.")


def all_channels() -> Finding:
	"""The triage channel and each customer's own."""
	if not channels.is_on():
		return _is_off()
	places = channels.all_places()
	if not places:
		return warning(
			_("No channel is chosen, so no ticket goes to Slack."),
			_("Enter the triage channel in Customer Portal Settings, or channels in Portal Customer Access."),
			SETTINGS,
		)
	try:
		sights = inspection.see(places)
	except SendFailure as failure:
		return failed(failure.reason, _mend(failure), SETTINGS)
	return _judge(sights)


def _judge(sights: list[Sight]) -> Finding:
	return _leak(sights) or _troubles(sights) or _overheard(sights) or _well(sights)


def _leak(sights: list[Sight]) -> Finding | None:
	"""Another company reads the tickets of all customers."""
	triage = [sight.audience for sight in sights if sight.is_shared and not sight.place.customer]
	if triage:
		return failed(
			triage[0],
			_("Enter the triage channel in Customer Portal Settings, or channels in Portal Customer Access."),
			SETTINGS,
		)
	return None


def _troubles(sights: list[Sight]) -> Finding | None:
	troubles = [_("{0}: {1}").format(sight.title, sight.trouble) for sight in sights if sight.trouble]
	if troubles:
		return failed(
			_named(troubles, " "),
			_("Invite the app to the channel, correct the channel's ID, or take it out of the archive."),
			SETTINGS,
		)
	return None


def _overheard(sights: list[Sight]) -> Finding | None:
	"""Talk of agents that another company reads and the customer gets, unless they mark it as a note."""
	open_ones = [one for one in sights if one.is_shared and one.place.mode == channels.TWO_WAY]
	if open_ones:
		mend = _("{0}: {1}").format(_("Answers in the channel"), _("Marked messages only"))
		return warning(_named([one.audience for one in open_ones], " "), mend, ACCESS)
	return None


def _well(sights: list[Sight]) -> Finding:
	shared = [sight.title for sight in sights if sight.is_shared]
	if shared:
		return ok(
			_(
				"The app is in all {0} channels. People of other companies read all that is written in: {1}."
			).format(len(sights), _named(shared, ", "))
		)
	return ok(_("The app is in all {0} channels.").format(len(sights)))


def _named(names: list[str], between: str) -> str:
	shown = between.join(names[:MOST_NAMED])
	more = len(names) - MOST_NAMED
	return _("{0} and {1} more").format(shown, more) if more > 0 else shown


def events() -> Finding:
	"""Whether Slack tells us what people write."""
	if not channels.is_on():
		return _is_off()
	address = provider_hooks.slack_events_address()
	if not address:
		return warning(
			_("Slack cannot reach this site, so nothing that is written or pressed in Slack gets here."),
			_("Set a site address that is reachable from the internet by HTTPS in Customer Portal Settings."),
			SETTINGS,
		)
	last = inbox.last_received()
	if last is None:
		return warning(
			_("Slack has told nothing yet."),
			_(
				"At Slack, under Event Subscriptions, enter the Request URL {0} and have it verified; the signing secret must be saved here before."
			).format(address),
			SETTINGS,
		)
	return (
		_silence(address)
		or _lost()
		or ok(_("Slack has last told something at {0} UTC.").format(_minute(last)))
	)


def _silence(address: str) -> Finding | None:
	silent = hearing.deaf_since()
	if silent:
		return failed(
			_("Slack takes what is posted, but has told nothing since {0} UTC.").format(_minute(silent)),
			_(
				"At Slack, under Event Subscriptions, look whether events are on and the Request URL {0} is verified. The signing secret here must be the app's own, and no firewall may keep Slack out."
			).format(address),
			SETTINGS,
		)
	return None


def _lost() -> Finding | None:
	lost = _count(inbox.DOCTYPE, state=inbox.FAILED, received_at=(">", utc_now() - RECENT))
	if lost:
		return warning(
			_("{0} events of Slack could not be worked on in the last 7 days.").format(lost),
			_("Look at the reason of each event."),
			f"{EVENTS}?state={inbox.FAILED}",
		)
	return None


def _minute(time: datetime) -> str:
	return f"{time:%Y-%m-%d %H:%M}"


def backlog() -> Finding:
	"""What was to be in Slack, or in Helpdesk, by now."""
	if not channels.is_on():
		return _is_off()
	now = utc_now()
	refused = _count(outbox.DOCTYPE, state=outbox.FAILED, claimed_at=(">", now - RECENT))
	if refused:
		return warning(
			_("{0} messages did not get into Slack in the last 7 days.").format(refused),
			_("Look at the reason of each message, mend it, and send it again."),
			f"{MESSAGES}?state={outbox.FAILED}",
		)
	out = outbox.late()
	if out:
		return warning(
			_("{0} messages wait for Slack for more than 10 minutes.").format(out),
			_(
				"Look at the channels of Slack, scheduler and workers first, then at the reason of each message."
			),
			f"{MESSAGES}?state={outbox.QUEUED}",
		)
	come = _count(inbox.DOCTYPE, state=inbox.WAITING, received_at=("<", now - outbox.LATE))
	if come:
		return warning(
			_("{0} events of Slack wait for more than 10 minutes.").format(come),
			_("Look at scheduler and workers first, then at the reason of each event."),
			f"{EVENTS}?state={inbox.WAITING}",
		)
	return ok(_("No message waits longer than it should."))


def _count(doctype: str, **filters: object) -> int:
	return frappe.db.count(doctype, filters)


def _is_off() -> Finding:
	return off(_("Tickets do not go to Slack."))
