"""The agent's save that changes the sub-status, as Helpdesk's own page sends it, with this app and without it."""

import itertools
from collections.abc import Callable

from benchmarks.pages import PASSWORD, Visitor
from benchmarks.report import Figure
from benchmarks.timing import beside, medians
from customer_portal import statuses
from tests.factories import make_agent, make_ticket

LIMIT = 1.10
SAVE = "/api/method/frappe.client.set_value"
IN_PROGRESS = 2


def measure(with_app: Visitor, without_app: Visitor, rounds: int) -> Figure:
	"""Both change the same field of the same kind of ticket; behind ``without_app`` our document events are off."""
	agent = make_agent(password=PASSWORD).name
	ours, theirs = medians(rounds, saver(with_app, agent), saver(without_app, agent))
	return Figure("Agent's save with the app / without it", ours / theirs, LIMIT, detail=beside(ours, theirs))


def saver(visitor: Visitor, agent: str) -> Callable[[], None]:
	"""Signs the agent in; each call of what it returns is one save."""
	visitor.sign_in(agent)
	ticket = make_ticket(phone="+966551234567").name
	choices = statuses.choices(statuses.template_named(None))
	turns = itertools.cycle([row.name for row in choices if row.main_status == IN_PROGRESS])

	def save() -> None:
		values = {
			"doctype": "HD Ticket",
			"name": str(ticket),
			"fieldname": "sub_status",
			"value": next(turns),
		}
		visitor.post(SAVE, values).raise_for_status()

	return save
