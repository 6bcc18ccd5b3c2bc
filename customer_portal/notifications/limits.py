"""How many messages about changes go out: to one number or address, and from the whole site. Codes have limits of
their own.
"""

from datetime import timedelta

import frappe
from frappe import _

from customer_portal import settings, throttle
from customer_portal.channels import base
from customer_portal.channels.base import PHONE, PermanentFailure, TemporaryFailure
from customer_portal.clock import utc_now
from customer_portal.notifications.outbox import REPLY, Notification
from customer_portal.throttle import DAY, HOUR, NOTIFICATION, SITE, Limit


def take(notification: Notification) -> None:
	"""Counts a message once, however often it is attempted. Commits what the caller's transaction has, and then this.

	Raises ``PermanentFailure`` past the limit of its number or address, ``TemporaryFailure`` past that of the site.
	A person writes replies, and each of them counts for somebody: they have no limit.
	"""
	if notification.kind == REPLY:
		frappe.db.commit()
	else:
		_count(notification)


def _count(notification: Notification) -> None:
	own = f"notification:{notification.name}"
	destination = throttle.destination_subject(notification.recipient)
	is_paid = _is_paid(notification.channel)
	limited = (destination, SITE) if is_paid else (destination,)
	with throttle.hold(*limited):  # not its own: who has claimed a message is alone with it
		if notification.attempts > 1 and _is_counted(own):
			return
		failure = _refusal(destination, is_paid)
		if failure is None:
			throttle.record(NOTIFICATION, own, *limited)
	if failure:
		raise failure


def _is_counted(own: str) -> bool:
	return throttle.count(NOTIFICATION, own, utc_now() - timedelta(seconds=DAY)) > 0


def _is_paid(channel: str) -> bool:
	"""What goes to a phone costs the site money."""
	known = base.registry.get(channel)
	return known is not None and known.address_kind == PHONE


def _refusal(destination: str, is_paid: bool) -> PermanentFailure | TemporaryFailure | None:
	fieldname = "notification_sms_per_number" if is_paid else "notification_mails_per_address"
	if throttle.wait_seconds(NOTIFICATION, destination, Limit(settings.number(fieldname), DAY)):
		return PermanentFailure(
			_("This recipient has had as many messages today as Customer Portal Settings allow.")
		)
	return _refusal_of_site() if is_paid else None


def _refusal_of_site() -> TemporaryFailure | None:
	hourly = Limit(settings.number("notification_sms_per_hour"), HOUR)
	if seconds := throttle.wait_seconds(NOTIFICATION, SITE, hourly):
		reason = _("The site has sent as many SMS in this hour as Customer Portal Settings allow.")
		return TemporaryFailure(reason, seconds)
	return None
