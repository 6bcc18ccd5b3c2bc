"""Starts the jobs of Slack: what goes out, and what has come in."""

from customer_portal.bells import Bell

OUT = Bell("customer_portal_slack_out", "customer_portal.slack.delivery.deliver", "short", 240)
IN = Bell("customer_portal_slack_in", "customer_portal.slack.intake.work", "short", 240)


def after_commit(bell: Bell = OUT) -> None:
	bell.after_commit(lambda: ring(bell))


def ring(bell: Bell) -> None:
	bell.ring_unless_awake(bell.ring)
