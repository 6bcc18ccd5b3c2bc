"""What looks at customers' files before they are stored."""

from frappe import _

from customer_portal.exceptions import FileNotChecked
from customer_portal.integrations import clamav
from customer_portal.setup_check.finding import Finding, failed, off, ok

SAMPLE = b"A line of text, to see whether the scanner answers."


def virus_scanner() -> Finding:
	address = clamav.configured()
	if address is None:
		return off(
			_("Customers' files are not scanned for viruses."),
			_("Install ClamAV on this machine, or name its address in the site's configuration."),
		)
	try:
		clamav.scan("sample.txt", SAMPLE)
	except FileNotChecked:
		return failed(
			_("ClamAV at {0} checks nothing now, so customers' files are refused.").format(address),
			_("Start ClamAV, and let the site's user reach it."),
		)
	return ok(_("ClamAV at {0} checks customers' files.").format(address))
