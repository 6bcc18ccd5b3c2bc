"""The list against a reference that looks at every ticket in Python: filters, orders, and pages there and back."""

import random
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import frappe
import pytest

from customer_portal import access, rows, statuses, ticket_filters, ticket_list, timeline, timezones
from customer_portal.clock import utc_now
from customer_portal.sign_in import people
from customer_portal.ticket_filters import NEWEST, OLDEST, OPEN, PRIORITY, SORTS, UPDATED, Filters
from customer_portal.ticket_forms import offered
from customer_portal.ticket_list import FIELDS, PAGE, Query
from tests.crowd import add_tickets, last_number, remove_tickets
from tests.ledger import make_template
from tests.organisations import ALL, TICKETS, make_organisation

ZONE = ZoneInfo("Pacific/Auckland")
DAY = datetime(2026, 3, 10)
WORDS = ("Printer", "pump", "100%", "under_score", "back\\slash", "water", "Invoice", "42")
MEMBERS = ("manager", "sees all", "own")


def template_fits() -> dict[int, list[str]]:
	return {1: ["Open"], 2: ["Open", "Replied"], 3: ["Resolved"], 4: ["Closed"]}


class World:
	"""Two organisations and 160 tickets of all kinds; ``people`` are the members of ``acme`` by what they see."""

	def __init__(self) -> None:
		self.chance = random.Random(20261121)
		self.acme, self.globex = make_organisation(), make_organisation("globex")
		self.template = make_template(
			template_fits(), {1: "Open", 2: "Replied", 3: "Resolved", 4: "Closed"}
		).ticket_template
		self.addresses = {
			"manager": self.acme.manager(),
			"sees all": self.acme.put(self.acme.address(), sees=ALL),
			"own": self.acme.address("own"),
		}
		for address in self.addresses.values():
			self._make_user(address)
		first = last_number() + 1
		self.tickets = [self._make_ticket(number) for number in range(first, first + 160)]
		self.acme.change(forms=[{"ticket_template": "Default"}, {"ticket_template": self.template}])
		frappe.db.commit()

	def member(self, kind: str) -> access.Member:
		return access.member(self.addresses[kind])

	def _make_user(self, address: str) -> None:
		user = frappe.new_doc("User")
		user.update({"email": address, "first_name": "Member", "send_welcome_email": 0})
		user.insert(ignore_permissions=True)

	def _make_ticket(self, number: int) -> str:
		pick = self.chance.choice
		templates = (None, "", "Default", self.template, "Gone")
		known = [
			row.name for name in (None, self.template) for row in statuses.template_named(name).sub_statuses
		]
		ticket = frappe.new_doc("HD Ticket")
		ticket.update(
			{
				"subject": " ".join((pick(WORDS), pick(WORDS), f"no{number}")),
				"customer": pick((self.acme.customer, self.acme.customer, self.globex.customer, None)),
				"raised_by": pick(
					(*self.addresses.values(), *self.addresses.values(), "old_colleague@acme.example")
				),
				"template": pick(templates),
				"sub_status": pick((*known, None, "")),
				"status": pick(("Open", "Replied", "Resolved", "Closed")),
				"priority": pick(("Low", "Medium", "High", "Urgent", None, "", "Gone")),
				"portal_private": pick((0, 0, 0, 1)),
				"portal_updated_on": pick((None, DAY + timedelta(minutes=pick(range(40))))),
			}
		)
		ticket.name = str(number)
		ticket.db_insert()
		created = DAY + timedelta(hours=pick(range(-60, 60)))
		frappe.db.set_value("HD Ticket", ticket.name, "creation", created, update_modified=False)
		if pick((True, False)):
			self._add_event(str(ticket.name), pick((1, 2, 3, 4)))
		return str(ticket.name)

	def _add_event(self, ticket: str, main_status: int) -> None:
		event = {"ticket": ticket, "to_main_status": main_status, "occurred_at": utc_now()}
		rows.insert(timeline.LEDGER, {**event, "actor": "Administrator", "source": "Agent"})


