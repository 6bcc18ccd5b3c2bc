"""What a browser calls itself (User-Agent, RFC 9110 10.1.5), cut to what an agent wants to know."""

# The first that is found counts: every browser names those that it wants to be taken for as well.
BROWSERS = {
	"Edg": "Edge",
	"OPR/": "Opera",
	"SamsungBrowser": "Samsung Internet",
	"Firefox": "Firefox",
	"FxiOS": "Firefox",
	"Chrome": "Chrome",
	"CriOS": "Chrome",
	"Safari": "Safari",
}
SYSTEMS = {
	"iPhone": "iPhone",
	"iPad": "iPad",
	"Android": "Android",
	"Windows": "Windows",
	"CrOS": "ChromeOS",
	"Mac OS X": "macOS",
	"Linux": "Linux",
}


def short(user_agent: str) -> str:
	"""``Chrome, Android``; empty when neither is known."""
	return ", ".join(filter(None, (_first(BROWSERS, user_agent), _first(SYSTEMS, user_agent))))


def _first(names: dict[str, str], text: str) -> str:
	return next((name for sign, name in names.items() if sign in text), "")
