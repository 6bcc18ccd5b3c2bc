"""The two steps of a sign-in: where the browser goes, and what the code that it brings back is worth."""

import base64
import hashlib
import re
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from customer_portal.constants import TENANT_ID
from customer_portal.integrations.openid import documents, tokens
from customer_portal.integrations.openid.documents import Endpoints
from customer_portal.integrations.openid.failures import (
	ProviderUnavailable,
	SignInRefused,
	WrongCredentials,
)

SCOPE = "openid email profile"
WRONG_CREDENTIALS = ("invalid_client", "unauthorized_client", "redirect_uri_mismatch")


@dataclass(frozen=True)
class Client:
	"""What an admin has registered at a provider. ``issuer`` is what the address of its document begins with."""

	issuer: str
	client_id: str
	redirect_uri: str
	client_secret: str = field(repr=False)


@dataclass(frozen=True)
class Secrets:
	"""Of one sign-in. ``verifier`` has 43 to 128 unreserved characters (RFC 7636, 4.1)."""

	state: str = field(repr=False)
	nonce: str = field(repr=False)
	verifier: str = field(repr=False)


def address(client: Client, secrets: Secrets) -> str:
	"""Where the browser goes to sign in. Raises ``ProviderUnavailable``."""
	endpoint = documents.endpoints(client.issuer).authorization
	query = {
		"response_type": "code",
		"response_mode": "query",
		"client_id": client.client_id,
		"redirect_uri": client.redirect_uri,
		"scope": SCOPE,
		"state": secrets.state,
		"nonce": secrets.nonce,
		"code_challenge": _challenge(secrets.verifier),
		"code_challenge_method": "S256",
		"prompt": "select_account",
	}
	return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(query)}"


def is_answer_of(client: Client, issuer: str | None) -> bool:
	"""Whether the answer that the browser brings may be this provider's, as far as it says whose it is (RFC 9207).

	Raises ``ProviderUnavailable``.
	"""
	known = documents.endpoints(client.issuer)
	if issuer is None:
		return not known.names_issuer
	before, tenant, after = known.issuer.partition(documents.TENANT)
	one_of_them = TENANT_ID.pattern if tenant else ""
	return bool(re.fullmatch(re.escape(before) + one_of_them + re.escape(after), issuer))


def claims(client: Client, code: str, secrets: Secrets) -> dict:
	"""The verified claims of the ID token for which the provider takes the code.

	Raises ``SignInRefused``, ``WrongCredentials`` and ``ProviderUnavailable``.
	"""
	known = documents.endpoints(client.issuer)
	token = _exchange(client, known, code, secrets.verifier)
	return tokens.verify(token, client.client_id, known, secrets.nonce)


def _exchange(client: Client, known: Endpoints, code: str, verifier: str) -> str:
	"""The ID token (OpenID Connect Core 1.0, 3.1.3). No other token is kept: nothing is asked of the provider later."""
	form = {
		"grant_type": "authorization_code",
		"code": code,
		"redirect_uri": client.redirect_uri,
		"client_id": client.client_id,
		"client_secret": client.client_secret,
		"code_verifier": verifier,
	}
	answer = documents.ask("POST", known.token, data=form, headers={"Accept": "application/json"})
	if answer.status >= 500:
		raise ProviderUnavailable
	body = documents.read_object(answer.text)
	if answer.status != 200:
		raise WrongCredentials if body.get("error") in WRONG_CREDENTIALS else SignInRefused
	token = body.get("id_token")
	if not isinstance(token, str):
		raise SignInRefused
	return token


def _challenge(verifier: str) -> str:
	digest = hashlib.sha256(verifier.encode()).digest()
	return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
