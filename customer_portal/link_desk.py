"""What agents do with a ticket's link, its sessions and its messages, and what they see of them.

No code and no whole address of a customer is shown; the link itself is, since agents hand it out.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import frappe

from customer_portal import agents, links, sessions
from customer_portal.access_link import AccessLink
from customer_portal.clock import utc_now
from customer_portal.exceptions import (
	AgentsOnly,
	CannotBeResent,
	SiteAddressMissing,
	TicketNotAllowed,
	TicketNotFound,
	refuse,
)
from customer_portal.notifications import outbox
from customer_portal.otp import limits
from customer_portal.sessions import Session

TICKET = "HD Ticket"


@dataclass(frozen=True)
class OpenSession:
	"""A browser that may see the ticket. Times are naive UTC; ``user_agent`` is what the browser calls itself."""

	name: str
	channel: str
	recipient: str
	verified_at: datetime
	last_seen_at: datetime
	user_agent: str


@dataclass(frozen=True)
class LinkStatus:
	"""Times are naive UTC. ``exists`` is false until something needs the link for the first time.

	``address`` is None when the link opens nothing, and when the site has no address (``is_site_unknown``).
	"""

	exists: bool
	address: str | None = None
	is_site_unknown: bool = False
	is_revoked: bool = False
	revoke_reason: str | None = None
	is_expired: bool = False
	expires_at: datetime | None = None
	is_muted: bool = False
	locked_until: datetime | None = None
	mismatches_until: datetime | None = None
	sends_until: datetime | None = None
	first_opened_at: datetime | None = None
	last_opened_at: datetime | None = None
	opens: int = 0
	sessions: tuple[OpenSession, ...] = ()

	@property
	def is_locked(self) -> bool:
		"""Whether anything keeps the customer from a code that an agent can lift."""
		return bool(self.locked_until or self.mismatches_until or self.sends_until)


def check_agent(ticket: str | int, right: str = "write") -> str:
	"""The ticket's own name, when an agent asks who has this right on it: customers too may write an HD Ticket.

	Raises ``AgentsOnly``, ``TicketNotFound`` and ``TicketNotAllowed``.
	"""
	if not agents.is_agent():
		refuse(AgentsOnly())
	name = frappe.db.get_value(TICKET, {"name": ticket}, "name")  # the database also finds "0001 "
	if name is None:
		raise TicketNotFound
	if not frappe.has_permission(TICKET, right, name):
		raise TicketNotAllowed
	return str(name)


def read(ticket: str) -> LinkStatus:
	link = links.of_ticket(ticket)
	if link is None:
		return LinkStatus(exists=False)
	return LinkStatus(
		exists=True,
		**_address(link),
		is_revoked=bool(link.is_revoked),
		revoke_reason=link.revoke_reason,
		is_expired=link.is_expired,
		expires_at=link.expires_at,
		is_muted=bool(link.is_muted),
		locked_until=link.locked_until if link.lock_seconds else None,
		mismatches_until=_from_now(limits.mismatch_wait(link)),
		sends_until=_from_now(limits.send_wait(link)),
		first_opened_at=link.first_opened_at,
		last_opened_at=link.last_opened_at,
		opens=link.opens,
		sessions=tuple(_seen(session) for session in sessions.of_ticket(ticket)),
	)


def send(ticket: str) -> int:
	"""Queue the link once more; how many messages that makes."""
	links.url(ticket)
	return len(outbox.write_link(ticket))


def resend(ticket: str, notification: str) -> None:
	"""Send the ticket's present state by the channel of one of its messages.

	Raises ``LinkIsRevoked``, ``SiteAddressMissing``, and ``CannotBeResent``, also for another ticket's message.
	"""
	links.url(ticket)
	if not frappe.db.exists(outbox.DOCTYPE, {"name": notification, "ticket": ticket}):
		raise CannotBeResent
	outbox.resend(notification)


def end_session(ticket: str, name: str) -> None:
	"""One that has ended already, or is another ticket's, changes nothing."""
	for session in sessions.of_ticket(ticket):
		if session.name == name:
			sessions.close(session, "Ended by an agent")


def _address(link: AccessLink) -> dict[str, object]:
	with suppress(SiteAddressMissing):
		return {"address": links.present_url(link)}
	return {"is_site_unknown": True}


def _from_now(seconds: int) -> datetime | None:
	return utc_now() + timedelta(seconds=seconds) if seconds else None


def _seen(session: Session) -> OpenSession:
	return OpenSession(
		session.name,
		session.channel,
		session.masked_recipient,
		session.verified_at,
		session.last_seen_at,
		session.user_agent or "",
	)