@pytest.fixture(scope="module")
def world(site):
	frappe.db.rollback()
	frappe.set_user("Administrator")
	made = World()
	yield made
	frappe.db.rollback()
	frappe.db.delete("HD Ticket", {"name": ("in", made.tickets)})
	frappe.db.delete(timeline.LEDGER, {"ticket": ("in", made.tickets)})
	frappe.db.delete("Portal Ticket Template", {"ticket_template": made.template})
	statuses.forget_templates()
	frappe.db.commit()


def reference(world: World, member: access.Member, filters: Filters) -> list[str]:
	"""Every ticket, looked at by itself."""
	found = frappe.get_all("HD Ticket", {"name": ("in", world.tickets)}, list(FIELDS))
	kept = [row for row in found if access.sees(member, row) and fits(row, filters, member)]
	kept.sort(key=lambda row: str(row.name), reverse=filters.sort != OLDEST)
	return [str(row.name) for row in sorted(kept, key=place(filters.sort))]


def place(sort: str):
	names = frappe.get_all("HD Ticket Priority", order_by="integer_value, name", pluck="name")
	ranks = {name: rank for rank, name in enumerate(names)}
	if sort == OLDEST:
		return lambda row: row.creation
	if sort == UPDATED:
		return lambda row: (row.portal_updated_on is None, DAY - (row.portal_updated_on or row.creation))
	if sort == PRIORITY:
		return lambda row: (ranks.get(row.priority, 99), DAY - row.creation)
	return lambda row: DAY - row.creation


def fits(row, filters: Filters, member: access.Member) -> bool:
	template = statuses.template_of(row)
	main_status = timeline.main_status_of(template, row.sub_status, str(row.name))
	created = timezones.local(timezones.to_utc(row.creation), ZONE).date()
	number = filters.search.lstrip("#")
	has_words = all(word.lower() in row.subject.lower() for word in filters.search.split())
	return all(
		(
			not filters.status or has_status(row, template, main_status, filters.status),
			not filters.form
			or (filters.form in offered.names(member) and (row.template or "Default") == filters.form),
			not filters.priority or row.priority == filters.priority,
			filters.requester.lower() in row.raised_by.lower(),
			not filters.start or created >= filters.start,
			not filters.end or created <= filters.end,
			(has_words and not filters.search.startswith("#")) or str(row.name) == number,
		)
	)


def has_status(row, template, main_status: int, wanted: str) -> bool:
	if wanted == OPEN:
		return main_status < 3
	if wanted in "1234":
		return main_status == int(wanted)
	texts = {label.key: label.text for label in ticket_filters.labels(("Default", template.name), "en")}
	known = template.sub_status(row.sub_status)
	label = statuses.customer_label(template, row.sub_status, "en", main_status)
	return bool(known) and (main_status, label) == (int(wanted[0]), texts.get(wanted))


def pages(query: Query) -> list[list[str]]:
	"""From the first to the last."""
	found, after = [], ""
	while True:
		page = ticket_list.read(query, "en", after)
		found.append([line.ticket for line in page.lines])
		if page.next is None:
			return found
		after = page.next


def back(query: Query) -> list[list[str]]:
	"""The same, from the last to the first and turned round."""
	page = ticket_list.read(query, "en")
	while page.next:
		page = ticket_list.read(query, "en", page.next)
	found = [[line.ticket for line in page.lines]]
	while page.previous:
		page = ticket_list.read(query, "en", before=page.previous)
		found.append([line.ticket for line in page.lines])
	return found[::-1]


def flat(nested: list[list[str]]) -> list[str]:
	return [one for part in nested for one in part]


