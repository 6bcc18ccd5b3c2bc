"""Sub-status and HD Ticket.status, in both directions and by every route that Helpdesk has."""

import frappe
import pytest

from customer_portal import statuses, timeline
from customer_portal.exceptions import SubStatusNotAllowed
from tests.factories import make_agent, make_ticket, unique
from tests.ledger import (
	default_of,
	events,
	main_of,
	mains,
	make_status,
	make_sub_status,
	make_template,
	named,
	set_status,
	set_sub_status,
)


@pytest.fixture
def ticket():
	return make_ticket().reload()


def test_a_new_ticket_is_received(ticket):
	assert ticket.sub_status == default_of(1)
	(event,) = events(ticket)
	assert (event.from_main_status, event.to_main_status, event.first_key) == (0, 1, f"{ticket.name}:1")


def test_an_agent_may_choose_the_sub_status_of_a_new_ticket():
	ticket = make_ticket(sub_status=named("Part ordered"))
	assert mains(ticket) == [2]
	assert (ticket.status, main_of(ticket)) == ("Open", 2)


@pytest.mark.parametrize(
	("sub_status", "status"),
	[("Being checked", "Open"), ("In progress", "Open"), ("Resolved", "Resolved"), ("Closed", "Closed")],
)
def test_a_sub_status_sets_the_status_only_where_it_does_not_fit(ticket, sub_status, status):
	set_sub_status(ticket, named(sub_status))
	assert ticket.status == status
	assert ticket.status_category == frappe.db.get_value("HD Ticket Status", status, "category")


def test_a_fitting_status_stays(ticket):
	set_status(ticket, "Replied")
	set_sub_status(ticket, named("Part ordered"))
	assert ticket.status == "Replied"


@pytest.mark.parametrize(
	("start", "status", "expected"),
	[
		(1, "Replied", 2),
		(1, "Resolved", 3),
		(1, "Closed", 4),
		(2, "Replied", 2),
		(2, "Open", 2),
		(3, "Open", 2),
		(3, "Replied", 2),
		(4, "Open", 2),
		(4, "Resolved", 3),
	],
)
def test_a_status_moves_the_main_status_only_when_it_does_not_fit(ticket, start, status, expected):
	set_sub_status(ticket, default_of(start))
	before = ticket.sub_status
	set_status(ticket, status)
	assert main_of(ticket) == expected
	assert ticket.sub_status == (before if start == expected else default_of(expected))


def test_the_finer_step_survives_a_status_that_fits(ticket):
	set_sub_status(ticket, named("Part ordered"))
	set_status(ticket, "Replied")
	assert ticket.sub_status == named("Part ordered")


def test_both_in_one_save_and_they_fit(ticket):
	ticket.update({"sub_status": named("Waiting for you"), "status": "Replied"})
	ticket.save()
	assert (ticket.status, ticket.sub_status) == ("Replied", named("Waiting for you"))
	assert mains(ticket) == [1, 2]


def test_both_in_one_save_and_they_do_not_fit(ticket):
	ticket.update({"sub_status": default_of(3), "status": "Replied"})
	ticket.save()
	assert (ticket.status, main_of(ticket)) == ("Resolved", 3)


def test_a_status_whose_category_has_no_counterpart_changes_nothing(ticket):
	everything_open = {1: ["Open"], 2: ["Open"], 3: ["Open"], 4: ["Open"]}
	template = make_template(everything_open, {1: "Open", 2: "Open", 3: "Open", 4: "Open"})
	ticket.template = template.ticket_template
	ticket.save()
	before = mains(ticket)
	set_status(ticket, make_status("Resolved"))
	assert main_of(ticket) == 1
	assert mains(ticket) == before


@pytest.mark.parametrize(
	("category", "start", "expected"),
	[
		("Open", 1, 1),
		("Open", 2, 2),
		("Open", 3, 2),
		("Paused", 1, 2),
		("Paused", 4, 2),
		("Resolved", 1, 3),
		("Resolved", 4, 4),
	],
)
def test_a_status_that_no_template_names_fits_by_its_category(ticket, category, start, expected):
	set_sub_status(ticket, default_of(start))
	set_status(ticket, make_status(category))
	assert main_of(ticket) == expected


