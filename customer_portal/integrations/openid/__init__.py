"""Signing in at another site: the Authorization Code flow of OpenID Connect Core 1.0, with PKCE (RFC 7636).

Only what a client needs, with PyJWT (a dependency of Frappe's) for signatures. A whole client library would bring
sessions, caches and HTTP of its own past our time limits.
"""
