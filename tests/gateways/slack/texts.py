"""Text as Slack stores what somebody typed: https://docs.slack.dev/messaging/formatting-message-text"""

import re

ADDRESS = re.compile(r"https?://[^\s<>|]+[^\s<>|.,;:!?)]")
EMOJI = {
	"😀": ":grinning:",
	"😄": ":smile:",
	"🙂": ":slightly_smiling_face:",
	"😉": ":wink:",
	"👍": ":+1:",
	"🎉": ":tada:",
	"🙏": ":pray:",
	"✅": ":white_check_mark:",
	"❤️": ":heart:",
	"🔥": ":fire:",
}


def escaped(text: str) -> str:
	return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def link(address: str, label: str = "") -> str:
	return f"<{address}|{escaped(label)}>" if label else f"<{address}>"


def mention(user: str) -> str:
	return f"<@{user}>"


def as_stored(typed: str, users: dict[str, str] | None = None) -> str:
	"""``users`` are the ids by the names that stand behind an ``@`` in the text."""
	text = ADDRESS.sub(lambda found: link(found[0]), escaped(typed))
	for name, user in (users or {}).items():
		text = text.replace(f"@{name}", mention(user))
	for sign, name in EMOJI.items():
		text = text.replace(sign, name)
	return text


def rich_text(text: str) -> list[dict]:
	"""The block that stands beside the text of a message that a person has written."""
	section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
	return [{"type": "rich_text", "block_id": "rt1", "elements": [section]}]
