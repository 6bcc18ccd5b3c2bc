"""Every address under /portal, in one table. HEAD is answered as GET without the body."""

from collections.abc import Callable, Mapping

from werkzeug.wrappers import Request, Response

from customer_portal.pages import (
	addresses,
	dry_run,
	hooks,
	landing,
	panel,
	preview,
	template_preview,
	unsubscribe,
)

Handler = Callable[[Request, tuple[str, ...]], Response]

# Method and path below /portal: * stands for one part, which the handler gets in the order of the path.
ROUTES: Mapping[tuple[str, str], Handler] = {
	("GET", ""): landing.show,
	("GET", "unsubscribe/*"): unsubscribe.show,
	("POST", "unsubscribe/*"): unsubscribe.change,
	("POST", "hooks/twilio/receipt"): hooks.take_receipt,
	("POST", "hooks/twilio/message"): hooks.take_message,
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
