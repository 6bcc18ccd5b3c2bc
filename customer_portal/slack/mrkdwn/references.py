"""What stands between ``<`` and ``>`` in a message: people, channels, groups, dates and links.

https://docs.slack.dev/messaging/formatting-message-text, "Retrieving messages".
"""

import re
from collections.abc import Callable
from html import escape

from customer_portal.slack.mrkdwn import emoji, signs

MOST_NAMES = 50  # of people who are looked up for one message
_USER = re.compile(r"[UW][A-Z0-9]{1,20}")
_EVERYBODY = {"here", "channel", "everyone"}
_REFERENCE = re.compile(r"<([^<>\n]*)>")


class References:
	"""Those of one message. ``name_of`` is asked once for each person."""

	def __init__(self, name_of: Callable[[str], str | None], somebody: str):
		self._name_of = name_of
		self._somebody = somebody
		self._names: dict[str, str] = {}

	def html(self, reference: str) -> str:
		"""``reference`` is what stands between the brackets."""
		target, label = self._parts(reference)
		if not signs.is_address(target):
			return escape(self._shown(reference))
		text = emoji.as_signs(label) if label else _without_scheme(target)
		href = escape(target)
		return f'<a href="{href}" rel="noopener noreferrer" target="_blank">{escape(text)}</a>'

	def plain(self, text: str) -> str:
		"""Code as text: Slack's clients make links even there."""
		return signs.unescape(_REFERENCE.sub(lambda found: signs.escape(self._shown(found[1])), text))

	def _parts(self, reference: str) -> tuple[str, str]:
		target, _, label = reference.partition("|")
		return signs.unescape(target), signs.unescape(label).strip()

	def _shown(self, reference: str) -> str:
		target, label = self._parts(reference)
		kind, rest = target[:1], target[1:]
		if kind == "@":
			return "@" + self._name(rest, label.removeprefix("@"))
		if kind == "#":
			return "#" + (label.removeprefix("#") or "…")
		if kind == "!":
			return self._command(rest, label)
		return label or (_without_scheme(target) if signs.is_address(target) else f"<{target}>")

	def _name(self, user: str, label: str) -> str:
		if user not in self._names:
			may_ask = len(self._names) < MOST_NAMES and _USER.fullmatch(user)
			name = self._name_of(user) if may_ask else None
			self._names[user] = " ".join((name or "").split())
		return self._names[user] or label or self._somebody

	def _command(self, command: str, label: str) -> str:
		name = command.split("^")[0]
		if name in _EVERYBODY:
			return f"@{name}"
		if name == "subteam":
			return "@" + (label.removeprefix("@") or self._somebody)
		return label or ("" if name == "date" else name)


def _without_scheme(address: str) -> str:
	return re.sub(r"^(?:mailto|tel):", "", address, flags=re.IGNORECASE)
