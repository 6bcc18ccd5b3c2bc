"""The ticket link: one per ticket, minted, found, renewed, revoked. The only writer of Portal Access Link.

A token is HMAC(key outside the database, ticket, random nonce, version), cut to 128 bits: any later message can
carry the same link, and the database alone (digests) opens nothing.
"""

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta

import frappe
from frappe.utils.caching import site_cache

from customer_portal import keys, rows, sessions, settings, throttle
from customer_portal.access_link import AccessLink
from customer_portal.clock import utc_now
from customer_portal.exceptions import LinkIsRevoked, SiteAddressMissing

DOCTYPE = "Portal Access Link"
TOKEN_BYTES = 16
TOKEN_LENGTH = 22  # base64url of 16 bytes without padding
_MALFORMED = "-" * TOKEN_LENGTH
_NO_LOCK = {"locked_until": None, "failures_in_a_row": 0}


_COLUMNS = ", ".join(f"`{column.name}`" for column in fields(AccessLink))


def ensure(ticket: str) -> AccessLink:
	"""The ticket's link: minted when there is none, revoked ones as they are.

	Renewed when it has expired, and when the site's encryption key is another than the one that made it: its
	token could not be made again, and every message would carry a dead link.
	"""
	link = of_ticket(ticket) or _mint(str(ticket))
	if link.is_revoked:
		return link
	is_dead = has_other_key(link)
	if is_dead:
		_report_other_key()
	return _renew(link) if is_dead or link.is_expired else link


def has_other_key(link: AccessLink) -> bool:
	"""Another encryption key made it: what was sent of it opens nothing any more."""
	return link.digest != _digest(token(link))


def newest(most: int) -> list[AccessLink]:
	query = f"SELECT {_COLUMNS} FROM `tabPortal Access Link` ORDER BY creation DESC LIMIT %(most)s"
	return [AccessLink(*row) for row in frappe.db.sql(query, {"most": most})]


def of_ticket(ticket: str) -> AccessLink | None:
	return _read("`ticket` = %(key)s", str(ticket))


def token(link: AccessLink) -> str:
	"""The 22 characters that stand in the address; the same ones each time for one version."""
	return _token(link.ticket, link.nonce, link.version)


def url(ticket: str) -> str:
	"""The address of the ticket's link, for people and messages.

	Raises ``LinkIsRevoked`` and ``SiteAddressMissing``.
	"""
	link = ensure(ticket)
	if link.is_revoked:
		raise LinkIsRevoked
	return f"{site_address()}/t/{token(link)}"


def present_url(link: AccessLink) -> str | None:
	"""The address of a link as it is, without renewing it: None when it opens nothing.

	Raises ``SiteAddressMissing``.
	"""
	opens = link.is_live and not has_other_key(link)
	return f"{site_address()}/t/{token(link)}" if opens else None


def site_address() -> str:
	"""``https://host`` without a final slash: the setting, else host_name, else the site's own name.

	A request's Host header is never used: whoever asks could have chosen it. Outside a multi-tenant set-up a site
	may have a name that is no host ("frontend"); links cannot be made then and ``SiteAddressMissing`` says so.
	"""
	configured = settings.get().portal_url or frappe.conf.host_name or frappe.conf.hostname
	address = configured or _address_of(frappe.local.site)
	return (address if "://" in address else f"https://{address}").rstrip("/")


def _address_of(site: str) -> str:
	"""A site that is served under its own name; a developer's bench is reached at its web server's port."""
	if "." not in site:
		raise SiteAddressMissing
	scheme = "https" if frappe.conf.ssl_certificate else "http"
	port = f":{frappe.conf.webserver_port or 8000}" if frappe.conf.developer_mode else ""
	return f"{scheme}://{site}{port}"


def resolve(token: str) -> AccessLink | None:
	"""The live link of a token. Unknown, malformed, expired and revoked all cost the same and give None."""
	link = find(token)
	return link if link and link.is_live else None


def find(token: str) -> AccessLink | None:
	"""The link of a token whatever its state. Every kind of text costs one digest and one indexed read of one row:
	without a link a row of NULLs, so that an unknown link takes as long as a revoked one."""
	is_well_formed = isinstance(token, str) and len(token) == TOKEN_LENGTH and token.isascii()
	query = f"""SELECT {_COLUMNS} FROM (SELECT 1) nothing
		LEFT JOIN `tabPortal Access Link` ON `digest` = %(digest)s"""
	digest = _digest(token if is_well_formed else _MALFORMED)
	link = AccessLink(*frappe.db.sql(query, {"digest": digest})[0])
	return link if link.name else None


def lock_row(name: str) -> AccessLink | None:
	"""The newest committed state of a link, locked until the transaction ends."""
	return _read("`name` = %(key)s", name, for_update=True)


def note_opened(link: AccessLink) -> None:
	"""The verified customer saw the ticket. The caller commits."""
	query = """UPDATE `tabPortal Access Link`
		SET opens = opens + 1, last_opened_at = %(now)s, first_opened_at = COALESCE(first_opened_at, %(now)s)
		WHERE name = %(name)s"""
	frappe.db.sql(query, {"name": link.name, "now": utc_now()})


