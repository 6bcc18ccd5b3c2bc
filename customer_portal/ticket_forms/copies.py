"""Who else a request goes to: people of the same organisation, and nobody else.

Whom we write to because a customer asked for it must not be anybody: this would be a way to send mail to strangers in
our name. So an address is taken when the access list of the customer admits it, which is also who could sign in and
read the ticket. It becomes the ``cc`` of the ticket's first message, which Helpdesk's agents answer to.
"""

import re

from customer_portal import access, mail_addresses
from customer_portal.exceptions import BadFieldValue
from customer_portal.texts import marked as _lt

MOST = 10
LONGEST = 2_000  # characters of all addresses together
_BETWEEN = re.compile(r"[\s,;\u060c]+")


def read(text: str, own: str, customer: str) -> tuple[str, ...]:
	"""Addresses in their comparable form, each once and without the member's ``own``. Raises ``BadFieldValue``."""
	typed = [one for one in _BETWEEN.split(text) if one]
	if len(typed) > MOST or len(text) > LONGEST:
		raise BadFieldValue(_lt("Name {0} people at most."), MOST)
	return tuple(one for one in dict.fromkeys(_address(one, customer) for one in typed) if one != own)


def _address(typed: str, customer: str) -> str:
	address = mail_addresses.normal_email(typed)
	if address is None:
		raise BadFieldValue(_lt("{0} is no e-mail address."), f"\u2068{typed[:100]}\u2069")
	if customer not in (one.customer for one in access.of_address(address)):
		raise BadFieldValue(_lt("{0} is not on your organisation's list."), f"\u2068{address}\u2069")
	return address
