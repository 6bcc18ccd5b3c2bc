"""Work in other threads, each with a database connection of its own, as other processes of the site would do it."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import frappe


@contextmanager
def connection(site: str, sites_path: str) -> Iterator[None]:
	frappe.init(site, sites_path=sites_path)
	frappe.connect()
	try:
		yield
	finally:
		frappe.destroy()


def elsewhere(call, *arguments):
	"""What the call gives in another thread; raises what it raises there."""
	site, sites_path = frappe.local.site, frappe.local.sites_path

	def work():
		with connection(site, sites_path):
			return call(*arguments)

	with ThreadPoolExecutor(1) as pool:
		return pool.submit(work).result(60)


def in_parallel(function, arguments, workers: int = 20) -> list:
	"""Results of many calls at once, each thread with a database connection of its own."""
	site, sites_path = frappe.local.site, frappe.local.sites_path
	start = threading.Barrier(workers)
	connected = []

	def connect():
		frappe.init(site, sites_path=sites_path)
		frappe.connect()
		frappe.local.lang = "en"
		connected.append(frappe.local.db)
		start.wait(30)

	def work(argument):
		try:
			return function(argument)
		finally:
			frappe.db.rollback()  # as at the end of a request: its locks keep nobody waiting

	frappe.db.commit()
	with ThreadPoolExecutor(workers, initializer=connect) as pool:
		results = [pool.submit(work, argument) for argument in arguments]
		answers = [result.result(120) for result in results]
	for database in connected:
		database.close()
	frappe.db.commit()
	return answers
