"""What Slack refuses of Block Kit: https://docs.slack.dev/reference/block-kit"""

from uuid import uuid4

from tests.gateways.slack.api import Refusal, decoded

MOST_BLOCKS = 50
MOST_CHARACTERS = 13_200  # shown by all blocks together; measured, not documented: https://github.com/slackapi/bolt-js/issues/2509
LONGEST_ID = 255
PLAIN = ("plain_text",)
ANY_TEXT = ("plain_text", "mrkdwn")
KEYS = {
	"section": {"text", "fields", "accessory", "expand"},
	"actions": {"elements"},
	"context": {"elements"},
	"header": {"text"},
	"divider": set(),
	"image": {"image_url", "slack_file", "alt_text", "title"},
	"rich_text": {"elements"},
	"markdown": {"text"},
	"button": {"action_id", "text", "value", "url", "style", "confirm", "accessibility_label"},
	"static_select": {
		"action_id",
		"placeholder",
		"options",
		"option_groups",
		"initial_option",
		"confirm",
		"focus_on_load",
	},
	"overflow": {"action_id", "options", "confirm"},
}
BLOCKS = {"section", "actions", "context", "header", "divider", "image", "rich_text", "markdown"}
ELEMENTS = {"button", "static_select", "overflow"}


def checked(value: object) -> list[dict]:
	"""The blocks of a message, each with an id; raises ``invalid_blocks`` with a pointer to what is wrong."""
	blocks = decoded(value, "invalid_blocks_format")
	if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
		raise Refusal("invalid_blocks_format")
	wrong = list(_problems(blocks))
	if wrong:
		texts = [f"[ERROR] {problem}" for problem in wrong]
		raise Refusal("invalid_blocks", errors=wrong, response_metadata={"messages": texts})
	if len("".join(_texts(blocks))) > MOST_CHARACTERS:
		raise Refusal("msg_blocks_too_long")
	return [{"block_id": uuid4().hex[:5], **block} for block in blocks]


def _texts(value: object):
	"""All that is shown."""
	for part in value if isinstance(value, list) else []:
		yield from _texts(part)
	for key, part in value.items() if isinstance(value, dict) else ():
		yield from [part] if key == "text" and isinstance(part, str) else _texts(part)


def _problems(blocks: list[dict]):
	if len(blocks) > MOST_BLOCKS:
		yield f"no more than {MOST_BLOCKS} items allowed [json-pointer:/blocks]"
	ids = [block["block_id"] for block in blocks if "block_id" in block]
	for name in sorted({name for name in ids if ids.count(name) > 1}):
		yield f"`block_id` already exists: {name} [json-pointer:/blocks]"
	for number, block in enumerate(blocks):
		for problem, at in _block(block):
			yield f"{problem} [json-pointer:/blocks/{number}{at}]"


def _block(block: dict):
	kind = block.get("type")
	if kind not in BLOCKS:
		yield f"unsupported type: {kind}", "/type"
		return
	yield from _keys(block, kind, {"block_id"}, "")
	yield from _id(block.get("block_id", "x"), "/block_id")
	yield from CHECKS[kind](block)


def _keys(part: dict, kind: str, common: set[str], at: str):
	for key in part.keys() - KEYS[kind] - common - {"type"}:
		yield f"invalid additional property: {key}", at


def _id(value: object, at: str):
	if not isinstance(value, str) or not 0 < len(value) <= LONGEST_ID:
		yield f"must be 1 to {LONGEST_ID} characters", at


def _text(value: object, most: int, kinds, at: str):
	if (
		not isinstance(value, dict)
		or value.get("type") not in kinds
		or not isinstance(value.get("text"), str)
	):
		yield "must be a valid text object", at
	elif not value["text"]:
		yield "must be more than 0 characters", f"{at}/text"
	elif len(value["text"]) > most:
		yield f"must be less than {most + 1} characters", f"{at}/text"
	elif value.keys() - {"type", "text", "emoji" if value["type"] == "plain_text" else "verbatim"}:
		yield "invalid additional property", at


def _items(value: object, most: int, at: str):
	if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
		yield "must provide at least 1 item", at
	elif len(value) > most:
		yield f"no more than {most} items allowed", at


def _section(block: dict):
	if "text" not in block and "fields" not in block:
		yield "missing required field: text", ""
	if "text" in block:
		yield from _text(block["text"], 3000, ANY_TEXT, "/text")
	if "fields" in block:
		yield from _items(block["fields"], 10, "/fields")
		for number, text in enumerate(block["fields"] or []):
			yield from _text(text, 2000, ANY_TEXT, f"/fields/{number}")
	if "accessory" in block:
		yield from _element(block["accessory"], ELEMENTS | {"image"}, "/accessory")


