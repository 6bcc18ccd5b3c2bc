"""Agents whom a member of an organisation may mention in a message, and how a mention is stored and told.

Offered are those who look after the ticket: its team and whom it is assigned to; where there are none, every active
agent. Only names are told. In the stored message a mention is the ``span`` of class ``mention`` that Helpdesk's editor
makes, without the ``data-id`` that would hold the agent's address: customers read the same message in Helpdesk's own
portal. The agent gets an HD Notification of the type Mention, as for a comment.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape

import frappe

from customer_portal import keys, throttle
from customer_portal.exceptions import TooManyMentions, TooManyReplies
from customer_portal.throttle import HOUR, Limit

FIELDS = ("agent_group", "_assign")  # of HD Ticket, which ``of_ticket`` needs
MOST = 10  # agents mentioned in one message
MOST_LISTED = 100
LOOK_UPS_PER_HOUR = 120  # of one person
NOTIFICATION = "HD Notification"

_AGENTS = """SELECT agent.user, user.full_name FROM `tabHD Agent` agent
	JOIN `tabUser` user ON user.name = agent.user AND user.enabled = 1
	WHERE agent.is_active = 1 AND COALESCE(user.full_name, '') != '' AND INSTR(user.full_name, '@') = 0
		AND (%(is_anybody)s OR agent.user IN %(users)s)
	ORDER BY user.full_name, agent.user"""
_BEFORE = "(?<![A-Za-z0-9._%+@-])"  # what an e-mail address has in front of its @


@dataclass(frozen=True)
class Agent:
	"""``id`` says nothing of the address, and is another one at every ticket."""

	id: str
	name: str
	user: str = field(repr=False)


def of_ticket(row: frappe._dict) -> tuple[Agent, ...]:
	"""Who may be mentioned, by name. ``row`` has name and ``FIELDS``. Two SELECTs, or three."""
	found = _active(_nearest(row))
	if not found and _may_all_see(row):
		found = _active(None)
	return tuple(Agent(_id(row, one.user), " ".join(one.full_name.split()), one.user) for one in found)


def look_up(user: str, row: frappe._dict) -> tuple[Agent, ...]:
	"""The first of them, for the list that a page offers. Counted; raises ``TooManyReplies``."""
	subject = throttle.user_subject(user)
	with throttle.hold(subject):
		if seconds := throttle.wait_seconds(throttle.LOOK_UP, subject, Limit(LOOK_UPS_PER_HOUR, HOUR)):
			raise TooManyReplies(seconds)
		throttle.record(throttle.LOOK_UP, subject)
	return of_ticket(row)[:MOST_LISTED]


class Roll:
	"""The mentions of one message: which agents its text may name, and which it did name."""

	def __init__(self, agents: Sequence[Agent], chosen: Sequence[str] = ()):
		"""``chosen`` are ids from the list that the page offers: they tell agents of one name apart."""
		self._by_name = _by_name(agents)
		self._chosen = [agent for one in chosen for agent in agents if agent.id == one]
		self._pattern = _pattern(self._by_name)
		self.mentioned: dict[str, Agent] = {}

	def markup(self, text: str) -> str:
		"""Plain text as HTML. Raises ``TooManyMentions``."""
		return "".join(self._parts(unicodedata.normalize("NFC", text)))

	def _parts(self, text: str) -> Iterator[str]:
		end = 0
		for match in self._pattern.finditer(text) if self._pattern else ():
			agent = self._named(match[1])
			if agent:
				yield escape(text[end : match.start()]) + self._mention(agent)
				end = match.end()
		yield escape(text[end:])

	def _named(self, written: str) -> Agent | None:
		"""The only one of this name, else the next one of this name that was chosen from the list."""
		agents = self._by_name.get(_folded(written), ())
		chosen = next((agent for agent in self._chosen if agent in agents), None)
		if chosen and len(agents) > 1:
			self._chosen.remove(chosen)
		return chosen or (agents[0] if len(agents) == 1 else None)

	def _mention(self, agent: Agent) -> str:
		self.mentioned[agent.user] = agent
		if len(self.mentioned) > MOST:
			raise TooManyMentions(MOST)
		name = escape(agent.name)
		return f'<span class="mention" data-label="{name}"><strong>@{name}</strong></span>'


def notify(ticket: str, sender: str, content: str, roll: Roll) -> None:
	"""Helpdesk's own notification for each agent whom the message mentions, in the transaction of the message.

	Its mail goes out by a job: without a mail account Helpdesk would raise, and the message would be lost.
	"""
	for user in roll.mentioned:
		notification = frappe.new_doc(NOTIFICATION)
		notification.update({"user_from": sender, "user_to": user, "notification_type": "Mention"})
		notification.update({"reference_ticket": ticket, "message": content})
		notification.set_user_and_timestamp()
		notification.db_insert()
		frappe.enqueue_doc(NOTIFICATION, notification.name, "after_insert", enqueue_after_commit=True)


def _nearest(row: frappe._dict) -> set[str]:
	"""Users who are in the ticket's team, or to whom it is assigned."""
	of_team = {"parenttype": "HD Team", "parent": row.agent_group}
	team = frappe.get_all("HD Team Member", filters=of_team, pluck="user") if row.agent_group else []
	return {*team, *frappe.parse_json(row.get("_assign") or "[]")}


def _active(users: set[str] | None) -> list[frappe._dict]:
	"""Agents at work who have a name, of these users or, with None, of all."""
	values = {"is_anybody": users is None, "users": tuple(users or {""})}
	return frappe.db.sql(_AGENTS, values, as_dict=True)


def _may_all_see(row: frappe._dict) -> bool:
	"""Helpdesk may keep agents to the tickets of their teams; then a mention would show them another one."""
	kept = frappe.get_cached_doc("HD Settings")
	if not kept.get("restrict_tickets_by_agent_group"):
		return True
	return not row.agent_group and bool(kept.get("do_not_restrict_tickets_without_an_agent_group"))


def _id(row: frappe._dict, user: str) -> str:
	return keys.digest("mention", str(row.name), user)[:20]


def _by_name(agents: Sequence[Agent]) -> dict[str, list[Agent]]:
	"""By full name, and by first name where that is nobody's full name."""
	full, first = {}, {}
	for agent in agents:
		full.setdefault(_folded(agent.name), []).append(agent)
		first.setdefault(_folded(agent.name.split()[0]), []).append(agent)
	return {**first, **full}


def _pattern(names: Sequence[str]) -> re.Pattern | None:
	"""The longest name first, on one line, whole words, and not in an e-mail address."""
	longest_first = sorted(names, key=len, reverse=True)
	either = "|".join(re.escape(name).replace(r"\ ", "[ \u00a0]+") for name in longest_first)
	return re.compile(rf"{_BEFORE}@({either})(?!-?\w|@)", re.IGNORECASE) if names else None


def _folded(name: str) -> str:
	return " ".join(unicodedata.normalize("NFC", name).lower().split())
