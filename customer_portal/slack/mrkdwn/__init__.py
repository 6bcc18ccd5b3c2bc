"""Slack's markup, mrkdwn, and the HTML of Helpdesk, each made of the other.

Slack's rules: https://docs.slack.dev/messaging/formatting-message-text. What that page leaves open follows what its
clients do.
"""

from customer_portal.slack.mrkdwn.blocks import to_html
from customer_portal.slack.mrkdwn.document import from_html
from customer_portal.slack.mrkdwn.emoji import SIGNS, as_signs

__all__ = ["SIGNS", "as_signs", "from_html", "to_html"]
