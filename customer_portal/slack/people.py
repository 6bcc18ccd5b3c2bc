"""Who somebody in Slack is in Helpdesk. Beside the admin, the only writer of Portal Slack User.

Slack's verified e-mail address decides, unless an admin has chosen. People of other workspaces and guests are nobody
until an admin says so: their workspace, not ours, says which address is theirs.
"""

import html
from datetime import timedelta

import frappe

from customer_portal import agents, names, rows
from customer_portal.clock import utc_now
from customer_portal.integrations.slack import client
from customer_portal.integrations.slack.client import Member
from customer_portal.mail_addresses import normal_email
from customer_portal.slack import workspace

DOCTYPE = "Portal Slack User"
TRUSTED_FOR = timedelta(minutes=10)  # then Slack is asked again: people leave


def agent_of(slack_user: str) -> str | None:
	"""The agent who wrote this, at work now. None: nobody whose words may reach a customer. Commits."""
	known = _known(slack_user)
	if known is None or not (known.is_fixed or _is_fresh(known)):
		known = _ask(slack_user)
	user = known.user if known else None
	return user if user and is_at_work(user) else None


def mention(user: str) -> str | None:
	"""How a message in Slack mentions an agent (``<@U123>``). None for who is not in Slack."""
	known = frappe.db.get_value(DOCTYPE, {"user": user}, "slack_user", order_by="is_fixed desc")
	found = known or _look_up(user)
	return f"<@{found}>" if found else None


def name_of(slack_user: str) -> str | None:
	"""The name of somebody who is mentioned in a message: for agents that which customers know. None for who has none but
	an address.
	"""
	known = _known(slack_user) or _ask(slack_user)
	if known is None:
		return None
	name = (frappe.db.get_value("User", known.user, "full_name") if known.user else "") or known.slack_name
	return name if names.is_name(name) else None


def user_of(slack_user: str) -> str | None:
	"""Whom this was taken for last."""
	return frappe.db.get_value(DOCTYPE, slack_user, "user")


def erase(user: str) -> None:
	"""The caller commits."""
	frappe.db.delete(DOCTYPE, {"user": user})


def is_erased(address: str | None) -> bool:
	"""Frappe puts the name of the request in the place of the address of whose data it has erased."""
	return bool(address and frappe.db.exists("Personal Data Deletion Request", address))


def is_at_work(user: str) -> bool:
	"""An agent whose user is enabled. Helpdesk keeps the roles of a deactivated agent."""
	if not frappe.db.get_value("User", user, "enabled") or not _is_agent(user):
		return False
	return frappe.db.get_value("HD Agent", {"user": user}, "is_active") != 0


def _known(slack_user: str) -> frappe._dict | None:
	fields = ["slack_user", "slack_name", "user", "is_fixed", "checked_at"]
	return frappe.db.get_value(DOCTYPE, slack_user, fields, as_dict=True)


def _is_fresh(known: frappe._dict) -> bool:
	return bool(known.checked_at) and utc_now() - known.checked_at < TRUSTED_FOR


def _ask(slack_user: str) -> frappe._dict | None:
	member = client.member(slack_user, workspace.team())
	if member is None:
		frappe.db.delete(DOCTYPE, {"name": slack_user, "is_fixed": 0})
		frappe.db.commit()
		return None
	return _note(member)


def _note(member: Member) -> frappe._dict:
	"""Writes what Slack says; what an admin has chosen stays."""
	values = {
		"slack_user": member.id,
		"slack_name": _harmless(member.name),
		"user": _user_of(member),
		"is_fixed": 0,
		"checked_at": utc_now(),
	}
	rows.insert_or_lock(DOCTYPE, "slack_user", {"name": member.id, **values})
	query = f"""UPDATE `tab{DOCTYPE}` SET slack_name = %(slack_name)s, checked_at = %(checked_at)s,
		user = IF(is_fixed, user, %(user)s) WHERE name = %(slack_user)s"""
	frappe.db.sql(query, values)
	known = _known(member.id)
	frappe.db.commit()
	return known


def _harmless(name: str) -> str:
	"""People name themselves, and Frappe's reports show it as HTML."""
	return names.visible(html.unescape(name).replace("<", "").replace(">", ""))[:140]


def _user_of(member: Member) -> str | None:
	if member.is_bot or member.is_foreign or member.is_guest or not member.is_active:
		return None
	address = normal_email(member.email) if member.email else None
	users = rows.with_address("User", "email", [address]) if address else []
	return users[0] if len(users) == 1 and _is_agent(users[0]) else None


def _look_up(user: str) -> str | None:
	address = frappe.db.get_value("User", user, "email")
	member = client.member_of_address(address, workspace.team()) if address else None
	return _note(member).slack_user if member and _user_of(member) == user else None


def _is_agent(user: str) -> bool:
	"""A person's user: nobody in Slack is the Administrator, whose address may be anybody's."""
	return user not in frappe.STANDARD_USERS and agents.is_agent(user)
