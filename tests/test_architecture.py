"""Holds the code to ARCHITECTURE.md: who imports whom, who writes what, and what strangers can call."""

import ast
import importlib
import re
from pathlib import Path

import frappe
import pytest

from customer_portal.pages import routes, site_routes
from tests.source import APP, ROOT, Module, modules, text_of

EDGE = {"hooks", "install", "uninstall", "extends", "api", "pages", "tasks", "patches", "www", "commands"}
OUTSIDE = {"channels": 2, "integrations": 3}
LEAVES = {
	"access_link",
	"bells",
	"clock",
	"constants",
	"customizations",
	"defaults",
	"exceptions",
	"file_kinds",
	"jpeg",
	"keys",
	"mail_addresses",
	"names",
	"numerals",
	"on_behalf",
	"phones",
	"request_address",
	"rows",
	"settings",
	"signed_addresses",
	"texts",
	"throttle",
	"versions",
}
MRKDWN = (
	"blocks",
	"document",
	"emoji",
	"inline",
	"lines",
	"literals",
	"page",
	"reader",
	"references",
	"signs",
)
PURE = (
	*(
		"phones",
		"mail_addresses",
		"clock",
		"constants",
		"file_kinds",
		"jpeg",
		"otp.codes",
		"html",
		"slack",
		"slack.mrkdwn",
	),
	*(f"slack.mrkdwn.{name}" for name in MRKDWN),
)
PROVIDERS = {"twilio", "requests", "slack_sdk", "httpx", "urllib3", "smtplib"}
LEVEL_OF_LEAVES = 4

DOCTYPE = "customer_portal.doctype"  # controllers, which delete what Frappe's log clearing asks of them
WRITERS = {
	"Portal Access Link": {"links"},
	"Portal Access Person": {"teams"},
	"Portal Account": {"accounts"},
	"Portal Customer Access": {"teams", "slack.moved_channels"},
	"Portal Join Request": {
		"join_requests",
		f"{DOCTYPE}.portal_join_request.portal_join_request",
	},
	"Portal Notification": {"notifications.outbox", f"{DOCTYPE}.portal_notification.portal_notification"},
	"Portal Opt-Out": {"opt_outs"},
	"Portal Ticket Follower": {"followers"},
	"Portal Ticket View": {"presence"},
	"Portal OTP Session": {
		"otp.record",
		"sessions",
		f"{DOCTYPE}.portal_otp_session.portal_otp_session",
	},
	"Portal Slack Event": {"slack.inbox", f"{DOCTYPE}.portal_slack_event.portal_slack_event"},
	"Portal Slack Message": {"slack.outbox"},
	"Portal Slack User": {"slack.people"},
	"Portal Status Event": {"timeline"},
	"Portal Throttle": {"throttle"},
	"Portal Throttle Event": {"throttle", f"{DOCTYPE}.portal_throttle_event.portal_throttle_event"},
}
WRITING = {
	"set_value",
	"delete",
	"bulk_insert",
	"bulk_update",
	"delete_doc",
	"new_doc",
	"into",
	"update",
	"truncate",
}
SAVING = {"save", "insert", "db_set", "db_insert", "db_update", "delete"}
SQL_WRITE = re.compile(r"^\s*(?:insert|update|delete|replace)\b.*?`tab([^`]+)`", re.I | re.S)

