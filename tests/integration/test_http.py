"""Connections to providers: kept alive while requests follow each other, and what a lost one means."""

import os
import threading

import pytest

from customer_portal.integrations import http
from customer_portal.integrations.failures import TemporaryFailure, UnknownResult


@pytest.fixture(autouse=True)
def no_connection_yet(monkeypatch):
	"""On a busy machine a second may pass between two requests: none rests too long but where that is tried."""
	http._forget_session()
	monkeypatch.setattr(http, "REST_SECONDS", 600)


def send(gateway, text="Ready", **options):
	data = {"to": "+966550000001", "message": text}
	return http.request("POST", gateway.url, 2, data=data, **options)


def texts(gateway):
	return [message["text"] for message in gateway.received]


def test_requests_that_follow_each_other_share_a_connection(sms_gateway):
	for number in range(5):
		assert send(sms_gateway, str(number)).status == 200
	assert texts(sms_gateway) == ["0", "1", "2", "3", "4"]
	assert sms_gateway.server.accepted == 1


def test_a_refusal_keeps_the_connection(sms_gateway):
	for mode in ("500", "400", "ok"):
		sms_gateway.mode = mode
		send(sms_gateway)
	assert sms_gateway.server.accepted == 1


def test_an_answer_that_is_not_read_to_its_end_ends_the_connection(sms_gateway):
	sms_gateway.mode, sms_gateway.error_body = "error in body", "x" * 3_000_000
	send(sms_gateway)
	sms_gateway.mode = "ok"
	assert '"OK"' in send(sms_gateway).text
	assert sms_gateway.server.accepted == 2


def test_a_connection_that_was_closed_while_it_rested_is_replaced(sms_gateway):
	sms_gateway.mode = "close after"
	for number in range(3):
		send(sms_gateway, str(number))
		_wait_for_close(sms_gateway)
	assert texts(sms_gateway) == ["0", "1", "2"]
	assert sms_gateway.server.accepted == 3


def test_a_provider_that_went_away_after_an_answer_was_sent_nothing(sms_gateway):
	send(sms_gateway, "first")
	sms_gateway.stop()
	with pytest.raises(TemporaryFailure):
		send(sms_gateway, "second")
	sms_gateway.start()
	send(sms_gateway, "third")
	assert texts(sms_gateway) == ["first", "third"]


@pytest.mark.parametrize("mode", ["drop", "hang"])
def test_a_kept_connection_that_breaks_after_the_request_is_unknown(sms_gateway, mode):
	send(sms_gateway, "first")
	sms_gateway.mode = mode
	with pytest.raises(UnknownResult):
		send(sms_gateway, "second")
	sms_gateway.mode = "ok"
	send(sms_gateway, "third")
	assert texts(sms_gateway) == ["first", "second", "third"]
	assert sms_gateway.server.accepted == 2


def test_a_connection_that_has_rested_is_not_used_again(sms_gateway, monkeypatch):
	send(sms_gateway)
	monkeypatch.setattr(http, "REST_SECONDS", 0)
	send(sms_gateway)
	assert sms_gateway.server.accepted == 2


def test_each_thread_has_its_own(sms_gateway):
	send(sms_gateway)
	thread = threading.Thread(target=send, args=(sms_gateway,))
	thread.start()
	thread.join()
	send(sms_gateway)
	assert sms_gateway.server.accepted == 2


def test_a_forked_process_has_its_own(sms_gateway):
	send(sms_gateway, "parent")
	child = os.fork()
	if child == 0:
		try:
			send(sms_gateway, "child")
		finally:
			os._exit(0)
	os.waitpid(child, 0)
	send(sms_gateway, "parent again")
	assert texts(sms_gateway) == ["parent", "child", "parent again"]
	assert sms_gateway.server.accepted == 2


def test_no_request_carries_a_cookie_of_the_one_before(sms_gateway, monkeypatch):
	answer = sms_gateway.respond

	def with_cookie(request, body):
		status, reply, headers = answer(request, body)
		return status, reply, {**headers, "Set-Cookie": "visitor=1"}

	sms_gateway.server.respond = with_cookie
	send(sms_gateway)
	send(sms_gateway)
	assert all("Cookie" not in message["headers"] for message in sms_gateway.received)


def _wait_for_close(gateway, seconds=5):
	ended = threading.Event()
	for _step in range(seconds * 100):
		if not gateway.server.connections:
			return
		ended.wait(0.01)
	raise AssertionError("The connection is still open.")
