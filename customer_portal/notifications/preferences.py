"""What the customer of a ticket can switch: the ticket's mute, and each channel that its messages go by."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from customer_portal import links, opt_outs
from customer_portal.channels import base
from customer_portal.exceptions import PortalError
from customer_portal.notifications import drafts
from customer_portal.otp import recipients
from customer_portal.otp.recipients import Recipient


@dataclass(frozen=True)
class Switch:
	"""``may_change`` is false where the owner of another address has stopped the messages: they alone start them."""

	channel: str
	label: str
	masked_recipient: str
	is_on: bool
	may_change: bool


@dataclass(frozen=True)
class Preferences:
	is_muted: bool
	switches: tuple[Switch, ...]


def of_ticket(ticket: str, person: Recipient) -> Preferences:
	"""As the verified ``person`` may see them."""
	link = links.of_ticket(ticket)
	to = _own_destinations(ticket, person, base.switched_on())
	switches = tuple(_switch(channel, recipient, person) for channel, recipient in to.items())
	return Preferences(bool(link and link.is_muted), switches)


def _own_destinations(ticket: str, person: Recipient, channels: Iterable[str]) -> dict[str, Recipient]:
	"""A switch is for all tickets of an address. Whoever files a ticket in another's name shares that ticket with
	them, and no more.
	"""
	own = {(one.channel, one.key) for one in recipients.of_person(ticket, person)}
	to = drafts.destinations(ticket, channels)
	return {name: one for name, one in to.items() if (one.channel, one.key) in own}


def _switch(channel: str, recipient: Recipient, person: Recipient) -> Switch:
	source = opt_outs.source(channel, recipient)
	is_own = (recipient.channel, recipient.key) == (person.channel, person.key)
	may_change = is_own or source in (None, opt_outs.PREFERENCES)
	return Switch(channel, base.registry[channel].label(), recipient.masked, source is None, may_change)


def change(ticket: str, person: Recipient, is_muted: bool, wanted: Mapping[str, bool]) -> None:
	"""``wanted`` says by channel whether it is on; others stay as they are. The caller commits.

	A channel that the ticket does not use any more, or uses for somebody else, is passed over. Raises ``PortalError`` for one that there never
	was, and for one that ``person`` may not change.
	"""
	if not wanted.keys() <= base.registry.keys():
		raise PortalError
	links.mute(ticket, is_muted)
	for channel, recipient in _own_destinations(ticket, person, list(wanted)).items():
		switch = _switch(channel, recipient, person)
		if switch.is_on == wanted[channel]:
			continue
		if not switch.may_change:
			raise PortalError
		_set(channel, recipient, wanted[channel])


def _set(channel: str, recipient: Recipient, is_on: bool) -> None:
	if is_on:
		opt_outs.start(channel, recipient)
	else:
		opt_outs.stop(channel, recipient, opt_outs.PREFERENCES)
