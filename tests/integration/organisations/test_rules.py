"""What an admin may enter into Portal Customer Access, and what is said to what may not be."""

import frappe
import pytest

from customer_portal import access
from tests.factories import make_agent, unique
from tests.organisations import ACCESS, make_organisation

ARABIC = "ابتثجحخدذرزسشصضط"  # a label is of one direction (RFC 5893)


@pytest.fixture
def organisation(site):
	return make_organisation()


def put_domain(organisation, domain, **values) -> str:
	organisation.change(domains=[{"domain": domain, **values}])
	return frappe.db.get_value("Portal Access Domain", {"parent": organisation.customer}, "domain")


def refused(act, *arguments, **values) -> str:
	with pytest.raises(frappe.ValidationError) as caught:
		act(*arguments, **values)
	frappe.db.rollback()
	return str(caught.value)


@pytest.mark.parametrize(
	("typed", "stored"),
	[
		("Acme-{0}.COM", "acme-{0}.com"),
		(" acme-{0}.com ", "acme-{0}.com"),
		("@acme-{0}.com", "acme-{0}.com"),
		("acme-{0}.com.", "acme-{0}.com"),
		("mail.acme-{0}.co.uk", "mail.acme-{0}.co.uk"),
		("münchen-{0}.de", "xn--mnchen-{0}-thb.de"),
		("شركة{1}.السعودية", None),
		("acme-{0}.example", "acme-{0}.example"),
	],
)
def test_a_domain_is_stored_in_one_form(organisation, typed, stored):
	mark = unique("x")[-6:]
	found = put_domain(organisation, typed.format(mark, "".join(ARABIC[int(sign, 16)] for sign in mark)))
	assert found.isascii()
	if stored and "xn--" not in stored:
		assert found == stored.format(mark)
	else:
		assert "xn--" in found
		assert put_domain(organisation, found) == found


@pytest.mark.parametrize(
	"domain",
	[
		"gmail.com",
		"GMAIL.com",
		"mail.gmail.com",
		"outlook.com",
		"yahoo.co.uk",
		"qq.com",
		"gmx.de",
		"hotmail.fr",
	],
)
def test_free_mail_is_refused(organisation, domain):
	said = refused(put_domain, organisation, domain)
	assert "Row 1 of the domains" in said
	assert "anybody can get an address at" in said


@pytest.mark.parametrize("domain", ["com", "co.uk", "github.io", "السعودية"])
def test_what_belongs_to_all_is_refused(organisation, domain):
	said = refused(put_domain, organisation, domain)
	assert "Row 1 of the domains" in said


@pytest.mark.parametrize(
	"domain",
	[
		"localhost",
		"sara@acme.com",
		"http://acme.com",
		"acme.com/x",
		"acme..com",
		"*.acme.com",
		"a b.com",
		"127.0.0.1:80",
		"[::1]",
		"<script>alert(1)</script>",
		"x" * 64 + ".com",
		"acme.com, globex.com",
		"acme,com",
		"\u200b.com",
	],
)
def test_what_is_no_domain_is_refused_in_a_sentence(organisation, domain):
	said = refused(put_domain, organisation, domain)
	assert "Row 1 of the domains" in said
	assert "<script>" not in said


def test_a_domain_belongs_to_one_customer(organisation):
	said = refused(make_organisation, "thief", domains=[{"domain": organisation.domain.upper()}])
	assert organisation.domain in said
	assert organisation.customer in said


@pytest.mark.parametrize(("above", "below"), [(1, 0), (0, 0), (0, 1), (1, 1)])
def test_subdomains_belong_to_whoever_takes_them_all(above, below):
	owner = make_organisation()
	put_domain(owner, owner.domain, with_subdomains=above)
	domains = [{"domain": f"mail.{owner.domain}", "with_subdomains": below}]
	if above:
		assert owner.customer in refused(make_organisation, "thief", domains=domains)
	else:
		assert make_organisation("other", domains=domains)


def test_who_takes_all_subdomains_needs_them_to_be_free():
	owner = make_organisation()
	put_domain(owner, f"mail.{owner.domain}")
	wide = [{"domain": owner.domain, "with_subdomains": 1}]
	assert owner.customer in refused(make_organisation, "wide", domains=wide)


