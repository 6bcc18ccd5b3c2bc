"""Many tickets of one organisation at once, as rows: no rule of Helpdesk runs, and nobody is told."""

import frappe

FIRST = 2_000_000  # names from here on; HD Ticket's own are far below


def add_tickets(customer: str, count: int, **values: object) -> list[str]:
	"""One a second from 2025 on; ``values`` are columns that all of them share. Committed; their names, oldest first."""
	after = last_number()
	shared = {"raised_by": "somebody@example.com", "template": "Default", "status": "Open", **values}
	shared.setdefault("subject", "Many")
	columns = "".join(f", `{name}`" for name in shared)
	parameters = "".join(f", %({name})s" for name in shared)
	frappe.db.sql(
		f"""INSERT INTO `tabHD Ticket` (name, creation, modified, owner, modified_by, docstatus, customer{columns})
		SELECT %(after)s + seq, '2025-01-01' + INTERVAL %(after)s + seq SECOND, now(6), 'Administrator',
			'Administrator', 0, %(customer)s{parameters} FROM seq_1_to_{int(count)}""",
		{"after": after, "customer": customer, **shared},
	)
	frappe.db.commit()
	return [str(after + number) for number in range(1, count + 1)]


def last_number() -> int:
	"""Above it no ticket has a number."""
	query = "SELECT COALESCE(MAX(CAST(name AS UNSIGNED)), 0) FROM `tabHD Ticket`"
	return max(FIRST, int(frappe.db.sql(query)[0][0]))


def remove_tickets(customer: str) -> None:
	frappe.db.sql("DELETE FROM `tabHD Ticket` WHERE customer = %s", (customer,))
	frappe.db.commit()