def muted_among(tickets: Sequence[str]) -> set[str]:
	"""Those of the tickets whose customer wants no news."""
	filters = {"ticket": ("in", list(tickets)), "is_muted": 1}
	return set(frappe.get_all(DOCTYPE, filters=filters, pluck="ticket"))


def mute(ticket: str, is_muted: bool) -> None:
	"""The customer wants no news of this ticket but its resolution, or all of them again. The caller commits."""
	_change(ensure(ticket), {"is_muted": int(is_muted)})


def rotate(ticket: str) -> AccessLink:
	"""A new link; the old one, its codes and its sessions end at once.

	All is counted anew, as by ``unlock``: whoever guessed at the old link does not know this one. Codes keep the raised
	number of digits after a lock.
	"""
	link = ensure(ticket)
	changes = {
		**_fresh_token(link.ticket, link.version + 1),
		**_NO_LOCK,
		"is_revoked": 0,
		"is_revoked_by_failures": 0,
		"revoke_reason": None,
		"unlocked_at": utc_now(),
	}
	_change(link, changes)
	sessions.close_all(link.name, "The link was replaced")
	return lock_row(link.name)


def revoke(ticket: str, reason: str) -> None:
	"""An agent ends the link: it answers like an unknown one, and its codes and sessions end at once."""
	link = ensure(ticket)
	_change(link, {"is_revoked": 1, "is_revoked_by_failures": 0, "revoke_reason": reason[:140]})
	sessions.close_all(link.name, "The link was revoked")


def unlock(ticket: str) -> None:
	"""An agent lifts a lock; only what is counted from now on counts: wrong codes, entries that do not match,
	and the ticket's codes sent. A revoked link stays revoked: rotate it."""
	_change(ensure(ticket), {**_NO_LOCK, "unlocked_at": utc_now()})


def count_failure(link: AccessLink) -> AccessLink:
	"""The link with one more wrong code in a row. The caller holds the ticket's throttle and commits."""
	counted = replace(link, failures_in_a_row=link.failures_in_a_row + 1)
	_change(link, {"failures_in_a_row": counted.failures_in_a_row})
	return counted


def count_success(link: AccessLink) -> None:
	"""A right code ends the row of wrong ones, and nothing else."""
	_change(link, {"failures_in_a_row": 0})


def lock(link: AccessLink, until: datetime) -> None:
	_change(link, {"locked_until": until, "was_locked": 1})


def revoke_by_failures(link: AccessLink) -> None:
	"""Too many wrong codes: the link dies for everybody but those who had proved themselves before."""
	_change(link, {"is_revoked": 1, "is_revoked_by_failures": 1, "revoke_reason": "Too many wrong codes"})


def forget(ticket: str) -> None:
	"""The ticket was deleted: its link, codes, sessions and counters go with it."""
	frappe.db.delete(DOCTYPE, {"ticket": str(ticket)})
	sessions.forget(str(ticket))
	throttle.forget(throttle.ticket_subject(str(ticket)))


def _change(link: AccessLink, values: dict[str, object]) -> None:
	frappe.db.set_value(DOCTYPE, link.name, values, update_modified=False)


def _mint(ticket: str) -> AccessLink:
	"""The unique index on ``ticket`` decides a race; the loser reads the winner's row."""
	rows.insert_or_lock(DOCTYPE, "ticket", {"ticket": ticket, **_fresh_token(ticket, 1)})
	return _read("`ticket` = %(key)s", ticket, for_update=True)


def _renew(link: AccessLink) -> AccessLink:
	"""A new token for an expired or dead link, whose codes and sessions stay behind; of two at once the first wins."""
	values = {"name": link.name, "old": link.version, **_fresh_token(link.ticket, link.version + 1)}
	query = """UPDATE `tabPortal Access Link`
		SET nonce = %(nonce)s, version = %(version)s, digest = %(digest)s, expires_at = %(expires_at)s
		WHERE name = %(name)s AND version = %(old)s"""
	if rows.affected(query, values):
		sessions.close_all(link.name, "The link was renewed")
	return lock_row(link.name)


@site_cache(ttl=throttle.DAY)
def _report_other_key() -> None:
	"""Once a day in each process, and not for each of all the links."""
	frappe.log_error(
		"Customer Portal: the encryption key has changed",
		"Links that were sent before no longer work. New messages carry new ones. If the site was restored from a "
		"backup, restore its encryption_key in site_config.json too.",
	)


def _fresh_token(ticket: str, version: int) -> dict[str, object]:
	nonce = secrets.token_hex(16)
	days = settings.number("link_expiry_days")
	return {
		"nonce": nonce,
		"version": version,
		"digest": _digest(_token(ticket, nonce, version)),
		"expires_at": utc_now() + timedelta(days=days) if days else None,
	}


def _token(ticket: str, nonce: str, version: int) -> str:
	raw = keys.derive("link-token", ticket, nonce, str(version))[:TOKEN_BYTES]
	return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _digest(token: str) -> str:
	return keys.digest("link-digest", token)


def _read(condition: str, key: str, for_update: bool = False) -> AccessLink | None:
	lock = " FOR UPDATE" if for_update else ""
	query = f"SELECT {_COLUMNS} FROM `tabPortal Access Link` WHERE {condition}{lock}"
	found = frappe.db.sql(query, {"key": key})
	return AccessLink(*found[0]) if found else None
