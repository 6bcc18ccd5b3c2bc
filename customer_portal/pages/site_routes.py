"""Every address under /portal, in one table. HEAD is answered as GET without the body."""

from collections.abc import Callable, Mapping

from werkzeug.wrappers import Request, Response

from customer_portal.exceptions import LinkNotFound, MethodNotAllowed
from customer_portal.pages import landing

Handler = Callable[[Request, tuple[str, ...]], Response]

# Method and path below /portal: * stands for one part, which the handler gets in the order of the path.
ROUTES: Mapping[tuple[str, str], Handler] = {
	("GET", ""): landing.show,
}


def find(parts: tuple[str, ...], method: str) -> tuple[Handler, tuple[str, ...]]:
	"""The handler, and what stands in the place of the stars.

	Raises ``LinkNotFound`` for an unknown address and ``MethodNotAllowed``.
	"""
	wanted = "GET" if method == "HEAD" else method
	methods = {}
	for (allowed, pattern), handler in ROUTES.items():
		starred = _match(pattern, parts)
		if starred is not None:
			methods[allowed] = (handler, starred)
	if not methods:
		raise LinkNotFound
	if wanted not in methods:
		raise MethodNotAllowed(", ".join(["GET, HEAD"] * ("GET" in methods) + ["POST"] * ("POST" in methods)))
	return methods[wanted]


def _match(pattern: str, parts: tuple[str, ...]) -> tuple[str, ...] | None:
	wanted = tuple(pattern.split("/")) if pattern else ()
	if len(wanted) != len(parts) or any(
		one not in ("*", part) for one, part in zip(wanted, parts, strict=True)
	):
		return None
	return tuple(part for one, part in zip(wanted, parts, strict=True) if one == "*")
