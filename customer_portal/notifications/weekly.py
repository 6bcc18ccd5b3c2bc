"""The weekly digest: on Monday morning of each member's own time zone, once, to who wants it."""

import frappe

from customer_portal import accounts, digests, keys, timezones
from customer_portal.clock import utc_now
from customer_portal.mail_addresses import normal_email
from customer_portal.notifications import languages, outbox

HOUR = 7  # on the member's clocks; later that day where the scheduler stood still
MONDAY = 0


def tell() -> None:
	"""Hourly: queues what is due by now. Whether they are members, and have anything to read, is asked at sending."""
	for user in accounts.with_digest():
		zone = timezones.of_user(user)
		now = timezones.local(utc_now(), zone)
		if now.weekday() == MONDAY and now.hour >= HOUR:
			_queue(user, digests.monday(zone).date().isoformat())


def _queue(user: str, week: str) -> None:
	row = frappe.db.get_value("User", {"name": user, "enabled": 1}, ["email", "language"], as_dict=True)
	address = normal_email(row and row.email)
	if address:
		occasion = f"{outbox.DIGEST} {keys.digest('occasion', user)[:20]} {week}"
		outbox.write_to_person(outbox.DIGEST, occasion, address, languages.chosen(row.language))
	frappe.db.commit()
