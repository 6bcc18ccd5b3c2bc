"""What a check found."""

from dataclasses import dataclass

OK, WARNING, FAILED, OFF = "OK", "Warning", "Failed", "Off"


@dataclass(frozen=True)
class Finding:
	"""``state`` is OK, Warning, Failed or Off (not in use, nothing to mend).

	``found`` and ``mend`` are whole sentences without addresses of customers, passwords or keys. ``link`` is a path
	in the Desk, or empty. ``key`` and ``title`` are filled in by ``run``.
	"""

	state: str
	found: str
	mend: str = ""
	link: str = ""
	key: str = ""
	title: str = ""


def ok(found: str) -> Finding:
	return Finding(OK, found)


def off(found: str, mend: str = "", link: str = "") -> Finding:
	return Finding(OFF, found, mend, link)


def warning(found: str, mend: str, link: str = "") -> Finding:
	return Finding(WARNING, found, mend, link)


def failed(found: str, mend: str, link: str = "") -> Finding:
	return Finding(FAILED, found, mend, link)


SETTINGS = "/app/customer-portal-settings"
