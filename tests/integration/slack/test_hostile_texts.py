"""Texts, forms and menus beyond what Slack takes: every post is taken, and nobody is called by one."""

import frappe
import pytest

from customer_portal import rows as table
from tests.factories import unique
from tests.filing import drop_fields, make_field, make_form
from tests.integration.slack.conftest import rows
from tests.integration.slack.time_machine import sweep_until_quiet
from tests.talk import say

SUBJECTS = [
	"| > <!channel> * _ ~ ` & <@U0123456789> http://evil.example|click ".ljust(140, "x"),
	"&" * 140,
	"<" * 140,
	"*bold* _it_ ~no~ `code`\n> quote",
	"مرحبا | <!here> 😀",
	" ",
]


@pytest.mark.parametrize("subject", SUBJECTS)
def test_subjects(desk, organisation, sara, subject):
	ticket = organisation.ticket(sara)
	frappe.db.set_value("HD Ticket", ticket.name, "subject", subject)
	frappe.db.commit()
	sweep_until_quiet()
	for channel in (desk.channel, desk.slack.triage):
		shown = str(desk.post(ticket, channel))
		assert "<!" not in shown
		assert "<@" not in shown


@pytest.mark.parametrize(
	"description", ["<p>" + "&amp;&lt;" * 3000 + "</p>", "<p>x</p>" * 5000, "<p></p>", ""]
)
def test_descriptions(desk, organisation, sara, description):
	ticket = organisation.ticket(sara, description=description)
	sweep_until_quiet()
	assert desk.post(ticket)
	assert not rows(state="Failed")


def test_a_mail_of_300_kilobytes(desk, ticket):
	html = "".join(
		f"<table><tr><td><b>Row {number}</b> &lt;!channel&gt; *x* _y_</td></tr></table>"
		for number in range(4300)
	)
	assert len(html) > 300_000
	message = say(ticket, html, sent=False)
	sweep_until_quiet()
	for channel in (desk.channel, desk.slack.triage):
		(shown,) = desk.thread(ticket, channel)
		assert 1000 < len(shown["text"]) <= 4000
		assert "<!channel>" not in shown["text"]
	frappe.get_doc("Communication", message.name).update({"content": html.replace("Row", "Line")}).save()
	frappe.db.commit()
	sweep_until_quiet()
	assert "Line 1" in desk.thread(ticket)[0]["text"]
	assert not rows(state="Failed")


@pytest.fixture
def long_form():
	"""40 fields with labels and values as long as Helpdesk takes them."""
	names = [
		make_field(f"slack_field_{number}", "Small Text", label=f"{number} & " + "<" * 130)
		for number in range(40)
	]
	yield make_form(*names), names
	drop_fields(*names)


def test_a_form_with_forty_fields(desk, organisation, sara, long_form):
	form, names = long_form
	ticket = organisation.ticket(sara, template=form, **{name: "<!channel>&" * 18 for name in names})
	sweep_until_quiet()
	assert not [row.reason for row in rows(state="Failed")]
	shown = str(desk.post(ticket)["blocks"])
	assert "0 &amp; &lt;" in shown
	assert "<!" not in shown


def test_120_sub_statuses(desk, organisation, sara):
	"""A menu of Slack's has 100 options."""
	template = frappe.get_doc(
		"Portal Ticket Template", frappe.get_all("Portal Ticket Template", pluck="name")[0]
	)
	before = len(template.sub_statuses)
	made = [frappe.generate_hash(length=10) for _number in range(120)]
	labels = [unique(f"{number} " + "x" * 100) for number in range(120)]
	table.insert(
		"Portal Sub-Status",
		*({"name": name, "label": label} for name, label in zip(made, labels, strict=True)),
	)
	for name in made:
		template.append("sub_statuses", {"sub_status": name, "main_status": 2, "customer_label": "In work"})
	template.save()
	frappe.db.commit()
	try:
		ticket = organisation.ticket(sara)
		sweep_until_quiet()
		assert "static_select" in str(desk.post(ticket)["blocks"])
		assert not rows(state="Failed")
	finally:
		template.reload()
		template.set("sub_statuses", template.sub_statuses[:before])
		template.save()
		table.delete("Portal Sub-Status", made)
