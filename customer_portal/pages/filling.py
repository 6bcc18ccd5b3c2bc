"""A form of the organisation portal as somebody has filled it in: read from a request, and checked field by field."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from werkzeug.wrappers import Request

from customer_portal import uploads
from customer_portal.exceptions import BadFieldValue, PortalError, TooManyFiles
from customer_portal.html import as_lines
from customer_portal.pages import forms
from customer_portal.pages.members import MemberVisitor
from customer_portal.pages.texts import translate as _
from customer_portal.ticket_forms import answers, choices, copies, fields, filing
from customer_portal.ticket_forms.fields import TicketForm
from customer_portal.ticket_forms.kinds import LONG, SHORT
from customer_portal.ticket_forms.offered import Offer
from customer_portal.uploads import Upload

PREFIX = "f_"  # before the names of a template's fields, so that none is one of our own
LONGEST_SUBJECT = 140
MOST_VALUES = choices.MOST  # of a field that takes several
LONGEST_VALUES = MOST_VALUES * SHORT  # characters of all of them, which are names, and of one long text


@dataclass
class Filling:
	"""A form as somebody has filled it in, or is about to. ``problems`` by the field's name in the page."""

	request: Request
	offer: Offer
	is_new: bool = False
	problems: dict[str, PortalError] = field(default_factory=dict)

	@cached_property
	def form(self) -> TicketForm:
		return fields.read(self.offer.name, None if self.is_new else self._typed)

	@cached_property
	def customer(self) -> str:
		"""The organisation; empty while one is still to be chosen."""
		if len(self.offer.customers) == 1:
			return self.offer.customers[0]
		chosen = forms.optional_field(self.request, "customer")
		return chosen if chosen in self.offer.customers else ""

	@property
	def subject(self) -> str:
		return self._own("subject")

	@property
	def copied(self) -> str:
		return self._own("copies")

	@property
	def description(self) -> str:
		if self.is_new:
			return as_lines(self.form.description)
		return self.request.form.get("description", "")[: 2 * LONG]

	@cached_property
	def files(self) -> tuple[Upload, ...]:
		return self._taken("files", "files")

	@cached_property
	def attachments(self) -> Mapping[str, Upload]:
		"""By fieldname; of each field of type Attach the one file."""
		names = [one.name for one in self.form.fields if one.kind.widget == "file"]
		taken = {name: self._taken(PREFIX + name, PREFIX + name) for name in names}
		for name in (name for name, found in taken.items() if len(found) > 1):
			self.problems[PREFIX + name] = TooManyFiles(1)
		return {name: found[0] for name, found in taken.items() if found}

	def request_of(self, visitor: MemberVisitor, key: str) -> filing.Request | None:
		"""None when something does not fit; then ``problems`` says what."""
		if not self.customer:
			self.problems["customer"] = BadFieldValue(answers.NOT_OFFERED)
		subject = self._checked("subject", self._read_subject) or ""
		found = answers.read(self.form, self.attachments)
		self.problems |= {PREFIX + name: problem for name, problem in found.problems.items()}
		description = self._checked("description", self._read_description) or ""
		files, attachments = self.files, self.attachments
		own = visitor.member.address
		copied = self._checked("copies", lambda: copies.read(self.copied, own, self.customer)) or ()
		self._check_sum((*files, *attachments.values()))
		if self.problems:
			return None
		return filing.Request(
			visitor.member,
			visitor.form_scope,
			key,
			self.offer.name,
			self.customer,
			subject,
			description,
			found.values,
			files,
			attachments,
			copied,
		)

	def _typed(self, fieldname: str) -> list[str]:
		values = self.request.form.getlist(PREFIX + fieldname)
		if len(values) > MOST_VALUES or sum(map(len, values)) > LONGEST_VALUES:
			raise PortalError
		return [forms.readable(value, 2 * LONG) for value in values]

	def _own(self, name: str) -> str:
		return self.request.form.get(name, "")[: copies.LONGEST] if not self.is_new else ""

	def _read_subject(self) -> str:
		subject = forms.text(self.request, "subject")
		if not subject:
			raise BadFieldValue(answers.MISSING)
		if len(subject) > LONGEST_SUBJECT:
			raise BadFieldValue(answers.TOO_LONG, LONGEST_SUBJECT)
		return " ".join(subject.split())

	def _read_description(self) -> str:
		description = forms.text(self.request, "description")
		if not description:
			raise BadFieldValue(answers.MISSING)
		return description

	def _taken(self, name: str, field_id: str) -> tuple[Upload, ...]:
		sent = forms.files(self.request, name, self._file_fields())
		return tuple(self._checked(field_id, lambda: uploads.take(sent)) or ())

	def _file_fields(self) -> set[str]:
		"""Names under which files may come: a field may have left the form since its page was made."""
		return {name for name in self.request.files if name.startswith(PREFIX)} | {"files"}

	def _check_sum(self, files: tuple[Upload, ...]) -> None:
		if sum(len(one.content) for one in files) > uploads.limits().all_bytes:
			self.problems["files"] = BadFieldValue(_("These files are too large together."))

	def _checked(self, name: str, read: Callable[[], object]) -> object:
		"""What is read, or None, and the problem is kept; ``PortalError`` itself is for what no page of ours sends."""
		try:
			return read()
		except PortalError as problem:
			if type(problem) is PortalError:
				raise
			self.problems[name] = problem
		return None
