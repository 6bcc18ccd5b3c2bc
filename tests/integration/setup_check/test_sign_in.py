"""What the set-up check says about Google and Microsoft."""

import frappe
import pytest

from customer_portal.integrations.openid import documents
from customer_portal.setup_check import run, sign_in
from customer_portal.setup_check.finding import FAILED, OFF, OK
from tests.gateways import configure
from tests.servers import free_port


@pytest.fixture
def nothing_kept(providers_on):
	documents.endpoints.clear_cache()


def test_switched_off(site):
	assert {sign_in.google().state, sign_in.microsoft().state} == {OFF}


@pytest.mark.parametrize("name", ["google", "microsoft"])
def test_a_provider_that_answers(nothing_kept, name):
	finding = run.run(name)
	assert finding.state == OK
	assert f"/portal/sign-in/back/{name}" in finding.found


def test_a_provider_that_does_not_answer(nothing_kept):
	configure(google_issuer=f"http://127.0.0.1:{free_port()}")
	finding = sign_in.google()
	assert finding.state == FAILED
	assert "does not answer" in finding.found


def test_a_login_key_without_a_secret(nothing_kept):
	frappe.db.set_value("Social Login Key", "google", "client_secret", "")
	frappe.db.commit()
	finding = sign_in.google()
	assert (finding.state, finding.link) == (FAILED, "/app/social-login-key/google")
