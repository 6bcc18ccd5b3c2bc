"""What an admin may save of Slack, in Customer Portal Settings and in Portal Customer Access."""

import frappe
import pytest
from frappe.utils import get_datetime, now_datetime

from customer_portal import settings
from customer_portal.clock import utc_now
from customer_portal.slack import channels
from tests.gateways.slack import SIGNING_SECRET, TOKEN
from tests.organisations import make_organisation

TRIAGE, OTHER = "C0123456789", "C0123456780"
WELL = {
	"slack_enabled": 1,
	"slack_bot_token": TOKEN,
	"slack_signing_secret": SIGNING_SECRET,
	"slack_triage_channel": TRIAGE,
	"slack_reply_marker": "reply:",
	"slack_note_marker": "note:",
	"slack_api_base": "",
}


@pytest.fixture(autouse=True)
def undone(site):
	frappe.db.set_value("Portal Customer Access", {"slack_channel": ("is", "set")}, "slack_channel", None)
	frappe.db.commit()
	yield
	frappe.db.rollback()
	frappe.clear_document_cache(settings.DOCTYPE, settings.DOCTYPE)


def save(**values):
	document = frappe.get_doc(settings.DOCTYPE)
	document.update({**WELL, **values})
	document.save()
	return document


def refusal(**values) -> str:
	with pytest.raises(frappe.ValidationError) as caught:
		save(**values)
	return str(caught.value)


def test_all_of_it_is_saved():
	save()
	document = frappe.get_doc(settings.DOCTYPE)
	assert document.get_password("slack_bot_token") == TOKEN
	assert document.slack_bot_token != TOKEN
	document.save()
	assert frappe.get_doc(settings.DOCTYPE).get_password("slack_bot_token") == TOKEN


def test_spaces_around_secrets_are_dropped():
	save(slack_bot_token=f" {TOKEN}\n", slack_signing_secret=f"{SIGNING_SECRET} ")
	document = frappe.get_doc(settings.DOCTYPE)
	assert document.get_password("slack_bot_token") == TOKEN
	assert document.get_password("slack_signing_secret") == SIGNING_SECRET


@pytest.mark.parametrize(
	"token",
	["xoxp-1-2-3", "xoxe.xoxb-1-2", "xapp-1-2", "x", "XOXB-1-2", "xoxb-", "xoxb-1 2", "xoxb-1\n2", "xoxb-١٢"],
)
def test_a_token_of_another_kind(token):
	assert refusal(slack_bot_token=token).startswith("Bot token begins with xoxb-: ")


@pytest.mark.parametrize("fieldname", ["slack_bot_token", "slack_signing_secret"])
def test_slack_is_not_switched_on_without_its_secrets(fieldname):
	assert "needed for Slack" in refusal(**{fieldname: ""})
	save(slack_enabled=0, **{fieldname: ""})


def test_since_when_it_is_connected():
	save(slack_enabled=0)
	before = now_datetime()
	since = get_datetime(save().slack_connected_at)
	assert before <= since <= now_datetime()
	assert get_datetime(save().slack_connected_at) == since


@pytest.mark.parametrize(
	"channel",
	["#triage", "triage", "D0123456789", "c0123456789", "C01", "C0123456789 C1", "C" * 30, "U0123456789"],
)
def test_a_channel_that_is_no_id(channel):
	assert "C0123456789" in refusal(slack_triage_channel=channel)
	assert "C0123456789" in refusal(slack_triage_channel=channel, slack_enabled=0)
	with pytest.raises(frappe.ValidationError, match="C0123456789"):
		make_organisation(slack_channel=channel)


@pytest.mark.parametrize("channel", [TRIAGE, "G0123456789", f" {TRIAGE} ", ""])
def test_channels_that_may_be_chosen(channel):
	assert save(slack_triage_channel=channel).slack_triage_channel == channel.strip()


def test_the_triage_channel_is_no_customers():
	owner = make_organisation(slack_channel=OTHER)
	assert owner.customer in refusal(slack_triage_channel=OTHER)
	save()
	with pytest.raises(frappe.ValidationError, match="triage channel"):
		owner.change(slack_channel=TRIAGE)


