"""The headers of every answer under /t: nothing is stored, framed, indexed, or fetched from elsewhere."""

from collections.abc import Iterable

from customer_portal.pages import assets

SECURITY = {
	"Cache-Control": "no-store",
	"Cross-Origin-Opener-Policy": "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Permissions-Policy": "otp-credentials=(self), camera=(), geolocation=(), microphone=(), payment=()",
	"Referrer-Policy": "no-referrer",
	"X-Content-Type-Options": "nosniff",
	"X-Frame-Options": "DENY",
	"X-Robots-Tag": "noindex, nofollow",
}
NOBODY, OWN_SITE = "'none'", "'self'"  # who may show a page in a frame
FRAMED_BY_OWN_SITE = {"X-Frame-Options": "SAMEORIGIN"}
FILE_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
# A mail has styles on its elements, which no hash can name; nothing is loaded, run or submitted.
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'"


def content_policy(style: str, scripts: Iterable[str], ancestors: str = NOBODY) -> str:
	"""The Content-Security-Policy of a page with this style sheet and these scripts inside it."""
	sources = " ".join(assets.source_hash(script) for script in scripts) or "'none'"
	return "; ".join(
		(
			"default-src 'none'",
			f"script-src {sources}",
			f"style-src {assets.source_hash(style)}",
			"img-src 'self' data:",
			"connect-src 'self'",
			"form-action 'self'",
			"base-uri 'none'",
			"frame-src 'self'",
			f"frame-ancestors {ancestors}",
		)
	)
