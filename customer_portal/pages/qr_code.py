"""QR codes (ISO/IEC 18004) that stand inside a page."""

from io import BytesIO

import pyqrcode
from markupsafe import Markup


def svg(text: str, title: str) -> Markup:
	"""Dark on white with the quiet zone of four modules that scanners need, also on a dark page; as wide as its box."""
	drawn = BytesIO()
	code = pyqrcode.create(text, error="M")
	code.svg(drawn, background="#fff", xmldecl=False, svgns=False, title=title, omithw=True, svgclass="qr")
	return Markup(drawn.getvalue().decode())
