"""What agents do with a ticket's link, and what they see of it. No method shows a code, a token or an address."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import frappe

from customer_portal import agents, links, sessions
from customer_portal.clock import utc_now
from customer_portal.exceptions import AgentsOnly, refuse
from customer_portal.notifications import outbox
from customer_portal.otp import limits
from customer_portal.sessions import Session

TICKET = "HD Ticket"


@dataclass(frozen=True)
class LinkStatus:
	"""Times are naive UTC. ``exists`` is false until something needs the link for the first time."""

	exists: bool
	is_revoked: bool = False
	revoke_reason: str | None = None
	is_expired: bool = False
	expires_at: datetime | None = None
	locked_until: datetime | None = None
	mismatches_until: datetime | None = None
	sends_until: datetime | None = None
	failures_in_a_row: int = 0
	first_opened_at: datetime | None = None
	last_opened_at: datetime | None = None
	opens: int = 0
	sessions: tuple[dict[str, object], ...] = ()


def check_agent(ticket: str | int) -> str:
	"""The ticket's own name, when an agent who may write it asks: customers too have write permission on HD Ticket.

	Raises ``AgentsOnly`` and Frappe's PermissionError or DoesNotExistError.
	"""
	if not agents.is_agent():
		refuse(AgentsOnly())
	name = frappe.db.get_value(TICKET, {"name": ticket}, "name")  # the database also finds "0001 "
	if name is None:
		raise frappe.DoesNotExistError
	frappe.has_permission(TICKET, "write", name, throw=True)
	return str(name)


def status(ticket: str) -> dict[str, object]:
	"""``LinkStatus`` as a dict."""
	return asdict(read(ticket))


def read(ticket: str) -> LinkStatus:
	link = links.of_ticket(ticket)
	if link is None:
		return LinkStatus(exists=False)
	return LinkStatus(
		exists=True,
		is_revoked=bool(link.is_revoked),
		revoke_reason=link.revoke_reason,
		is_expired=link.is_expired,
		expires_at=link.expires_at,
		locked_until=link.locked_until if link.lock_seconds else None,
		mismatches_until=_from_now(limits.mismatch_wait(link)),
		sends_until=_from_now(limits.send_wait(link)),
		failures_in_a_row=link.failures_in_a_row,
		first_opened_at=link.first_opened_at,
		last_opened_at=link.last_opened_at,
		opens=link.opens,
		sessions=tuple(_seen(session) for session in sessions.of_ticket(ticket)),
	)


def send(ticket: str) -> int:
	"""Queue the link once more; how many messages that makes."""
	links.url(ticket)
	return len(outbox.write_link(ticket))


def _from_now(seconds: int) -> datetime | None:
	return utc_now() + timedelta(seconds=seconds) if seconds else None


def _seen(session: Session) -> dict[str, object]:
	return {
		"channel": session.channel,
		"recipient": session.masked_recipient,
		"verified_at": session.verified_at,
		"last_seen_at": session.last_seen_at,
	}
