"""Many tickets, written by SQL as Helpdesk and this app would have written them."""

import frappe

from customer_portal import statuses

BATCH = 10_000
FIRST = 1_000_000  # names from here on are ours; HD Ticket's are numbers, stored as text by some versions


def grow(total: int) -> None:
	"""Adds tickets, each with a description mail and two status events, until the site has ``total``."""
	while (missing := total - frappe.db.count("HD Ticket")) > 0:
		_add(min(missing, BATCH))
		frappe.db.commit()
	for table in ("HD Ticket", "Communication", "Portal Status Event", "Portal Access Link"):
		frappe.db.sql(f"analyze table `tab{table}`")


def with_phones(count: int) -> list[str]:
	"""So many more tickets, each with a number of its own; their names."""
	after = _last()
	_add(count)
	frappe.db.sql(
		"""update `tabHD Ticket` set portal_phone = concat('+96655', lpad(cast(name as unsigned) %% 10000000, 7, 0))
		where cast(name as unsigned) > %s""",
		(after,),
	)
	frappe.db.commit()
	return [str(after + number) for number in range(1, count + 1)]


def await_messages(tickets: list[str]) -> None:
	"""Another event for each ticket, as a change of its sub-status leaves it for the delivery job."""
	frappe.db.sql(
		"""insert into `tabPortal Status Event`
			(name, creation, modified, modified_by, owner, docstatus, ticket, to_sub_status, to_main_status,
			occurred_at, actor, source, awaits_messages)
		select concat('bench-', name, '-told'), creation, creation, owner, owner, 0, name, sub_status, 2,
			utc_timestamp(6), owner, 'Agent', 1
		from `tabHD Ticket` where name in %s""",
		(tickets,),
	)
	frappe.db.commit()


def _last() -> int:
	query = "select coalesce(max(cast(name as unsigned)), 0) from `tabHD Ticket`"
	return max(FIRST, int(frappe.db.sql(query)[0][0]))


def _add(count: int) -> None:
	after = _last()
	template = statuses.template_named(None)
	received, in_progress = template.default_of(1), template.default_of(2)
	_add_tickets(count, after, template.main(2).sets_status, in_progress.name)
	_add_communications(after)
	_add_events(after, received.name, 1)
	_add_events(after, in_progress.name, 2)
	_add_links(after)


def _add_tickets(count: int, after: int, status: str, sub_status: str) -> None:
	frappe.db.sql(
		f"""insert into `tabHD Ticket`
			(name, creation, modified, modified_by, owner, docstatus, subject, raised_by, status,
			status_category, template, description, opening_date, opening_time, sub_status, priority)
		select %(after)s + seq, now(6), now(6), 'Administrator', 'Administrator', 0,
			concat('Ticket ', seq), concat('customer', seq, '@example.com'), %(status)s,
			%(category)s, 'Default', '<p>The machine leaks.</p>', curdate(), curtime(), %(sub_status)s, 'Medium'
		from seq_1_to_{count}""",
		{
			"after": after,
			"status": status,
			"sub_status": sub_status,
			"category": frappe.db.get_value("HD Ticket Status", status, "category"),
		},
	)


def _add_communications(after: int) -> None:
	frappe.db.sql(
		"""insert into tabCommunication
			(name, creation, modified, modified_by, owner, docstatus, subject, content, sender,
			communication_type, communication_medium, sent_or_received, communication_date,
			reference_doctype, reference_name)
		select concat('bench-', name), creation, creation, owner, owner, 0, subject, description, raised_by,
			'Communication', 'Email', 'Received', creation, 'HD Ticket', name
		from `tabHD Ticket` where cast(name as unsigned) > %s""",
		(after,),
	)


def _add_events(after: int, sub_status: str, main_status: int) -> None:
	frappe.db.sql(
		"""insert into `tabPortal Status Event`
			(name, creation, modified, modified_by, owner, docstatus, ticket, to_sub_status,
			to_main_status, occurred_at, actor, source, first_key)
		select concat('bench-', name, '-', %(main)s), creation, creation, owner, owner, 0, name,
			%(sub_status)s, %(main)s, creation + interval %(main)s second, owner, 'Agent', concat(name, ':', %(main)s)
		from `tabHD Ticket` where cast(name as unsigned) > %(after)s""",
		{"after": after, "main": main_status, "sub_status": sub_status},
	)


def _add_links(after: int) -> None:
	frappe.db.sql(
		"""insert into `tabPortal Access Link`
			(name, creation, modified, modified_by, owner, docstatus, ticket, version, nonce, digest)
		select concat('bench-', name), creation, creation, owner, owner, 0, name, 1, md5(name), sha2(name, 256)
		from `tabHD Ticket` where cast(name as unsigned) > %s""",
		(after,),
	)
