"""The customer's pages against ``ping`` and against Helpdesk's own ``get_one``, all through HTTP."""

import gzip
import re
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy

import frappe
import requests

from benchmarks.report import Figure
from benchmarks.timing import beside, medians
from customer_portal import links, rows, sessions
from customer_portal.clock import utc_now
from tests.factories import make_ticket, unique

PASSWORD = "Correct-horse-9"
PING = "/api/method/ping"
GET_ONE = "/api/method/helpdesk.helpdesk.doctype.hd_ticket.api.get_one"
KILOBYTE = 1000


@dataclass(frozen=True)
class Door:
	"""A ticket's link and the cookie of a browser that has verified."""

	ticket: str
	path: str
	cookie: str


class Visitor:
	"""One kept-alive connection to the site. Cookies are kept only once signed in: guests send their own."""

	def __init__(self, port: int, site: str):
		self.base = f"http://127.0.0.1:{port}"
		self.session = requests.Session()
		self.session.trust_env = False
		self.session.headers["Host"] = f"{site}:{port}"
		self.session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

	def get(self, path: str, **headers: str) -> requests.Response:
		response = self.session.get(self.base + path, headers=headers, timeout=60)
		response.raise_for_status()
		return response

	def post(self, path: str, data: dict[str, str], **headers: str) -> requests.Response:
		return self.session.post(
			self.base + path, data=data, headers=headers, allow_redirects=False, timeout=60
		)

	def sign_in(self, user: str) -> None:
		self.session.cookies.set_policy(DefaultCookiePolicy())
		self.post("/api/method/login", {"usr": user, "pwd": PASSWORD}).raise_for_status()


def open_door(messages: int = 10) -> Door:
	"""A new ticket with so many messages, and a verified session for it."""
	ticket = make_ticket(email=f"{unique('reader')}@example.com")
	for number in range(messages - 1):
		_add_message(ticket, number)
	link = links.ensure(str(ticket.name))
	challenge = frappe.generate_hash(length=20)
	row = {
		"name": challenge,
		"state": "Pending",
		"link": link.name,
		"ticket": str(ticket.name),
		"channel": "Email",
	}
	recipient = {
		"recipient": ticket.raised_by,
		"masked_recipient": "r•••@example.com",
		"expires_at": utc_now(),
	}
	rows.insert("Portal OTP Session", {**row, **recipient})
	opened = sessions.open(challenge, False, "benchmark")
	frappe.db.commit()
	return Door(str(ticket.name), f"/t/{links.token(link)}", f"portal_session={opened.token}")


def _add_message(ticket, number: int) -> None:
	communication = frappe.new_doc("Communication")
	communication.update(
		{
			"subject": ticket.subject,
			"content": f"<p>Message {number}</p>",
			"sender": ticket.raised_by,
			"communication_type": "Communication",
			"communication_medium": "Email",
			"sent_or_received": "Received",
			"reference_doctype": "HD Ticket",
			"reference_name": ticket.name,
		}
	)
	communication.db_insert()


def against_ping(visitor: Visitor, door: Door, rounds: int) -> list[Figure]:
	page, verification, ping = medians(
		rounds,
		lambda: visitor.get(door.path, Cookie=door.cookie),
		lambda: visitor.get(door.path),
		lambda: visitor.get(PING),
	)
	return [
		Figure("Verified ticket page / ping", page / ping, 4, detail=beside(page, ping)),
		Figure("Verification page / ping", verification / ping, 3, detail=beside(verification, ping)),
	]


def against_helpdesk(guest: Visitor, reader: Visitor, door: Door, rounds: int) -> Figure:
	"""``reader`` is signed in as the customer who raised the door's ticket."""
	address = f"{GET_ONE}?name={door.ticket}&is_customer_portal=1"
	page, get_one = medians(
		rounds, lambda: guest.get(door.path, Cookie=door.cookie), lambda: reader.get(address)
	)
	return Figure("Ticket page / Helpdesk's get_one", page / get_one, 0.5, detail=beside(page, get_one))


def make_reader(door: Door) -> str:
	"""The customer of the door's ticket as a Website User of Helpdesk's own portal."""
	email = frappe.db.get_value("HD Ticket", door.ticket, "raised_by")
	user = frappe.new_doc("User")
	user.update(
		{"email": email, "first_name": "Reader", "user_type": "Website User", "send_welcome_email": 0}
	)
	user.new_password = PASSWORD
	user.flags.ignore_password_policy = True
	user.append("roles", {"role": "HD Customer"})
	user.insert(ignore_permissions=True)
	frappe.db.commit()
	return email


def beside_ping(visitor: Visitor, door: Door, rounds: int) -> list[float]:
	"""Median seconds of the verified ticket page and of ``ping``, in turns."""
	page, ping = (lambda: visitor.get(door.path, Cookie=door.cookie)), (lambda: visitor.get(PING))
	return medians(rounds, page, ping)


def selects(visitor: Visitor, door: Door) -> int:
	"""SELECTs of one view, by the server's own count; the least of several, as others may use the server too."""
	return min(_selects_once(visitor, door) for _attempt in range(10))


def _selects_once(visitor: Visitor, door: Door) -> int:
	before = _com_select()
	visitor.get(door.path, Cookie=door.cookie)
	return _com_select() - before


def _com_select() -> int:
	return int(frappe.db.sql("show global status like 'Com_select'")[0][1])


def first_view(visitor: Visitor, door: Door) -> list[Figure]:
	"""What a browser fetches for the first view, compressed as a web server compresses it."""
	html = visitor.get(door.path, Cookie=door.cookie).text
	linked = [path for path in re.findall(r'(?:src|href)="(/[^"]+\.(?:css|js|svg|png|woff2)[^"]*)"', html)]
	sizes = [len(gzip.compress(visitor.get(path).content, 6)) for path in linked]
	page = len(gzip.compress(html.encode(), 6))
	return [
		Figure("HTML with critical CSS, compressed", page / KILOBYTE, 14, "kB"),
		Figure("All of the first view, compressed", (page + sum(sizes)) / KILOBYTE, 30, "kB"),
		Figure("Requests of the first view", 1 + len(linked), 4, ""),
	]
