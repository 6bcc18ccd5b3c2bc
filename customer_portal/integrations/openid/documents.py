"""What a provider publishes: its endpoints (OpenID Connect Discovery 1.0) and its keys (RFC 7517)."""

import json
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from frappe.utils.caching import site_cache

from customer_portal import settings
from customer_portal.integrations import http
from customer_portal.integrations.failures import SendFailure
from customer_portal.integrations.openid.failures import ProviderUnavailable

KEPT_SECONDS = 3600
WELL_KNOWN = "/.well-known/openid-configuration"
TENANT = "{tenantid}"
# Microsoft's names for all tenants at once; their documents have TENANT in the issuer.
_ANY_TENANT = re.compile(r"/(common|organizations|consumers)/")


@dataclass(frozen=True)
class Endpoints:
	"""``issuer`` is as the document says it, with ``TENANT`` where each tenant is an issuer of its own.

	``names_issuer``: answers to the browser carry ``iss`` (RFC 9207).
	"""

	issuer: str
	authorization: str
	token: str
	keys: str
	names_issuer: bool


@site_cache(ttl=KEPT_SECONDS, maxsize=16)
def endpoints(issuer: str) -> Endpoints:
	"""Of the configured issuer; kept for an hour, unless it could not be read. Raises ``ProviderUnavailable``."""
	document = _read(issuer + WELL_KNOWN)
	if document.get("issuer") not in (issuer, _ANY_TENANT.sub(f"/{TENANT}/", issuer)):
		raise ProviderUnavailable
	return Endpoints(
		issuer=document["issuer"],
		authorization=_address(document, "authorization_endpoint", issuer),
		token=_address(document, "token_endpoint", issuer),
		keys=_address(document, "jwks_uri", issuer),
		names_issuer=document.get("authorization_response_iss_parameter_supported") is True,
	)


def key_data(address: str, key_id: str | None) -> dict | None:
	"""The JWK with this id; the only one, when the token names none. Read anew when it is not among those kept.

	Raises ``ProviderUnavailable``.
	"""
	return _pick(_keys(address), key_id) or _pick(_read_keys_anew(address), key_id)


def read_object(text: str) -> dict:
	"""Raises ``ProviderUnavailable`` for all but a JSON object."""
	try:
		value = json.loads(text)
	except (ValueError, RecursionError):
		value = None
	if not isinstance(value, dict):
		raise ProviderUnavailable
	return value


def ask(method: str, address: str, **options) -> http.Answer:
	"""Raises ``ProviderUnavailable``, without the cause, which would hold what was sent."""
	try:
		return http.request(method, address, settings.number("provider_timeout_seconds"), **options)
	except SendFailure:
		raise ProviderUnavailable from None


@site_cache(ttl=KEPT_SECONDS, maxsize=16)
def _keys(address: str) -> list:
	keys = _read(address).get("keys")
	if not isinstance(keys, list):
		raise ProviderUnavailable
	return keys


def _read_keys_anew(address: str) -> list:
	"""Providers change their keys at any time, and publish a new one before they use it."""
	_keys.clear_cache()
	return _keys(address)


def _read(address: str) -> dict:
	answer = ask("GET", address, headers={"Accept": "application/json"})
	if answer.status != 200:
		raise ProviderUnavailable
	return read_object(answer.text)


def _address(document: dict, name: str, issuer: str) -> str:
	"""HTTPS, or the scheme of the issuer: an admin may set up one on this very machine."""
	value = document.get(name)
	try:
		parts = urlsplit(value if isinstance(value, str) else "")
	except ValueError:
		raise ProviderUnavailable from None
	if parts.scheme not in ("https", urlsplit(issuer).scheme) or not parts.hostname:
		raise ProviderUnavailable
	return value


def _pick(keys: list, key_id: str | None) -> dict | None:
	fitting = [
		key
		for key in keys
		if isinstance(key, dict)
		and key.get("use", "sig") == "sig"
		and (key_id is None or key.get("kid") == key_id)
	]
	return fitting[0] if len(fitting) == 1 else None
