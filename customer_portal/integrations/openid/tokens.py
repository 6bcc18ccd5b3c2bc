"""Verifies an ID token: OpenID Connect Core 1.0, 3.1.3.7, and what Microsoft's tenants add to it."""

import hmac
import time

import jwt

from customer_portal.constants import TENANT_ID
from customer_portal.integrations.openid import documents
from customer_portal.integrations.openid.documents import TENANT, Endpoints
from customer_portal.integrations.openid.failures import SignInRefused

# Of a published key alone: with "none" or a shared secret anybody, or any client, could sign.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
NEEDED = ("iss", "sub", "aud", "exp", "iat", "nonce")
LEEWAY_SECONDS = 60  # between the provider's clock and ours
OLDEST_SECONDS = 600  # a token for this sign-in was made after it began


def verify(token: str, client_id: str, known: Endpoints, nonce: str) -> dict:
	"""The claims. Raises ``SignInRefused``, and ``ProviderUnavailable`` when the keys cannot be had."""
	key = _key(token, known)
	claims = _decode(token, key, client_id)
	_check_issuer(claims, known, key)
	_check_presenter(claims, client_id)
	_check_freshness(claims, nonce)
	return claims


def _key(token: str, known: Endpoints) -> dict:
	try:
		header = jwt.get_unverified_header(token)
	except jwt.PyJWTError:
		raise SignInRefused from None
	if header.get("alg") not in ALGORITHMS:
		raise SignInRefused
	found = documents.key_data(known.keys, header.get("kid"))
	if found is None:
		raise SignInRefused
	return found


def _decode(token: str, key: dict, client_id: str) -> dict:
	"""Signature, audience, end and beginning. The issuer is checked below, where it may depend on the tenant."""
	try:
		header = jwt.get_unverified_header(token)
		public_key = jwt.PyJWK(key, header["alg"]).key
		return jwt.decode(
			token,
			public_key,
			algorithms=[header["alg"]],
			audience=client_id,
			leeway=LEEWAY_SECONDS,
			options={"require": list(NEEDED)},
		)
	except (jwt.PyJWTError, KeyError, ValueError, TypeError, OverflowError):
		raise SignInRefused from None


def _check_issuer(claims: dict, known: Endpoints, key: dict) -> None:
	"""Each of Microsoft's tenants is an issuer, and a key may be for one of them alone:
	https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-issuer
	"""
	for template in filter(None, (known.issuer, key.get("issuer"))):
		if claims["iss"] != _of_tenant(template, claims.get("tid")):
			raise SignInRefused


def _of_tenant(template: str, tenant: object) -> str:
	if TENANT not in template:
		return template
	if not isinstance(tenant, str) or not TENANT_ID.fullmatch(tenant):
		raise SignInRefused
	return template.replace(TENANT, tenant)


def _check_presenter(claims: dict, client_id: str) -> None:
	"""We trust no other client: the token is for us alone, and was given to us."""
	if claims["aud"] not in (client_id, [client_id]) or claims.get("azp", client_id) != client_id:
		raise SignInRefused


def _check_freshness(claims: dict, nonce: str) -> None:
	is_ours = hmac.compare_digest(str(claims["nonce"]).encode(), nonce.encode())
	if not is_ours or float(claims["iat"]) < time.time() - OLDEST_SECONDS - LEEWAY_SECONDS:
		raise SignInRefused
