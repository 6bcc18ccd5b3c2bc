"""Methods that no page below /portal knows: Frappe would answer some of them itself, with cookies of its own."""

import pytest

PATHS = ["/portal", "/portal/", "/portal/staff/preview", "/portal/no-such-page"]


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", PATHS)
def test_they_get_our_refusal_and_no_cookie(client, path, method):
	headers = {"Origin": "http://evil.example"}
	answer = client.session.request(method, client._url(path), headers=headers, timeout=30)
	assert answer.status_code == 405
	assert set(answer.headers["Allow"].split(", ")) <= {"GET", "HEAD", "POST"}
	assert "Set-Cookie" not in answer.headers
	assert not [name for name in answer.headers if name.lower().startswith("access-control")]
	assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
	assert answer.headers["Cache-Control"] == "no-store"
