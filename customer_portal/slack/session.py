"""As whom, and in which language, jobs of Slack do what they do: they are started by whoever has changed a ticket, and
by requests of Slack's, who is Guest.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import frappe

from customer_portal.notifications import languages
from customer_portal.slack import people
from customer_portal.texts import in_language


@contextmanager
def as_the_site() -> Iterator[None]:
	"""What is posted or told is in the site's language, and not in that of whoever the job was started for."""
	with in_language(languages.chosen(None)), as_agent("Administrator"):
		yield


@contextmanager
def as_agent(agent: str) -> Iterator[None]:
	before = frappe.session.user
	frappe.set_user(agent)
	try:
		yield
	finally:
		frappe.set_user(before)


@contextmanager
def as_author(slack_user: str) -> Iterator[None]:
	"""The agent whose message or file in Slack it is: by what is known of them, Slack is not asked."""
	with as_agent(people.user_of(slack_user) or frappe.session.user):
		yield
