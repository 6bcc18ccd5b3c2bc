"""Which files a description may show: its customer writes it, so naming a file there is no right to it."""

from email.message import EmailMessage

import frappe
import pytest
from frappe.email.receive import InboundMail

from customer_portal import ticket_files, tickets
from tests.factories import attach_file, make_agent, make_ticket, unique

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def ticket():
	return make_ticket()


@pytest.fixture
def agent():
	return make_agent().name


def image() -> bytes:
	"""Content that no other file has, since Frappe stores equal ones once."""
	return PNG + unique("").encode()


def shown(ticket, *files) -> list[str]:
	"""Names of what is shown when the description names all these files."""
	links = "".join(f'<img src="{file.file_url}">' for file in files)
	frappe.db.set_value("HD Ticket", ticket.name, "description", links)
	row = frappe.db.get_value("HD Ticket", ticket.name, tickets.FIELDS, as_dict=True)
	return [file.name for file in ticket_files.shown(row)]


def named(owner: str, attached_to, path: str):
	"""One more file at a path that is known. Newer versions of Frappe make a copy; older ones share the path."""
	file = frappe.new_doc("File")
	file.update({"file_url": path, "is_private": 1})
	file.update({"attached_to_doctype": attached_to.doctype, "attached_to_name": str(attached_to.name)})
	file.insert(ignore_permissions=True)
	file.db_set({"owner": owner, "file_url": path}, update_modified=False)
	return file


def test_the_customers_own_is_shown(ticket):
	file = attach_file(ticket, "own.png", image(), owner=ticket.raised_by)
	assert shown(ticket, file) == [file.name]


def test_an_agents_is_not(ticket, agent):
	for owner in (agent, "Administrator"):
		assert shown(ticket, attach_file(ticket, "contract.pdf", image(), owner=owner)) == []


def test_nor_is_one_of_an_internal_comment(ticket, agent):
	frappe.set_user(agent)
	file = attach_file(ticket, "contract.pdf", image())
	ticket.new_comment("Internal", attachments=[{"file_url": file.file_url}])
	frappe.set_user("Administrator")
	assert shown(ticket, file) == []


def test_nor_does_a_path_that_became_known_make_it_ones_own(ticket, agent):
	theirs = attach_file(ticket, "contract.pdf", image(), owner=agent)
	claimed = named(ticket.raised_by, ticket, theirs.file_url)
	assert shown(ticket, claimed) == []


def test_nor_does_that_of_another_customers_file(ticket):
	other = make_ticket()
	theirs = attach_file(other, "passport.png", image(), owner=other.raised_by)
	claimed = named(ticket.raised_by, ticket, theirs.file_url)
	assert shown(ticket, claimed) == []


def test_an_agent_who_passes_it_on_takes_nothing_away(ticket, agent):
	own = attach_file(ticket, "own.png", image(), owner=ticket.raised_by)
	named(agent, make_ticket(), own.file_url)
	assert shown(ticket, own) == [own.name]


def test_an_agents_own_ticket_shows_none_of_the_agents(agent):
	frappe.set_user(agent)
	ticket = make_ticket()
	file = attach_file(ticket, "contract.pdf", image())
	frappe.set_user("Administrator")
	assert shown(ticket, file) == []


def test_files_of_the_opening_mail_are_shown_and_those_of_later_ones_are_not(account):
	first = receive(account, image())
	ticket = frappe.get_doc("HD Ticket", first.reference_name)
	(opening,) = files_of(first)
	assert shown(ticket, opening) == [opening.name]
	assert shown(ticket, answer(ticket, account, image())) == []


def test_a_picture_that_others_sent_too_is_shown(ticket, account):
	"""Frappe stores equal files once: of a signature's logo the oldest is somebody else's."""
	logo = image()
	attach_file(ticket, "logo.png", logo, owner=ticket.raised_by)
	first = receive(account, logo)
	(opening,) = files_of(first)
	assert shown(frappe.get_doc("HD Ticket", first.reference_name), opening) == [opening.name]


def test_inline_images_of_a_new_ticket_in_helpdesks_portal():
	customer = make_customer()
	frappe.set_user(customer)
	content = image()
	file = frappe.get_doc(
		{"doctype": "File", "file_name": unique("i") + ".png", "is_private": 1, "content": content}
	)
	file.insert()
	attached = frappe.get_doc(
		{"doctype": "File", "file_name": unique("a") + ".png", "is_private": 1, "content": image()}
	)
	attached.insert()
	ticket = frappe.new_doc("HD Ticket")
	ticket.update(
		{"subject": "It leaks", "description": f'<img src="{file.file_url}">', "via_customer_portal": 1}
	)
	ticket.attachments = [{"name": attached.name}]
	ticket.insert()
	frappe.set_user("Administrator")
	assert [found.name for found in ticket_files.shown(row_of(ticket))] == [file.name]
	assert attached.name in shown(ticket, attached)


def row_of(ticket):
	return frappe.db.get_value("HD Ticket", ticket.name, tickets.FIELDS, as_dict=True)


def files_of(communication):
	filters = {"attached_to_doctype": "Communication", "attached_to_name": communication.name}
	return frappe.get_all("File", filters=filters, fields=["name", "file_url"])


def make_customer() -> str:
	user = frappe.new_doc("User")
	user.update({"email": f"{unique('member')}@example.com", "first_name": "M", "send_welcome_email": 0})
	user.append("roles", {"role": "HD Customer"})
	return user.insert(ignore_permissions=True).name


@pytest.fixture
def account():
	"""An account whose mails become tickets. Nothing is fetched from it."""
	account = frappe.new_doc("Email Account")
	address = f"{unique('help')}@example.com"
	account.update({"email_id": address, "email_account_name": address, "append_to": "HD Ticket"})
	account.flags.ignore_validate = True
	return account.insert(ignore_permissions=True)


def receive(account, content: bytes):
	"""A mail with one inline image, taken in as Frappe's mail job does; its Communication."""
	mail = EmailMessage()
	mail["From"], mail["To"] = f"{unique('sender')}@example.com", account.email_id
	mail["Subject"], mail["Message-ID"] = unique("It leaks"), f"<{unique('m')}@example.com>"
	mail.set_content("See the picture.")
	mail.add_alternative('<p>See <img src="cid:part1"></p>', subtype="html")
	mail.get_payload()[1].add_related(content, "image", "png", cid="<part1>", filename=unique("p") + ".png")
	return InboundMail(mail.as_bytes(), account, append_to="HD Ticket").process()


def answer(ticket, account, content: bytes):
	"""A later mail of the same customer; its file."""
	mail = frappe.new_doc("Communication")
	mail.update(
		{"subject": "Re", "content": "x", "communication_medium": "Email", "sent_or_received": "Received"}
	)
	mail.update(
		{"reference_doctype": "HD Ticket", "reference_name": str(ticket.name), "sender": ticket.raised_by}
	)
	mail.email_account = account.name
	mail.insert(ignore_permissions=True)
	return attach_file(mail, "later.png", content)
