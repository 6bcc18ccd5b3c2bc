"""Signing in by a provider: setting out, and coming back. The sentences are the same whoever comes back."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import frappe
from frappe.utils.caching import site_cache

from customer_portal import request_address, settings, throttle
from customer_portal.integrations.openid import flow
from customer_portal.integrations.openid.failures import (
	OpenIdFailure,
	ProviderUnavailable,
	SignInRefused,
	WrongCredentials,
)
from customer_portal.otp import outcome, sentences
from customer_portal.otp.outcome import Outcome
from customer_portal.sign_in import attempts, people, providers, vouching
from customer_portal.sign_in.attempts import Attempt
from customer_portal.sign_in.providers import Provider
from customer_portal.texts import translate as _
from customer_portal.throttle import HOUR, Limit

LONGEST_CODE = 8192  # characters; Microsoft's have some 1,500


@dataclass(frozen=True)
class Departure:
	"""``address`` is the provider's, ``cookie`` the sealed attempt; without them ``outcome`` says why not."""

	outcome: Outcome | None = None
	address: str = field(default="", repr=False)
	cookie: str = field(default="", repr=False)


def depart(provider: Provider, language: str) -> Departure:
	"""Raises ``SiteAddressMissing``."""
	attempt = attempts.make(provider.name, language)
	try:
		address = flow.address(providers.client(provider), attempt.secrets)
	except ProviderUnavailable:
		return Departure(_unavailable(provider))
	return Departure(None, address, attempts.seal(attempt))


def arrive(provider: Provider, cookie: str, query: Mapping[str, str], address: str) -> Outcome:
	"""What the browser brings back; ``Outcome.user`` says who came in.

	``query`` has the parameters that came once, ``address`` is the IP address. Raises ``SiteAddressMissing``.
	"""
	attempt = attempts.unseal(cookie, provider.name)
	if attempt is None or not attempts.is_state_of(attempt, query.get("state", "")):
		return _unfinished(provider)
	sender = throttle.address_subject(request_address.network(address))
	if refusal := _use_up(provider, attempt, sender):
		return refusal
	result = _finish(provider, attempt, query)
	if result.kind in (outcome.UNFINISHED, outcome.REFUSED):
		with throttle.hold(sender):
			throttle.record(throttle.CHECK, sender)
	return result


def _use_up(provider: Provider, attempt: Attempt, sender: str) -> Outcome | None:
	"""Why this attempt is none; committed before the provider is asked, so that two at once are one.

	Only what failed counts: a whole company may come from one address in the morning.
	"""
	most = Limit(settings.number("checks_per_ip_per_hour"), HOUR)
	with throttle.hold(sender):
		if seconds := throttle.wait_seconds(throttle.CHECK, sender, most):
			return sentences.too_many_sign_ins(seconds)
		return None if attempts.take(attempt) else _unfinished(provider)


def _finish(provider: Provider, attempt: Attempt, query: Mapping[str, str]) -> Outcome:
	try:
		claims = _claims(provider, attempt, query)
	except OpenIdFailure as failure:
		return _outcome_of(provider, failure)
	return _enter(vouching.address_of(provider, claims), attempt.language)


def _claims(provider: Provider, attempt: Attempt, query: Mapping[str, str]) -> dict:
	client, code = providers.client(provider), query.get("code", "")
	if "error" in query or not code or len(code) > LONGEST_CODE:
		raise SignInRefused
	if not flow.is_answer_of(client, query.get("iss")):
		raise SignInRefused
	return flow.claims(client, code, attempt.secrets)


def _enter(address: str | None, language: str) -> Outcome:
	"""The same for an address that nobody vouches for and one that nobody admits: neither tells who is known."""
	if address is None:
		return _refused()
	with throttle.hold(throttle.sign_in_subject(address)):
		user = people.user_of(address, language)
	return Outcome(outcome.VERIFIED, _("You are signed in."), user=user) if user else _refused()


def _outcome_of(provider: Provider, failure: OpenIdFailure) -> Outcome:
	if isinstance(failure, WrongCredentials):
		_report_credentials(provider.title)
	return _unavailable(provider) if isinstance(failure, ProviderUnavailable) else _unfinished(provider)


def _unavailable(provider: Provider) -> Outcome:
	sentence = _("{0} cannot be reached at the moment. Try again later, or sign in in another way.")
	return Outcome(outcome.UNAVAILABLE, sentence.format(provider.title))


def _unfinished(provider: Provider) -> Outcome:
	sentence = _("The sign-in with {0} was not finished, or it took too long. Please try again.")
	return Outcome(outcome.UNFINISHED, sentence.format(provider.title))


def _refused() -> Outcome:
	return Outcome(
		outcome.REFUSED,
		_(
			"You cannot sign in with this account. Use the one of the address that your organisation has "
			"registered with us, or sign in in another way."
		),
	)


@site_cache(ttl=HOUR)
def _report_credentials(title: str) -> None:
	"""Once an hour in each process, and not for each person who tries."""
	frappe.log_error(
		f"Customer Portal: {title} does not accept the sign-in",
		"The client ID, the client secret or the redirect address is not the one that is registered there. Compare "
		"the Social Login Key, and the redirect address in Customer Portal Settings.",
	)
