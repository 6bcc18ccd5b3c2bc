"""A ticket as a post in a channel: Block Kit, as it stands now. https://docs.slack.dev/reference/block-kit/blocks

People of a customer may be in its channel: there it has nothing that Helpdesk keeps from customers.
Everything that customers write is plain text here, or escaped and verbatim: it mentions nobody and links nothing.
"""

from dataclasses import dataclass
from itertools import accumulate

import frappe
from frappe import _

from customer_portal import html, links, names, statuses, ticket_facts
from customer_portal.constants import CLOSED
from customer_portal.exceptions import SiteAddressMissing, TemplateMissing
from customer_portal.integrations.slack.blocks import (
	ActionsBlock,
	Block,
	ButtonElement,
	ConfirmObject,
	ContextBlock,
	MarkdownTextObject,
	Option,
	OptionGroup,
	PlainTextObject,
	SectionBlock,
	StaticSelectElement,
)
from customer_portal.slack import form, labels
from customer_portal.slack.channels import Place

TAKE, SET, CLOSE = "customer_portal_take", "customer_portal_set", "customer_portal_close"
LONGEST_SUBJECT, LONGEST_DESCRIPTION = 200, 1_200  # characters
LONGEST_LABEL, LONGEST_VALUE = 75, 300  # characters; escaped ones take five times that, and Slack 2,000
LONGEST_FACTS = 3_000  # characters; of all blocks Slack takes some 13,200, of which a full menu has 8,000
FACTS_IN_SECTION = 10  # of Slack
LONGEST_OPTION = 75  # of Slack
MOST_OPTIONS = 100  # of Slack
FIELDS = (
	*("name", "subject", "description", "raised_by", "contact", "customer", "priority", "status"),
	*("sub_status", "template", "_assign", "agent_group", "is_merged", "merged_with"),
)


@dataclass(frozen=True)
class Post:
	"""``text`` is what notifications and screen readers get."""

	text: str
	blocks: tuple[dict, ...]


def of_ticket(ticket: str, place: Place) -> Post | None:
	"""None: there is no such ticket."""
	row = frappe.db.get_value("HD Ticket", ticket, list(FIELDS), as_dict=True)
	return of_row(row, place) if row else None


def of_row(row: frappe._dict, place: Place) -> Post:
	"""``row`` has ``FIELDS``, and need not be a ticket's that there is."""
	blocks = [_heading(row), *_facts(row, place), *_description(row), *_buttons(row, place), *_footer(row)]
	return Post(_summary(row), tuple(block.to_dict() for block in blocks))


def escape(text: str) -> str:
	"""https://docs.slack.dev/messaging/formatting-message-text/#escaping"""
	return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def address(ticket: str) -> str:
	"""Where agents open it; empty while nobody has said what the site's own address is."""
	try:
		return f"{links.site_address()}/helpdesk/tickets/{ticket}"
	except SiteAddressMissing:
		return ""


def _summary(row: frappe._dict) -> str:
	return escape(_("Ticket {0}: {1}").format(row.name, _short(row.subject, LONGEST_SUBJECT)))


def _heading(row: frappe._dict) -> Block:
	title = f"#{row.name} {escape(_short(row.subject, LONGEST_SUBJECT))}"
	link = address(str(row.name))
	shown = f"<{link}|{title.replace('|', '¦')}>" if link else title
	return SectionBlock(text=_verbatim(f"*{shown}*"))


def _facts(row: frappe._dict, place: Place) -> list[Block]:
	"""What is known of it, and what its form has asked for; two columns."""
	known = [
		(_("Requester"), ticket_facts.requester(row)),
		(_("Customer"), row.customer),
		(_("Status"), labels.status(row, place)),
		(_("Priority"), _(row.priority) if row.priority else ""),
		(_("Team"), "" if place.customer else row.agent_group),
		(_("Assigned to"), ", ".join(_assigned(row, place))),
		*form.answers(row, place),
	]
	facts = [_fact(label, value) for label, value in known if (value or "").strip()]
	lengths = accumulate(len(fact.text) for fact in facts)
	shown = [fact for fact, length in zip(facts, lengths, strict=True) if length <= LONGEST_FACTS]
	parts = [shown[start : start + FACTS_IN_SECTION] for start in range(0, len(shown), FACTS_IN_SECTION)]
	return [SectionBlock(fields=part) for part in parts]


def _fact(label: str, value: str) -> MarkdownTextObject:
	return _verbatim(f"*{escape(_short(label, LONGEST_LABEL))}*\n{escape(_short(value, LONGEST_VALUE))}")


def _verbatim(text: str) -> MarkdownTextObject:
	"""Of ``text`` Slack makes no links and mentions but those that are marked up as such.
	https://docs.slack.dev/reference/block-kit/composition-objects/text-object
	"""
	return MarkdownTextObject(text=text, verbatim=True)


def _assigned(row: frappe._dict, place: Place) -> list[str]:
	"""In a customer's channel without those who have no name but an address."""
	users = frappe.parse_json(row.get("_assign") or "[]")
	found = [frappe.db.get_value("User", user, "full_name") or user for user in users]
	return [name for name in found if names.is_name(name)] if place.customer else found


def _description(row: frappe._dict) -> list[Block]:
	text = _short(html.as_lines(row.description), LONGEST_DESCRIPTION)
	return [SectionBlock(text=PlainTextObject(text=text, emoji=False))] if text else []


def is_whole(description: str | None) -> bool:
	"""Whether the post shows all of it: the thread then need not."""
	return len(html.as_lines(description)) <= LONGEST_DESCRIPTION and "<img" not in (description or "")


def _buttons(row: frappe._dict, place: Place) -> list[Block]:
	if row.is_merged or not place.is_answered:
		return []
	name = str(row.name)
	found = [ButtonElement(text=_("Take it"), action_id=TAKE, value=name)]
	try:
		template = statuses.template_of(row)
	except TemplateMissing:
		return [ActionsBlock(elements=found)]
	found += _menu(row, template, place)
	current = template.sub_status(row.sub_status)
	if not (current and current.main_status == CLOSED):
		found.append(_close(name))
	return [ActionsBlock(elements=found)]


def _close(name: str) -> ButtonElement:
	sure = ConfirmObject(
		title=_("Close the ticket?"),
		text=PlainTextObject(text=_("The customer is told that it is closed.")),
		confirm=_("Close"),
		deny=_("Cancel"),
	)
	return ButtonElement(text=_("Close"), action_id=CLOSE, value=name, confirm=sure)


def _menu(row: frappe._dict, template: statuses.TicketTemplate, place: Place) -> list[StaticSelectElement]:
	"""The template's sub-statuses in groups by main status, without the present one."""
	offered = labels.choices(row, template, place)[:MOST_OPTIONS]
	groups: dict[int, list[Option]] = {}
	for one in offered:
		option = Option(value=f"{row.name}:{one.sub_status}", label=_short(one.label, LONGEST_OPTION))
		groups.setdefault(one.main_status, []).append(option)
	if not groups:
		return []
	grouped = [
		OptionGroup(
			label=_short(statuses.main_label(template, position, frappe.local.lang), LONGEST_OPTION),
			options=options,
		)
		for position, options in sorted(groups.items())
	]
	return [StaticSelectElement(placeholder=_("Set status"), action_id=SET, option_groups=grouped)]


def _footer(row: frappe._dict) -> list[Block]:
	if not row.is_merged:
		return []
	text = _("Merged into ticket {0}.").format(row.merged_with)
	return [ContextBlock(elements=[PlainTextObject(text=text)])]


def _short(text: str | None, longest: int) -> str:
	text = (text or "").strip()
	return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"
