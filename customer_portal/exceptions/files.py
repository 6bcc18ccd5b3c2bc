"""Why a file is not taken or shown."""

from customer_portal.exceptions.base import PortalError
from customer_portal.texts import marked as _lt


class TooManyFiles(PortalError):
	http_status_code = 422
	sentence = _lt("Too many files. Send {0} at most in one message.")


class FileRefused(PortalError):
	"""The content is not what the name says; also for scanners of the hook ``customer_portal_scan_file``."""

	http_status_code = 422

	def __init__(self, name: str = "", detail: object = "", *_: object):
		super().__init__(f"\u2068{name}\u2069", detail)

	sentence = _lt("We cannot take the file {0}: it is empty, or it is not what its name says.")


class FileTypeRefused(FileRefused):
	"""``detail`` lists the endings that are taken."""

	sentence = _lt("We cannot take the file {0}. We take these kinds: {1}.")


class FileTooLarge(FileRefused):
	"""``detail`` is the limit in megabytes."""

	http_status_code = 413
	sentence = _lt("The file {0} is too large. A file may have {1} MB at most.")


class FileHasVirus(FileRefused):
	sentence = _lt("We cannot take the file {0}: our virus scanner has found something in it.")


class FileNotChecked(FileRefused):
	"""A scanner is configured and gives no clear answer. No 503: a proxy may put its own page in place of that one."""

	sentence = _lt(
		"We cannot take files at the moment, because {0} could not be checked for viruses. "
		"Your text is still here: send it without the file, or try again later."
	)


class FileNotShown(PortalError):
	"""Unknown files, files of other tickets, and any file without a session alike."""

	http_status_code = 404
	sentence = _lt("This file is not here.")
