"""Real documents for tests. Every call makes new ones, so that tests do not share state."""

import itertools
import uuid

import frappe

PASSWORD = "Correct-horse-9"
_numbers = itertools.count(uuid.uuid4().int)


def unique(prefix: str) -> str:
	return f"{prefix}-{uuid.uuid4().hex[:10]}"


def saudi_mobile() -> str:
	"""A valid Saudi mobile number in E.164 that no other test uses."""
	return f"+96655{next(_numbers) % 10**7:07d}"


def make_contact(phone: str | None = None, email: str | None = None):
	contact = frappe.new_doc("Contact")
	contact.first_name = unique("Customer")
	if email:
		contact.append("email_ids", {"email_id": email, "is_primary": 1})
	if phone:
		contact.append("phone_nos", {"phone": phone, "is_primary_mobile_no": 1})
	return contact.insert(ignore_permissions=True)


def make_ticket(phone: str | None = None, email: str | None = None, **values):
	"""An HD Ticket whose contact has the given phone and e-mail; committed."""
	email = email or f"{unique('customer')}@example.com"
	contact = make_contact(phone, email)
	ticket = frappe.new_doc("HD Ticket")
	ticket.update(
		{
			"subject": unique("The washing machine leaks"),
			"description": "<p>Water on the floor.</p>",
			"raised_by": email,
			"contact": contact.name,
			**values,
		}
	)
	ticket.insert(ignore_permissions=True)
	frappe.db.commit()
	return ticket


def make_agent(email: str | None = None, password: str = PASSWORD):
	"""A system user with the Agent role and an HD Agent; returns the User."""
	email = email or f"{unique('agent')}@example.com"
	user = frappe.new_doc("User")
	user.update(
		{"email": email, "first_name": unique("Agent"), "send_welcome_email": 0, "new_password": password}
	)
	user.append("roles", {"role": "Agent"})
	user.flags.ignore_password_policy = True
	user.insert(ignore_permissions=True)
	if not frappe.db.exists("HD Agent", email):
		frappe.get_doc({"doctype": "HD Agent", "user": email, "agent_name": user.full_name}).insert(
			ignore_permissions=True
		)
	frappe.db.commit()
	return user


def make_customer():
	"""A website user who may write tickets as Helpdesk's customers do; returns the User."""
	user = frappe.new_doc("User")
	user.update({"email": f"{unique('customer')}@example.com", "first_name": "Customer"})
	user.update({"send_welcome_email": 0, "new_password": PASSWORD})
	user.append("roles", {"role": "HD Customer"})
	user.flags.ignore_password_policy = True
	user.insert(ignore_permissions=True)
	frappe.db.commit()
	return user


def attach_file(document, name: str, content: bytes, owner: str | None = None):
	"""A private File of a document, uploaded by ``owner``; committed."""
	file = frappe.new_doc("File")
	file.update({"file_name": name, "is_private": 1, "content": content})
	file.update({"attached_to_doctype": document.doctype, "attached_to_name": str(document.name)})
	file.insert(ignore_permissions=True)
	if owner:
		file.db_set("owner", owner, update_modified=False)
	frappe.db.commit()
	return file
