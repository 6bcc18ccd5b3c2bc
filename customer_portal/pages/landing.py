"""The portal's front page: for who came without a link. It knows no visitor, sets no cookie and reads no ticket."""

from werkzeug.wrappers import Request, Response

from customer_portal.pages import brand, views


def show(_request: Request, _rest: tuple[str, ...]) -> Response:
	return views.page("portal.html", contact=brand.contact())
