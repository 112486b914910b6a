"""Targets that misbehave as servers: each is broken with its reason, soon, and the run ends and fails."""

from __future__ import annotations

import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.conformance import servers
from tests.conformance.servers import Handler, serving
from tests.sabotage.app import App
from tests.sabotage.http import Response, Server
from tests.test_whole_suite import conformance

DEADLINE_SECONDS = 30


REASONS = {
    servers.never_answers: "no answer",
    servers.answers_a_byte_at_a_time: "no answer",
    servers.closes: "closed",
    servers.resets: "reset",
    servers.answers_rubbish: "HTTP",
    servers.answers_too_much: "/healthz",
    servers.redirects_for_ever: "302",
}


def run_against(handler: Handler, results: Path) -> tuple[subprocess.CompletedProcess[str], float]:
    begun = time.monotonic()
    with serving(handler) as url:
        ended = conformance("--url", url, "--clauses", "app.*", "--results", str(results / handler.__name__))
    return ended, time.monotonic() - begun


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[Handler, tuple[subprocess.CompletedProcess[str], float]]:
    """A run against each of them, with its seconds: they mostly wait, so they run side by side."""
    results = tmp_path_factory.mktemp("results")
    with ThreadPoolExecutor(len(REASONS)) as pool:
        return dict(zip(REASONS, pool.map(lambda each: run_against(each, results), REASONS), strict=True))


@pytest.mark.parametrize(("handler", "reason"), REASONS.items())
def test_a_server_that_misbehaves_from_the_start_is_broken(
    handler: Handler, reason: str, runs: dict[Handler, tuple[subprocess.CompletedProcess[str], float]]
) -> None:
    ended, seconds = runs[handler]
    assert ended.returncode == 1, ended.stdout + ended.stderr
    broken = next(line for line in ended.stdout.splitlines() if line.startswith("broken"))
    assert reason in broken
    assert seconds < DEADLINE_SECONDS


def test_a_server_that_falls_silent_in_the_middle_is_broken_and_not_asked_again() -> None:
    class FallsSilent(App):
        asked = 0

        def __call__(self, request):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN204
            self.asked += 1
            if self.asked > 30:
                time.sleep(60)
            return super().__call__(request)

    begun = time.monotonic()
    ended = conformance("--url", Server(FallsSilent()).url)
    assert ended.returncode == 1
    assert "no complete answer in time" in ended.stdout
    assert " fail" not in ended.stdout.rpartition("FAILED: ")[2]
    assert time.monotonic() - begun < DEADLINE_SECONDS


def test_an_error_on_one_request_of_a_healthy_server_is_a_failure_and_not_broken() -> None:
    class FailsToLogIn(App):
        def log_in(self, visit):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202, ARG002
            return Response(500)

    ended = conformance("--url", Server(FailsToLogIn()).url, "--clauses", "app.logs-in")
    assert ended.returncode == 1
    assert "1 fail" in ended.stdout
    assert "broken" not in ended.stdout.rpartition("FAILED: ")[2]


def test_an_absence_that_is_not_so_fails_the_run_and_says_what_to_change() -> None:
    ended = conformance("--url", Server(App()).url, "--clauses", "revoke.reset", "--absent", "revocation")
    assert ended.returncode == 1
    assert "1 fixed" in ended.stdout
    assert "ABSENT: take 'revocation' out" in ended.stdout
    assert "> GET /destroy-session" in ended.stdout, "the requests that show it are not shown"
