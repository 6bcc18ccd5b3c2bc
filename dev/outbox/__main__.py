"""``python -m dev.outbox SITE URL PAGE_PORT SMTP_PORT``, in the bench's ``sites`` folder."""

import json
import sys
from pathlib import Path

from dev.outbox.messages import Store
from dev.outbox.servers import http_server, smtp_server

NEEDED = ("customer_portal_demo", "developer_mode")


def is_demo(site: str) -> bool:
	"""Only a site that says so in its own configuration may have its messages shown to whoever looks."""
	config = json.loads(Path(site, "site_config.json").read_text())
	return all(config.get(name) for name in NEEDED)


def main(site: str, site_url: str, page_port: str, smtp_port: str) -> None:
	if not is_demo(site):
		sys.exit(f"{site} is no demo site in developer mode: the outbox does not start.")
	store = Store()
	mail = smtp_server(store, int(smtp_port))
	mail.start()
	http_server(store, int(page_port), site_url).serve_forever()


if __name__ == "__main__":
	main(*sys.argv[1:])
