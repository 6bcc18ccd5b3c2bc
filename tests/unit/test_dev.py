"""The parts of ``dev/`` that decide something without touching the machine."""

import json
import os
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

import pytest

from dev import compare, demo, demo_story, options, ports, services, suite, toolchain
from dev.__main__ import alone
from dev.outbox import messages, page
from dev.outbox.__main__ import is_demo
from dev.processes import Processes, start_time
from dev.shell import Failure, Shell, tail

MAIL = b"""From: care@example.com
To: huda@example.com
Subject: =?utf-8?b?2KfZhNir2YTYp9is2Kk=?=
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain; charset=utf-8

See http://portal.localhost:8000/t/abc.
--b
Content-Type: text/html; charset=utf-8

<p>Hello<script>alert(1)</script></p>
--b--
"""


@pytest.fixture
def shell(tmp_path):
	return Shell(tmp_path / "logs" / "dev.log", dict(os.environ))


@pytest.fixture
def processes(tmp_path):
	running = Processes(tmp_path / "run", tmp_path / "logs", dict(os.environ))
	yield running
	for name in running.names():
		running.stop(name)


class TestOptions:
	def test_the_defaults_are_public_addresses(self):
		chosen = options.read({})
		assert chosen.bench == Path.home() / "frappe-bench"
		assert [source.address for source in chosen.sources] == [
			"https://github.com/frappe/frappe",
			"https://github.com/frappe/telephony",
			"https://github.com/frappe/helpdesk",
		]
		assert not chosen.chosen_ports

	def test_a_source_may_be_any_git_address_or_folder(self, tmp_path):
		chosen = options.read(
			{"FRAPPE_SOURCE": str(tmp_path), "HELPDESK_SOURCE": "git@example.com:a/helpdesk"}
		)
		assert chosen.sources[0].address == f"file://{tmp_path}"
		assert chosen.sources[2].address == "git@example.com:a/helpdesk"

	def test_an_empty_variable_counts_as_unset(self):
		assert options.read({"FRAPPE_BRANCH": " "}).sources[0].branch == options.DEFAULT_BRANCHES["frappe"]

	@pytest.mark.parametrize("port", ["0", "65536", "80a", "-1"])
	def test_a_port_must_be_a_port(self, port):
		with pytest.raises(options.WrongOption, match="WEB_PORT"):
			options.read({"WEB_PORT": port})


class TestPorts:
	def test_the_next_free_port_is_taken(self):
		chosen = ports.choose(options.read({}), free=lambda port: port not in (33306, 33307))
		assert chosen["MARIADB_PORT"] == 33308

	def test_no_port_is_given_twice(self):
		environment = {"REDIS_CACHE_PORT": "12000", "REDIS_QUEUE_PORT": "12001"}
		chosen = ports.choose(options.read(environment), free=lambda port: True)
		assert len(set(chosen.values())) == len(chosen)

	def test_a_port_that_was_asked_for_is_not_replaced(self):
		with pytest.raises(Failure, match="MARIADB_PORT=4000 is taken"):
			ports.choose(options.read({"MARIADB_PORT": "4000"}), free=lambda port: port != 4000)


class TestToolchain:
	@pytest.mark.parametrize(
		("requires", "own", "expected"),
		[
			(">=3.10,<3.14", (3, 11), sys.executable),
			(">=3.10", (3, 12), sys.executable),
			(">=3.14,<3.15", (3, 11), "3.14"),
			(">= 3.10, < 3.12", (3, 13), "3.10"),
		],
	)
	def test_the_python_fits_frappe(self, requires, own, expected):
		assert toolchain.choose_python(requires, own) == expected

	@pytest.mark.parametrize(("engines", "major"), [(">=18", 18), (">=24.0.0", 24), ("", 18)])
	def test_the_oldest_node_is_read(self, engines, major):
		assert toolchain.first_number(engines) == major


