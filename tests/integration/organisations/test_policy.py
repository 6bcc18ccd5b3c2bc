"""The one policy as a table: who may do what with which ticket; and the list, which says the same by SQL."""

import itertools
import time

import frappe
import pytest
from frappe.model.meta import Meta

from customer_portal import access, followers, memberships, rows, ticket_list
from customer_portal.access import ACTS
from customer_portal.sign_in import people
from customer_portal.ticket_filters import Filters
from customer_portal.ticket_list import Query
from customer_portal.timezones import UTC
from tests.factories import make_agent, make_contact, unique
from tests.organisations import ALL, OWN, make_organisation

SEES = {"read", "reply", "follow"}
NOTHING: set[str] = set()

ROLES = (
	"member",
	"member who sees all",
	"manager",
	"follower",
	"added by others",
	"of two organisations",
	"of another organisation",
	"manager of another",
	"disabled person",
	"removed person",
	"disabled user",
	"agent",
	"guest",
	"administrator",
)
TICKETS = (
	"own",
	"own, private",
	"own by contact",
	"own without customer",
	"own of another customer",
	"colleague's",
	"colleague's, private",
	"colleague's, followed",
	"colleague's, private, shared",
	"stranger's without customer",
	"another organisation's",
)
OUTSIDE = dict.fromkeys(TICKETS, NOTHING)
OWN_TICKETS = {name: ACTS for name in TICKETS if name.startswith("own")} | {
	"own of another customer": NOTHING
}
SHARED = {"colleague's, followed": SEES, "colleague's, private, shared": SEES}
COLLEAGUES = {
	"colleague's": SEES,
	"colleague's, private": NOTHING,
	"colleague's, followed": SEES,
	"colleague's, private, shared": NOTHING,
}
# Role to ticket to acts; what is not named here may not be done.
TABLE = {
	"member": OWN_TICKETS,
	"member who sees all": OWN_TICKETS | COLLEAGUES,
	"manager": OWN_TICKETS | dict.fromkeys(COLLEAGUES, ACTS),
	"follower": OWN_TICKETS,
	"added by others": OWN_TICKETS | SHARED,
	"of two organisations": OWN_TICKETS | {"own of another customer": ACTS},
	"of another organisation": {"own without customer": ACTS, "own of another customer": ACTS},
	"manager of another": {
		"own without customer": ACTS,
		"own of another customer": ACTS,
		"another organisation's": ACTS,
	},
}


def by_row(contact: str, customer: str) -> None:
	memberships.join(contact, customer)


def by_link(contact: str, customer: str) -> None:
	"""As Helpdesk did before 1.28."""
	document = frappe.get_doc("Contact", contact)
	document.append("links", {"link_doctype": "HD Customer", "link_name": customer})
	document.save(ignore_permissions=True)


@pytest.fixture(scope="module", params=[by_row, by_link], ids=lambda way: way.__name__)
def world(request, site):
	"""Two organisations, one person in each role, and for each person the tickets of the table."""
	return World(request.param)


class World:
	def __init__(self, join):
		self.join = join
		self.acme, self.globex = make_organisation(sees=OWN), make_organisation("globex", sees=OWN)
		self.people = {role: getattr(self, _method(role))() for role in ROLES[:-2]}
		self.people |= {"guest": "Guest", "administrator": "Administrator"}
		self.tickets = {role: self._tickets(user) for role, user in self.people.items()}
		frappe.db.commit()

	def _member(self, organisation, **values) -> str:
		address = organisation.address()
		if values:
			organisation.put(address, **values)
		user = people.user_of(address, "en")
		self.join(frappe.db.get_value("Contact", {"user": user}), organisation.customer)
		return user

	def make_member(self):
		return self._member(self.acme)

	make_follower = make_added_by_others = make_member

	def make_member_who_sees_all(self):
		return self._member(self.acme, sees=ALL)

	def make_manager(self):
		return self._member(self.acme, role="Manager")

	def make_of_two_organisations(self):
		user = self._member(self.acme)
		self.globex.put(user)
		return user

	def make_of_another_organisation(self):
		return self._member(self.globex)

	def make_manager_of_another(self):
		return self._member(self.globex, role="Manager")

	def make_disabled_person(self):
		return self.acme.put(self._member(self.acme), is_disabled=1)

	def make_removed_person(self):
		outside = self.acme.put(f"{unique('guest')}@example.net")
		user = people.user_of(outside, "en")
		self.acme.change(people=[row for row in self._rows() if row.email != outside])
		return user

	def _rows(self):
		return frappe.get_doc("Portal Customer Access", self.acme.customer).people

	def make_disabled_user(self):
		user = self._member(self.acme, role="Manager")
		frappe.db.set_value("User", user, "enabled", 0)
		return user

	def make_agent(self):
		return make_agent(self.acme.address("agent")).name

	def _tickets(self, user: str) -> dict[str, frappe._dict]:
		acme, globex = self.acme.customer, self.globex.customer
		contact = (
			frappe.db.get_value("Contact", {"user": user}) or make_contact(email=user_address(user)).name
		)
		somebody, own = self.acme.address("somebody"), {"raised_by": user}
		made = {
			"own": make(acme, **own),
			"own, private": make(acme, portal_private=1, **own),
			"own by contact": make(acme, raised_by=somebody, contact=contact),
			"own without customer": make(None, **own),
			"own of another customer": make(globex, **own),
			"colleague's": make(acme, raised_by=somebody),
			"colleague's, private": make(acme, raised_by=somebody, portal_private=1),
			"colleague's, followed": make(acme, raised_by=somebody),
			"colleague's, private, shared": make(acme, raised_by=somebody, portal_private=1),
			"stranger's without customer": make(None, raised_by=somebody),
			"another organisation's": make(globex, raised_by=self.globex.address("other")),
		}
		if user == self.people["follower"]:
			followers.set_following(user, made["colleague's, followed"], True)
			followers.set_following(user, made["colleague's"], False)
		if user == self.people["added by others"]:
			followers.add(made["colleague's, followed"], user)
			followers.add(made["colleague's, private, shared"], user)
			followers.unfollow(made["colleague's, private, shared"], user)
			followers.add(made["colleague's"], user)
			followers.remove(made["colleague's"], user)
		return {kind: row_of(name) for kind, name in made.items()}


