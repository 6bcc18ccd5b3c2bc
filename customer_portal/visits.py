"""Who stands at the door of a ticket link: the link, and the session if this browser has one."""

from dataclasses import dataclass

from customer_portal import links, sessions
from customer_portal.access_link import AccessLink
from customer_portal.sessions import Session


@dataclass(frozen=True)
class Visit:
	link: AccessLink
	session: Session | None


def enter(token: str, session_token: str | None, is_activity: bool = True) -> Visit | None:
	"""None for unknown, malformed, expired and revoked links, at the same cost: one digest and one read each.

	A link that wrong codes revoked still opens for a browser that was verified before: nobody else's failures
	end a session.
	"""
	link = links.find(token)
	session = sessions.resume(link, session_token, is_activity)
	if session or (link and link.is_live):
		return Visit(link, session)
	return None
