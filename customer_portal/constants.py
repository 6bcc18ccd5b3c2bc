"""Names and tunables that no admin sets: one thing, one name."""

import re

from pydantic import StrictInt

TicketName = str | StrictInt  # for arguments: JSON's true is no ticket, while int alone reads it as 1
DEFAULT_TEMPLATE = "Default"  # Helpdesk's own HD Ticket Template, which it never lets anyone delete
MAIN_STATUSES = 4
RECEIVED, IN_PROGRESS, RESOLVED, CLOSED = range(1, MAIN_STATUSES + 1)
TEMPLATE_CACHE_SECONDS = 3600
FRESH_TEMPLATE_CACHE_SECONDS = 60  # soon after a change
LONGEST_TRANSACTION_SECONDS = 1800  # Frappe ends its long jobs after 25 minutes
BACKFILL_BATCH = 500  # tickets in one transaction of the back-fill
BACKFILL_JOB_SECONDS = 1200  # after that the job hands over to a new one
ARCHIVE_BATCH = 500
# HD Ticket.name is a number in older Helpdesk; our columns are text. Compared like this, their index is used.
TICKET_KEY = "convert(ticket.name using utf8mb4) collate utf8mb4_unicode_ci"

TENANT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")  # of a Microsoft directory
SLACK_CHANNEL = re.compile(r"[CG][A-Z0-9]{8,20}")
SLACK_REPLY_MARKER, SLACK_NOTE_MARKER = "reply:", "note:"  # where the settings have none
