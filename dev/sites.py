"""Sites: made from a kept copy of one with Helpdesk, because a new one takes minutes."""

import json
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dev.bench import APP, apps_fingerprint
from dev.services import Services
from dev.shell import step

PASSWORD = "admin"
COPY_SITE = "portal-copy.localhost"
SITE_FOLDERS = ("locks", "logs", "public/files", "private/files", "private/backups")
REQUIRED_BY_HELPDESK = "telephony"


def config(services: Services, site: str) -> dict:
	file = _config_file(services, site)
	return json.loads(file.read_text()) if file.exists() else {}


def configure(services: Services, site: str, **values: str | int) -> None:
	"""Adds to the site's own configuration."""
	merged = config(services, site) | values
	_config_file(services, site).write_text(json.dumps(merged, indent=1, sort_keys=True))


def make(services: Services, site: str, **values: str | int) -> None:
	"""A fresh site with Helpdesk and without this app; Administrator's password is ``PASSWORD``."""
	copy = _helpdesk_copy(services)
	with step(f"Making the site {site}"):
		drop(services, site)
		_restore(services, site, copy)
		configure(services, site, **values)


def drop(services: Services, site: str) -> None:
	"""Database, user and folder; nothing happens when there is no such site."""
	database = config(services, site).get("db_name")
	if database:
		services.sql(f"DROP DATABASE IF EXISTS `{database}`; DROP USER IF EXISTS `{database}`@`%`")
	shutil.rmtree(services.bench.sites / site, ignore_errors=True)


def install_app(services: Services, site: str, app: str = APP) -> None:
	with _required_app_in_sight(services.bench.sites):
		services.bench.frappe("install-app", app, site=site)


def uninstall_app(services: Services, site: str) -> None:
	services.bench.frappe("uninstall-app", APP, "--yes", "--no-backup", site=site)


def migrate(services: Services, site: str) -> None:
	services.bench.frappe("migrate", "--skip-search-index", site=site)


def _config_file(services: Services, site: str) -> Path:
	return services.bench.sites / site / "site_config.json"


@contextmanager
def _required_app_in_sight(sites: Path) -> Iterator[None]:
	"""Helpdesk requires ``telephony`` without an owner.

	Frappe then asks GitHub for the owner, unless something of that name lies in the working directory.
	"""
	folder = sites / REQUIRED_BY_HELPDESK
	is_ours = not folder.exists()
	folder.mkdir(exist_ok=True)
	try:
		yield
	finally:
		if is_ours:
			folder.rmdir()


def _helpdesk_copy(services: Services) -> Path:
	"""A dump of a site with Helpdesk, kept until Frappe, Telephony or Helpdesk change."""
	folder = services.folder / "copies"
	copy = folder / f"helpdesk-{apps_fingerprint(services.bench)}.sql"
	if not copy.exists():
		folder.mkdir(exist_ok=True)
		_make_copy(services, copy)
		for old in folder.glob("helpdesk-*.sql"):
			if old != copy:
				old.unlink()
	return copy


def _make_copy(services: Services, copy: Path) -> None:
	drop(services, COPY_SITE)
	with step("Making a site with Helpdesk (kept for later)"):
		_new_site(services, COPY_SITE)
		install_app(services, COPY_SITE, "helpdesk")
		_dump(services, config(services, COPY_SITE)["db_name"], copy)
	drop(services, COPY_SITE)


def _new_site(services: Services, site: str) -> None:
	services.bench.frappe(
		"new-site",
		site,
		"--db-host=127.0.0.1",
		f"--db-port={services.port}",
		"--db-root-username=root",
		f"--db-root-password={services.password}",
		"--mariadb-user-host-login-scope=%",
		f"--admin-password={PASSWORD}",
	)


def _dump(services: Services, database: str, target: Path) -> None:
	draft = target.with_suffix(".draft")
	options = ["--single-transaction", f"--result-file={draft}", database]
	command = [*services.client("mariadb-dump"), *options]
	services.bench.shell.run(command, cwd=services.folder, MYSQL_PWD=services.password)
	draft.rename(target)


def _restore(services: Services, site: str, copy: Path) -> None:
	database, password = f"_{secrets.token_hex(8)}", secrets.token_urlsafe(18)
	services.bench.shell.secrets.add(password)
	services.sql(
		f"CREATE DATABASE `{database}`; CREATE USER `{database}`@`%` IDENTIFIED BY '{password}';"
		f"GRANT ALL ON `{database}`.* TO `{database}`@`%`"
	)
	for folder in SITE_FOLDERS:
		(services.bench.sites / site / folder).mkdir(parents=True, exist_ok=True)
	configure(
		services,
		site,
		db_type="mariadb",
		db_host="127.0.0.1",
		db_port=services.port,
		db_name=database,
		db_user=database,
		db_password=password,
	)
	command = [*services.client("mariadb"), database]
	services.bench.shell.run(command, services.folder, copy, MYSQL_PWD=services.password)