def test_a_channel_belongs_to_one_customer():
	owner = make_organisation(slack_channel=OTHER)
	with pytest.raises(frappe.ValidationError, match=owner.customer):
		make_organisation(slack_channel=OTHER)
	make_organisation(slack_channel="")
	make_organisation(slack_channel=None)


@pytest.mark.parametrize(
	("reply", "note"),
	[
		("note:", "note:"),
		("NOTE:", "note:"),
		("", "reply:"),
		("note:", ""),
		("reply:", "re"),
		("!!", "!"),
		("\u200bnote", "note"),
	],
)
def test_markers_that_cannot_be_told_apart(reply, note):
	assert "Marker of private notes" in refusal(slack_reply_marker=reply, slack_note_marker=note)


@pytest.mark.parametrize(
	("reply", "note"),
	[("", ""), ("reply:", ""), ("", "note:"), ("!", "!!"), ("+", ":lock:")],
)
def test_markers_that_differ(reply, note):
	save(slack_reply_marker=reply, slack_note_marker=note)
	assert channels.reply_marker() == (reply or "reply:")
	assert channels.note_marker() == (note or "note:")


@pytest.mark.parametrize("fieldname", ["slack_reply_marker", "slack_note_marker"])
@pytest.mark.parametrize("marker", ["<note>", "a&b", ">"])
def test_markers_that_are_stored_otherwise(fieldname, marker):
	assert "cannot contain" in refusal(**{fieldname: marker})


@pytest.mark.parametrize("fieldname", ["slack_reply_marker", "slack_note_marker"])
@pytest.mark.parametrize("marker", ["\u200b", "\ufe0f", "\u2060 \u3164"])
def test_markers_that_nobody_sees(fieldname, marker):
	"""Every message would begin with them."""
	assert "is needed for Slack" in refusal(**{fieldname: marker})


@pytest.mark.parametrize(
	"address",
	[
		"http://slack.example.com",
		"slack.com",
		"ftp://slack.com",
		"https://user:password@slack.com",
		"https://slack.com?x=1",
		"https://slack.com/#x",
		"https://",
	],
)
def test_an_address_to_which_no_token_may_go(address):
	assert "API base address of Slack" in refusal(slack_api_base=address)


@pytest.mark.parametrize(
	("address", "kept"),
	[
		("https://slack-gov.com/", "https://slack-gov.com"),
		("https://slack.com/api/", "https://slack.com"),
		("https://proxy.example.com/slack", "https://proxy.example.com/slack"),
		("http://127.0.0.1:8099", "http://127.0.0.1:8099"),
	],
)
def test_addresses_that_may_be_used(address, kept):
	assert save(slack_api_base=address).slack_api_base == kept


@pytest.mark.parametrize(
	("values", "is_new"),
	[
		({}, False),
		({"slack_bot_token": f"{TOKEN}1"}, False),
		({"slack_triage_mode": "Alerts only"}, True),
		({"slack_triage_channel": OTHER}, True),
		({"slack_reply_marker": "!"}, True),
		({"slack_note_marker": "#"}, True),
		({"slack_enabled": 0}, True),
	],
)
def test_since_when_answers_are_read_like_this(values, is_new):
	before = save(slack_triage_mode="Two-way").slack_rules_since
	after = save(**values).slack_rules_since
	assert (get_datetime(after) > get_datetime(before)) == is_new


def test_since_when_those_of_a_customers_channel():
	save()
	organisation = make_organisation("acme", slack_channel=OTHER)
	place = channels.place(OTHER)
	first = channels.ruled_since(place)
	organisation.change(sees="All tickets")
	assert channels.ruled_since(place) == first
	assert first - channels.CLOCKS <= utc_now()
	organisation.change(slack_mode="Alerts only")
	assert channels.ruled_since(place) > first


def test_nobody_knows_since_when():
	save()
	organisation = make_organisation("acme", slack_channel=OTHER)
	frappe.db.set_value(channels.ACCESS, organisation.customer, channels.RULED, None)
	assert channels.ruled_since(channels.place(OTHER)) is None