def _method(role: str) -> str:
	return f"make_{role.replace(' ', '_')}"


def user_address(user: str) -> str:
	return user if "@" in user else f"{unique('nobody')}@example.net"


def make(customer: str | None, **values) -> str:
	"""A bare row: the policy reads nothing else, and Helpdesk's rules would mend what mail can bring."""
	name = str(900_000_000 + next(_numbers))
	rows.insert("HD Ticket", {"name": name, "subject": "Policy", "customer": customer, **DEFAULTS, **values})
	return name


_numbers = itertools.count(int(time.time()) % 10_000_000 * 10)
DEFAULTS = {"raised_by": None, "contact": None, "portal_private": 0, "status": "Open"}


def row_of(name: str) -> frappe._dict:
	return frappe.db.get_value("HD Ticket", name, access.FIELDS, as_dict=True)


def allowed(user: str, row: frappe._dict) -> set[str]:
	member = access.member(user)
	return {act for act in ACTS if member and access.may(member, act, row)}


def test_the_table_names_roles_and_tickets_that_exist():
	assert set(TABLE) < set(ROLES)
	assert {ticket for row in TABLE.values() for ticket in row} <= set(TICKETS)


@pytest.mark.parametrize("ticket", TICKETS)
@pytest.mark.parametrize("role", ROLES)
def test_role_and_ticket(world, role, ticket):
	found = allowed(world.people[role], world.tickets[role][ticket])
	assert found == set(TABLE.get(role, OUTSIDE).get(ticket, NOTHING))


@pytest.mark.parametrize("act", ["", "READ", "delete", "read; drop", None])
def test_an_act_that_is_none_is_refused(world, act):
	manager = access.member(world.people["manager"])
	assert not access.may(manager, act, world.tickets["manager"]["own"])


@pytest.mark.parametrize("role", TABLE)
def test_the_list_has_what_they_may_read(world, role):
	member = access.member(world.people[role])
	every = [row for mine in world.tickets.values() for row in mine.values()]
	readable = {str(row.name) for row in every if access.may(member, access.READ, row)}
	assert listed(member) & {str(row.name) for row in every} == readable
	assert readable


def listed(member) -> set[str]:
	"""All pages of the list."""
	names, after = [], ""
	while True:
		page = ticket_list.read(Query(member, Filters(), UTC), "en", after)
		names += [line.ticket for line in page.lines]
		if page.next is None:
			assert len(names) == len(set(names)), "A ticket is listed twice"
			return set(names)
		after = page.next


# Generated: every combination of what a row can hold
def spellings(address: str) -> list[str | None]:
	local, _at, domain = address.partition("@")
	accented = f"{local.replace('a', 'á')}@{domain}"
	return [address, address.upper(), f"{address} ", accented, f"x{address}", "", None]


@pytest.fixture(scope="module")
def generated(world):
	"""Tickets in every combination of customer, raiser, contact, privacy and whether they are shared."""
	own = world.people["member"]
	contact = frappe.db.get_value("Contact", {"user": own})
	customers = [world.acme.customer, world.acme.customer.upper(), world.globex.customer, "", None, "Nobody"]
	contacts = [contact, contact.upper(), make_contact(email=world.acme.address("c")).name, None]
	every = itertools.product(customers, spellings(own), contacts, (0, 1), (True, False))
	names = []
	for customer, raised_by, one, is_private, is_shared in every:
		names.append(make(customer, raised_by=raised_by, contact=one, portal_private=is_private))
		if is_shared:
			follower = {"ticket": names[-1], "user": own, "is_added": 1}
			rows.insert("Portal Ticket Follower", follower)
	frappe.db.commit()
	return names


