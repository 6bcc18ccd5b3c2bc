"""Google and Microsoft, at which members of organisations sign in."""

from frappe import _

from customer_portal import settings
from customer_portal.exceptions import SiteAddressMissing
from customer_portal.integrations.openid import documents
from customer_portal.integrations.openid.failures import ProviderUnavailable
from customer_portal.setup_check.finding import SETTINGS, Finding, failed, off, ok
from customer_portal.sign_in import providers
from customer_portal.sign_in.providers import GOOGLE, MICROSOFT, Provider


def google() -> Finding:
	return _look(GOOGLE)


def microsoft() -> Finding:
	return _look(MICROSOFT)


def _look(provider: Provider) -> Finding:
	"""Whether the provider answers; its own answer to the client's secret comes with the first sign-in."""
	if not settings.number(provider.switch):
		return off(_("Signing in with {0} is off.").format(provider.title))
	if provider not in providers.offered():
		return failed(
			_("There is no client ID or client secret for {0}, so that its button is not shown.").format(
				provider.title
			),
			_("Enter both in the Social Login Key."),
			f"/app/social-login-key/{provider.login_key}",
		)
	try:
		documents.endpoints(providers.issuer(provider))
		address = providers.redirect_address(provider)
	except ProviderUnavailable:
		return failed(
			_("{0} does not answer at {1}.").format(provider.title, providers.issuer(provider)),
			_("Let this server reach that address, or correct the issuer in Customer Portal Settings."),
			SETTINGS,
		)
	except SiteAddressMissing as error:
		return failed(error.message, _("Set the site address in Customer Portal Settings."), SETTINGS)
	return ok(
		_("{0} answers. The redirect address to register there is {1}.").format(provider.title, address)
	)
