"""What the changes of the last days would have sent with the present settings and templates. Nothing is written.

The same code decides as for real messages: ``drafts`` which there are, ``courtesy`` whether they go out, and the
channel what they say; what that code reads is read beforehand for many tickets. Bursts are merged as the outbox does.
Opt-outs, mutes, contacts and service levels are the present ones. Failures of providers, the channels that stand in
for them, and limits of numbers are not foreseen.

Memory: the changes of ``TICKETS_AT_ONCE`` tickets, ``MOST_LINES`` lines, and one count for each day and channel.
"""

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import frappe
from frappe import _

from customer_portal import opt_outs, samples, statuses, timeline, timezones
from customer_portal.channels import base, segments
from customer_portal.channels.base import PHONE, PermanentFailure
from customer_portal.clock import utc_now
from customer_portal.notifications import courtesy, customers, drafts, messages
from customer_portal.notifications.courtesy import Drop, Facts, Hold
from customer_portal.notifications.customers import Customer
from customer_portal.notifications.drafts import Draft
from customer_portal.notifications.outbox import Notification
from customer_portal.otp.recipients import Recipient

TICKETS_AT_ONCE = 500
MOST_CHANGES = 50_000
MOST_LINES = 200


@dataclass(frozen=True)
class Line:
	"""A message, or why there is none. ``sent_at`` is None when it would not go out; all times are naive UTC.

	``channel`` is empty when the change is told by none. ``reason`` is a sentence, empty when there is nothing to say.
	"""

	ticket: str
	occurred_at: datetime
	channel: str
	recipient: str
	label: str
	sent_at: datetime | None
	reason: str = ""
	segments: int = 0

	@property
	def order(self) -> tuple[datetime, str, str]:
		return self.occurred_at, self.ticket, self.channel


@dataclass
class Report:
	"""``sent``, ``segments`` and ``kept`` are keyed by the day, on the asking person's clocks, and the channel."""

	days: int
	changes: int
	looked_at: int = 0
	sent: Counter[tuple[date, str]] = field(default_factory=Counter)
	segments: Counter[tuple[date, str]] = field(default_factory=Counter)
	kept: Counter[tuple[date, str]] = field(default_factory=Counter)
	lines: list[Line] = field(default_factory=list)
	line_count: int = 0


def run(days: int, zone: ZoneInfo) -> Report:
	"""``zone`` says where a day begins. The first ``MOST_LINES`` lines by time are kept, and all are counted."""
	since = utc_now() - timedelta(days=days)
	report = Report(days, timeline.count_since(since))
	for events in timeline.by_tickets(since, TICKETS_AT_ONCE):
		if report.looked_at >= MOST_CHANGES:
			break
		report.looked_at += len(events)
		for line in _lines(events):
			_count(report, line, zone)
		report.lines = heapq.nsmallest(MOST_LINES, report.lines, key=lambda line: line.order)
	return report


def _count(report: Report, line: Line, zone: ZoneInfo) -> None:
	place = (timezones.local(line.sent_at or line.occurred_at, zone).date(), line.channel)
	report.line_count += 1
	report.sent[place] += line.sent_at is not None
	report.kept[place] += line.sent_at is None
	report.segments[place] += line.segments
	report.lines.append(line)


def _lines(events: list[frappe._dict]) -> Iterator[Line]:
	"""``events`` of some tickets, ordered by ticket and time."""
	by_ticket: dict[str, list[frappe._dict]] = {}
	for event in events:
		by_ticket.setdefault(event.ticket, []).append(event)
	known = customers.read(list(by_ticket))
	stopped = opt_outs.out_among(_pairs(known.values()))
	for ticket, changes in by_ticket.items():
		if ticket in known:
			yield from _Play(known[ticket], changes, stopped).lines()


def _pairs(known: Iterable[Customer]) -> Iterator[tuple[str, Recipient]]:
	"""Each channel with each recipient that it could reach."""
	kinds = {name: base.registry[name].address_kind for name in base.switched_on()}
	for customer in known:
		for person in customer.recipients:
			yield from ((name, person) for name, kind in kinds.items() if kind == person.channel)


