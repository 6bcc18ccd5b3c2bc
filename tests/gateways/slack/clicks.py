"""What people press: buttons and menus of the app's messages."""

from uuid import uuid4

from tests.gateways.slack.workspace import APP, DOMAIN, TEAM, Channel


class Clicks:
	"""Buttons and menus of the app's messages."""

	def click(
		self,
		user: str,
		channel: str,
		ts: str,
		action_id: str,
		value=None,
		selected_option: str | dict | None = None,
	) -> dict:
		"""The payload. ``selected_option`` is the value of one of a menu's options; a dict, or a ``value``, is sent as it
		is, which an old message can do too.
		"""
		place = self.channels[channel]
		message = self.shown(place, place.messages[ts])
		block, element = _find_element(message, action_id)
		action = _action_of(element, value, selected_option)
		action |= {"block_id": block["block_id"], "action_ts": self.next_ts()}
		payload = self._payload(user, place, message, action)
		self.interactions.append(payload)
		if self.is_delivering:
			self.deliver(payload)
		return payload

	def _payload(self, user: str, place: Channel, message: dict, action: dict) -> dict:
		"""https://docs.slack.dev/reference/interaction-payloads/block_actions-payload"""
		person = self.users[user]
		container = {
			"type": "message",
			"message_ts": message["ts"],
			"channel_id": place.id,
			"is_ephemeral": False,
		}
		if "thread_ts" in message:
			container["thread_ts"] = message["thread_ts"]
		return {
			"type": "block_actions",
			"user": {
				"id": user,
				"username": person["name"],
				"name": person["name"],
				"team_id": person["team_id"],
			},
			"api_app_id": APP,
			"token": "",
			"container": container,
			"trigger_id": f"{uuid4().int % 10**13}.{uuid4().int % 10**12}.{uuid4().hex}",
			"team": {"id": TEAM, "domain": DOMAIN},
			"enterprise": None,
			"is_enterprise_install": False,
			"channel": {"id": place.id, "name": "privategroup" if place.is_private else place.name},
			"message": message,
			"state": {"values": _state(action)},
			"response_url": f"{self.url}/actions/{TEAM}/{uuid4().int % 10**13}/{uuid4().hex[:24]}",
			"actions": [action],
		}


def _find_element(message: dict, action_id: str) -> tuple[dict, dict]:
	for block in message.get("blocks", []):
		for element in [*block.get("elements", []), block.get("accessory") or {}]:
			if element.get("action_id") == action_id:
				return block, element
	raise LookupError(f"The message has no element {action_id}")


def _action_of(element: dict, value, selected_option) -> dict:
	action = {
		key: element[key] for key in ("type", "action_id", "text", "placeholder", "style") if key in element
	}
	if element["type"] == "button":
		chosen = element.get("value") if value is None else value
		return action | ({"value": chosen} if chosen is not None else {})
	options = [
		*element.get("options", []),
		*(o for g in element.get("option_groups", []) for o in g["options"]),
	]
	found = [option for option in options if option["value"] == selected_option]
	if not found and not isinstance(selected_option, dict):
		raise LookupError(f"The menu has no option {selected_option}")
	return action | {"selected_option": found[0] if found else selected_option}


def _state(action: dict) -> dict:
	if "selected_option" not in action or action["type"] == "overflow":
		return {}
	chosen = {"type": action["type"], "selected_option": action["selected_option"]}
	return {action["block_id"]: {action["action_id"]: chosen}}
