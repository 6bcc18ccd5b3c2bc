"""Real OpenID providers on loopback, one as Google is and one as Microsoft is: npm's oidc-provider, run by node."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from dev import openid_provider

CLIENT_ID, CLIENT_SECRET = "the-portal", "a-secret-of-the-portal"
PROGRAM = Path(__file__).with_name("provider.mjs")


class OpenIdServer:
	"""``tell`` says what it does from now on, as ``provider.mjs`` describes; without values all is well."""

	def __init__(self, process: subprocess.Popen, port: int):
		self.process = process
		self.url = f"http://127.0.0.1:{port}"

	def tell(self, **state) -> None:
		requests.post(f"{self.url}/control", json=state, timeout=10).raise_for_status()

	@property
	def asked(self) -> list[str]:
		"""The method and path of every request since ``tell``."""
		return requests.get(f"{self.url}/asked", timeout=10).json()


@contextmanager
def _running(kind: str, site: str, site_port: int) -> Iterator[OpenIdServer]:
	redirect = f"http://{site}:{site_port}/portal/sign-in/back/{kind}"
	command = [openid_provider.command("node"), str(PROGRAM), str(openid_provider.install()), kind, redirect]
	process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
	try:
		name, _space, port = process.stdout.readline().partition(" ")
		assert name == "port", "The OpenID provider did not start"
		yield OpenIdServer(process, int(port))
	finally:
		process.terminate()
		process.wait(10)


@pytest.fixture(scope="session")
def google_server(site, server):
	with _running("google", site, server) as running:
		yield running


@pytest.fixture(scope="session")
def microsoft_server(site, server):
	with _running("microsoft", site, server) as running:
		yield running