def wanted(world: World) -> list[Filters]:
	"""Each filter by itself, and a hundred mixtures."""
	keys = [label.key for label in ticket_filters.labels(("Default", world.template), "en")]
	values = {
		"search": [
			"pump",
			"PUMP no1",
			"100%",
			"%",
			"_",
			"back\\",
			"42",
			f"#{world.tickets[7]}",
			world.tickets[9],
			"x y",
		],
		"status": [OPEN, "1", "2", "3", "4", *keys],
		"form": ["Default", world.template, "Gone", "Nobody's"],
		"requester": [world.addresses["own"], "OLD_COLLEAGUE", "acme", "%", "nobody"],
		"priority": ["Low", "Urgent", "Gone", "Nothing"],
		"start": [date(2026, 3, 9), date(2026, 3, 10), date(2027, 1, 1)],
		"end": [date(2026, 3, 9), date(2026, 3, 10), date(2025, 1, 1)],
	}
	single = [Filters(**{name: value}) for name, own in values.items() for value in own]
	pick = random.Random(4).choice
	mixed = [
		Filters(sort=pick(SORTS), **{name: pick(own) for name, own in values.items() if pick((1, 0, 0))})
		for _number in range(100)
	]
	return single + mixed


@pytest.mark.parametrize("kind", MEMBERS)
@pytest.mark.parametrize("sort", SORTS)
def test_orders_there_and_back(world, kind, sort):
	member = world.member(kind)
	query = Query(member, Filters(sort=sort), ZONE)
	found = pages(query)
	assert flat(found) == reference(world, member, query.filters)
	assert [len(page) for page in found[:-1]] == [PAGE] * (len(found) - 1)
	assert flat(back(query)) == flat(found)
	assert kind == "own" or len(found) > 1


@pytest.mark.parametrize("kind", MEMBERS)
def test_filters(world, kind):
	member, hits = world.member(kind), 0
	for filters in wanted(world):
		found = flat(pages(Query(member, filters, ZONE)))
		assert found == reference(world, member, filters), filters
		hits += bool(found)
	assert hits > 40


def test_a_form_that_is_not_offered_looks_like_one_that_is_not_there(world):
	member = world.member("manager")
	world.acme.change(forms=[{"ticket_template": "Default"}])
	try:
		for name in (world.template, "Nobody's"):
			assert flat(pages(Query(member, Filters(form=name), ZONE))) == []
	finally:
		world.acme.change(forms=[{"ticket_template": "Default"}, {"ticket_template": world.template}])


def test_labels_tell_no_label_of_agents(world):
	labels = ticket_filters.labels(("Default", world.template), "en")
	internal = frappe.get_all("Portal Sub-Status", pluck="label")
	shown = {row.customer_label for row in statuses.template_named(world.template).sub_statuses}
	assert shown <= {label.text for label in labels}
	for label in labels:
		assert label.text not in internal or label.text in frappe.get_all(
			"Portal Template Sub-Status", pluck="customer_label"
		)
		assert not frappe.db.exists("Portal Sub-Status", label.key)


@pytest.fixture
def crowd(open_door):
	organisation = make_organisation(sees=ALL)
	organisation.member = organisation.put(organisation.address(), sees=ALL)
	user = frappe.new_doc("User")
	user.update({"email": organisation.member, "first_name": "Member", "send_welcome_email": 0})
	user.insert(ignore_permissions=True)
	yield organisation
	frappe.db.rollback()
	remove_tickets(organisation.customer)


@pytest.mark.parametrize("sort", [NEWEST, OLDEST])
def test_tickets_that_come_in_neither_repeat_nor_hide_others(crowd, sort):
	before = add_tickets(crowd.customer, 4 * PAGE + 3, raised_by=crowd.member)
	query = Query(access.member(crowd.member), Filters(sort=sort), ZONE)
	found, after = [], ""
	for _number in range(8):
		page = ticket_list.read(query, "en", after)
		found += [line.ticket for line in page.lines]
		after = page.next
		if after is None:
			break
		add_tickets(crowd.customer, 7, raised_by=crowd.member)
	assert len(found) == len(set(found))
	assert set(before) <= set(found)
	assert found[: len(before)] == (before if sort == OLDEST else before[::-1])


