"""``bench --site SITE customer-portal …``. Bench imports this for every command, so the rooms are imported late."""

import json
import sys
from dataclasses import asdict

import click
import frappe
from frappe.commands import get_site, pass_context

COLOURS = {"OK": "green", "Warning": "yellow", "Failed": "red", "Off": "bright_black"}


@click.group("customer-portal")
def customer_portal() -> None:
	"""Customer Portal for Helpdesk."""


@customer_portal.command("check")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@pass_context
def check(context, as_json: bool) -> None:
	"""Test mail, SMS, address, scheduler and the rest. Ends with 1 when something failed, with 0 otherwise."""
	from customer_portal.setup_check import run

	frappe.init(get_site(context))
	frappe.connect()
	try:
		findings = run.run_all()
	finally:
		frappe.destroy()
	if as_json:
		click.echo(json.dumps([asdict(finding) for finding in findings], indent=1, ensure_ascii=False))
	else:
		_print(findings)
	sys.exit(int(run.has_failed(findings)))


def _print(findings: list) -> None:
	for finding in findings:
		state = click.style(f"{finding.state:<8}", fg=COLOURS[finding.state], bold=True)
		click.echo(f"{state} {finding.title}: {finding.found}")
		if finding.mend:
			click.echo(f"{'':<8}   {finding.mend}")


commands = [customer_portal]
