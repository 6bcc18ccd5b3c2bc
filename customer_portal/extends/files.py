"""Keeps customers from making somebody else's file their own by naming its path; and takes a file that is deleted out of
Slack.

Frappe lets whoever may write a document attach any path to it, reads what lies there and makes a copy of theirs. All
this happens before hooks of the document run, hence a class.
"""

import re
from urllib.parse import unquote

import frappe
from frappe.core.doctype.file.file import File

from customer_portal import agents
from customer_portal.exceptions import FileNotShown, refuse
from customer_portal.extends.guard import tell_slack
from customer_portal.slack import news

SITE = re.compile(r"https?://[^/]*")
MESSAGES = ("Communication", "HD Ticket")  # what has files that Slack may have got


class PortalFile(File):
	def before_insert(self) -> None:
		"""Raises ``FileNotShown`` for a private path that is not the customer's own, and for a name without a content."""
		_check(self)
		super().before_insert()
		if not self.file_url and not self.is_folder and not agents.has_desk():
			refuse(FileNotShown())

	def validate(self) -> None:
		if not self.is_new():
			_check(self)
		super().validate()

	def on_trash(self) -> None:
		"""Frappe's own part comes last: it takes the content off the disk, which no rollback brings back."""
		if self.attached_to_doctype in MESSAGES:
			tell_slack("A removal could not be queued for Slack", self, lambda: news.file_removed(self))
		super().on_trash()


def _check(file: File) -> None:
	"""A content is no excuse: an empty one leaves the path as it was sent."""
	if file.file_url and not agents.has_desk() and not _may_name(str(file.file_url)):
		refuse(FileNotShown())


def _may_name(url: str) -> bool:
	"""What is elsewhere, public, or their own; any host may be one of this site's.

	That they may read a file is not enough: Helpdesk attaches to a reply whatever File it names, before it asks here.
	"""
	path = SITE.sub("", unquote(url), count=1) if SITE.match(url) else unquote(url)
	if SITE.match(url) and "/private/" not in path:
		return True
	files = frappe.get_all("File", {"file_url": path}, ["file_url", "owner", "is_private"])
	same = [file for file in files if file.file_url == path]  # the column knows no case, the disk does
	return any(file.owner == frappe.session.user or not file.is_private for file in same)
