"""The suite as its users run it: every target in both runtimes, one that dies half-way, and what is asked wrongly."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from report import csv_matrix, pages, readme
from report.read import read
from targets import docker
from tests.running import ROOT

LIMIT_SECONDS = 300
LARGEST_REPORT = 3_000_000


def conformance(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "conformance", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )


@pytest.mark.parametrize("runtime", ["docker", "process"])
def test_every_target_is_as_its_manifest_says(runtime: str, tmp_path: Path) -> None:
    problem = docker.problem() if runtime == "docker" else None
    if problem and os.environ.get("SAME_SESSION_ENGINE") != "required":
        pytest.skip(f"no containers here: {problem}")
    results = tmp_path / "results.jsonl"
    ended = conformance("--runtime", runtime, "--results", str(results))
    print(ended.stdout)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "\npassed: " in ended.stdout
    assert " warn" not in ended.stdout.rpartition("\n\n")[2]
    run = read(results)
    assert len(pages.report(run, None, ROOT).encode()) < LARGEST_REPORT
    if runtime == readme.RUNTIME:
        assert csv_matrix.of(run) + "\n" == (ROOT / readme.CSV).read_text(), "README's matrix: make report README=1"


def record_of(owner: int, target: str) -> Path:
    return ROOT / ".run" / "process" / str(owner) / f"{target}.json"


def test_a_target_that_is_killed_in_the_middle_is_broken_and_the_run_goes_on_and_fails() -> None:
    run = subprocess.Popen(
        [sys.executable, "-m", "conformance", "--runtime", "process", "--targets", "flask-redis flask-cookie"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert run.stdout
    said = ""
    while "checking" not in said and said.count(": ready") < 2:
        said += run.stdout.readline()
    victim = json.loads(record_of(run.pid, "flask-cookie").read_bytes())["pid"]
    time.sleep(1)  # into the middle; whenever it is, the outcome is the same
    os.killpg(victim, signal.SIGKILL)
    said += run.communicate(timeout=LIMIT_SECONDS)[0]
    assert run.returncode == 1
    assert "broken flask-cookie: " in said
    assert "killed by signal 9 (SIGKILL)" in said
    assert "log | " in said
    assert "broken flask-redis" not in said
    totals = said.rpartition("FAILED: ")[2]
    assert " fail" not in totals


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--targets", "django-*"], "'django-*' matches no target"),
        (["--clauses", "nothing.*"], "'nothing.*' matches no clause"),
        (["--url", "ftp://127.0.0.1"], "is not a base URL"),
        (["--url", "http://127.0.0.1:9", "--absent", "telepathy"], "no capability 'telepathy'"),
    ],
)
def test_what_is_asked_wrongly_is_an_error_in_one_line(arguments: list[str], message: str) -> None:
    ended = conformance("--runtime", "process", *arguments)
    assert ended.returncode == 2
    assert message in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_an_app_that_does_not_answer_is_broken() -> None:
    ended = conformance("--url", "http://127.0.0.1:9", "--clauses", "app.counts")
    assert ended.returncode == 1
    assert "broken" in ended.stdout
