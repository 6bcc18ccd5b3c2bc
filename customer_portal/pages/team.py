"""The people of an organisation, for its managers."""

from collections.abc import Callable
from urllib.parse import quote

from werkzeug.wrappers import Request, Response

from customer_portal import join_requests, teams, timezones
from customer_portal.exceptions import PortalError, TeamManagersOnly
from customer_portal.pages import forms, members, told, views
from customer_portal.pages.members import MemberVisitor
from customer_portal.pages.newcomer import DOOR
from customer_portal.pages.texts import translate as _

HOME = f"{DOOR}/team"
STYLE = "css/people.css"
Change = Callable[[MemberVisitor, str, str], object]  # of the visitor, the organisation, and whom it is about


def show(request: Request, _starred: tuple[str, ...]) -> Response:
	visitor = members.receive(request, HOME)
	return _page(visitor, _asked(visitor, forms.query(request, "organisation")))


def _asked(visitor: MemberVisitor, organisation: str) -> str:
	"""One that the visitor manages, by default the first. Raises ``TeamManagersOnly``."""
	managed = visitor.member.managed
	if not managed or (organisation and organisation not in managed):
		raise TeamManagersOnly
	return organisation or managed[0]


def _page(
	visitor: MemberVisitor, organisation: str, problem: PortalError | None = None, typed: str = ""
) -> Response:
	is_read = visitor.request.method != "POST"
	team = teams.read(visitor.member, organisation, forms.query(visitor.request, "after") if is_read else "")
	return views.page(
		"team.html",
		visitor,
		problem.http_status_code if problem else 200,
		styles=(STYLE,),
		place="team",
		team=team,
		requests=join_requests.read(visitor.member, organisation),
		zone=timezones.own(visitor.member.time_zone).key,
		address_of=_address_of,
		problem=problem.message if problem else "",
		typed=typed,
		done=_sentences().get(forms.query(visitor.request, "done")) if is_read else None,
	)


def _address_of(organisation: str, **more: str) -> str:
	query = "&".join(
		f"{name}={quote(value, safe='')}" for name, value in {"organisation": organisation, **more}.items()
	)
	return f"{HOME}?{query}"


def _changes(field: str, done: str, change: Change) -> Callable[[Request, tuple[str, ...]], Response]:
	"""The handler of a form; ``field`` is what names the person, or the request."""

	def handle(request: Request, _starred: tuple[str, ...]) -> Response:
		visitor = members.receive(request, HOME)
		visitor.check_form()
		organisation = forms.field(request, "organisation")
		if organisation not in visitor.member.managed:
			raise TeamManagersOnly
		whom = forms.field(request, field)
		return told.act(
			lambda: change(visitor, organisation, whom),
			f"{_address_of(organisation, done=done)}#done",
			lambda problem: _page(visitor, organisation, problem, whom if done == "invited" else ""),
		)

	return handle


def _of_member(change: Callable[..., object], *values: object) -> Change:
	return lambda visitor, organisation, whom: change(visitor.member, organisation, whom, *values)


def _in_language(change: Callable[..., object]) -> Change:
	"""The invitation is in the language of whoever invites."""
	return lambda visitor, organisation, whom: change(visitor.member, organisation, whom, visitor.language)


# What follows the page's address.
HANDLERS = {
	"invite": _changes("email", "invited", _in_language(teams.invite)),
	"disable": _changes("email", "disabled", _of_member(teams.disable)),
	"enable": _changes("email", "enabled", _of_member(teams.enable)),
	"see-all": _changes("email", "changed", _of_member(teams.set_visibility, True)),
	"see-own": _changes("email", "changed", _of_member(teams.set_visibility, False)),
	"make-manager": _changes("email", "changed", _of_member(teams.set_manager, True)),
	"unmake-manager": _changes("email", "changed", _of_member(teams.set_manager, False)),
	"accept": _changes("request", "invited", _in_language(join_requests.accept)),
	"refuse": _changes("request", "refused", _of_member(join_requests.refuse)),
}


def _sentences() -> dict[str, str]:
	return {
		"invited": _("The person has access now, and a mail about it is on its way."),
		"disabled": _("The person has no access any more, and is signed out."),
		"enabled": _("The person has access again."),
		"changed": _("Your change is saved."),
		"refused": _("The request is refused."),
	}