class _Play:
	"""One ticket's changes, as the outbox would have met them one after the other."""

	def __init__(self, customer: Customer, changes: Sequence, stopped: set[tuple[str, Recipient]]):
		self.customer, self.changes, self.stopped = customer, changes, stopped
		self.switched_on = base.switched_on()

	def lines(self) -> Iterator[Line]:
		by_channel: dict[str, list[frappe._dict]] = {}
		for change in self.changes:
			told = self.customer.template.sub_status(change.to_sub_status)
			if told is None or not told.notify:
				yield self._unsent(change, "", _("Changes to this sub-status are not announced."))
				continue
			if self.customer.ticket.is_merged and change is self.changes[-1]:
				yield self._unsent(change, "", _("The ticket was merged into another one."))
				continue
			rows = [frappe._dict(row) for row in self._drafts(change)]
			yield from self._untold(change, {row.channel for row in rows})
			for row in rows:
				by_channel.setdefault(row.channel, []).append(row)
		for rows in by_channel.values():
			yield from self._deliver(rows)

	def _drafts(self, change) -> list[Draft]:
		customer = self.customer
		return drafts.of_change(change, customer.template, customer.language, customer.recipients)

	def _untold(self, change, channels: set[str]) -> Iterator[Line]:
		for name in self.switched_on:
			if not statuses.is_told(self.customer.template, change.to_sub_status, name):
				yield self._unsent(change, name, _("The template does not tell this change by this channel."))
			elif name not in channels:
				yield self._unsent(change, name, _("The ticket knows no address for this channel."))

	def _deliver(self, rows: list[frappe._dict]) -> Iterator[Line]:
		"""When a row is due, all that were written until then become one: the newest, as in ``outbox.claim``."""
		waiting: list[frappe._dict] = []
		due, held = None, ""
		for row in [*rows, None]:
			while waiting and (row is None or due < row.occurred_at):
				*older, newest = waiting
				for one in older:
					yield self._line(one, None, _("A newer message took its place."))
				outcome = self._outcome(newest, due, held)
				if isinstance(outcome, Hold):
					waiting, due, held = [newest], outcome.until, outcome.reason
				else:
					waiting, due, held = [], None, ""
					yield outcome
			if row:
				waiting.append(row)
				due = due or row.due_at

	def _outcome(self, row: frappe._dict, due: datetime, held: str) -> Line | Hold:
		"""``held`` is why the message has waited until now."""
		if self._status_at(due) != row.sub_status:
			return self._line(row, None, _("The ticket has moved on to a status that is not announced."))
		decision = courtesy.verdict(row, _Then(self.customer, self.stopped, self.changes, due))
		if isinstance(decision, Drop):
			return self._line(row, None, decision.reason)
		return decision or self._sent(row, due, held)

	def _status_at(self, moment: datetime) -> str:
		return [change.to_sub_status for change in self.changes if change.occurred_at <= moment][-1]

	def _sent(self, row: frappe._dict, due: datetime, held: str) -> Line:
		try:
			parts = self._segments(row)
		except PermanentFailure as failure:
			return self._line(row, None, failure.reason)
		return self._line(row, due, held, parts)

	def _segments(self, row: frappe._dict) -> int:
		"""Of an SMS; 0 for other channels. Raises ``PermanentFailure`` where the channel cannot send it."""
		channel = base.registry[row.channel]
		channel.check(row.recipient)
		if channel.address_kind != PHONE:
			return 0
		notification = Notification(
			row.name,
			row.ticket,
			row.kind,
			row.channel,
			row.recipient,
			row.language,
			row.sub_status,
			attempts=1,
			may_be_repeated=False,
			claim="",
		)
		words = messages.words_of(notification, samples.link(), self.customer.template, self.customer.ticket)
		message = channel.compose(words)
		return 0 if message.template else segments.count(message.text)

	def _line(self, row: frappe._dict, sent_at: datetime | None, reason: str, parts: int = 0) -> Line:
		label = self._label(
			row.sub_status, timeline.main_status_of(self.customer.template, row.sub_status, row.ticket)
		)
		return Line(
			row.ticket, row.occurred_at, row.channel, row.masked_recipient, label, sent_at, reason, parts
		)

	def _unsent(self, change, channel: str, reason: str) -> Line:
		label = self._label(change.to_sub_status, change.to_main_status)
		return Line(change.ticket, change.occurred_at, channel, "", label, None, reason)

	def _label(self, sub_status: str, main_status: int) -> str:
		return statuses.customer_label(
			self.customer.template, sub_status, self.customer.language, main_status
		)


class _Then(Facts):
	"""What courtesy asks, as of the moment at which the message was due."""

	def __init__(self, customer: Customer, stopped: set, changes: Sequence, moment: datetime):
		self.customer, self.stopped, self.moment = customer, stopped, moment
		self.seen = {change.name for change in changes if change.seen_at and change.seen_at <= moment}

	def now(self) -> datetime:
		return self.moment

	def knows(self, row, person: Recipient) -> bool:
		return True  # the present contacts are what drafts are made from

	def is_out(self, row, person: Recipient) -> bool:
		return (row.channel, person) in self.stopped

	def was_seen(self, row) -> bool:
		return row.event in self.seen

	def is_muted(self, row) -> bool:
		return self.customer.is_muted

	def template(self, row) -> statuses.TicketTemplate:
		return self.customer.template

	def zone_of_contact(self, row) -> ZoneInfo | None:
		return self.customer.zone
