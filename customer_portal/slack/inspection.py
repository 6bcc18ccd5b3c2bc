"""Whether the app reaches its channels, and who else reads there: for the Desk's forms and the set-up check."""

from collections.abc import Sequence
from dataclasses import dataclass

from frappe import _

from customer_portal.integrations.slack import client
from customer_portal.integrations.slack.errors import CHANNEL, Refused, Shut, channel_reason
from customer_portal.slack.channels import Place

MOST_ASKED = 10  # of the channels that the app is not in; Slack answers some fifty such calls a minute


@dataclass(frozen=True)
class Sight:
	"""``name`` is ``#name``, or the ID of a channel that Slack does not show. ``trouble`` is a sentence, empty where the
	app can write.
	"""

	place: Place
	name: str
	trouble: str
	is_shared: bool

	@property
	def title(self) -> str:
		"""Whose channel it is, and which."""
		return f"{self.place.customer or _('Triage channel')} ({self.name})"

	@property
	def audience(self) -> str:
		"""Who else reads there, of a channel that is shared."""
		return _(
			"{0} is shared with another company by Slack Connect: its people read everything that is written there, private notes too."
		).format(self.title)


def see(places: list[Place]) -> list[Sight]:
	"""Raises what ``client`` raises where it concerns more than one channel."""
	own = {found.id: found for found in client.own_channels()} if len(places) > 1 else {}
	strange = [place.channel for place in places if place.channel not in own]
	return [_see(place, own.get(place.channel), strange[:MOST_ASKED]) for place in places]


def _see(place: Place, known: client.Channel | None, asked: Sequence[str]) -> Sight:
	if not known and place.channel not in asked:
		return Sight(place, place.channel, channel_reason("not_in_channel"), False)
	try:
		found = known or client.channel(place.channel)
	except (Shut, Refused) as failure:
		if isinstance(failure, Shut) and failure.scope != CHANNEL:
			raise
		return Sight(place, place.channel, failure.reason, False)
	return Sight(place, f"#{found.name}", _trouble(found), found.is_shared)


def _trouble(found: client.Channel) -> str:
	if found.is_archived:
		return channel_reason("is_archived")
	return "" if found.is_member else channel_reason("not_in_channel")
