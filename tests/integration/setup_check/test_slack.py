"""The checks of Slack, against a loopback workspace."""

from datetime import timedelta

import frappe
import pytest

from customer_portal.clock import utc_now
from customer_portal.setup_check import slack as check
from customer_portal.setup_check.finding import FAILED, OFF, OK, WARNING
from customer_portal.slack import inbox, manifest, outbox
from tests.factories import make_ticket, unique
from tests.gateways import configure
from tests.gateways.slack import TOKEN
from tests.gateways.slack.api import SCOPES
from tests.integration.setup_check.conftest import REACHABLE
from tests.organisations import make_organisation

CHECKS = (check.connection, check.all_channels, check.events, check.backlog)


@pytest.fixture(autouse=True)
def nothing_yet(site):
	frappe.db.set_value("Portal Customer Access", {"slack_channel": ("is", "set")}, "slack_channel", None)
	for doctype in (outbox.DOCTYPE, inbox.DOCTYPE):
		frappe.db.delete(doctype)
	frappe.db.commit()


@pytest.fixture
def organisation(open_door):
	return make_organisation()


def event(**values) -> None:
	now = utc_now()
	row = frappe.get_doc({"doctype": inbox.DOCTYPE, "event_id": unique("Ev"), "signature": unique("s")})
	row.update({"kind": "message", "state": inbox.DONE, "received_at": now, "due_at": now, **values})
	row.db_insert()


def message(**values) -> str:
	outbox.add_ticket(make_ticket())
	(name,) = frappe.get_all(outbox.DOCTYPE, order_by="creation desc", limit=1, pluck="name")
	frappe.db.set_value(outbox.DOCTYPE, name, values, update_modified=False)
	return name


def test_slack_that_is_off(slack):
	configure(slack_enabled=0)
	assert {look().state for look in CHECKS} == {OFF}
	assert slack.calls == []


# The token


def test_a_token_that_may_do_all(slack):
	finding = check.connection()
	assert (finding.state, "Portal Tests" in finding.found) == (OK, True)


@pytest.mark.parametrize(
	"error", ["token_revoked", "account_inactive", "invalid_auth", "token_expired", "not_authed"]
)
def test_a_token_that_is_dead(slack, error):
	slack.token_error = error
	for finding in (check.connection(), check.all_channels()):
		assert finding.state == FAILED
		assert error in finding.found
		assert "bot token" in finding.mend
		assert TOKEN not in str(finding)


@pytest.mark.parametrize("mode", ["500", "hang", "drop"])
def test_slack_that_is_out_of_order(slack, mode):
	slack.mode = mode
	finding = check.connection()
	assert (finding.state, "slack.com" in finding.mend) == (FAILED, True)


def test_slack_that_is_away(slack):
	slack.stop()
	assert check.connection().found == "Slack could not be reached."
	slack.start()


@pytest.mark.parametrize("missing", [{"users:read.email"}, {"groups:read", "files:write"}])
def test_scopes_that_are_missing_are_named(slack, missing):
	slack.scopes -= missing
	finding = check.connection()
	assert finding.state == FAILED
	assert finding.found.endswith(f"{', '.join(sorted(missing))}.")


def test_more_scopes_than_needed_are_no_matter(slack):
	slack.scopes.add("reactions:write")
	assert set(manifest.SCOPES) == SCOPES
	assert check.connection().state == OK


# The channels


def test_all_channels_are_well(slack, organisation):
	organisation.change(slack_channel=slack.add_channel("acme", is_private=True))
	finding = check.all_channels()
	assert (finding.state, finding.found) == (OK, "The app is in all 2 channels.")


def test_no_channel_at_all(slack):
	configure(slack_triage_channel="")
	assert check.all_channels().state == WARNING


@pytest.mark.parametrize("trouble", ["left", "archived", "gone", "private"])
def test_a_channel_that_is_not_well_is_named(slack, organisation, trouble):
	own = slack.add_channel("acme", with_bot=trouble not in ("left", "private"))
	organisation.change(slack_channel=own)
	channel = slack.channels[own]
	channel.is_archived, channel.is_private = trouble == "archived", trouble == "private"
	if trouble == "gone":
		del slack.channels[own]
	finding = check.all_channels()
	assert finding.state == FAILED
	assert finding.found.startswith(organisation.customer)
	shown = own if trouble in ("gone", "private") else "#acme"
	assert shown in finding.found
	assert "riage" not in finding.found


