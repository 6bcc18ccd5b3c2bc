"""A merged ticket's link shows the surviving ticket: whoever guesses at the one guesses at the other."""

from customer_portal import links, timeline
from customer_portal.access_link import AccessLink
from customer_portal.otp import recipients
from customer_portal.otp.recipients import Recipient


def survivor(link: AccessLink) -> AccessLink | None:
	"""The link of the ticket that the link's own was merged into; None when it was not, or no link was made."""
	ticket = timeline.surviving(link.ticket)
	return None if ticket == link.ticket else links.of_ticket(ticket)


def opened_by(link: AccessLink, person: Recipient) -> list[AccessLink]:
	"""The links whose tickets this person sees after a right code: the link itself, and the survivor's.

	A survivor that does not know the person stays closed to them, so their wrong codes do not count there.
	"""
	ticket = timeline.surviving(link.ticket)
	if ticket == link.ticket or not recipients.match(ticket, person.channel, person.key):
		return [link]
	return [link, links.of_ticket(ticket) or links.ensure(ticket)]
