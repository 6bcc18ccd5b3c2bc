"""Whose address a provider vouches for: what makes an ID token's address one that an organisation may admit.

An address alone is a claim. In Microsoft's directories an admin may write anybody's, the weakness called nOAuth; with
Google a person keeps the account of an address that they no longer have. So it counts only when whoever says it also
rules over the address' domain:

- Google, https://developers.google.com/identity/gsi/web/guides/verify-google-id-token: a verified address at Gmail, or
  a verified one of an organisation (``hd``) that Google hosts.
- Microsoft, https://learn.microsoft.com/entra/identity-platform/migrate-off-email-claim-authorization: an address whose
  domain the tenant has proved to own (``xms_edov``), or one in a domain of the customer whose own tenant it is.

No account is kept by the provider's subject: a mail to the same address lets the same person in, so the address is
what has to be proved, anew at each sign-in.
"""

import frappe

from customer_portal.mail_addresses import domain_of, normal_email, with_parents
from customer_portal.sign_in.providers import GOOGLE, PERSONAL_TENANT, Provider, words

GMAIL = ("gmail.com", "googlemail.com")
TRUE = (True, 1, "1", "true", "True")

_TENANTS = """SELECT access.microsoft_tenant, domain.domain, domain.with_subdomains
	FROM `tabPortal Customer Access` access
	JOIN `tabPortal Access Domain` domain ON domain.parent = access.name
	WHERE access.enabled = 1 AND COALESCE(access.microsoft_tenant, '') != '' AND domain.domain IN %(domains)s"""


def address_of(provider: Provider, claims: dict) -> str | None:
	"""The address in its comparable form; None when the provider does not vouch for one."""
	return _of_google(claims) if provider == GOOGLE else _of_microsoft(claims)


def _of_google(claims: dict) -> str | None:
	address = _read(claims, "email")
	if address is None or claims.get("email_verified") is not True:
		return None
	hosted, wanted = claims.get("hd"), words("google_domains")
	if wanted and str(hosted).lower() not in wanted:
		return None
	return address if hosted or domain_of(address) in GMAIL else None


def _of_microsoft(claims: dict) -> str | None:
	email, username = _read(claims, "email"), _read(claims, "preferred_username")
	if email and _is_of_own_tenant(claims, email):
		return email
	if username and _is_of_own_tenant(claims, username):
		return username
	return email if email and _is_proved(claims, email) else None


def _is_of_own_tenant(claims: dict, address: str) -> bool:
	"""Whether the tenant is that of the customer to whom the address' domain belongs."""
	return _tenant(claims) in _tenants_of(address) and not _is_guest(claims)


def _is_proved(claims: dict, address: str) -> bool:
	"""By Microsoft's own word, which does not do where an admin has said which tenant is the domain's."""
	is_verified = claims.get("xms_edov") in TRUE and _is_allowed(_tenant(claims))
	return is_verified and not _tenants_of(address)


def _is_allowed(tenant: str) -> bool:
	"""Without a list any organisation; personal accounts, which outlive a job, only when an admin lists them."""
	wanted = words("microsoft_tenants")
	return tenant in wanted if wanted else bool(tenant) and tenant != PERSONAL_TENANT


def _tenants_of(address: str) -> set[str]:
	"""The tenant of the customer to whom the address' domain belongs; none when the admin has named none."""
	domains = with_parents(domain_of(address))
	rows = frappe.db.sql(_TENANTS, {"domains": domains})
	return {tenant for tenant, domain, with_subdomains in rows if domain == domains[0] or with_subdomains}


def _tenant(claims: dict) -> str:
	return str(claims.get("tid") or "").lower()


def _is_guest(claims: dict) -> bool:
	"""Whoever signed in elsewhere has brought their names from there: ``idp`` then names another issuer.

	https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
	"""
	return claims.get("idp", claims["iss"]) != claims["iss"] or str(claims.get("acct", "0")) != "0"


def _read(claims: dict, name: str) -> str | None:
	value = claims.get(name)
	return normal_email(value) if isinstance(value, str) else None
