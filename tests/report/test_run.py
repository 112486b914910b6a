"""A real run of the suite: its file, and what must not be in it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conformance.cookies import parse
from conformance.outcomes import Outcome
from report.read import Truncated, read
from tests.running import ROOT
from tests.sabotage.app import App
from tests.sabotage.http import Request, Response, Server

CLAUSES = "login.*,forged.*,cookie.*"
TIMEOUT_SECONDS = 120


class KeepsItsIds(App):
    """Does what is worth a report: keeps the id at log-in, and shows it in a page and in a header."""

    def save(self, visit: object, data: dict[str, object], *, rotate: bool) -> str:
        return super().save(visit, data, rotate=rotate and not data)  # type: ignore[arg-type]


class Wire:
    """Stands before an app and notes every cookie value that goes by."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.sent: set[str] = set()
        self.handed_out: set[str] = set()

    def __call__(self, request: Request) -> Response:
        self.sent |= {piece.partition("=")[2].strip() for piece in request.header("cookie").split(";")}
        response = self.app(request)
        given = {parse(value).value for name, value in response.headers if name == "set-cookie"}
        self.handed_out |= given
        response.headers += [("x-debug", f"sessions={sorted(given)}")]
        return response


@contextmanager
def serving(handle: Callable[[Request], Response]) -> Iterator[str]:
    server = Server(handle)
    yield server.url
    server.close()


def conformance(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "conformance", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False)


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Wire, str, Path]:
    """A run in which much fails: what the wire had, what the terminal said, and the file."""
    wire, path = Wire(KeepsItsIds()), tmp_path_factory.mktemp("run") / "run.jsonl"
    with serving(wire) as url:
        ended = conformance("--url", url, "--clauses", CLAUSES, "--results", str(path))
    assert ended.returncode == 1, ended.stdout + ended.stderr
    return wire, ended.stdout + ended.stderr, path


def test_no_cookie_value_of_the_wire_is_in_the_file_or_on_the_terminal(failed: tuple[Wire, str, Path]) -> None:
    wire, said, path = failed
    ids = {value for value in wire.handed_out if value}
    ids |= {part for value in ids for part in value.split(".")}
    odd = re.compile(r"[^!-~]|[\"'\\<>{}%]|(.)\1{79}")
    ids |= {value for value in wire.sent if len(value) > 20 and not odd.search(value)}
    assert len(ids) > 50
    for text in (path.read_text(), said):
        assert not [value for value in ids if value in text]
        assert not [value for value in ids if value[:12] in text]


def test_a_failure_reads_like_a_bug_report(failed: tuple[Wire, str, Path]) -> None:
    _, said, path = failed
    url = read(path).header.targets[0].url
    report = said[said.index("login.rotates-id (MUST)") :]
    assert "expected: Log-in changes the session id and keeps the data." in report
    assert "because:  Who planted or saw the id before log-in" in report
    assert "seen:     POST /user/login keeps the id" in report
    assert re.search(r"2 > POST /user/login HTTP/1\.1", report)
    assert re.search(r"> cookie: sid=\S{6}…\n", report)
    assert f"again:    make conformance URL={url} CLAUSES=login.rotates-id\n" in report
    assert """COOKIE1=$(curl -sSi -d '' "$URL"/count | cookie sid)\n""" in report
    assert """curl -sSi -b sid="$COOKIE1" --data-raw username=Eve "$URL"/user/login\n""" in report


def test_the_curl_script_of_the_report_shows_the_failure(failed: tuple[Wire, str, Path]) -> None:
    script = next(each.curl for each in read(failed[2]).lines if each.clause == "login.rotates-id")
    for app, keeps in ((KeepsItsIds(), True), (App(), False)):
        with serving(app) as url:
            ended = subprocess.run(["bash", "-eu"], input=script, env={"URL": url, "PATH": "/usr/bin:/bin"}, text=True, capture_output=True, check=True)  # noqa: E501, S607  # fmt: skip
        assert ("set-cookie" not in ended.stdout.lower()) is keeps, ended.stdout


def test_the_file_tells_what_ran(failed: tuple[Wire, str, Path]) -> None:
    run = read(failed[2])
    assert run.header.runtime == "url"
    assert run.header.targets[0].about
    assert run.header.targets[0].about["language"].version
    assert run.footer.exit_status == 1
    for line in run.lines:
        assert bool(line.steps) == bool(line.curl) == (line.outcome not in {Outcome.PASS, Outcome.BLOCKED}), line.clause


def test_a_run_that_is_stopped_leaves_a_truncated_file(tmp_path: Path) -> None:
    begun, path = threading.Event(), tmp_path / "run.jsonl"
    app = App()

    def slow(request: Request) -> Response:
        if request.header("cookie"):
            begun.set()
        return app(request)

    with serving(slow) as url:
        command = [sys.executable, "-m", "conformance", "--url", url, "--results", str(path)]
        run = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        assert begun.wait(TIMEOUT_SECONDS)
        run.send_signal(signal.SIGINT)
        assert run.wait(TIMEOUT_SECONDS) == 130
    with pytest.raises(Truncated):
        read(path)


def test_a_target_that_did_not_start_has_no_versions(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    ended = conformance("--url", "http://127.0.0.1:9", "--clauses", "app.counts", "--results", str(path))
    assert ended.returncode == 1
    run = read(path)
    assert run.header.targets[0].about is None
    assert run.footer.broken["127.0.0.1:9"].state.startswith("not healthy")


def test_a_file_that_cannot_be_written_is_an_error_in_one_line(tmp_path: Path) -> None:
    with serving(App()) as url:
        ended = conformance("--url", url, "--clauses", "app.counts", "--results", str(tmp_path))
    assert ended.returncode == 2
    assert ended.stderr == f"conformance: --results: {tmp_path}: Is a directory\n"
