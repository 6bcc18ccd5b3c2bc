"""The HTML of a Communication as mrkdwn: an agent's reply, a customer's message, or a mail of any mail program."""

import re
from collections.abc import Callable

from customer_portal import html as documents
from customer_portal.slack.mrkdwn import lines
from customer_portal.slack.mrkdwn.page import Page
from customer_portal.slack.mrkdwn.reader import Reader

LONGEST = 3_800  # Slack advises at most 4,000 characters for a message's text
# Helpdesk's editor writes this before the message that an agent's reply quotes (EmailEditor.vue).
_REPLY_TO = re.compile(r'<p class="reply-to-content">')


def from_html(
	html: str | None,
	mention: Callable[[str], str | None],
	longest: int = LONGEST,
	is_mail: bool = False,
) -> str:
	"""At most ``longest`` characters, of which the last are " …" where something was cut; empty for no visible text.

	``mention`` is given the name in a mention of Helpdesk and returns markup that goes in as it is, such as
	``<@U123>``; with None the mention is ``@name``. Anybody may write the HTML, and so a mention. ``is_mail`` drops
	quotes, unless there is nothing else; what Helpdesk's editor quotes of the ticket is always dropped likewise.
	"""
	own = documents.clean(_REPLY_TO.split(html or "", maxsplit=1)[0], for_text=True)
	document = own or documents.clean(html, for_text=True)
	page = Page(longest)
	reader = Reader(page, mention)
	reader.feed(_without_quotes(document.html) if is_mail else document.html)
	reader.close()
	return lines.written(page.lines, longest, document.is_cut or page.is_full)


def _without_quotes(html: str) -> str:
	answer = documents.without_quotes(html)
	return answer if documents.plain_text(answer) else html
