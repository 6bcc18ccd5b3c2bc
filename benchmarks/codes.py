"""Asking for a code while the SMS gateway hangs, against a gateway that answers."""

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

import frappe

from benchmarks.pages import Visitor
from benchmarks.report import Figure
from benchmarks.timing import beside
from customer_portal import links
from customer_portal.pages import cookies, csrf
from tests.factories import make_ticket, saudi_mobile
from tests.gateways import configure
from tests.gateways.sms import SmsGateway, use_sms_gateway

LIMIT = 1.1
TURNS = 6
BROWSER = "b" * 32
_addresses = itertools.count(1)


def measure(visitor: Visitor, rounds: int) -> Figure:
	"""Turns of asks with each kind of gateway, so that a drift of the machine's speed meets both."""
	taken: dict[str, list[float]] = {"ok": [], "hang": []}
	with _gateway() as gateway:
		for _turn in range(TURNS):
			for mode in taken:
				gateway.mode = mode
				taken[mode] += [_ask(visitor) for _round in range(max(1, rounds // TURNS))]
	healthy, hanging = median(taken["ok"]), median(taken["hang"])
	detail = beside(hanging, healthy)
	return Figure("Asking for a code, gateway hangs / answers", hanging / healthy, LIMIT, detail=detail)


@contextmanager
def _gateway() -> Iterator[SmsGateway]:
	gateway = SmsGateway()
	use_sms_gateway(gateway)
	configure(sms_per_hour=1_000_000)
	yield gateway
	gateway.stop()
	configure(sms_provider="", sms_per_hour=100)


def _ask(visitor: Visitor) -> float:
	"""Seconds of one request for a code, of a new ticket from a new address."""
	number = saudi_mobile()
	link = links.ensure(str(make_ticket(phone=number).name))
	frappe.db.commit()
	form = {"by": "phone", "contact": number, csrf.FIELD: csrf.token(link.name, BROWSER)}
	headers = {"Cookie": f"{cookies.BROWSER}={BROWSER}", "X-Forwarded-For": _new_address()}
	start = time.perf_counter()
	response = visitor.post(f"/t/{links.token(link)}/code", form, **headers)
	seconds = time.perf_counter() - start
	if response.status_code != 303:
		raise RuntimeError(f"No code was sent: {response.status_code} {response.text[:500]}")
	return seconds


def _new_address() -> str:
	number = next(_addresses)
	return f"198.18.{number // 250}.{number % 250 + 1}"
