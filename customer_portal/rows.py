"""Rows of our own tables, written past the document layer: no hooks, no realtime events, no permission rules.

Rows that hold digests, seeds and counters must reach neither websockets nor webhooks.
"""

from collections.abc import Iterable

import frappe
from frappe.utils import now

BATCH = 1000


def insert(doctype: str, *rows: dict[str, object], ignore_duplicates: bool = False) -> None:
	"""Insert rows with the same fields; a missing ``name`` becomes a random one, as naming by hash gives."""
	complete = [_complete(row) for row in rows]
	fields = list(complete[0])
	values = [[row[field] for field in fields] for row in complete]
	frappe.db.bulk_insert(doctype, fields, values, ignore_duplicates=ignore_duplicates)


def insert_one(doctype: str, row: dict[str, object]) -> None:
	"""The same for one row, without the time that building a query for many takes."""
	complete = _complete(row)
	frappe.db.sql(f"INSERT INTO `tab{doctype}` {_columns_and_values(complete)}", complete)


def insert_numbered(doctype: str, *rows: dict[str, object]) -> None:
	"""The same for a doctype named by autoincrement: the INSERT itself draws the numbers from Frappe's sequence."""
	complete = [_complete(row) for row in rows]
	fields = [field for field in complete[0] if field != "name"]
	columns = ", ".join(f"`{field}`" for field in ("name", *fields))
	line = f"(NEXTVAL(`{frappe.scrub(doctype)}_id_seq`), {', '.join(['%s'] * len(fields))})"
	values = [row[field] for row in complete for field in fields]
	lines = ", ".join([line] * len(complete))
	frappe.db.sql(f"INSERT INTO `tab{doctype}` ({columns}) VALUES {lines}", values)


def insert_new(doctype: str, row: dict[str, object]) -> bool:
	"""Insert one row unless a row with one of its unique values is there; returns whether it was inserted."""
	complete = _complete(row)
	return affected(f"INSERT IGNORE INTO `tab{doctype}` {_columns_and_values(complete)}", complete) == 1


def insert_or_lock(doctype: str, unique_field: str, row: dict[str, object]) -> None:
	"""Insert the row, or lock the one that has its unique value already, until the transaction ends.

	One upsert takes the exclusive lock at once. INSERT IGNORE would first share it, and SELECT … FOR UPDATE of a
	missing row would lock a gap that others can lock too: callers who then want more wait for each other.
	"""
	complete = _complete(row)
	query = f"""INSERT INTO `tab{doctype}` {_columns_and_values(complete)}
		ON DUPLICATE KEY UPDATE `{unique_field}` = `{unique_field}`"""
	frappe.db.sql(query, complete)


def affected(query: str, values: dict[str, object]) -> int:
	"""Run an UPDATE or DELETE and return how many rows it changed: 0 or 1 decides a race."""
	frappe.db.sql(query, values)
	return int(frappe.db.sql("SELECT ROW_COUNT()")[0][0])


def delete(doctype: str, names: list[str]) -> None:
	"""Delete rows by name, some at a time, each batch a transaction: a purge must not hold up who writes here."""
	for start in range(0, len(names), BATCH):
		frappe.db.delete(doctype, {"name": ("in", names[start : start + BATCH])})
		frappe.db.commit()  # the locks of one batch end here


def with_address(doctype: str, fieldname: str, spellings: Iterable[str]) -> list[str]:
	"""Names of the rows that have one of these addresses, in small or capital letters.

	Columns also leave out accents, as if "josé" and "jose" had one mailbox: what decides is the text.
	"""
	wanted = {one.lower() for one in spellings}
	fields = ["name", f"{fieldname} as address"]
	found = frappe.get_all(doctype, filters={fieldname: ("in", sorted(wanted))}, fields=fields)
	return [row.name for row in found if row.address.strip().lower() in wanted]


def _columns_and_values(row: dict[str, object]) -> str:
	columns = ", ".join(f"`{field}`" for field in row)
	values = ", ".join(f"%({field})s" for field in row)
	return f"({columns}) VALUES ({values})"


def _complete(row: dict[str, object]) -> dict[str, object]:
	stamp = now()
	user = frappe.session.user
	standard = {"creation": stamp, "modified": stamp, "owner": user, "modified_by": user, "docstatus": 0}
	return {"name": frappe.generate_hash(length=20), **standard, **row}
