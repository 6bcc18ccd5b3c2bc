"""The kind of SMS gateway that SMS Settings is made for."""

import json
from urllib.parse import parse_qsl, urlsplit

import frappe
import pytest

from tests.gateways import configure
from tests.gateways.server import HttpServer


class SmsGateway(HttpServer):
	"""The kind that SMS Settings is made for. Its own mode: ``error in body``, with ``error_body`` under a 200."""

	error_body = json.dumps({"status": "error", "message": "no credit"})

	def respond(self, request, body):
		fields = dict(parse_qsl(urlsplit(request.path).query))
		is_json = (request.headers.get("Content-Type") or "").startswith("application/json")
		fields |= json.loads(body) if is_json else dict(parse_qsl(body))
		refused = int(self.mode) if self.mode in ("500", "429", "400", "401", "403") else 0
		if refused:
			return refused, "no", {"Retry-After": "77"}
		if self.mode == "error in body":
			return 200, self.error_body, {}
		self.record(
			{
				"to": fields["to"],
				"text": fields["message"],
				"method": request.command,
				"path": request.path,
				"headers": dict(request.headers),
				"fields": fields,
			}
		)
		return 200, json.dumps({"status": "OK", "id": f"gw-{len(self.received)}"}), {}


def use_sms_gateway(gateway: SmsGateway, **values) -> None:
	document = frappe.get_doc("SMS Settings")
	document.update(
		{
			"sms_gateway_url": f"{gateway.url}/send",
			"message_parameter": "message",
			"receiver_parameter": "to",
			"use_post": 1,
			"parameters": [{"parameter": "key", "value": "gateway-key"}],
			**values,
		}
	)
	document.save(ignore_permissions=True)
	configure(sms_provider="SMS Settings", provider_timeout_seconds=2)


@pytest.fixture
def sms_gateway(site):
	"""SMS Settings leads to this gateway."""
	gateway = SmsGateway()
	use_sms_gateway(gateway)
	yield gateway
	gateway.stop()
	configure(sms_provider="")
