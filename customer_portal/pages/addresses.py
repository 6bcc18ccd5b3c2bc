"""Tables of addresses: method and pattern to handler. HEAD is answered as GET without the body."""

from collections.abc import Mapping
from typing import TypeVar

from customer_portal.exceptions import LinkNotFound, MethodNotAllowed

Handler = TypeVar("Handler")


def find(
	routes: Mapping[tuple[str, str], Handler], parts: tuple[str, ...], method: str
) -> tuple[Handler, tuple[str, ...]]:
	"""The handler, and what stands in the place of the stars: * stands for one part of the path.

	Patterns with the fewest stars that fit are the address's own: ``tickets/export`` is no ticket. Raises
	``LinkNotFound`` for an unknown address and ``MethodNotAllowed``.
	"""
	wanted = "GET" if method == "HEAD" else method
	fitting = [
		(allowed, handler, starred)
		for (allowed, pattern), handler in routes.items()
		if (starred := _match(pattern, parts)) is not None
	]
	fewest = min((len(starred) for _allowed, _handler, starred in fitting), default=0)
	methods = {allowed: (handler, starred) for allowed, handler, starred in fitting if len(starred) == fewest}
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
