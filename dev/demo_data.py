"""``python -m dev.demo_data setup|load|connect SITE OUTBOX_PORT SMTP_PORT``, in the bench's environment.

``setup`` runs before this app is installed, ``load`` after; ``connect`` only points mail and SMS at the outbox.
"""

import sys

import frappe
from frappe.desk.page.setup_wizard.setup_wizard import setup_complete

from dev import demo_story, demo_tickets

PASSWORD = "washing-machine"
WIZARD = {
	"language": "English",
	"country": "Saudi Arabia",
	"timezone": "Asia/Riyadh",
	"currency": "SAR",
	"enable_telemetry": 0,
}


def set_up() -> None:
	"""What an admin answers in Frappe's wizard. Helpdesk's welcome ticket goes: it was filed in another time zone."""
	setup_complete(WIZARD)
	for ticket in frappe.get_all("HD Ticket", pluck="name"):
		frappe.delete_doc("HD Ticket", ticket, force=True)
		_keep_number(ticket)
	frappe.db.set_single_value("System Settings", "enable_scheduler", 1)


def _keep_number(ticket: str) -> None:
	"""Frappe gives the last number again, and a job takes the old ticket's messages from their number only later."""
	frappe.db.sql("UPDATE tabSeries SET current = GREATEST(current, %s) WHERE name = ''", int(ticket))


def load(outbox_port: int, smtp_port: int) -> None:
	connect(outbox_port, smtp_port)
	for email, (name, time_zone) in demo_story.AGENTS.items():
		_make_agent(email, name, time_zone)
	_make_settings()
	demo_tickets.make_template()
	for story in demo_story.STORIES:
		demo_tickets.make_ticket(story, next(iter(demo_story.AGENTS)))


def connect(outbox_port: int, smtp_port: int) -> None:
	"""Mail and SMS go to the outbox, which must be running: Frappe tries the mail server on saving."""
	_make_email_account(smtp_port)
	sms = frappe.get_single("SMS Settings")
	sms.update(
		{
			"sms_gateway_url": f"http://127.0.0.1:{outbox_port}/sms",
			"message_parameter": "text",
			"receiver_parameter": "to",
			"use_post": 1,
		}
	)
	sms.save()


def _make_email_account(smtp_port: int) -> None:
	name = {"email_id": demo_story.SENDER}
	account = frappe.get_doc("Email Account", name) if frappe.db.exists("Email Account", name) else None
	account = account or frappe.new_doc("Email Account", **name)
	account.update(
		{
			"email_account_name": demo_story.COMPANY,
			"enable_outgoing": 1,
			"default_outgoing": 1,
			"smtp_server": "127.0.0.1",
			"smtp_port": smtp_port,
			"use_tls": 0,
			"use_ssl_for_outgoing": 0,
			"no_smtp_authentication": 1,
			"enable_incoming": 0,
		}
	)
	account.save()


def _make_agent(email: str, name: str, time_zone: str) -> None:
	first, last = name.split(" ", 1)
	user = frappe.new_doc("User", email=email, first_name=first, last_name=last, time_zone=time_zone)
	user.update({"send_welcome_email": 0, "new_password": PASSWORD})
	user.flags.ignore_password_policy = True
	for role in ("Agent", "Agent Manager"):
		user.append("roles", {"role": role})
	user.insert()
	if not frappe.db.exists("HD Agent", {"user": email}):
		frappe.new_doc("HD Agent", user=email, agent_name=name).insert()


def _make_settings() -> None:
	settings = frappe.get_single("Customer Portal Settings")
	settings.update(
		{
			"company_name": demo_story.COMPANY,
			"contact_link": demo_story.CONTACT_LINK,
			"sms_provider": "SMS Settings",
			"send_email": 1,
			"default_region": "SA",
		}
	)
	offered = {row.language for row in settings.languages}
	for language in ("en", "ar"):
		if language not in offered:
			settings.append("languages", {"language": language})
	settings.save()


def main(act: str, site: str, outbox_port: str, smtp_port: str) -> None:
	frappe.init(site)
	frappe.connect()
	frappe.set_user("Administrator")
	if act == "setup":
		set_up()
	else:
		{"load": load, "connect": connect}[act](int(outbox_port), int(smtp_port))
	frappe.db.commit()
	frappe.destroy()


if __name__ == "__main__":
	main(*sys.argv[1:])