READS = {
	"channels.names",
	"figures.get_deliveries",
	"figures.get_delivered",
	"figures.get_failed",
	"figures.get_links_opened",
	"figures.get_locked",
	"figures.get_median_delivery",
	"figures.get_verifications",
	"figures.get_verifications_per_day",
	"generic.get_count",
	"generic.get_group_by_count",
	"generic.get_next",
	"links.get_link_entry",
	"setup_check.get_checks",
	"sub_status.get_link_title",
	"sub_status.of_ticket",
	"sub_status.options",
	"sub_status.search",
}
GUEST_METHODS: set[str] = set()
GUEST_ROUTES = {
	("GET", ""),
	("POST", "code"),
	("POST", "resend"),
	("POST", "verify"),
	("POST", "language"),
	("POST", "sign-out"),
	("GET", "preferences"),
	("POST", "preferences"),
	("GET", "state"),
	("GET", "file/*"),
	("GET", "messages"),
	("POST", "reply"),
	("POST", "accept"),
	("POST", "reject"),
	("POST", "reopen"),
	("POST", "rate"),
	("POST", "organisation"),
}
GUEST_SITE_ROUTES = {
	("GET", ""),
	("GET", "sign-in"),
	("POST", "sign-in/mail"),
	("POST", "sign-in/resend"),
	("POST", "sign-in/code"),
	("GET", "sign-in/link/*"),
	("POST", "sign-in/link/*"),
	("GET", "sign-in/with/*"),
	("POST", "sign-in/with/*"),
	("GET", "sign-in/back/*"),
	("POST", "language"),
	("GET", "following/*"),
	("POST", "following/*"),
	("GET", "unsubscribe/*"),
	("POST", "unsubscribe/*"),
	("GET", "digest/*"),
	("POST", "digest/*"),
	("POST", "hooks/slack/actions"),
	("POST", "hooks/slack/events"),
	("POST", "hooks/twilio/receipt"),
	("POST", "hooks/twilio/message"),
	("POST", "hooks/slack/events"),
	("POST", "hooks/slack/actions"),
}
MEMBER_ROUTES = {
	("POST", "sign-out"),
	("GET", "account"),
	("POST", "account"),
	("POST", "account/sign-out"),
	("GET", "team"),
	("POST", "team/invite"),
	("POST", "team/disable"),
	("POST", "team/enable"),
	("POST", "team/see-all"),
	("POST", "team/see-own"),
	("POST", "team/make-manager"),
	("POST", "team/unmake-manager"),
	("POST", "team/accept"),
	("POST", "team/refuse"),
	("POST", "tickets/*/follow"),
	("POST", "tickets/*/unfollow"),
	("POST", "tickets/*/hide"),
	("POST", "tickets/*/show"),
	("POST", "tickets/*/share"),
	("POST", "tickets/*/unshare"),
	("GET", "new"),
	("POST", "new"),
	("GET", "articles"),
	("GET", "articles/*"),
	("GET", "tickets"),
	("POST", "tickets/export"),
	("GET", "tickets/*"),
	("GET", "tickets/*/state"),
	("GET", "tickets/*/messages"),
	("GET", "tickets/*/mentions"),
	("GET", "tickets/*/file/*"),
	("POST", "tickets/*/reply"),
	("POST", "tickets/*/accept"),
	("POST", "tickets/*/reject"),
	("POST", "tickets/*/close"),
	("POST", "tickets/*/reopen"),
	("POST", "tickets/*/rate"),
}


def level(module: Module) -> int:
	"""0 is the edge; a module may import its own level and the higher numbers."""
	if module.is_controller:
		return LEVEL_OF_LEAVES
	if module.room in EDGE:
		return 0
	return LEVEL_OF_LEAVES if module.room in LEAVES else OUTSIDE.get(module.room, 1)


def imported_modules(module: Module) -> list[Module]:
	found = (_module_named(name) for name in module.imports() if name.startswith(f"{APP}."))
	return [other for other in found if other and other.name != APP]


def _module_named(dotted: str) -> Module | None:
	"""``from package.module import name``: the module, or the name when that is a module too."""
	return modules().get(dotted) or modules().get(dotted.rpartition(".")[0])


@pytest.mark.parametrize("module", modules().values(), ids=modules())
def test_imports_never_go_upward(module):
	upward = [other.name for other in imported_modules(module) if level(other) < level(module)]
	assert not upward


@pytest.mark.parametrize("name", PURE)
def test_pure_modules_import_no_frappe(name):
	module = modules()[f"{APP}.{name}"]
	assert not [imported for imported in module.imports() if imported.split(".")[0] == "frappe"]
	assert all(other.name.removeprefix(f"{APP}.") in PURE for other in imported_modules(module))


@pytest.mark.parametrize("module", modules().values(), ids=modules())
def test_only_channels_and_integrations_talk_to_the_outside(module):
	if module.room not in OUTSIDE:
		assert not PROVIDERS & {imported.split(".")[0] for imported in module.imports()}


def test_no_module_imports_helpdesks_api():
	importers = {
		module.name
		for module in modules().values()
		if any(name.startswith("helpdesk.helpdesk.doctype.hd_ticket.api") for name in module.imports())
	}
	assert not importers


@pytest.mark.parametrize("module", modules().values(), ids=modules())
def test_annotations_are_real(module):
	"""Frappe 15 validates no argument whose annotation is a string."""
	assert "__future__.annotations" not in set(module.imports())


@pytest.mark.parametrize("module", modules().values(), ids=modules())
def test_each_doctype_has_one_writer(module):
	name = module.name.removeprefix(f"{APP}.")
	foreign = {doctype for doctype in written_doctypes(module) if not _is_writer(name, doctype)}
	assert not foreign


