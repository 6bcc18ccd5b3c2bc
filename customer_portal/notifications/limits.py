"""How many SMS about changes go out: to one number, and from the whole site. Codes have limits of their own."""

from datetime import timedelta

from frappe import _

from customer_portal import settings, throttle
from customer_portal.channels.base import PermanentFailure, TemporaryFailure
from customer_portal.clock import utc_now
from customer_portal.notifications.outbox import Notification
from customer_portal.otp.recipients import SMS
from customer_portal.throttle import DAY, HOUR, NOTIFICATION, SITE, Limit


def take(notification: Notification) -> None:
	"""Counts an SMS once, however often it is attempted. The caller holds no transaction open: this commits.

	Raises ``PermanentFailure`` past the limit of its number, ``TemporaryFailure`` past that of the site.
	"""
	if notification.channel != SMS:
		return
	own = f"notification:{notification.name}"
	destination = throttle.destination_subject(notification.recipient)
	with throttle.hold(own, destination, SITE):
		if throttle.count(NOTIFICATION, own, utc_now() - timedelta(seconds=DAY)):
			return
		failure = _refusal(destination)
		if failure is None:
			throttle.record(NOTIFICATION, own, destination, SITE)
	if failure:
		raise failure


def _refusal(destination: str) -> PermanentFailure | TemporaryFailure | None:
	daily = Limit(settings.number("notification_sms_per_number"), DAY)
	if throttle.wait_seconds(NOTIFICATION, destination, daily):
		return PermanentFailure(_("This number has had as many SMS today as Customer Portal Settings allow."))
	hourly = Limit(settings.number("notification_sms_per_hour"), HOUR)
	if seconds := throttle.wait_seconds(NOTIFICATION, SITE, hourly):
		reason = _("The site has sent as many SMS in this hour as Customer Portal Settings allow.")
		return TemporaryFailure(reason, seconds)
	return None
