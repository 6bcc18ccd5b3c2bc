"""What Customer Portal Settings show beside their fields."""

from contextlib import suppress

from customer_portal import links, provider_hooks
from customer_portal.exceptions import SiteAddressMissing
from customer_portal.sign_in import providers
from customer_portal.slack import manifest, news, outbox


def onload(doc, method: str | None = None) -> None:
	"""The addresses that an admin copies elsewhere: none while nobody has said what the site's own is."""
	with suppress(SiteAddressMissing):
		addresses = {provider.name: providers.redirect_address(provider) for provider in providers.ALL}
		doc.set_onload("addresses", {"portal": f"{links.site_address()}/portal", **addresses})
	_show_slack(doc)


def on_update(doc, method: str | None = None) -> None:
	"""A new token, or another channel, may be what messages have waited for. The triage channel may have been a
	customer's.
	"""
	if doc.slack_triage_channel and doc.has_value_changed("slack_triage_channel"):
		news.channel_connected(doc.slack_triage_channel)
	elif doc.slack_triage_channel and doc.has_value_changed("slack_triage_mode"):
		news.mode_changed(doc.slack_triage_channel)
	if doc.slack_enabled:
		outbox.retry_now()


def _show_slack(doc) -> None:
	"""What an admin gives to Slack: nothing while Slack could not reach the site."""
	shown = manifest.manifest()
	if shown:
		given = {"manifest": shown, "bot_name": manifest.bot_name()}
		given |= {"events": provider_hooks.slack_events_address()}
		given |= {"actions": provider_hooks.slack_actions_address()}
		doc.set_onload("slack", given)
