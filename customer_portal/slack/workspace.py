"""The workspace that the bot token is of."""

from frappe.utils.caching import site_cache

from customer_portal import keys, settings
from customer_portal.integrations.slack import client

KEPT_SECONDS = 600


def team() -> str:
	"""Its ID. Raises what ``client`` raises."""
	token = settings.get().get_password("slack_bot_token", raise_exception=False) or ""
	return _team(keys.digest("slack workspace", token))


@site_cache(ttl=KEPT_SECONDS)
def _team(token_digest: str) -> str:
	return client.identity().team
