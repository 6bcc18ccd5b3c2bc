"""People on their way to Google or Microsoft and back to the organisation portal. Fixtures for conftest."""

import html
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import frappe
import pytest
import requests

from customer_portal import links
from tests.client import Client, given_cookies, hidden_fields
from tests.doors import reset_limits
from tests.gateways import configure, publish
from tests.gateways.openid import CLIENT_ID, CLIENT_SECRET, OpenIdServer
from tests.organisations import SIGN_IN, is_in

TENANT = "11111111-2222-4333-8444-555555555555"
OTHER_TENANT = "99999999-2222-4333-8444-555555555555"
UNFINISHED = "The sign-in with {} was not finished, or it took too long. Please try again."
REFUSED = (
	"You cannot sign in with this account. Use the one of the address that your organisation has registered with us, "
	"or sign in in another way."
)
UNAVAILABLE = "{} cannot be reached at the moment. Try again later, or sign in in another way."
OFF = {"sign_in_link": 1, "sign_in_google": 0, "sign_in_microsoft": 0}
NO_LISTS = {"google_domains": "", "microsoft_tenants": ""}


@dataclass
class Way:
	"""One browser's way by one provider; ``client`` is the browser at our site."""

	provider: str
	server: OpenIdServer
	client: Client

	def set_out(self) -> str:
		"""Presses the button; returns the provider's address."""
		answer = self.press()
		assert answer.status_code == 200, answer.text
		return re.fullmatch(r"0; url=(\S+)", answer.headers["Refresh"])[1]

	def press(self) -> requests.Response:
		page = self.client.get(SIGN_IN)
		ending = f"/with/{self.provider}"
		return self.client.post(SIGN_IN + ending, hidden_fields(page.text, ending))

	def allow(self, address: str) -> str:
		"""Signs in at the provider; returns the address to which it sends the browser back."""
		browser = requests.Session()
		answer = browser.get(address, allow_redirects=False, timeout=10)
		assert answer.status_code == 303, answer.text
		answer = browser.post(urljoin(address, answer.headers["Location"]), allow_redirects=False, timeout=10)
		answer = browser.get(urljoin(address, answer.headers["Location"]), allow_redirects=False, timeout=10)
		back = answer.headers["Location"]
		given_cookies.add(query_of(back)["code"])  # as secret as a cookie, and searched for like one
		return back

	def come_back(self, address: str, **changes) -> requests.Response:
		"""With other parameters where ``changes`` says so; None leaves one out."""
		return self.client.get(changed(address, **changes))

	def walk(self, **changes) -> requests.Response:
		return self.come_back(self.allow(self.set_out()), **changes)


def query_of(address: str) -> dict[str, str]:
	return dict(parse_qsl(urlsplit(address).query))


def changed(address: str, **changes) -> str:
	"""Path and query, with other parameters where ``changes`` says so; None leaves one out."""
	query = {**query_of(address), **changes}
	kept = {name: value for name, value in query.items() if value is not None}
	return f"{urlsplit(address).path}?{urlencode(kept)}"


def assert_refused(way: Way, page: requests.Response, status: int = 403, problem: str = REFUSED) -> None:
	assert page.status_code == status
	assert problem_of(page) == problem.format(way.provider.title())
	assert not is_in(way.client)


def user_of(address: str) -> frappe._dict | None:
	frappe.db.rollback()
	return frappe.db.get_value("User", {"email": address}, ["name", "user_type", "enabled"], as_dict=True)


def problem_of(page: requests.Response) -> str:
	box = re.search(r'<p class="problem".*?<span>(.*?)</span>', page.text, re.S)
	return html.unescape(box[1]) if box else ""


@pytest.fixture
def providers_on(server, site, google_server, microsoft_server):
	"""Both providers are switched on, with their clients in Frappe's Social Login Keys."""
	reset_limits()
	for name, title in (("google", "Google"), ("office_365", "Office 365")):
		_write_login_key(name, title)
	issuers = {
		"google_issuer": google_server.url,
		"microsoft_issuer": f"{microsoft_server.url}/organizations/v2.0",
	}
	switches = {"sign_in_link": 1, "sign_in_google": 1, "sign_in_microsoft": 1}
	patience = {"provider_timeout_seconds": 10}  # tests of a provider in trouble have less of it
	configure(portal_url=f"http://{site}:{server}", **issuers, **switches, **patience, **NO_LISTS)
	assert links.site_address().endswith(str(server))
	yield
	configure(portal_url="", google_issuer="", microsoft_issuer="", **OFF, **NO_LISTS)
	for name in ("google", "office_365"):
		frappe.delete_doc("Social Login Key", name, force=True)
	frappe.db.commit()
	reset_limits()


def _write_login_key(name: str, title: str) -> None:
	if frappe.db.exists("Social Login Key", name):
		frappe.delete_doc("Social Login Key", name, force=True)
	key = frappe.new_doc("Social Login Key")
	key.get_social_login_provider(title, initialize=True)
	key.update({"social_login_provider": title, "provider_name": title, "enable_social_login": 0})
	key.update({"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET})
	key.insert(ignore_permissions=True)
	publish("Social Login Key", name)


@pytest.fixture
def google(providers_on, google_server, new_client, organisation):
	"""A way by Google, whose person has a verified address of the organisation's, which Google hosts."""
	google_server.tell(claims=google_claims(organisation.address()))
	yield Way("google", google_server, new_client())
	google_server.tell()


@pytest.fixture
def microsoft(providers_on, microsoft_server, new_client, organisation):
	"""A way by Microsoft, whose person is in the organisation's own tenant."""
	organisation.change(microsoft_tenant=TENANT)
	microsoft_server.tell(**microsoft_state(organisation.address()))
	yield Way("microsoft", microsoft_server, new_client())
	microsoft_server.tell(tenant=TENANT)


def google_claims(address: str, **changes) -> dict:
	claims = {"email": address, "email_verified": True, "hd": address.partition("@")[2], **changes}
	return {name: value for name, value in claims.items() if value is not None}


def microsoft_state(address: str, tenant: str = TENANT, **changes) -> dict:
	claims = {"email": address, "preferred_username": address, "tid": tenant, "oid": "object-1", **changes}
	return {"tenant": tenant, "claims": {name: value for name, value in claims.items() if value is not None}}
