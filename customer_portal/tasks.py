"""What the scheduler calls. Each is a job of its own, so that the failure of one stops no other."""

from customer_portal import archive, backfill, join_requests, throttle
from customer_portal.notifications import dispatch, news, weekly
from customer_portal.otp import delivery
from customer_portal.slack import catch_up as slack_catch_up
from customer_portal.slack import delivery as slack_delivery
from customer_portal.slack import intake as slack_intake
from customer_portal.slack import outbox as slack_outbox


def every_minute() -> None:
	dispatch.sweep()


def send_codes() -> None:
	delivery.sweep()


def reach_slack() -> None:
	slack_delivery.sweep()


def hear_slack() -> None:
	slack_intake.sweep()


def catch_up_with_slack() -> None:
	slack_catch_up.sweep()


def tell_news() -> None:
	news.tell()


def tell_members() -> None:
	weekly.tell()


def tell_managers() -> None:
	join_requests.tell()


def daily() -> None:
	archive.archive_closed()


def resume_backfill() -> None:
	backfill.start()


def purge() -> None:
	throttle.purge()
	slack_outbox.purge()
