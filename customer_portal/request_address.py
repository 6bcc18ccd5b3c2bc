"""Where a request comes from, as far as it can be believed."""

import ipaddress

import frappe

from customer_portal import settings

UNKNOWN = "unknown"
_IPV6_PREFIX = 64  # one customer's network; within it addresses are free to choose


def client_address() -> str:
	"""The client's IP address: of X-Forwarded-For only what our own proxies wrote.

	Each proxy appends the address that it saw, so the last ``trusted_proxies`` entries are ours and all before
	them were the client's to invent. A peer with a public address is no proxy of ours; its header is ignored.
	"""
	if not frappe.request:
		return UNKNOWN
	peer = frappe.request.remote_addr or UNKNOWN
	proxies = settings.number("trusted_proxies")
	if not proxies or _is_public(peer):
		return peer
	header = ",".join(frappe.request.headers.getlist("X-Forwarded-For"))
	hops = [hop.strip() for hop in header.split(",") if hop.strip()]
	return hops[max(0, len(hops) - proxies)] if hops else peer


def network(address: str) -> str:
	"""What limits count: an IPv4 address, or the /64 of an IPv6 one (RFC 4291 2.5.1); else one for all."""
	ip = _parse(address)
	if ip is None:
		return UNKNOWN
	if ip.version == 4:
		return str(ip)
	return str(ipaddress.ip_network((ip, _IPV6_PREFIX), strict=False))


def _parse(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
	"""IPv4-mapped IPv6 addresses are IPv4; a port, brackets or a zone are dropped."""
	text = address.strip()
	if text.startswith("["):
		text = text[1:].partition("]")[0]
	elif text.count(":") == 1:
		text = text.partition(":")[0]
	try:
		ip = ipaddress.ip_address(text.partition("%")[0])
	except ValueError:
		return None
	return getattr(ip, "ipv4_mapped", None) or ip


def _is_public(address: str) -> bool:
	ip = _parse(address)
	return ip is not None and ip.is_global
