"""Which ports a new bench takes."""

import socket
from collections.abc import Callable

from dev.options import Options
from dev.shell import Failure

CHOSEN_AT_CREATION = ("REDIS_CACHE_PORT", "REDIS_QUEUE_PORT", "SOCKETIO_PORT", "MARIADB_PORT")


def is_free(port: int) -> bool:
	"""Whether one may listen there on loopback."""
	with socket.socket() as listener:
		listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
		try:
			listener.bind(("127.0.0.1", port))
		except OSError:
			return False
	return True


def choose(options: Options, free: Callable[[int], bool] = is_free) -> dict[str, int]:
	"""Each port of a new bench: the one that was asked for, or the next free one above the default.

	Raises ``Failure`` when a port that the person set is taken.
	"""
	chosen: dict[str, int] = {}
	for name in CHOSEN_AT_CREATION:
		chosen[name] = _first_free(name, options, lambda port: free(port) and port not in chosen.values())
	return chosen


def _first_free(name: str, options: Options, free: Callable[[int], bool]) -> int:
	wanted = options.ports[name]
	if free(wanted):
		return wanted
	if name in options.chosen_ports:
		raise Failure(f"{name}={wanted} is taken.", f"Set {name} to a free port.")
	return next(port for port in range(wanted + 1, wanted + 500) if free(port))


def require_free(name: str, options: Options) -> int:
	"""The port of a server that is about to start. Raises ``Failure`` when something else has it."""
	port = options.ports[name]
	if not is_free(port):
		raise Failure(f"Port {port} is taken by another program.", f"Set {name} to a free port.")
	return port
