"""``make demo`` and ``make stop``."""

import hashlib
import urllib.error
import urllib.request
from pathlib import Path

from dev import ports, sites
from dev.bench import APP
from dev.demo_story import AGENTS, STORIES
from dev.options import CHECKOUT
from dev.services import DATABASE, REDIS, Services, answers
from dev.shell import heading, step

OUTBOX, WEB, SCHEDULER, SOCKETIO = "outbox", "web", "scheduler", "socketio"
# A worker of its own for short jobs: a code must not wait until Helpdesk has fetched its dictionaries.
WORKERS = {"worker-short": "short", "worker-long": "default,long"}
READY = "customer_portal_demo_ready"
"""In the site's configuration once all demo data is in: the code that it was made or last migrated with."""
CODE = ("**/*.py", "**/*.json", "**/*.txt", "**/*.html")
AGENT_PASSWORD = "washing-machine"


def run(services: Services) -> int:
	"""Makes what is missing, starts what does not run, and says what to try."""
	services.start()
	site = services.bench.options.demo_site
	if services.bench.options.is_fresh or not sites.config(services, site).get(READY):
		_make_site(services, site)
	_keep_code(services, site)
	_keep_address(services, site)
	_start_outbox(services, site)
	_start_site(services, site)
	print(_welcome(services))
	return 0


def stop(services: Services) -> int:
	"""Ends what was started here: the demo's processes first, then the bench's MariaDB and Redis."""
	ended = stop_site(services)
	ended += [name for name in (*REDIS, DATABASE) if services.processes.stop(name)]
	print(f"Stopped {', '.join(ended)}." if ended else "Nothing was running.")
	return 0


def site_address(services: Services) -> str:
	return f"http://{services.bench.options.demo_site}:{services.bench.options.ports['WEB_PORT']}"


def outbox_address(services: Services) -> str:
	return f"http://localhost:{services.bench.options.ports['OUTBOX_PORT']}"


def _make_site(services: Services, site: str) -> None:
	heading(f"Site {site}")
	stop_site(services)
	marks = {"customer_portal_demo": 1, "developer_mode": 1}
	sites.make(services, site, host_name=site_address(services), **marks)
	_demo_data(services, "setup")
	with step("Installing the app"):
		sites.install_app(services, site)
	_start_outbox(services, site)
	with step("Loading demo data"):
		_demo_data(services, "load")
	sites.configure(services, site, **{READY: code_stamp(CHECKOUT / APP)})


def _demo_data(services: Services, act: str) -> None:
	chosen = services.bench.options.ports
	arguments = [str(chosen["OUTBOX_PORT"]), str(chosen["SMTP_PORT"])]
	services.bench.script("dev.demo_data", act, services.bench.options.demo_site, *arguments)


def code_stamp(folder: Path) -> str:
	"""Changes with any file of the app that a running process has read or a migration reads."""
	files = sorted({path for pattern in CODE for path in folder.glob(pattern) if path.is_file()})
	state = "".join(f"{path.relative_to(folder)}:{path.stat().st_mtime_ns}\n" for path in files)
	return hashlib.sha256(state.encode()).hexdigest()[:16]


def _keep_code(services: Services, site: str) -> None:
	"""After an edit or a pull: migrate, and start the processes anew."""
	stamp = code_stamp(CHECKOUT / APP)
	if sites.config(services, site)[READY] == stamp:
		return
	stop_site(services)
	with step("Migrating the demo to the new code"):
		sites.migrate(services, site)
	sites.configure(services, site, **{READY: stamp})


def _keep_address(services: Services, site: str) -> None:
	"""With another port than last time, the site must not go on under the old address."""
	if sites.config(services, site).get("host_name") == site_address(services):
		return
	stop_site(services)
	sites.configure(services, site, host_name=site_address(services))
	_start_outbox(services, site)
	_demo_data(services, "connect")


def stop_site(services: Services) -> list[str]:
	"""Ends the demo's own processes, and names them; MariaDB and Redis go on."""
	own = [name for name in services.processes.names() if name not in (DATABASE, *REDIS)]
	return [name for name in own if services.processes.stop(name)]


def _start_outbox(services: Services, site: str) -> None:
	if services.processes.is_running(OUTBOX):
		return
	page = ports.require_free("OUTBOX_PORT", services.bench.options)
	smtp = ports.require_free("SMTP_PORT", services.bench.options)
	arguments = [site, site_address(services), str(page), str(smtp)]
	_start(services, OUTBOX, services.bench.script_command("dev.outbox", *arguments))
	services.processes.wait(OUTBOX, lambda: answers(page) and answers(smtp))


def _start_site(services: Services, site: str) -> None:
	if not services.processes.is_running(WEB):
		port = ports.require_free("WEB_PORT", services.bench.options)
		gunicorn = [
			"gunicorn",
			f"--bind=127.0.0.1:{port}",
			"--workers=1",
			"--threads=8",
			"dev.web:application()",
		]
		_start(services, WEB, services.bench.script_command(*gunicorn), PORTAL_SITE=site)
	for name, queues in WORKERS.items():
		_start(services, name, services.bench.frappe_command("worker", "--queue", queues))
	_start(services, SCHEDULER, services.bench.script_command("dev.scheduler", site))
	if not answers(services.bench.config.get("socketio_port", services.bench.options.ports["SOCKETIO_PORT"])):
		node = ["node", f"--require={CHECKOUT / 'dev' / 'loopback.cjs'}", "apps/frappe/socketio.js"]
		services.processes.start(SOCKETIO, node, cwd=services.bench.folder)
	with step("Starting the site"):
		services.processes.wait(WEB, lambda: _is_up(services))


def _start(services: Services, name: str, command: list[str], **extra: str) -> None:
	services.processes.start(name, command, cwd=services.bench.sites, PYTHONPATH=str(CHECKOUT), **extra)


def _is_up(services: Services) -> bool:
	port = services.bench.options.ports["WEB_PORT"]
	if not answers(port):
		return False
	try:
		# Without the proxies that the environment may name.
		opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
		with opener.open(f"http://127.0.0.1:{port}/api/method/ping", timeout=30) as answer:
			return answer.status == 200
	except urllib.error.URLError:
		return False


def _first_ticket(services: Services) -> str:
	customer = STORIES[0].email
	query = f"SELECT name FROM `tabHD Ticket` WHERE raised_by = '{customer}' ORDER BY name LIMIT 1"
	return services.sql(query, sites.config(services, services.bench.options.demo_site)["db_name"]).strip()


def _welcome(services: Services) -> str:
	site = site_address(services)
	return f"""
The demo runs.

  Helpdesk     {site}/helpdesk
  Desk         {site}/app
  Outbox       {outbox_address(services)}   (mail and SMS of the demo end here)

  Agent        {next(iter(AGENTS))}   password: {AGENT_PASSWORD}
  Admin        Administrator   password: {sites.PASSWORD}

What to try
  1. Open the outbox, and in another tab sign in to Helpdesk as the agent.
  2. Open {site}/helpdesk/tickets/{_first_ticket(services)} and choose another sub-status, at the top.
  3. About 20 seconds later an SMS and a mail are in the outbox. Open the link in one of them.
  4. Say who you are: the phone is 055 000 0011, the e-mail huda@example.com. The code comes to the outbox.
  5. The ticket's page opens. Change the sub-status again in Helpdesk: the page follows.
  6. The ticket about the refrigerator is Arabic; its customer is 055 000 0012.

`make stop` ends it. `make demo` brings it back in seconds.
"""
