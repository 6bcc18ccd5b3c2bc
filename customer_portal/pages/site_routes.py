"""Every address under /portal, in one table. HEAD is answered as GET without the body."""

from collections.abc import Callable, Mapping

from werkzeug.wrappers import Request, Response

from customer_portal.pages import (
	account,
	addresses,
	articles,
	digest,
	dry_run,
	export,
	following,
	hooks,
	landing,
	member_ticket,
	new_ticket,
	panel,
	preview,
	sign_in,
	sign_in_with,
	slack_hooks,
	team,
	template_preview,
	ticket_list,
	unsubscribe,
)

Handler = Callable[[Request, tuple[str, ...]], Response]

# Method and path below /portal: * stands for one part, which the handler gets in the order of the path.
ROUTES: Mapping[tuple[str, str], Handler] = {
	("GET", ""): landing.show,
	("GET", "sign-in"): sign_in.show,
	("POST", "sign-in/mail"): sign_in.send_mail,
	("POST", "sign-in/resend"): sign_in.resend,
	("POST", "sign-in/code"): sign_in.check_code,
	("GET", "sign-in/link/*"): sign_in.show_link,
	("POST", "sign-in/link/*"): sign_in.use_link,
	("GET", "sign-in/with/*"): sign_in_with.show,
	("POST", "sign-in/with/*"): sign_in_with.depart,
	("GET", "sign-in/back/*"): sign_in_with.arrive,
	("POST", "language"): account.choose_language,
	("POST", "sign-out"): account.sign_out,
	("GET", "account"): account.show,
	("POST", "account"): account.change,
	("POST", "account/sign-out"): account.sign_out_everywhere,
	("GET", "team"): team.show,
	**{("POST", f"team/{name}"): handler for name, handler in team.HANDLERS.items()},
	("GET", "tickets"): ticket_list.show,
	("POST", "tickets/export"): export.send,
	("GET", "new"): new_ticket.show,
	("POST", "new"): new_ticket.file,
	("GET", "articles"): articles.suggest,
	("GET", "articles/*"): articles.show,
	("GET", "tickets/*"): member_ticket.show,
	**{(method, f"tickets/*/{part}"): handler for (method, part), handler in member_ticket.HANDLERS.items()},
	("GET", "following/*"): following.show,
	("POST", "following/*"): following.change,
	("GET", "unsubscribe/*"): unsubscribe.show,
	("POST", "unsubscribe/*"): unsubscribe.change,
	("GET", "digest/*"): digest.show,
	("POST", "digest/*"): digest.change,
	("POST", "hooks/twilio/receipt"): hooks.take_receipt,
	("POST", "hooks/twilio/message"): hooks.take_message,
	("POST", "hooks/slack/events"): slack_hooks.take_event,
	("POST", "hooks/slack/actions"): slack_hooks.take_action,
	("GET", "staff/ticket/*"): panel.show,
	**{("POST", f"staff/ticket/*/{name}"): handler for name, handler in panel.HANDLERS.items()},
	("GET", "staff/ticket/*/as-customer"): preview.show,
	("GET", "staff/ticket/*/file/*"): preview.send_file,
	("GET", "staff/preview"): template_preview.show,
	("GET", "staff/preview/page"): template_preview.show_ticket,
	("GET", "staff/preview/mail"): template_preview.show_mail,
	("POST", "staff/preview/test"): template_preview.send_test,
	("GET", "staff/dry-run"): dry_run.show,
}


def find(parts: tuple[str, ...], method: str) -> tuple[Handler, tuple[str, ...]]:
	"""The handler, and what stands in the place of the stars. Raises what ``addresses.find`` raises."""
	return addresses.find(ROUTES, parts, method)
