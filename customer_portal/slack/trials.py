"""A test message into a channel, and a look at the others: what an admin wants to know while setting Slack up.

Nothing is stored of it but the throttle's counts.
"""

from collections.abc import Callable
from dataclasses import dataclass

import frappe
from frappe import _

from customer_portal.exceptions import NoSlackChannel
from customer_portal.integrations.failures import SendFailure
from customer_portal.integrations.slack import client
from customer_portal.notifications import trials
from customer_portal.slack import channels, inspection, manifest, outbox, posts
from customer_portal.slack.channels import Place
from customer_portal.slack.inspection import Sight

OK, WARNING, FAILED = "OK", "Warning", "Failed"


@dataclass(frozen=True)
class Line:
	"""``state`` is OK, Warning or Failed, ``text`` a whole sentence."""

	state: str
	text: str


def send(user: str, customer: str = "") -> list[Line]:
	"""Posts into this customer's channel; else into the triage channel, and looks at all others. Where all is well,
	what waits goes out at once. The caller commits.

	Raises ``TooManyTests``, and ``NoSlackChannel`` for a customer that has none.
	"""
	places = _places(customer)
	trials.take(user)
	lines = _report(places, lambda place: place.customer == customer)
	if all(line.state != FAILED for line in lines):
		outbox.retry_now()
	if customer or any(not place.customer for place in places):
		return lines
	return [*lines, Line(WARNING, _("There is no triage channel, so no test message was sent."))]


def look(customer: str = "") -> list[Line]:
	"""The same without a message. Raises ``NoSlackChannel``."""
	return _report(_places(customer), lambda place: False)


def _places(customer: str) -> list[Place]:
	places = channels.all_places()
	if not customer:
		return places
	own = [place for place in places if place.customer == customer]
	if not own:
		raise NoSlackChannel
	return own


def _report(places: list[Place], is_posted: Callable[[Place], bool]) -> list[Line]:
	if not channels.is_on():
		return [Line(WARNING, _("Slack is switched off in Customer Portal Settings."))]
	lines: list[Line] = []
	try:
		lines += _scopes()
		sights = inspection.see(places) if places else []
	except SendFailure as failure:
		return [*lines, Line(FAILED, failure.reason)]
	lines += [_post(sight) if is_posted(sight.place) else _seen(sight) for sight in sights]
	return [*lines, *_shared(sights)]


def _scopes() -> list[Line]:
	missing = manifest.missing_scopes(client.identity().scopes)
	if not missing:
		return []
	return [
		Line(FAILED, _("The Slack app lacks these permissions (scopes): {0}.").format(", ".join(missing)))
	]


def _post(sight: Sight) -> Line:
	if sight.trouble:
		return _seen(sight)
	key = f"test-{frappe.generate_hash(length=10)}"
	try:
		client.post(sight.place.channel, posts.escape(_text(sight.place)), key=key)
	except SendFailure as failure:
		return Line(FAILED, _("{0}: {1}").format(sight.title, failure.reason))
	return Line(OK, _("{0}: the test message is there.").format(sight.title))


def _text(place: Place) -> str:
	if place.customer:
		return _("This is a test: tickets of {0} will be posted here.").format(place.customer)
	return _("This is a test: the tickets of all customers will be posted here.")


def _seen(sight: Sight) -> Line:
	if sight.trouble:
		return Line(FAILED, _("{0}: {1}").format(sight.title, sight.trouble))
	return Line(OK, _("{0}: the app is in the channel.").format(sight.title))


def _shared(sights: list[Sight]) -> list[Line]:
	return [Line(WARNING, sight.audience) for sight in sights if sight.is_shared]
