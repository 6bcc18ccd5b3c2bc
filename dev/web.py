"""Serves one site under every host name: ``gunicorn 'dev.web:application()'`` in the bench's ``sites`` folder.

``bench serve`` listens on all addresses of the machine; a demo with a known password must not.
"""

import os
from pathlib import Path

import frappe.app
from frappe.middlewares import StaticDataMiddleware
from werkzeug.middleware.shared_data import SharedDataMiddleware


def application() -> StaticDataMiddleware:
	sites = Path.cwd()
	frappe.app._site = os.environ["PORTAL_SITE"]
	frappe.app._sites_path = str(sites)
	with_assets = SharedDataMiddleware(frappe.app.application, {"/assets": str(sites / "assets")})
	return StaticDataMiddleware(with_assets, {"/files": str(sites)})