def test_a_new_status_is_known_although_the_template_is_cached(ticket):
	statuses.template_of(ticket)
	status = make_status("Resolved")
	assert statuses.template_of(ticket).nearest_main(status, 1) == 3
	frappe.get_doc("HD Ticket Status", status).update({"category": "Paused"}).save()
	assert statuses.template_of(ticket).nearest_main(status, 1) == 2
	frappe.delete_doc("HD Ticket Status", status)
	assert statuses.template_of(ticket).nearest_main(status, 1) is None


def test_a_status_that_fits_by_its_category_stays_when_the_sub_status_is_set(ticket):
	status = make_status("Open")
	set_status(ticket, status)
	set_sub_status(ticket, named("Part ordered"))
	assert (ticket.status, main_of(ticket)) == (status, 2)


def test_a_status_that_the_template_names_fits_there_alone(ticket):
	status = make_status("Resolved")
	template = frappe.get_doc("Portal Ticket Template", "Default")
	template.append("fits", {"main_status": "2", "ticket_status": status})
	template.save()
	set_sub_status(ticket, default_of(3))
	set_status(ticket, status)
	assert main_of(ticket) == 2


def test_a_cleared_sub_status_becomes_the_default_of_the_current_main_status(ticket):
	set_sub_status(ticket, named("Part ordered"))
	set_sub_status(ticket, None)
	assert ticket.sub_status == default_of(2)


def test_foreign_and_disabled_sub_statuses_are_refused(ticket):
	for sub_status in (make_sub_status(), disabled_in_default_template()):
		with pytest.raises(SubStatusNotAllowed):
			set_sub_status(ticket, sub_status)


def disabled_in_default_template() -> str:
	name = make_sub_status()
	template = frappe.get_doc("Portal Ticket Template", "Default")
	template.append("sub_statuses", {"sub_status": name, "main_status": "2", "customer_label": unique("Old")})
	template.save()
	frappe.get_doc("Portal Sub-Status", name).update({"enabled": 0}).save()
	return name


def test_a_ticket_keeps_a_sub_status_that_was_disabled(ticket):
	name = disabled_in_default_template()
	frappe.get_doc("Portal Sub-Status", name).update({"enabled": 1}).save()
	set_sub_status(ticket, name)
	frappe.get_doc("Portal Sub-Status", name).update({"enabled": 0}).save()
	ticket.reload()
	ticket.subject = unique("Again")
	ticket.save()
	assert ticket.sub_status == name


def test_another_template_without_the_sub_status_keeps_the_main_status(ticket):
	own = {1: ["Open"], 2: ["Open", "Replied"], 3: ["Resolved"], 4: ["Closed"]}
	sets = {1: "Open", 2: "Open", 3: "Resolved", 4: "Closed"}
	template = make_template(own, sets)
	set_sub_status(ticket, named("Part ordered"))
	ticket.template = template.ticket_template
	ticket.save()
	assert ticket.sub_status == default_of(2, template.ticket_template)
	assert mains(ticket) == [1, 2, 2]


def test_a_template_of_its_own_with_statuses_of_its_own(ticket):
	new, working, solved = make_status("Open"), make_status("Paused"), make_status("Resolved")
	fits = {1: ["Open", new], 2: [working], 3: [solved], 4: ["Closed"]}
	template = make_template(fits, {1: new, 2: working, 3: solved, 4: "Closed"})
	ticket.template = template.ticket_template
	ticket.save()
	assert ticket.sub_status == default_of(1, template.ticket_template)
	set_sub_status(ticket, default_of(2, template.ticket_template))
	assert (ticket.status, ticket.status_category) == (working, "Paused")
	set_status(ticket, solved)
	assert mains(ticket) == [1, 1, 2, 3]


def test_a_renamed_status_stays_mapped(ticket):
	status = make_status("Paused")
	template = frappe.get_doc("Portal Ticket Template", "Default")
	template.append("fits", {"main_status": "3", "ticket_status": status})
	template.save()
	renamed = frappe.rename_doc("HD Ticket Status", status, unique("Renamed"))
	set_status(ticket, renamed)
	assert main_of(ticket) == 3


