"""SMS by the gateway of Frappe's SMS Settings, against one that misbehaves."""

import json

import frappe
import pytest

from customer_portal.channels import base
from customer_portal.channels.base import Message, PermanentFailure, TemporaryFailure, UnknownResult
from tests.factories import saudi_mobile
from tests.gateways import configure
from tests.gateways.sms import use_sms_gateway

TEXT = "Your ticket 12 is now: بانتظار قطعة\nhttps://help.example.com/t/x?a=1&b=2"


def send(number=None):
	return base.registry["SMS"].send(number or saudi_mobile(), Message("", TEXT))


def test_it_is_available_when_configured(sms_gateway):
	assert "SMS" in base.available()
	configure(sms_provider="")
	assert "SMS" not in base.available()


def test_post_has_message_number_and_parameters(sms_gateway):
	number = saudi_mobile()
	receipt = send(number)
	(message,) = sms_gateway.received
	assert (message["method"], message["to"], message["text"]) == ("POST", number, TEXT)
	assert message["fields"]["key"] == "gateway-key"
	assert message["path"] == "/send"
	assert receipt.provider_id == "gw-1"


def test_get_has_them_in_the_address(sms_gateway):
	use_sms_gateway(sms_gateway, use_post=0)
	send()
	(message,) = sms_gateway.received
	assert message["method"] == "GET"
	assert message["text"] == TEXT


def test_headers_and_json(sms_gateway):
	parameters = [
		{"parameter": "Content-Type", "value": "application/json", "header": 1},
		{"parameter": "X-Api-Key", "value": "header-key", "header": 1},
	]
	use_sms_gateway(sms_gateway, parameters=parameters)
	send()
	(message,) = sms_gateway.received
	assert message["headers"]["X-Api-Key"] == "header-key"
	assert message["headers"]["Content-Type"] == "application/json"
	assert message["text"] == TEXT


@pytest.mark.parametrize(
	("mode", "failure", "received"),
	[
		("500", TemporaryFailure, 0),
		("429", TemporaryFailure, 0),
		("400", PermanentFailure, 0),
		("401", TemporaryFailure, 0),
		("403", TemporaryFailure, 0),
		("hang", UnknownResult, 1),
		("drop", UnknownResult, 1),
		("error in body", PermanentFailure, 0),
	],
)
def test_each_bad_end_is_named(sms_gateway, mode, failure, received):
	sms_gateway.mode = mode
	number = saudi_mobile()
	with pytest.raises(failure) as caught:
		send(number)
	assert len(sms_gateway.received) == received
	assert number not in caught.value.reason
	assert "help.example.com" not in caught.value.reason
	assert "gateway-key" not in caught.value.reason


def test_retry_after_is_read(sms_gateway):
	sms_gateway.mode = "429"
	with pytest.raises(TemporaryFailure) as caught:
		send()
	assert caught.value.retry_after == 77


def test_a_refused_connection_is_temporary(sms_gateway):
	sms_gateway.stop()
	try:
		with pytest.raises(TemporaryFailure):
			send()
	finally:
		sms_gateway.start()


@pytest.mark.parametrize("address", ["nonsense", "ftp://127.0.0.1/x", "http://", "http://[::1"])
def test_a_wrong_address_is_a_named_failure(sms_gateway, address):
	use_sms_gateway(sms_gateway, sms_gateway_url=address)
	with pytest.raises((PermanentFailure, TemporaryFailure)):
		send()


def test_no_gateway_at_all(sms_gateway):
	use_sms_gateway(sms_gateway)
	frappe.db.set_single_value("SMS Settings", "sms_gateway_url", "")
	frappe.clear_document_cache("SMS Settings", "SMS Settings")
	assert "SMS" not in base.available()
	with pytest.raises(TemporaryFailure):
		send()


@pytest.mark.parametrize(
	"body",
	[
		'{"success": false}',
		'{"success": "false", "message": "x"}',
		'{"status": "failed"}',
		'{"status": "ERROR"}',
		'{"status": 401}',
		'{"error": "no credit"}',
		'{"errorCode": "ER-17"}',
		'{"error": {"code": 3}}',
		'{"data": {"status": "rejected"}}',
		'{"messages": [{"to": "x", "status": "failed"}]}',
		'[{"error": 7}]',
		"ERR: 101 no credit",
		"Error 5",
		"  failed - try again",
		"<error>no credit</error>",
		'"Rejected"',
	],
)
def test_an_error_under_a_200_is_a_failure(sms_gateway, body):
	sms_gateway.mode, sms_gateway.error_body = "error in body", body
	with pytest.raises(PermanentFailure):
		send()


@pytest.mark.parametrize(
	"body",
	[
		'{"success": true, "error": null}',
		'{"status": "sent", "error_code": 0}',
		'{"status": "0", "errors": []}',
		'{"status": 200, "error": "", "error_message": "None"}',
		'{"result": {"status": "queued", "id": 5}}',
		"OK: 12345",
		"1701|919999999999:abc",
		"",
		"null",
		"42",
		"[]",
		"<ok/>",
		'{"note": "no error here"}',
	],
)
def test_a_good_answer_is_no_failure(sms_gateway, body):
	sms_gateway.mode, sms_gateway.error_body = "error in body", body
	send()


@pytest.mark.parametrize(
	("answer", "expected"), [({"msgid": 7}, "7"), ({"sid": "x" * 300}, "x" * 140), ({"id": {}}, "")]
)
def test_the_id_of_the_message(sms_gateway, answer, expected):
	sms_gateway.mode, sms_gateway.error_body = "error in body", json.dumps(answer)
	assert send().provider_id == expected


def test_a_huge_answer_is_not_read_to_its_end(sms_gateway):
	sms_gateway.mode, sms_gateway.error_body = "error in body", "x" * 3_000_000
	send()


def test_the_countries_that_get_sms(sms_gateway):
	configure(sms_countries="AE, QA")
	with pytest.raises(PermanentFailure):
		send("+966550000001")
	assert not sms_gateway.received
	configure(sms_countries="AE SA")
	send("+966550000001")
	configure(sms_countries="")
