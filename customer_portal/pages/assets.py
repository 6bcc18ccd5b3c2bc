"""The style sheet and the scripts of the customers' pages, read once in the life of a process.

They stand inside the page, so that a first view is one request; the page's policy names their SHA-256 (CSP level 2,
section 7.1), so that nothing else runs.
"""

from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path

PUBLIC = Path(__file__).parent.parent / "public"


@cache
def text(name: str) -> str:
	"""The file ``name`` under ``public``, such as ``css/portal.css``."""
	return (PUBLIC / name).read_text(encoding="utf-8").strip()


@cache
def source_hash(content: str) -> str:
	"""The CSP source that admits exactly this content between its tags."""
	return f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"
