"""Agents work in Slack, customers see it in the portal and in mail."""