class TestShell:
	def test_output_goes_to_the_log_and_secrets_do_not(self, shell, tmp_path):
		shell.secrets.add("hunter2")
		shell.run(["echo", "--password=hunter2", "done"], tmp_path)
		command, printed = shell.log.read_text().splitlines()[1:]
		assert command.endswith("$ echo --password=******** done")
		assert printed.endswith("done")

	def test_a_failure_brings_the_end_of_its_own_output(self, shell, tmp_path):
		shell.run(["echo", "earlier"], tmp_path)
		with pytest.raises(Failure, match="status 3") as caught:
			shell.run(["sh", "-c", "echo reason; exit 3"], tmp_path)
		assert caught.value.tail == "reason"

	def test_the_tail_is_short(self, tmp_path):
		log = tmp_path / "log"
		log.write_text("\n".join(map(str, range(100))))
		assert tail(log, lines=2) == "98\n99"


class TestLock:
	def test_the_second_run_on_a_bench_is_refused(self, tmp_path):
		file = tmp_path / "logs" / "lock"
		with alone(file), pytest.raises(Failure, match="Another"), alone(file):
			pass

	def test_it_ends_with_the_run(self, tmp_path):
		with alone(tmp_path / "lock"):
			pass
		with alone(tmp_path / "lock"):
			pass


class TestProcesses:
	def test_what_was_started_is_stopped(self, processes, tmp_path):
		processes.start("sleeper", ["sleep", "60"], tmp_path)
		assert processes.is_running("sleeper")
		assert processes.stop("sleeper")
		assert not processes.is_running("sleeper")
		assert processes.names() == []

	def test_a_running_process_is_not_started_again(self, processes, tmp_path):
		processes.start("sleeper", ["sleep", "60"], tmp_path)
		first = processes.read("sleeper")
		processes.start("sleeper", ["sleep", "60"], tmp_path)
		assert processes.read("sleeper") == first

	def test_another_process_with_the_same_id_is_left_alone(self, processes):
		stranger = subprocess.Popen(["sleep", "60"])
		try:
			processes.folder.mkdir()
			record = {"name": "old", "pid": stranger.pid, "started": "1"}
			(processes.folder / "old.json").write_text(json.dumps(record))
			assert not processes.stop("old")
			assert stranger.poll() is None
		finally:
			stranger.kill()
			stranger.wait()

	def test_a_process_that_dies_is_reported_with_its_log(self, processes, tmp_path):
		processes.start("broken", ["sh", "-c", "echo no such file; exit 1"], tmp_path)
		with pytest.raises(Failure, match="broken did not start") as caught:
			processes.wait("broken", lambda: False)
		assert caught.value.tail == "no such file"

	def test_a_dead_process_has_no_start_time(self):
		child = subprocess.Popen(["true"])
		child.wait()
		assert start_time(child.pid) is None


class TestServices:
	def test_the_database_listens_on_loopback_alone(self, tmp_path):
		text = services.configuration(tmp_path, 33310, is_root=False)
		assert "bind-address=127.0.0.1" in text
		assert "port=33310" in text
		assert "user=" not in text

	def test_root_must_be_named(self, tmp_path):
		assert "user=root" in services.configuration(tmp_path, 33310, is_root=True)


class TestCompare:
	def test_coming_going_and_changing_are_told(self):
		lines = compare.differences({"Role": {"a": "1", "b": "1"}}, {"Role": {"b": "2", "c": "1"}})
		assert lines == ["Role: a is gone", "Role: b changed", "Role: c is new"]

	def test_new_rows_may_be_allowed_and_lost_ones_not(self):
		before, after = {"HD Ticket": {"1": "x"}}, {"HD Ticket": {"2": "x"}}
		assert compare.differences(before, after, frozenset({"HD Ticket"})) == ["HD Ticket: 1 is gone"]

	def test_a_section_of_one_side_only_is_not_forgotten(self):
		assert compare.differences({"Page": {"p": "1"}}, {}) == ["Page: p is gone"]


