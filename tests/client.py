"""A customer's browser, as far as HTTP goes: cookies by path, forms with their hidden fields, no JavaScript."""

import re
from html import unescape
from urllib.parse import urljoin

import requests

OURS = "portal_"
PATIENCE = 120  # seconds
given_cookies: set[str] = set()  # the value of every cookie of ours that a server gave in this run


class Client:
	"""Talks to the loopback server under the site's own host name.

	``origin`` is sent with each POST as a browser does; pass ``origin=None`` or another one to misbehave.
	"""

	def __init__(self, port: int, host: str):
		self.base = f"http://127.0.0.1:{port}"
		self.host = f"{host}:{port}"
		self.session = requests.Session()
		self.session.headers.update({"Host": self.host, "User-Agent": "Mozilla/5.0 (tests)"})
		self.session.trust_env = False

	def get(self, path: str, **options) -> requests.Response:
		options.setdefault("allow_redirects", False)
		return self._remember(self.session.get(self._url(path), timeout=PATIENCE, **options))

	def post(self, path: str, data=None, origin: str | None = "same", **options) -> requests.Response:
		options.setdefault("allow_redirects", False)
		headers = dict(options.pop("headers", {}))
		if origin:
			headers["Origin"] = f"http://{self.host}" if origin == "same" else origin
		return self._remember(
			self.session.post(self._url(path), data=data, headers=headers, timeout=PATIENCE, **options)
		)

	def _remember(self, response: requests.Response) -> requests.Response:
		own = (cookie for cookie in response.cookies if cookie.name.startswith(OURS))
		given_cookies.update(cookie.value for cookie in own if cookie.value)
		return response

	def follow(self, response: requests.Response) -> requests.Response:
		"""GET the address that a redirect names."""
		return self.get(response.headers["Location"])

	def _url(self, path: str) -> str:
		return urljoin(self.base, re.sub(r"^https?://[^/]+", "", path))


def hidden_fields(page: str, form_action_ending: str) -> dict[str, str]:
	"""Names and values of the hidden inputs of the form whose action ends as given."""
	for form in re.findall(r"<form\b.*?</form>", page, re.S):
		action = re.search(r'action="([^"]*)"', form)
		if action and action[1].endswith(form_action_ending):
			inputs = re.findall(r"<input\b[^>]*>", form)
			hidden = [tag for tag in inputs if 'type="hidden"' in tag]
			return {
				re.search(r'name="([^"]*)"', t)[1]: unescape(re.search(r'value="([^"]*)"', t)[1])
				for t in hidden
			}
	raise LookupError(f"No form with an action ending in {form_action_ending!r}")


def text_of(page: str) -> str:
	body = re.sub(r"<(style|script)\b.*?</\1>", " ", page, flags=re.S)
	return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))