@pytest.mark.parametrize("sees", [OWN, ALL])
@pytest.mark.parametrize("role", ["Member", "Manager"])
@pytest.mark.parametrize("is_of_both", [False, True])
def test_one_ticket_and_the_list_always_agree(world, generated, sees, role, is_of_both):
	own = world.people["member"]
	world.acme.put(own, sees=sees, role=role)
	if is_of_both:
		world.globex.put(own, sees=sees, role=role)
	member = access.member(own)
	one_by_one = {name for name in generated if access.sees(member, row_of(name))}
	by_sources = set()
	for condition, values in access.sources(member):
		found = frappe.db.sql(f"SELECT name FROM `tabHD Ticket` ticket WHERE {condition}", values, pluck=True)
		by_sources |= {str(name) for name in found}
	world.globex.change(people=[])
	world.acme.put(own)
	assert by_sources & set(generated) == one_by_one
	assert 0 < len(one_by_one) < len(generated)


def test_every_source_has_an_index(world):
	world.acme.put(world.people["member"], sees=ALL)
	member = access.member(world.people["member"])
	for condition, values in access.sources(member):
		query = f"""EXPLAIN SELECT name FROM `tabHD Ticket` ticket WHERE {condition}
			ORDER BY creation DESC, name DESC LIMIT 26"""
		(plan,) = frappe.db.sql(query, values, as_dict=True)
		assert "ALL" not in plan["type"], (condition, plan)
	world.acme.put(world.people["member"])


def test_asking_the_policy_costs_few_statements(world):
	member = world.people["manager"]
	access.member(member)
	before = int(frappe.db.sql("show session status like 'Questions'")[0][1])
	access.member(member)
	after = int(frappe.db.sql("show session status like 'Questions'")[0][1])
	assert after - before - 1 <= 6


def test_helpdesks_own_lists_of_members_say_nothing(world):
	"""The access list alone admits: whoever is taken off it is out, whatever Helpdesk has joined."""
	address = f"{unique('joined')}@example.net"
	contact = make_contact(email=address)
	world.join(contact.name, world.acme.customer)
	assert not people.may_enter(address)


def test_a_contact_that_a_stranger_made_says_nothing(world, customer):
	"""Any website user may make a Contact, and say that it is somebody's."""
	frappe.set_user(customer.name)
	contact = make_contact(email=f"{unique('victim')}@example.net")
	contact.db_set("user", world.people["member"])
	frappe.set_user("Administrator")
	assert contact.name not in access.member(world.people["member"]).contacts


def test_an_older_helpdesk_joins_by_the_contact(organisation, monkeypatch):
	"""Before 1.28 HD Customer had no rows of contacts."""
	has_field = Meta.has_field
	older = lambda meta, name: (meta.name, name) != ("HD Customer", "contacts") and has_field(meta, name)  # noqa: E731
	monkeypatch.setattr(Meta, "has_field", older)
	user = people.user_of(organisation.address(), "en")
	assert people.user_of(user, "en") == user
	contact = frappe.get_doc("Contact", {"user": user})
	assert [(one.link_doctype, one.link_name) for one in contact.links] == [
		("HD Customer", organisation.customer)
	]
	assert not frappe.db.exists("HD Customer Member", {"parent": organisation.customer})


def test_a_renamed_customer_keeps_its_access(open_door):
	organisation = make_organisation()
	address = organisation.address()
	new = unique("Renamed")
	frappe.rename_doc("HD Customer", organisation.customer, new)
	assert [one.customer for one in access.of_address(address)] == [new]
	assert frappe.db.get_value("Portal Customer Access", new, "customer") == new
	namesake = frappe.get_doc({"doctype": "HD Customer", "customer_name": organisation.customer}).insert()
	again = frappe.new_doc("Portal Customer Access")
	again.update({"customer": namesake.name, "domains": [{"domain": f"{unique('x')}.example"}]})
	assert again.insert().name == organisation.customer


def test_customers_who_both_have_access_are_not_merged(open_door):
	one, two = make_organisation(), make_organisation()
	with pytest.raises(frappe.ValidationError, match="Both customers have a Portal Customer Access"):
		frappe.rename_doc("HD Customer", one.customer, two.customer, merge=True)
	frappe.db.rollback()
	assert frappe.db.exists("HD Customer", one.customer)


def test_a_deleted_ticket_takes_its_followers_along(organisation):
	ticket = organisation.ticket()
	followers.set_following("Administrator", str(ticket.name), True)
	frappe.delete_doc("HD Ticket", ticket.name)
	assert not frappe.db.exists("Portal Ticket Follower", {"ticket": str(ticket.name)})


def test_customers_do_not_hide_tickets_past_the_portal(organisation, customer):
	ticket = organisation.ticket(customer.name)
	frappe.set_user(customer.name)
	document = frappe.get_doc("HD Ticket", ticket.name)
	document.portal_private = 1
	with pytest.raises(frappe.PermissionError):
		document.save()
