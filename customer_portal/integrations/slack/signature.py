"""Whether a request was sent by Slack. https://docs.slack.dev/authentication/verifying-requests-from-slack"""

from slack_sdk.signature import SignatureVerifier

from customer_portal import settings

LONGEST = 140  # characters of a signature: "v0=" and 64 hexadecimal digits


def is_valid(body: bytes, timestamp: str, signature: str) -> bool:
	"""``body`` as it came, byte by byte. False for one older or younger than 5 minutes, and without a secret: then
	nobody could have signed.
	"""
	secret = settings.get().get_password("slack_signing_secret", raise_exception=False)
	if not secret or not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
		return False
	if not signature.isascii() or len(signature) > LONGEST:
		return False
	try:
		return SignatureVerifier(secret).is_valid(body, timestamp, signature)
	except UnicodeDecodeError:
		return False
