import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import escape_html

from customer_portal import mail_addresses
from customer_portal.clock import utc_now
from customer_portal.constants import SLACK_CHANNEL, TENANT_ID
from customer_portal.mail_addresses import BadDomain
from customer_portal.texts import marked as _lt

SLACK_RULES = ("slack_channel", "slack_mode")
BAD_DOMAINS = {
	"unreadable": _lt("Row {0} of the domains: {1} is not a mail domain such as example.com."),
	"public": _lt("Row {0} of the domains: anybody can register a name below {1}."),
	"free": _lt("Row {0} of the domains: anybody can get an address at {1}, a free mail service."),
}


class PortalCustomerAccess(Document):
	"""Who of an HD Customer may enter the organisation portal, and what they see there."""

	def validate(self) -> None:
		self._check_domains()
		self._check_tenant()
		self._check_people()
		self._check_forms()
		self._check_somebody_may_enter()
		self._check_slack_channel()

	def _check_domains(self) -> None:
		for row in self.domains:
			row.domain = self._read_domain(row)
		self._refuse_doubles([row.domain for row in self.domains], _("The domain {0} is listed twice."))
		for row in self.domains:
			self._check_owner(row)

	def _read_domain(self, row) -> str:
		try:
			return mail_addresses.company_domain(row.domain)
		except BadDomain as error:
			frappe.throw(
				_(BAD_DOMAINS[error.reason]).format(row.idx, frappe.bold(escape_html(row.domain or "")))
			)

	def _check_owner(self, row) -> None:
		"""A domain belongs to one customer; so does everything below one that is taken with its subdomains."""
		others = frappe.get_all(
			"Portal Access Domain",
			filters={"parent": ("!=", self.name), "parenttype": self.doctype},
			fields=["parent", "domain", "with_subdomains"],
		)
		for other in others:
			if _do_overlap(row, other):
				frappe.throw(
					_("The domain {0} belongs to the customer {1}.").format(row.domain, other.parent)
				)

	def _check_tenant(self) -> None:
		self.microsoft_tenant = (self.microsoft_tenant or "").strip().lower()
		if self.microsoft_tenant and not TENANT_ID.fullmatch(self.microsoft_tenant):
			frappe.throw(_("The Microsoft tenant is no directory (tenant) ID."))

	def _check_people(self) -> None:
		for row in self.people:
			address = mail_addresses.normal_email(row.email)
			if address is None:
				frappe.throw(_("Row {0} of the people has no e-mail address.").format(row.idx))
			row.email = address
		self._refuse_doubles([row.email for row in self.people], _("The address {0} is listed twice."))

	def _check_forms(self) -> None:
		self._refuse_doubles([row.ticket_template for row in self.forms], _("The form {0} is listed twice."))

	def _check_somebody_may_enter(self) -> None:
		is_open = self.who == "Everyone in the domains" and self.domains
		if self.enabled and not is_open and not any(not row.is_disabled for row in self.people):
			frappe.throw(_("Nobody could sign in: add a domain or a person."))

	def _check_slack_channel(self) -> None:
		if any(map(self.has_value_changed, SLACK_RULES)):
			self.slack_rules_since = utc_now()
		self.slack_channel = (self.slack_channel or "").strip() or None
		if not self.slack_channel:
			return
		if not SLACK_CHANNEL.fullmatch(self.slack_channel):
			frappe.throw(_("The Slack channel must be a channel's ID, such as C0123456789."))
		others = {"slack_channel": self.slack_channel, "name": ("!=", self.name)}
		if owner := frappe.db.get_value(self.doctype, others):
			frappe.throw(
				_("This Slack channel is that of the customer {0}.").format(frappe.bold(escape_html(owner)))
			)
		if self.slack_channel == frappe.db.get_single_value(
			"Customer Portal Settings", "slack_triage_channel"
		):
			frappe.throw(
				_("This Slack channel is the triage channel, which has the tickets of all customers.")
			)

	def _refuse_doubles(self, values: list[str], sentence: str) -> None:
		for value in values:
			if values.count(value) > 1:
				frappe.throw(sentence.format(frappe.bold(value)))


def _do_overlap(one, other) -> bool:
	"""Whether an address could belong to both rows of domains."""
	return (
		one.domain == other.domain
		or (one.with_subdomains and one.domain in mail_addresses.with_parents(other.domain))
		or (other.with_subdomains and other.domain in mail_addresses.with_parents(one.domain))
	)
