"""Whether an agent may work on a ticket from Slack here and now, as Helpdesk would say."""

import frappe
from frappe import _

from customer_portal import archive
from customer_portal.slack import channels, people, replies
from customer_portal.slack.channels import ALERTS, Place

NO_AGENT = "no agent"


def hindrance(place: Place, ticket: str, agent: str | None) -> tuple[str, str] | None:
	"""Why not: in a word, and as a sentence for whoever tries. ``agent`` is None for who is none."""
	if agent is None:
		return NO_AGENT, _no_agent()
	fields = [*channels.FIELDS, "is_merged", "merged_with"]
	row = frappe.db.get_value("HD Ticket", ticket, fields, as_dict=True)
	if row is None or not channels.has(place, row):
		return "not here", _("This ticket does not belong to this channel any more.")
	if row.is_merged:
		return "merged", _("This ticket was merged into ticket {0}: answer there.").format(row.merged_with)
	if archive.is_archived(ticket):
		return "archived", _("This ticket is archived. Take it out of the archive to answer it.")
	if not replies.may_write(ticket, agent):
		return "not allowed", _("You may not change this ticket in Helpdesk.")
	return None


def hold(ticket: str) -> None:
	"""Nobody else changes the ticket until the transaction ends, and what is read from here on is as new as that. Frappe
	saves nothing over what is newer than what was read. Commits.
	"""
	frappe.db.commit()
	frappe.db.get_value("HD Ticket", ticket, "name", for_update=True)


def of_author(known: frappe._dict, place: Place) -> tuple[str, str] | None:
	"""The same for who has written what has become a reply or a note. Commits."""
	if place.mode == ALERTS:
		return "alerts only", no_answers()
	return hindrance(place, replies.ticket_of(known), people.agent_of(known.slack_user))


def no_answers() -> str:
	return _("Answers from this channel are switched off.")


def _no_agent() -> str:
	return _("You are no agent of this helpdesk, or Slack does not have your verified address.")
