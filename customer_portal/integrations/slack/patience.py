"""How long Slack wants no more calls of a method: what its Retry-After says holds for every worker.

https://docs.slack.dev/apis/web-api/rate-limits. Kept in Redis: should it be lost, Slack says so once more.
"""

import math

import frappe
from redis.exceptions import RedisError


def note(method: str, seconds: int) -> None:
	try:
		frappe.cache.set(_key(method), 1, ex=seconds)
	except RedisError as error:
		_log(error)


def left(method: str) -> int:
	"""Whole seconds; 0 when it may be called."""
	try:
		return max(math.ceil(frappe.cache.pttl(_key(method)) / 1000), 0)
	except RedisError as error:
		_log(error)
		return 0


def _key(method: str) -> bytes:
	return frappe.cache.make_key(f"customer_portal:slack_waits:{method}")


def _log(error: RedisError) -> None:
	frappe.logger("customer_portal").warning(
		f"Slack's limits are not kept: {type(error).__name__} from Redis"
	)