def _is_writer(name: str, doctype: str) -> bool:
	"""A package that writes may do so in any of its modules."""
	return any(name == writer or name.startswith(f"{writer}.") for writer in WRITERS.get(doctype, {name}))


def test_the_writers_are_found():
	"""A check that recognises no writing at all would pass for ever."""
	found = {doctype for module in modules().values() for doctype in written_doctypes(module)}
	assert found >= WRITERS.keys()


def written_doctypes(module: Module) -> set[str]:
	found = set()
	for call in module.calls():
		if not isinstance(call.func, ast.Attribute):
			continue
		if call.func.attr in WRITING and call.args:
			found.add(text_of(module, call.args[0]))
		if call.func.attr in SAVING:
			found.add(text_of(module, call.func.value))
		if call.func.attr == "get_doc" and call.args and isinstance(call.args[0], ast.Dict):
			found.add(text_of(module, call.args[0]))
		found |= _written_by_sql(module, call)
	return {doctype for doctype in found if doctype}


def _written_by_sql(module: Module, call: ast.Call) -> set[str]:
	statement = text_of(module, call.args[0]) if call.func.attr == "sql" and call.args else None
	return set(SQL_WRITE.findall(statement or ""))


def whitelisted() -> dict[str, tuple[ast.FunctionDef, ast.Call]]:
	"""Dotted name → the function and its ``frappe.whitelist(...)``."""
	found = {}
	for module in modules().values():
		for function in module.functions():
			for decorator in function.decorator_list:
				if ast.unparse(decorator).startswith("frappe.whitelist"):
					found[f"{module.name}.{function.name}"] = (function, decorator)
	return found


@pytest.mark.parametrize("name", whitelisted())
def test_whitelisted_functions_are_fully_annotated(name):
	function, _ = whitelisted()[name]
	arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
	assert all(argument.annotation for argument in arguments)
	assert function.args.vararg is None
	assert function.args.kwarg is None
	assert function.returns is not None


@pytest.mark.parametrize("name", whitelisted())
def test_what_writes_takes_post_alone(name):
	"""Without ``methods`` Frappe takes GET too, whose origin nobody checks."""
	_, decorator = whitelisted()[name]
	methods = ast.literal_eval(_keyword(decorator, "methods") or ast.Constant([]))
	assert methods == ["POST"] or name.removeprefix(f"{APP}.api.") in READS


def test_whitelisted_functions_are_the_api_alone():
	assert {name.split(".")[1] for name in whitelisted()} <= {"api"}


def test_strangers_call_no_whitelisted_function():
	found = {
		name
		for name, (_, decorator) in whitelisted().items()
		if isinstance(decorator, ast.Call) and _keyword(decorator, "allow_guest")
	}
	assert found == GUEST_METHODS


def test_strangers_reach_these_pages_and_no_others():
	assert set(routes.ROUTES) == GUEST_ROUTES
	of_site = {route for route in site_routes.ROUTES if not route[1].startswith("staff")}
	assert of_site == GUEST_SITE_ROUTES | MEMBER_ROUTES


def _keyword(decorator: ast.AST, name: str) -> ast.expr | None:
	keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
	return next((keyword.value for keyword in keywords if keyword.arg == name), None)


def patch_lines() -> list[str]:
	lines = (ROOT / "patches.txt").read_text().splitlines()
	return [line.split("#")[0].strip() for line in lines if line.split("#")[0].strip() and line[0] != "["]


def test_every_patch_can_be_imported():
	for line in patch_lines():
		assert callable(importlib.import_module(line).execute)


def hook_values(value: object) -> list[str]:
	if isinstance(value, str):
		return [value]
	items = value.values() if isinstance(value, dict) else value
	return [text for item in items for text in hook_values(item)] if isinstance(value, (dict, list)) else []


def hooks() -> list[str]:
	module = importlib.import_module(f"{APP}.hooks")
	values = [value for name, value in vars(module).items() if not name.startswith("_")]
	return [text for value in values for text in hook_values(value)]


def test_every_dotted_hook_resolves():
	dotted = [text for text in hooks() if text.startswith(f"{APP}.") and " " not in text]
	assert dotted
	for text in dotted:
		assert frappe.get_attr(text)


def test_every_file_that_a_hook_names_exists():
	for text in hooks():
		if text.startswith("public/"):
			assert Path(ROOT, text).is_file()


def test_hooks_are_strings_only():
	tree = modules()[f"{APP}.hooks"].tree
	assert not [node for node in ast.walk(tree) if isinstance(node, (ast.Call, ast.FunctionDef, ast.Lambda))]
