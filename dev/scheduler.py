"""``python -m dev.scheduler SITE``: the scheduler for one site. ``bench schedule`` would wake all sites of the bench."""

import sys
import time

from frappe.utils.scheduler import enqueue_events_for_site

SECONDS = 30


def main(site: str) -> None:
	while True:
		enqueue_events_for_site(site)
		time.sleep(SECONDS)


if __name__ == "__main__":
	main(sys.argv[1])
