"""Opens a ticket as agents do, in Helpdesk's own page and in the Desk's form.

Both record that it was seen, and put the whole document of that answer in the place of what the page has by then.
"""

from playwright.sync_api import Page, Response

SEEN = "mark_seen"
MORE = "xpath=following::button[1][@aria-haspopup='menu']"  # of the status; there once Helpdesk has counted tickets
IDLE = "() => window.cur_frm && !frappe.request.ajax_count"


def in_helpdesk(page: Page, address: str, ticket) -> None:
	with page.expect_response(_has_recorded):
		page.goto(f"{address}/helpdesk/tickets/{ticket.name}")


def in_desk(page: Page, address: str, ticket) -> None:
	with page.expect_response(_has_recorded):
		page.goto(f"{address}/app/hd-ticket/{ticket.name}")
	page.wait_for_function(IDLE)


def _has_recorded(response: Response) -> bool:
	return response.url.endswith("run_doc_method") and SEEN in (response.request.post_data or "")