def test_going_back_while_tickets_come_in_ends_at_a_full_first_page(crowd):
	add_tickets(crowd.customer, 2 * PAGE, raised_by=crowd.member)
	query = Query(access.member(crowd.member), Filters(), ZONE)
	second = ticket_list.read(query, "en", ticket_list.read(query, "en").next)
	assert second.next is None
	new = add_tickets(crowd.customer, 3, raised_by=crowd.member)
	middle = ticket_list.read(query, "en", before=second.previous)
	first = ticket_list.read(query, "en", before=middle.previous)
	assert len(middle.lines) == len(first.lines) == PAGE
	assert [line.ticket for line in first.lines][:3] == new[::-1]
	assert first.previous is None


def test_tickets_of_one_moment_are_told_apart(crowd):
	names = add_tickets(crowd.customer, 3 * PAGE, raised_by=crowd.member, priority="Low")
	values = {"creation": datetime(2026, 1, 1), "portal_updated_on": datetime(2026, 1, 1)}
	frappe.db.set_value("HD Ticket", {"name": ("in", names)}, values, update_modified=False)
	for sort in SORTS:
		query = Query(access.member(crowd.member), Filters(sort=sort), ZONE)
		assert sorted(flat(pages(query))) == sorted(names)
		assert flat(back(query)) == flat(pages(query))


def test_the_last_update_is_the_ledgers(crowd):
	ticket = crowd.ticket(crowd.member)
	ticket.reload()
	first = ticket.portal_updated_on
	assert first == timeline.read(str(ticket.name)).last_update
	ticket.status = "Resolved"
	ticket.portal_updated_on = datetime(2000, 1, 1)
	ticket.save(ignore_permissions=True)
	assert ticket.portal_updated_on == timeline.read(str(ticket.name)).last_update > first
	ticket.priority = "Urgent"
	ticket.save(ignore_permissions=True)
	assert frappe.db.get_value("HD Ticket", ticket.name, "portal_updated_on") == ticket.portal_updated_on
	frappe.db.set_value("HD Ticket", ticket.name, "portal_updated_on", None)
	timeline.fill_last_updates()
	assert frappe.db.get_value("HD Ticket", ticket.name, "portal_updated_on") == ticket.portal_updated_on


def test_days_begin_at_the_members_midnight(crowd):
	"""With a change of clocks in between: 2026-03-29 in Berlin has 23 hours."""
	zone = ZoneInfo("Europe/Berlin")
	names = add_tickets(crowd.customer, 4, raised_by=crowd.member)
	utc = ("2026-03-28 22:59:59", "2026-03-28 23:00:00", "2026-03-29 21:59:59", "2026-03-29 22:00:00")
	for name, moment in zip(names, utc, strict=True):
		local = timezones.local(datetime.fromisoformat(moment), timezones.of_site())
		frappe.db.set_value("HD Ticket", name, "creation", local, update_modified=False)
	day = date(2026, 3, 29)
	query = Query(access.member(crowd.member), Filters(start=day, end=day, sort=OLDEST), zone)
	assert flat(pages(query)) == names[1:3]


def test_colleagues_stand_there_by_their_names(organisation, sign_in_as):
	colleague, unnamed = organisation.address("tom"), organisation.address("nobody")
	frappe.db.set_value("User", people.user_of(colleague, "en"), "full_name", "Tom Weber")
	for address in (colleague, unnamed):
		organisation.ticket(address)
	page = sign_in_as(organisation.manager()).get(TICKETS).text
	assert "<bdi>Tom Weber</bdi>" in page
	assert f"<bdi>{unnamed}</bdi>" in page


def test_each_source_has_an_index(crowd):
	"""MariaDB reads no whole table for any of them, in any order."""
	add_tickets(crowd.customer, 200, raised_by=crowd.member)
	member = access.member(crowd.member)
	for sort in SORTS:
		plans = plan(Query(member, Filters(sort=sort), ZONE))
		assert plans
		for table, kind, key in plans:
			assert table != "ticket" or (kind in ("ref", "range", "ref_or_null", "const") and key), plans


def plan(query: Query) -> list[tuple]:
	statement, values = ticket_list.select(query, None, PAGE, False)
	return [(row[2], row[3], row[5]) for row in frappe.db.sql(f"EXPLAIN {statement}", values)]
