"""Google and Microsoft: which of them an admin has switched on, and what is registered there.

The client's id and secret are in Frappe's Social Login Keys. What Frappe itself does with those records is not used:
its own sign-in checks neither state nor signature (``extends/login``).
"""

from dataclasses import dataclass

import frappe

from customer_portal import links, settings
from customer_portal.integrations.openid.flow import Client

LOGIN_KEY = "Social Login Key"
BACK = "/portal/sign-in/back"


@dataclass(frozen=True)
class Provider:
	"""``name`` stands in addresses; ``login_key`` names the Social Login Key, ``switch`` and ``issuer`` fields."""

	name: str
	title: str
	login_key: str
	switch: str
	issuer: str


GOOGLE = Provider("google", "Google", "google", "sign_in_google", "google_issuer")
MICROSOFT = Provider("microsoft", "Microsoft", "office_365", "sign_in_microsoft", "microsoft_issuer")
ALL = (GOOGLE, MICROSOFT)

GOOGLE_ISSUER = "https://accounts.google.com"
MICROSOFT_HOST = "https://login.microsoftonline.com"
PERSONAL_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"  # of all personal Microsoft accounts


def offered() -> list[Provider]:
	"""Those that are switched on and have a client."""
	return [provider for provider in ALL if settings.number(provider.switch) and _is_configured(provider)]


def find(name: str) -> Provider | None:
	"""An offered one by its name in addresses."""
	return next((provider for provider in offered() if provider.name == name), None)


def client(provider: Provider) -> Client:
	"""Raises ``SiteAddressMissing``."""
	key = frappe.get_cached_doc(LOGIN_KEY, provider.login_key)
	return Client(
		issuer=issuer(provider),
		client_id=key.client_id,
		redirect_uri=redirect_address(provider),
		client_secret=key.get_password("client_secret"),
	)


def redirect_address(provider: Provider) -> str:
	"""What is registered at the provider: below the configured address, never that of a request."""
	return f"{links.site_address()}{BACK}/{provider.name}"


def issuer(provider: Provider) -> str:
	"""The admin's own, else the provider's usual one."""
	return settings.get().get(provider.issuer) or (
		GOOGLE_ISSUER if provider == GOOGLE else f"{MICROSOFT_HOST}/{_authority()}/v2.0"
	)


def words(fieldname: str) -> frozenset[str]:
	"""The parts of a setting that is a list in one text."""
	return frozenset((settings.get().get(fieldname) or "").replace(",", " ").lower().split())


def _authority() -> str:
	"""Whom Microsoft lets choose an account: https://learn.microsoft.com/entra/identity-platform/v2-protocols#endpoints"""
	tenants = words("microsoft_tenants")
	if len(tenants) == 1 and not _has_tenants_of_customers():
		return next(iter(tenants))
	return "common" if PERSONAL_TENANT in tenants else "organizations"


def _has_tenants_of_customers() -> bool:
	return bool(frappe.db.exists("Portal Customer Access", {"enabled": 1, "microsoft_tenant": ("is", "set")}))


def _is_configured(provider: Provider) -> bool:
	key = frappe.db.get_value(LOGIN_KEY, provider.login_key, ["client_id", "client_secret"], as_dict=True)
	return bool(key and key.client_id and key.client_secret)
