"""Keeps the matrix of a template to what there is: its rows stand in a hidden table, where nobody could mend them."""

from customer_portal.channels import base


def validate(doc, method: str | None = None) -> None:
	"""Drops exclusions of sub-statuses that the template does not list any more, of channels that are not installed,
	and doubles."""
	offered = {row.sub_status for row in doc.sub_statuses}
	kept = {}
	for row in doc.exclusions:
		if row.sub_status in offered and row.channel in base.registry:
			kept.setdefault((row.sub_status, row.channel), row)
	doc.set("exclusions", list(kept.values()))
