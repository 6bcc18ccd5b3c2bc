"""What Customer Portal Settings show beside their fields."""

from contextlib import suppress

from customer_portal import links
from customer_portal.exceptions import SiteAddressMissing
from customer_portal.sign_in import providers


def onload(doc, method: str | None = None) -> None:
	"""The addresses that an admin copies elsewhere: none while nobody has said what the site's own is."""
	with suppress(SiteAddressMissing):
		addresses = {provider.name: providers.redirect_address(provider) for provider in providers.ALL}
		doc.set_onload("addresses", {"portal": f"{links.site_address()}/portal", **addresses})