def test_the_triage_channel_is_named(slack):
	slack.kick(slack.triage)
	finding = check.all_channels()
	assert (finding.state, finding.found.startswith("Triage channel (#triage)")) == (FAILED, True)


@pytest.mark.parametrize("trouble", [{"with_bot": False}, {"is_ext_shared": True}], ids=["lost", "shared"])
def test_many_channels_that_are_not_well(slack, open_door, trouble):
	for _number in range(12):
		make_organisation(slack_channel=slack.add_channel("many", **trouble))
	finding = check.all_channels()
	assert finding.found.endswith("and 2 more")
	assert finding.found.count("#many") == 10


@pytest.mark.parametrize("mode", ["Marked messages only", "Alerts only"])
def test_a_channel_that_is_shared_is_told(slack, organisation, mode):
	organisation.change(slack_channel=slack.add_channel("acme", is_ext_shared=True), slack_mode=mode)
	finding = check.all_channels()
	assert finding.state == OK
	assert f"{organisation.customer} (#acme)" in finding.found


def test_a_shared_channel_whose_every_word_is_an_answer(slack, organisation):
	organisation.change(slack_channel=slack.add_channel("acme", is_ext_shared=True))
	finding = check.all_channels()
	assert (finding.state, finding.link) == (WARNING, "/app/portal-customer-access")
	assert finding.found.startswith(f"{organisation.customer} (#acme) is shared with another company")
	assert finding.mend == "Answers in the channel: Marked messages only"


@pytest.mark.parametrize("mode", ["Two-way", "Alerts only"])
def test_a_triage_channel_that_is_shared(slack, organisation, mode):
	"""Worse than a customer's, and than one that is not reached."""
	own = slack.add_channel("acme", is_ext_shared=True)
	organisation.change(slack_channel=own)
	configure(slack_triage_mode=mode)
	slack.channels[slack.triage].is_ext_shared = True
	finding = check.all_channels()
	assert (finding.state, finding.mend != "") == (FAILED, True)
	assert finding.found.startswith("Triage channel (#triage) is shared with another company")
	assert organisation.customer not in finding.found
	slack.kick(own)
	assert check.all_channels() == finding


# What Slack tells


@pytest.fixture
def reachable(slack):
	configure(portal_url=REACHABLE)


@pytest.mark.parametrize("address", ["", "http://help.example.com", "https://help.localhost"])
def test_a_site_that_slack_cannot_reach(slack, address):
	configure(portal_url=address)
	assert check.events().state == WARNING


def test_no_event_yet(reachable):
	finding = check.events()
	assert finding.state == WARNING
	assert f"{REACHABLE}/portal/hooks/slack/events" in finding.mend


def test_the_last_event(reachable):
	event(received_at=utc_now() - timedelta(days=40))
	finding = check.events()
	assert (finding.state, f"{utc_now() - timedelta(days=40):%Y-%m-%d}" in finding.found) == (OK, True)


def test_events_that_were_given_up(reachable):
	event(state=inbox.FAILED, received_at=utc_now() - timedelta(days=8))
	assert check.events().state == OK
	event(state=inbox.FAILED)
	finding = check.events()
	assert (finding.state, finding.link) == (WARNING, "/app/portal-slack-event?state=Failed")


# What waits


def test_nothing_waits(slack):
	message(state=outbox.SENT)
	event()
	assert check.backlog().state == OK


@pytest.mark.parametrize(("minutes", "state"), [(9, OK), (11, WARNING)])
def test_what_waits_long(slack, minutes, state):
	then = utc_now() - timedelta(minutes=minutes)
	message(wanted_at=then)
	assert check.backlog().state == state
	frappe.db.delete(outbox.DOCTYPE)
	event(state=inbox.WAITING, received_at=then)
	assert check.backlog().state == state


def test_what_slack_has_refused(slack):
	message(state=outbox.FAILED, claimed_at=utc_now() - timedelta(days=8))
	assert check.backlog().state == OK
	message(state=outbox.FAILED, claimed_at=utc_now())
	finding = check.backlog()
	assert (finding.state, finding.found[0]) == (WARNING, "1")
	assert finding.link == "/app/portal-slack-message?state=Failed"