def _actions(block: dict):
	wrong = list(_items(block.get("elements"), 25, "/elements"))
	yield from wrong
	elements = [] if wrong else block["elements"]
	ids = [element["action_id"] for element in elements if "action_id" in element]
	if len(ids) > len(set(ids)):
		yield "`action_id` already exists in this block", "/elements"
	for number, element in enumerate(elements):
		yield from _element(element, ELEMENTS, f"/elements/{number}")


def _context(block: dict):
	wrong = list(_items(block.get("elements"), 10, "/elements"))
	yield from wrong
	for number, part in enumerate([] if wrong else block["elements"]):
		at = f"/elements/{number}"
		yield from _image(part, at) if part.get("type") == "image" else _text(part, 3000, ANY_TEXT, at)


def _image(part: dict, at: str = ""):
	if not 0 < len(part.get("image_url") or "x" * ("slack_file" in part)) <= 3000:
		yield "missing required field: image_url", at
	if not 0 < len(part.get("alt_text") or "") <= 2000:
		yield "missing required field: alt_text", at


def _markdown(block: dict):
	if not 0 < len(block.get("text") or "") <= 12_000:
		yield "must be 1 to 12000 characters", "/text"


def _element(element: dict, allowed: set[str], at: str):
	kind = element.get("type")
	if kind not in allowed:
		yield f"unsupported type: {kind}", at
	elif kind == "image":
		yield from _image(element, at)
	else:
		yield from _keys(element, kind, set(), at)
		yield from _id(element.get("action_id", "x"), f"{at}/action_id")
		yield from _confirm(element.get("confirm"), f"{at}/confirm")
		yield from {"button": _button, "static_select": _select, "overflow": _overflow}[kind](element, at)


def _button(button: dict, at: str):
	yield from _text(button.get("text"), 75, PLAIN, f"{at}/text")
	if len(button.get("value", "")) > 2000:
		yield "must be less than 2001 characters", f"{at}/value"
	if len(button.get("url", "")) > 3000:
		yield "must be less than 3001 characters", f"{at}/url"
	if button.get("style", "primary") not in ("primary", "danger"):
		yield "must be a valid enum value", f"{at}/style"


def _select(menu: dict, at: str):
	if "placeholder" in menu:
		yield from _text(menu["placeholder"], 150, PLAIN, f"{at}/placeholder")
	if ("options" in menu) == ("option_groups" in menu):
		yield "needs either options or option_groups", at
	groups = menu.get("option_groups")
	if groups is not None:
		yield from _items(groups, 100, f"{at}/option_groups")
	for number, group in enumerate(groups or []):
		yield from _text(group.get("label"), 75, PLAIN, f"{at}/option_groups/{number}/label")
		yield from _options(group.get("options"), 100, f"{at}/option_groups/{number}/options")
	if "options" in menu:
		yield from _options(menu["options"], 100, f"{at}/options")
	every = [*menu.get("options", []), *(option for group in groups or [] for option in group["options"])]
	if "initial_option" in menu and menu["initial_option"] not in every:
		yield "must be one of the options", f"{at}/initial_option"


def _overflow(menu: dict, at: str):
	yield from _options(menu.get("options"), 5, f"{at}/options")


def _options(options: object, most: int, at: str):
	wrong = list(_items(options, most, at))
	yield from wrong
	for number, option in enumerate([] if wrong else options):
		yield from _text(option.get("text"), 75, ANY_TEXT, f"{at}/{number}/text")
		if not 0 < len(option.get("value") or "") <= 150:
			yield "must be less than 151 characters", f"{at}/{number}/value"
		if "description" in option:
			yield from _text(option["description"], 75, ANY_TEXT, f"{at}/{number}/description")


def _confirm(dialog: dict | None, at: str):
	longest = {"title": 100, "text": 300, "confirm": 30, "deny": 30}
	for name in longest if dialog else ():
		yield from _text(
			dialog.get(name), longest[name], ANY_TEXT if name == "text" else PLAIN, f"{at}/{name}"
		)


CHECKS = {
	"section": _section,
	"actions": _actions,
	"context": _context,
	"header": lambda block: _text(block.get("text"), 150, PLAIN, "/text"),
	"divider": lambda block: (),
	"image": _image,
	"rich_text": lambda block: _items(block.get("elements"), 100, "/elements"),
	"markdown": _markdown,
}