class TestSuite:
	@pytest.mark.parametrize(
		("lines", "expected"),
		[
			(["20 passed in 60.12s (0:01:00)", "7 passed in 5.00s"], "27 passed in 60.12s"),
			(
				["1 failed, 2 passed in 3.00s", "4 passed, 1 error in 9.50s"],
				"1 failed, 6 passed, 1 error in 9.50s",
			),
			(["Killed", "4 passed in 9.50s"], "Killed / 4 passed in 9.50s"),
		],
	)
	def test_runs_side_by_side_have_one_last_line(self, lines, expected):
		assert suite.sum_of(lines) == expected

	def test_what_failed_is_named_at_the_end(self):
		outputs = [["..F", "FAILED tests/a.py::b", "1 failed in 1.00s"], ["2 passed in 3.00s"], []]
		assert suite.summary_of(outputs) == (
			"FAILED tests/a.py::b\n1 failed in 1.00s / 2 passed in 3.00s / nothing was printed"
		)


class TestDemo:
	def test_an_edit_changes_the_stamp(self, tmp_path):
		(tmp_path / "a.py").write_text("1")
		before = demo.code_stamp(tmp_path)
		os.utime(tmp_path / "a.py", (1, 1))
		assert demo.code_stamp(tmp_path) != before

	@pytest.mark.parametrize("main_status", ["1", "2", "3", "4"])
	def test_each_main_status_has_one_default_step(self, main_status):
		steps = [step for step in demo_story.STEPS if step.main_status == main_status]
		assert sum(step.is_default for step in steps) == 1

	def test_every_way_goes_forward_in_time(self):
		for story in demo_story.STORIES:
			hours = [ago for ago, _ in story.way]
			assert hours == sorted(hours, reverse=True)


class TestOutbox:
	@pytest.fixture
	def store(self):
		return messages.Store(now=lambda: datetime(2025, 1, 1, tzinfo=timezone.utc))

	def test_a_mail_is_read(self):
		subject, text, html = messages.read_mail(MAIL)
		assert subject == "الثلاجة"
		assert text == "See http://portal.localhost:8000/t/abc."
		assert "Hello" in html

	def test_the_newest_is_first(self, store):
		store.add_sms("+1", "first")
		store.add_sms("+1", "second")
		assert [sms.text for sms in store.sms()] == ["second", "first"]
		assert store.latest == 2

	def test_links_open_in_a_new_tab_and_leave_the_full_stop(self):
		html = page.rich("See http://portal.localhost:8000/t/abc.")
		assert '<a href="http://portal.localhost:8000/t/abc" target="_blank" rel="noopener">' in html
		assert html.endswith("</a>.")

	def test_codes_stand_out_and_other_numbers_do_not(self):
		html = page.rich("4821 is your code for ticket 14821.\n\n@portal.localhost #4821")
		assert html.startswith('<strong class="code">4821</strong> is your code for ticket 14821.')
		assert "strong" not in page.rich("Ticket 0007: call +966550000011")

	def test_the_line_for_the_phone_is_small(self):
		html = page.rich("4821 is your code\n\n@portal.localhost #4821")
		assert '<small dir="ltr">@portal.localhost #4821</small>' in html

	def test_what_strangers_write_is_escaped(self, store):
		store.add_sms("<b>", "<script>alert(1)</script>")
		store.add_mail("a@b", ["c@d"], MAIL)
		html = page.messages(store)
		assert "<script>" not in html
		assert "<b></b>" not in html
		assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in html

	@pytest.mark.parametrize(
		("config", "expected"),
		[
			({"customer_portal_demo": 1, "developer_mode": 1}, True),
			({"customer_portal_demo": 1}, False),
			({"developer_mode": 1}, False),
		],
	)
	def test_it_starts_on_a_demo_site_alone(self, tmp_path, monkeypatch, config, expected):
		(tmp_path / "a.localhost").mkdir()
		(tmp_path / "a.localhost" / "site_config.json").write_text(json.dumps(config))
		monkeypatch.chdir(tmp_path)
		assert is_demo("a.localhost") is expected