def test_a_domain_of_a_customer_that_is_switched_off_is_still_theirs(organisation):
	organisation.change(enabled=0)
	assert refused(make_organisation, "thief", domains=[{"domain": organisation.domain}])
	assert not access.of_address(organisation.address())


def test_a_domain_that_is_given_up_is_free(organisation):
	frappe.delete_doc(ACCESS, organisation.customer)
	assert make_organisation("next", domains=[{"domain": organisation.domain}])


@pytest.mark.parametrize("twice", [("a.{0}", "A.{0}"), ("{0}", " {0}.")])
def test_a_domain_is_listed_once(organisation, twice):
	domains = [{"domain": one.format(organisation.domain)} for one in twice]
	assert "is listed twice" in refused(organisation.change, domains=domains)


@pytest.mark.parametrize(
	"address", ["sara@gmail.com", "SARA@Example.com", "sara@münchen.de", "s+x@a.b.example"]
)
def test_single_addresses_may_be_anywhere(organisation, address):
	organisation.put(address)
	row = frappe.get_all("Portal Access Person", {"parent": organisation.customer}, pluck="email")[0]
	assert [one.customer for one in access.of_address(row)] == [organisation.customer]
	assert row == row.lower()


@pytest.mark.parametrize(
	"address", ["", "sara", "@acme.com", "sara@", "a b@acme.com", "sara@acme..com", "x" * 300 + "@a.com"]
)
def test_what_is_no_address_is_refused(organisation, address):
	assert refused(organisation.put, address)


def test_an_address_is_listed_once(organisation):
	people = [{"email": "sara@example.com"}, {"email": "Sara@EXAMPLE.com"}]
	assert "is listed twice" in refused(organisation.change, people=people)


def test_one_person_may_be_of_two_customers(organisation):
	other = make_organisation("other")
	for one in (organisation, other):
		one.put("consultant@example.net")
	assert len(access.of_address("consultant@example.net")) == 2


@pytest.mark.parametrize(
	"values",
	[
		{"domains": [], "people": []},
		{"who": "Named people only", "people": []},
		{"domains": [], "people": [{"email": "a@example.com", "is_disabled": 1}]},
	],
)
def test_somebody_may_come_in(organisation, values):
	assert "Nobody could sign in" in refused(organisation.change, **values)
	organisation.change(enabled=0, **values)


def test_a_form_is_listed_once(organisation):
	forms = [{"ticket_template": "Default"}] * 2
	assert "is listed twice" in refused(organisation.change, forms=forms)


def test_a_customer_has_one_access(organisation):
	again = frappe.new_doc(ACCESS)
	again.update({"customer": organisation.customer, "domains": [{"domain": f"{unique('x')}.example"}]})
	with pytest.raises(frappe.DuplicateEntryError):
		again.insert()


def test_agents_read_it_and_only_managers_of_the_helpdesk_change_it(organisation):
	agent = make_agent()
	document = frappe.get_doc(ACCESS, organisation.customer)
	assert document.has_permission("read", user=agent.name)
	for right in ("write", "create", "delete"):
		assert not document.has_permission(right, user=agent.name)


def test_customers_do_not_read_it(organisation, customer):
	assert not frappe.get_doc(ACCESS, organisation.customer).has_permission("read", user=customer.name)


TENANT = "11111111-2222-4333-8444-5555555555AB"


def test_a_tenant_is_stored_in_small_letters(organisation):
	organisation.change(microsoft_tenant=f" {TENANT} ")
	assert frappe.db.get_value(ACCESS, organisation.customer, "microsoft_tenant") == TENANT.lower()


@pytest.mark.parametrize(
	"tenant", ["contoso.onmicrosoft.com", "common", TENANT[:-1], "{tenantid}", f"{TENANT},{TENANT}"]
)
def test_what_is_no_tenant(organisation, tenant):
	assert (
		refused(organisation.change, microsoft_tenant=tenant)
		== "The Microsoft tenant is no directory (tenant) ID."
	)
