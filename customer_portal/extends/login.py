"""Keeps Frappe's own sign-in by Google, Microsoft and others away from members of organisations.

Frappe checks neither the state, the signature nor whether an address is verified (``frappe.utils.oauth``), whatever the
Social Login Key says, even one that is switched off. For whom the organisation portal lets in there is the portal's
way, which checks all of that; for everybody else Frappe's goes on as it was.
"""

import re

import frappe
from werkzeug.wrappers import Request, Response

from customer_portal import access
from customer_portal.exceptions import SignInAtPortal

SIGN_IN = "/portal/sign-in"
REFUSED = "customer_portal_sign_in_refused"
# Frappe's functions, by their own path or by the older names in its override_whitelisted_methods.
_SOCIAL = re.compile(r"oauth2_logins\b|\blogin_via_(?!key\b|token\b)")


def on_login(login_manager) -> None:
	"""Raises ``SignInAtPortal``; what the request has written is rolled back, a new user among it."""
	user = login_manager.user
	if user == "Guest" or not _is_social() or access.member(user) is None:
		return
	frappe.local.flags[REFUSED] = True
	raise SignInAtPortal


def after_request(response: Response | None, request: Request) -> None:
	"""In the place of Frappe's error page: the way to the portal's sign-in."""
	if response is None or not frappe.local.flags.get(REFUSED):
		return
	response.status_code = 303
	response.headers["Location"] = SIGN_IN
	response.set_data(b"")


def _is_social() -> bool:
	request = frappe.local.request
	named = (frappe.form_dict.get("cmd"), request.path if request else "")
	return any(_SOCIAL.search(name) for name in named if name)
