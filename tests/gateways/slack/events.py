"""Slack's side of the Request URLs: envelopes of events, their signature, and their delivery.

https://docs.slack.dev/apis/events-api and https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import hashlib
import hmac
import json
import queue
import threading
import time
from dataclasses import dataclass
from urllib.parse import urlencode

import requests

from tests.gateways.slack.workspace import APP, BOT_USER, TEAM, Channel, new_id

SIGNING_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"  # the one of Slack's own example
VERIFICATION_TOKEN = "xyzz0WbapA4vBCDEFasx0q6G"
SECONDS_TO_ANSWER = (
	30  # Slack waits for 3; how long it takes is for benchmarks to say, and not on a busy machine
)
AGENT = "Slackbot 1.0 (+https://api.slack.com/robots)"


def sign(body: str | bytes, secret: str = SIGNING_SECRET, at: int | None = None) -> dict[str, str]:
	"""The two headers that Slack sends with a body; ``at`` is Unix time, now unless given."""
	at = int(time.time()) if at is None else at
	raw = body.encode() if isinstance(body, str) else body
	digest = hmac.new(secret.encode(), b"v0:%d:%b" % (at, raw), hashlib.sha256).hexdigest()
	return {"X-Slack-Request-Timestamp": str(at), "X-Slack-Signature": f"v0={digest}"}


@dataclass
class Delivery:
	"""``status`` is 0 where nobody answered; ``body`` then says why."""

	envelope: dict
	status: int
	body: str
	seconds: float


class Events:
	"""``events`` are the envelopes of all that happened, delivered or not. What the app does through the Web API is
	delivered in the background and in its order; what people do, before their method returns.
	"""

	def open_events(self) -> None:
		self.events_url = ""
		self.actions_url = ""
		self.request_headers: dict[str, str] = {}  # such as the Host under which the site is reached
		self.signing_secret = SIGNING_SECRET
		self.is_delivering = False
		self.events: list[dict] = []
		self.interactions: list[dict] = []
		self.deliveries: list[Delivery] = []
		self.waiting: queue.Queue = queue.Queue()
		threading.Thread(target=self._deliver_waiting, daemon=True).start()

	def connect(self, base: str, host: str = "") -> None:
		"""From now on events go to the site at ``base``, reached under the name ``host``."""
		self.events_url = f"{base}/portal/hooks/slack/events"
		self.actions_url = f"{base}/portal/hooks/slack/actions"
		self.request_headers = {"Host": host} if host else {}
		self.is_delivering = True

	def envelope(self, event: dict, channel: Channel | None = None) -> dict:
		return {
			"token": VERIFICATION_TOKEN,
			"team_id": TEAM,
			"context_team_id": TEAM,
			"context_enterprise_id": None,
			"api_app_id": APP,
			"event": event,
			"type": "event_callback",
			"event_id": new_id("Ev"),
			"event_time": int(time.time()),
			"authorizations": [
				{
					"enterprise_id": None,
					"team_id": TEAM,
					"user_id": BOT_USER,
					"is_bot": True,
					"is_enterprise_install": False,
				}
			],
			"is_ext_shared_channel": bool(channel and channel.is_ext_shared),
			"event_context": f"4-{new_id('ctx')}",
		}

	def announce(self, event: dict, channel: Channel | None = None, is_echo: bool = False) -> dict | None:
		"""An app hears only of channels it is a member of."""
		if channel and not channel.is_member:
			return None
		envelope = self.envelope(event, channel)
		self.events.append(envelope)
		if self.is_delivering and is_echo:
			self.waiting.put(envelope)
		elif self.is_delivering:
			self.deliver(envelope)
		return envelope

	def deliver(
		self, envelope: dict, at: int | None = None, secret: str | None = None, retry: int = 0
	) -> tuple[int, str]:
		"""Signs and posts an envelope, or the payload of an interaction: the answer's status and body."""
		if envelope["type"] == "block_actions":
			address, kind = self.actions_url, "application/x-www-form-urlencoded"
			body = urlencode({"payload": json.dumps(envelope)}).encode()
		else:
			address, kind, body = self.events_url, "application/json", json.dumps(envelope).encode()
		headers = sign(body, secret or self.signing_secret, at) | {"Content-Type": kind}
		if retry:
			headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"}
		return self._record_delivery(envelope, lambda: self.post(address, body, headers))

	def post(self, address: str, body: bytes, headers: dict[str, str]) -> requests.Response:
		"""Sends a body as it is, for tests that tamper with it."""
		with requests.Session() as session:
			session.trust_env = False
			headers = {"User-Agent": AGENT, **self.request_headers, **headers}
			return session.post(
				address, data=body, headers=headers, timeout=SECONDS_TO_ANSWER, allow_redirects=False
			)

	def verify_url(
		self, challenge: str = "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"
	) -> tuple[int, str]:
		"""What Slack asks when a Request URL is entered; the answer has to hold the challenge."""
		return self.deliver({"token": VERIFICATION_TOKEN, "challenge": challenge, "type": "url_verification"})

	def settle(self, seconds: float = 120) -> None:
		"""Waits until the app's own events have been delivered."""
		deadline = time.monotonic() + seconds
		while self.waiting.unfinished_tasks:
			if time.monotonic() > deadline:
				raise TimeoutError("Slack has events that were not delivered")
			time.sleep(0.01)

	def _record_delivery(self, envelope: dict, send) -> tuple[int, str]:
		started = time.monotonic()
		try:
			response = send()
			status, body = response.status_code, response.text
		except requests.RequestException as error:
			status, body = 0, str(error)
		self.deliveries.append(Delivery(envelope, status, body, time.monotonic() - started))
		return status, body

	def _deliver_waiting(self) -> None:
		while True:
			envelope = self.waiting.get()
			self.deliver(envelope)
			self.waiting.task_done()
