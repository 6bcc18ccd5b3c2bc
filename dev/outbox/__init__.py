"""The demo's outbox: a loopback mail server, a loopback SMS gateway, and a page that shows what arrived."""