def test_a_status_set_by_db_set_is_followed(ticket):
	ticket.reload()
	ticket.db_set("status", "Closed")
	assert frappe.db.get_value("HD Ticket", ticket.name, "sub_status") == default_of(4)
	assert mains(ticket) == [1, 4]


def test_a_sub_status_set_by_db_set_is_followed(ticket):
	ticket.reload()
	ticket.db_set("sub_status", default_of(3))
	values = frappe.db.get_value("HD Ticket", ticket.name, ["status", "status_category"])
	assert values == ("Resolved", "Resolved")
	assert mains(ticket) == [1, 3]


def test_a_status_written_past_the_documents_is_followed_at_the_next_save(ticket):
	frappe.db.set_value("HD Ticket", ticket.name, "status", "Resolved")
	ticket.reload()
	ticket.save()
	assert mains(ticket) == [1, 3]


def test_frappes_client_set_value(ticket):
	frappe.client.set_value("HD Ticket", ticket.name, "sub_status", default_of(3))
	assert mains(ticket) == [1, 3]


def communicate(ticket, direction, kind="Communication"):
	message = {
		"doctype": "Communication",
		"communication_type": kind,
		"communication_medium": "Email",
		"sent_or_received": direction,
		"subject": "Re",
		"content": "Hello",
		"sender": "someone@example.com",
		"message_id": unique("mail"),
		"reference_doctype": "HD Ticket",
		"reference_name": ticket.name,
	}
	return frappe.get_doc(message).insert(ignore_permissions=True)


@pytest.mark.parametrize(("start", "expected"), [(1, 1), (2, 2), (3, 2), (4, 2)])
def test_a_customers_mail(ticket, start, expected):
	set_sub_status(ticket, default_of(start))
	communicate(ticket, "Received")
	ticket.reload()
	assert main_of(ticket) == expected
	if start != expected:
		assert events(ticket)[-1].source == "Customer"


def test_an_agents_reply_with_automatic_status(ticket):
	frappe.db.set_single_value("HD Settings", {"auto_update_status": 1, "update_status_to": "Replied"})
	communicate(ticket, "Sent")
	assert mains(ticket) == [1, 2]


def test_our_own_notices_change_nothing(ticket):
	set_sub_status(ticket, default_of(3))
	communicate(ticket, "Sent", "Automated Message")
	assert mains(ticket) == [1, 3]


def test_automatic_closing_which_ignores_validation(ticket):
	ticket.reload()
	ticket.status = "Closed"
	ticket.flags.ignore_validate = True
	ticket.save(ignore_permissions=True)
	assert mains(ticket) == [1, 4]


def test_merging(ticket):
	target = make_ticket()
	ticket.reload()
	ticket.update({"status": "Closed", "is_merged": 1, "merged_with": target.name})
	ticket.save()
	assert mains(ticket) == [1, 4]
	assert timeline.surviving(ticket.name) == str(target.name)


def test_helpdesk_sets_the_first_response_also_when_a_sub_status_resolves(ticket):
	set_sub_status(ticket, default_of(3))
	assert bool(ticket.first_responded_on) == hasattr(ticket, "set_first_responded_on")


def test_a_missing_default_template_does_not_lose_the_agents_save(ticket):
	frappe.db.delete("Portal Ticket Template", {"name": "Default"})
	statuses.forget_templates()
	ticket.reload()
	ticket.subject = "Kept"
	ticket.save()
	assert frappe.db.get_value("HD Ticket", ticket.name, "subject") == "Kept"
	assert frappe.db.exists(
		"Error Log", {"method": "Customer Portal", "error": ("like", "%Default is missing%")}
	)
	frappe.db.rollback()
	statuses.forget_templates()


def test_an_agents_change_is_theirs(ticket):
	agent = make_agent()
	frappe.set_user(agent.name)
	set_sub_status(ticket, default_of(2))
	assert (events(ticket)[-1].source, events(ticket)[-1].actor) == ("Agent", agent.name)
