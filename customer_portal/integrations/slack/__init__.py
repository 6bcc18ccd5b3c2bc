"""Slack's Web API and the signatures of its requests: the only room that talks to Slack."""
