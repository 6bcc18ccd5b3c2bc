"""What Helpdesk, or another app's rule, does not do is told to whoever said or pressed it, and not tried for a day."""

import frappe
import pytest
from frappe.permissions import add_permission, reset_perms, update_permission_property
from helpdesk.helpdesk.doctype.hd_ticket.hd_ticket import HDTicket

from customer_portal.clock import utc_now
from customer_portal.slack import intake
from customer_portal.slack.posts import TAKE
from tests.integration.slack.conftest import replies, whispers
from tests.integration.slack.test_buttons import assigned, press
from tests.integration.slack.test_modes import comments

COMMENT = "HD Ticket Comment"
WORDED = [
	frappe.PermissionError("Not today"),
	frappe.OutgoingEmailError("Not today"),
	frappe.ValidationError("Not today"),
]
DEFECTS = [RuntimeError("secret"), KeyError("secret"), frappe.DuplicateEntryError("secret")]
PASSING = [
	(frappe.QueryDeadlockError, "secret"),
	(frappe.QueryTimeoutError, "secret"),
	("OperationalError", 1213, "Deadlock found"),
	("OperationalError", 1205, "Lock wait timeout exceeded"),
	("OperationalError", 2013, "Lost connection"),
	("InterfaceError", 0, ""),
]


@pytest.fixture
def object_to(monkeypatch):
	"""Call it with an error: another app's class for tickets raises it."""

	def make(error: Exception) -> None:
		def refuse(*_args, **_kwargs):
			raise error

		for name in ("reply_via_agent", "assign_agent"):
			monkeypatch.setattr(HDTicket, name, refuse)

	return make


@pytest.fixture
def no_notes():
	"""An admin has taken from agents the right to write comments."""
	add_permission(COMMENT, "Agent", 0)
	update_permission_property(COMMENT, "Agent", 0, "create", 0)
	frappe.db.commit()
	yield
	frappe.db.rollback()
	reset_perms(COMMENT)
	frappe.db.commit()
	frappe.clear_cache(doctype=COMMENT)


def logged() -> list[str]:
	"""What the Error Log says of it."""
	frappe.db.rollback()
	named = {"method": "Helpdesk did not take what was said in Slack"}
	return frappe.get_all("Error Log", named, pluck="error")


@pytest.fixture(autouse=True)
def clean_log(helpdesk):
	frappe.db.delete("Error Log")
	frappe.db.commit()


def states() -> set[str]:
	frappe.db.rollback()
	return set(frappe.get_all("Portal Slack Event", pluck="state"))


def test_an_agent_who_may_write_no_notes_is_told(desk, ticket, no_notes):
	desk.say(ticket, "note: Hello")
	assert not comments(ticket)
	(told,) = whispers(desk)
	assert told == f"Helpdesk did not take it: No permission for {COMMENT}. Edit your message to try again."
	assert (states(), logged()) == ({"Done"}, [])


@pytest.mark.parametrize("error", WORDED, ids=lambda error: type(error).__name__)
def test_what_has_words_is_told_with_them(desk, ticket, object_to, error):
	object_to(error)
	desk.say(ticket, "Hello")
	press(desk, ticket, TAKE)
	assert replies(ticket) == [] and assigned(ticket) == []
	assert len(whispers(desk)) == 2 and all("Not today" in told for told in whispers(desk))
	assert (states(), logged()) == ({"Done"}, [])


@pytest.mark.parametrize("error", DEFECTS, ids=lambda error: type(error).__name__)
def test_a_defect_is_told_and_logged_by_its_kind(desk, ticket, object_to, error):
	object_to(error)
	desk.say(ticket, "Hello")
	press(desk, ticket, TAKE)
	assert replies(ticket) == [] and assigned(ticket) == []
	of_reply, of_press = whispers(desk)
	assert "did not take it" in of_reply and "Edit your message" in of_reply and "secret" not in of_reply
	assert "did not take it" in of_press and "secret" not in of_press
	assert states() == {"Done"}
	assert logged() == [type(error).__name__] * 2


def test_after_a_defect_an_edit_tries_again(desk, ticket, object_to, monkeypatch):
	object_to(RuntimeError("secret"))
	written = desk.say(ticket, "Hello")
	monkeypatch.undo()
	desk.slack.edit(desk.user, desk.channel, written["ts"], "Hello again")
	desk.run()
	assert [reply.content for reply in replies(ticket)] == ["<p>Hello again</p>"]


@pytest.mark.parametrize("code", [(1054, "Unknown column 'secret'"), ("secret",)], ids=str)
def test_what_the_database_will_never_do_is_a_defect(desk, ticket, object_to, code):
	object_to(frappe.db.OperationalError(*code))
	desk.say(ticket, "Hello")
	(told,) = whispers(desk)
	assert "did not take it" in told and "secret" not in told
	assert (states(), logged()) == ({"Done"}, [frappe.db.OperationalError.__name__])


@pytest.mark.parametrize("error", PASSING, ids=str)
def test_what_passes_is_tried_again(desk, ticket, object_to, monkeypatch, error):
	kind, *said = error
	object_to((kind if isinstance(kind, type) else getattr(frappe.db, kind))(*said))
	desk.say(ticket, "Hello")
	frappe.db.rollback()
	(event,) = frappe.get_all("Portal Slack Event", {"state": "Waiting"}, ["reason"])
	assert event.reason == "The database was busy."
	assert not whispers(desk) and not frappe.db.count("Error Log")
	monkeypatch.undo()
	frappe.db.set_value("Portal Slack Event", {"state": "Waiting"}, "due_at", utc_now())
	frappe.db.commit()
	intake.work_off(1)
	assert [reply.content for reply in replies(ticket)] == ["<p>Hello</p>"]


def test_what_is_said_as_html_is_told_as_text(desk, ticket, object_to):
	object_to(frappe.ValidationError("<b>Tom &amp; Jerry</b> &lt;!channel&gt; closed it"))
	press(desk, ticket, TAKE)
	assert whispers(desk) == [
		"Helpdesk did not take it: Tom &amp; Jerry &lt;!channel&gt; closed it."
	]  # as Slack is sent these signs
