"""The knowledge base in the organisation portal: what fits a subject that is being typed, and an article."""

from werkzeug.wrappers import Request, Response

from customer_portal import articles, timezones
from customer_portal.exceptions import TooManyReplies
from customer_portal.pages import forms, members, views

STYLE = "css/article.css"


def suggest(request: Request, _starred: tuple[str, ...]) -> Response:
	"""A fragment for the form's page, which asks while somebody types; empty when nothing fits."""
	visitor = members.receive(request)
	text = forms.query(request, "q")
	if not articles.may_search(visitor.member.user):
		raise TooManyReplies(articles.SEARCHES.seconds)
	found = articles.suggest(text)
	return views.answer(views.fragment("suggestions.html", visitor=visitor, suggestions=found))


def show(request: Request, starred: tuple[str, ...]) -> Response:
	visitor = members.receive(request)
	article = articles.read(starred[0])
	shown = {"article": article, "zone": timezones.of_site().key}
	return views.page("article.html", visitor, styles=(STYLE,), **shown)
