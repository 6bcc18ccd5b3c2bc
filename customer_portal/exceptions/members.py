"""What members of organisations meet."""

from customer_portal.exceptions.base import PortalError, TooOften
from customer_portal.texts import marked as _lt
from customer_portal.texts import translate as _


class ListUnreadable(PortalError):
	"""The address of a list has a filter, an order or a place that no page of ours could have put there."""

	sentence = _lt("The address of this list cannot be read. Start again without filters.")


class DayUnreadable(PortalError):
	sentence = _lt("A day cannot be read. Write it as year, month and day: 2026-01-31.")


class ExportRunning(PortalError):
	"""A member has one export at a time."""

	http_status_code = 429
	sentence = _lt("An export of yours is still running. Wait until it is done, then start the next one.")


class TooManyExports(TooOften):
	sentence = _lt("You have exported often. The next export can start in {0} minutes.")


class ExportTooLong(PortalError):
	"""It runs past its time, or has more rows than a sheet; what was sent of it is no whole file."""

	http_status_code = 413
	sentence = _lt("This export is too large. Narrow the list down, or choose CSV.")


class MembersOnly(PortalError):
	"""No organisation admits this person, or nobody is signed in."""

	http_status_code = 403
	sentence = _lt("Sign in with an address that your organisation has registered with us.")


class CustomersHaveAccess(PortalError):
	"""Two customers of whom each has rules for the organisation portal are to become one."""

	http_status_code = 409
	sentence = _lt(
		"Both customers have a Portal Customer Access. Delete one of them before you merge the customers."
	)


class SignInLinkNotFound(PortalError):
	"""Unknown, used and expired links of sign-in mails alike."""

	http_status_code = 410
	sentence = _lt("This link was used already, or it is too old. Ask for a new one.")


class SignInMethodMissing(PortalError):
	"""An admin has switched this way of signing in off, or there is none of this name."""

	http_status_code = 404
	sentence = _lt("This way to sign in is not offered here. Choose another one.")


class SignInAtPortal(PortalError):
	"""A member came by Frappe's own sign-in with another site's account."""

	http_status_code = 403
	sentence = _lt("Sign in to the organisation portal at its own page.")


class BadFieldValue(PortalError):
	"""What is filled in does not suit the field; ``detail`` is what the sentence has a place for."""

	http_status_code = 422

	def __init__(self, sentence: str, detail: object = "") -> None:
		super().__init__(detail)
		self.sentence = sentence


class FormNotOffered(PortalError):
	"""Unknown forms, and those that the member's organisations are not offered, alike."""

	http_status_code = 404
	sentence = _lt("This form is not here. Go back to the list of forms.")


class ArticleNotFound(PortalError):
	"""Unknown articles, and those that are not published, alike."""

	http_status_code = 404
	sentence = _lt("This article is not here.")


class TooManyMentions(PortalError):
	http_status_code = 422
	sentence = _lt("Mention {0} people at most in one message.")


class TeamManagersOnly(PortalError):
	"""A member who does not manage the organisation, or not any more; unknown organisations alike."""

	http_status_code = 403
	sentence = _lt("Only a manager of the organisation may do this.")


class AddressUnreadable(PortalError):
	http_status_code = 422
	sentence = _lt("Enter a full e-mail address, such as name@example.com.")


class OutsideDomains(PortalError):
	"""Managers add people of their organisation's own domains; others are for the helpdesk to add."""

	http_status_code = 422

	def __init__(self, domains: str = "", *_: object):
		super().__init__(domains)
		self.domains = domains

	@property
	def message(self) -> str:
		if not self.domains:
			return _("You cannot add people yourself. Ask us to add this address.")
		return _("You can add addresses of {0}. Ask us to add others.").format(self.domains)


class ColleagueUnknown(PortalError):
	"""An address that is on no list of the organisation, and of none of its domains."""

	http_status_code = 404
	sentence = _lt("This person is not in your organisation.")


class ColleagueNotHere(PortalError):
	"""A ticket is shared with people of its organisation who have signed in before."""

	http_status_code = 422
	sentence = _lt("Nobody with this address has signed in for this organisation yet.")


class ColleagueIsIn(PortalError):
	"""An invitation of somebody who has signed in before."""

	http_status_code = 409
	sentence = _lt("This person is in your team already.")


class ColleagueIsOut(PortalError):
	http_status_code = 409
	sentence = _lt("This person has no access. Give it back first.")


class NotYourself(PortalError):
	"""So each organisation that has a manager keeps one."""

	http_status_code = 409
	sentence = _lt("You cannot take your own access or role away. Ask another manager.")


class HelpdeskDecides(PortalError):
	"""The helpdesk took this person's access, and no manager gives it back."""

	http_status_code = 403
	sentence = _lt("We have taken this person's access ourselves. Contact us to give it back.")


class RequestDecided(PortalError):
	"""Unknown requests, those of other organisations, and what another manager has decided meanwhile."""

	http_status_code = 409
	sentence = _lt("This request was answered already.")


class TooManyInvitations(TooOften):
	sentence = _lt("Your organisation has invited many people. Try again in {0} minutes.")


class NameUnreadable(PortalError):
	"""Empty, too long, or with signs that no name has."""

	http_status_code = 422
	sentence = _lt("Enter a name of up to {0} letters.")
