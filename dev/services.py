"""MariaDB and Redis of the bench's own: on loopback, with their data under the bench's folder."""

import configparser
import os
import secrets
import shutil
import socket
from pathlib import Path
from urllib.parse import urlparse

from dev import ports
from dev.bench import Bench
from dev.machine import find_command
from dev.processes import Processes
from dev.shell import Failure, step

DATABASE = "mariadb"
REDIS = ("redis_cache", "redis_queue")

CONFIGURATION = """[mysqld]
{user}datadir={folder}/mariadb
socket={folder}/run/mariadb.sock
pid-file={folder}/run/mariadb.pid
bind-address=127.0.0.1
port={port}
character-set-server=utf8mb4
collation-server=utf8mb4_unicode_ci
innodb_buffer_pool_size=512M
innodb_flush_log_at_trx_commit=2
skip-log-bin
"""
# Anonymous users would shadow those of the sites. Root comes through the socket, or over TCP from an address that
# a machine without a hosts file cannot turn into "localhost".
SECURE = """FLUSH PRIVILEGES;
DELETE FROM mysql.global_priv WHERE User = '' OR (User = 'root' AND Host <> 'localhost');
FLUSH PRIVILEGES;
ALTER USER 'root'@'localhost' IDENTIFIED BY '{password}';
CREATE USER 'root'@'127.0.0.1' IDENTIFIED BY '{password}';
GRANT ALL ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION;
"""


class Services:
	"""Starts what does not answer yet, and remembers what this run started."""

	def __init__(self, bench: Bench):
		self.bench = bench
		run = bench.services / "run"
		self.processes = Processes(run / "dev", bench.folder / "logs", bench.shell.environment)
		self.started: list[str] = []

	@property
	def folder(self) -> Path:
		return self.bench.services

	@property
	def socket(self) -> Path:
		return Path(self._server_settings()["socket"])

	@property
	def port(self) -> int:
		return int(self._server_settings()["port"])

	@property
	def password(self) -> str:
		"""Root's password; the shell keeps it out of its log."""
		file = self.folder / "mariadb-root-password"
		if not file.exists():
			raise Failure(f"{file} is missing.", "Write MariaDB's root password into it, with mode 0600.")
		password = file.read_text().strip()
		self.bench.shell.secrets.add(password)
		return password

	def start(self) -> None:
		if not (self.folder / "my.cnf").exists():
			_make_database(self)
		self._start_database()
		for name in REDIS:
			self._start_redis(name)

	def stop_started(self) -> None:
		"""Ends what this run started, the last first."""
		for name in reversed(self.started):
			self.processes.stop(name)
		self.started.clear()

	def sql(self, statements: str, database: str = "") -> str:
		"""Runs SQL as root; rows come back as lines with tabs."""
		command = [*self.client("mariadb"), "--batch", "--skip-column-names", f"--execute={statements}"]
		environment = {"MYSQL_PWD": self.password}
		return self.bench.shell.output([*command, *filter(None, [database])], cwd=self.folder, **environment)

	def client(self, program: str) -> list[str]:
		path = find_command(program) or program
		return [path, "--no-defaults", f"--socket={self.socket}", "--user=root"]

	def _start_database(self) -> None:
		if answers(self.port):
			self._require_own_database()
			return
		with step("Starting MariaDB"):
			self._launch(DATABASE, [find_command("mariadbd"), f"--defaults-file={self.folder / 'my.cnf'}"])
			self.processes.wait(DATABASE, lambda: answers(self.port), seconds=120)

	def _require_own_database(self) -> None:
		if not self.socket.exists():
			advice = (
				f"Change `port` in {self.folder / 'my.cnf'}, and `db_port` in the configuration of its sites."
			)
			raise Failure(f"Port {self.port} is taken by another program.", advice)

	def _start_redis(self, name: str) -> None:
		port = urlparse(self.bench.config.get(name, "")).port
		if port is None:
			raise Failure(f"{self.bench.sites / 'common_site_config.json'} has no address for {name}.")
		if answers(port):
			return
		with step(f"Starting {name.replace('_', ' ').title()}"):
			configuration = self.bench.folder / "config" / f"{name}.conf"
			self._launch(name, [find_command("redis-server"), configuration])
			self.processes.wait(name, lambda: answers(port))

	def _launch(self, name: str, command: list[str | Path | None]) -> None:
		self.processes.start(name, [part for part in command if part], cwd=self.bench.folder)
		self.started.append(name)

	def _server_settings(self) -> configparser.SectionProxy:
		settings = configparser.ConfigParser(allow_no_value=True, interpolation=None)
		settings.read(self.folder / "my.cnf")
		return settings["mysqld"]


def answers(port: int) -> bool:
	"""Whether something listens on this loopback port."""
	with socket.socket() as probe:
		probe.settimeout(2)
		return probe.connect_ex(("127.0.0.1", port)) == 0


def _make_database(services: Services) -> None:
	"""A data folder with one root user. The password is set before the server listens for the first time."""
	folder = services.folder
	shutil.rmtree(
		folder / "mariadb", ignore_errors=True
	)  # what a broken run left: without my.cnf it is no database
	(folder / "run").mkdir(parents=True, exist_ok=True)
	draft = folder / "my.cnf.draft"
	draft.write_text(
		configuration(folder, ports.choose(services.bench.options)["MARIADB_PORT"], os.geteuid() == 0)
	)
	with step("Making a MariaDB data folder"):
		install = find_command("mariadb-install-db") or "mariadb-install-db"
		options = ["--auth-root-authentication-method=normal", "--skip-test-db", "--force"]
		services.bench.shell.run([install, f"--defaults-file={draft}", *options], cwd=folder)
		_secure(services, draft)
	draft.rename(folder / "my.cnf")


def _secure(services: Services, draft: Path) -> None:
	password = secrets.token_urlsafe(18)
	_write_private(services.folder / "mariadb-root-password", password)
	statements = services.folder / "secure.sql"
	_write_private(statements, SECURE.format(password=password))
	server = find_command("mariadbd") or "mariadbd"
	services.bench.shell.run([server, f"--defaults-file={draft}", "--bootstrap"], services.folder, statements)
	statements.unlink()


def configuration(folder: Path, port: int, is_root: bool) -> str:
	"""The text of my.cnf. MariaDB runs as root only when told so."""
	return CONFIGURATION.format(folder=folder, port=port, user="user=root\n" if is_root else "")


def _write_private(path: Path, text: str) -> None:
	path.touch(mode=0o600)
	path.chmod(0o600)
	path.write_text(text)
