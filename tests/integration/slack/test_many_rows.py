"""Ten thousand rows wait: taking the next one reads as many rows as there are channels, not as there are rows."""

from datetime import timedelta

import frappe
import pytest

from customer_portal import rows as table
from customer_portal.clock import utc_now
from customer_portal.slack import outbox
from customer_portal.slack.outbox import claims
from tests.factories import unique

MANY = 10_000
READS_A_CHANNEL = 25
WORKERS = 8


def queue(count: int, channels: int) -> None:
	now = utc_now()
	places = [unique("C")[:12] for _channel in range(channels)]
	new = [
		{
			"ticket": str(number),
			"kind": "Message",
			"channel": places[number % channels],
			"source": f"x{number}",
			"state": "Queued",
			"queued_at": now + timedelta(microseconds=number),
			"due_at": now + timedelta(hours=1),
			"is_follow_up": number % 2,
			"key": unique("key"),
		}
		for number in range(count)
	]
	table.insert(outbox.DOCTYPE, *new)
	frappe.db.commit()
	frappe.db.sql_ddl(f"ANALYZE TABLE `tab{outbox.DOCTYPE}`")  # as InnoDB does by itself in time


def reads() -> int:
	"""Rows and keys that this connection has read."""
	found = frappe.db.sql("SHOW SESSION STATUS LIKE 'Handler_read%%'")
	return sum(int(value) for _name, value in found)


@pytest.mark.parametrize("channels", [1, 200])
def test_claiming_reads_little(slack, channels):
	frappe.db.delete(outbox.DOCTYPE)
	queue(MANY, channels)
	before = reads()
	assert outbox.claim()[0] is None
	assert reads() - before < 100 + READS_A_CHANNEL * channels
	frappe.db.sql(f"UPDATE `tab{outbox.DOCTYPE}` SET due_at = %s", utc_now())
	taken = set()
	for _worker in range(min(channels, WORKERS)):
		before = reads()
		row, _wait = outbox.claim()
		taken.add(row.channel)
		assert reads() - before < 200 + READS_A_CHANNEL * channels
	assert len(taken) == min(channels, WORKERS)  # one at a time in each
	frappe.db.delete(outbox.DOCTYPE)
	frappe.db.commit()


def test_no_look_goes_through_the_table(slack):
	frappe.db.delete(outbox.DOCTYPE)
	queue(MANY, 50)
	plan = frappe.db.sql(f"EXPLAIN {claims._HEADS}", as_dict=True)
	of_table = [step for step in plan if not str(step.table).startswith("<")]
	assert all(step.key for step in of_table)
	assert not [step for step in of_table if step.type == "ALL"]
	(grouped,) = (step for step in plan if "group-by" in (step.Extra or ""))
	assert grouped.key == "slack_queue"
	frappe.db.delete(outbox.DOCTYPE)
	frappe.db.commit()


def test_order_is_kept_in_a_channel(slack):
	"""What people wait for first, each in its order; then what follows tickets."""
	frappe.db.delete(outbox.DOCTYPE)
	queue(20, 1)
	frappe.db.sql(f"UPDATE `tab{outbox.DOCTYPE}` SET due_at = %s", utc_now())
	taken = []
	while (row := outbox.claim()[0]) is not None:
		taken.append(int(row.ticket))
		outbox.finish(row)
	assert taken == [*range(0, 20, 2), *range(1, 20, 2)]
