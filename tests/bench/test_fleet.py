"""Locust, a master and two workers, against an app that can be frozen, loses counts, or mixes sessions up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hdrh.histogram import HdrHistogram

from bench.fleet import figures
from bench.fleet.against import Agreement
from bench.fleet.figures import Figures
from bench.fleet.site import MASTER, Plan, Site, make_python
from bench.scenarios import Scenario
from targets import started
from tests.bench.responder import responding
from tests.running import ROOT

STALL_SECONDS = 0.4
BEGUN = "are ready and begin"
PATIENCE_SECONDS = 30.0


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(make_python(print), tmp_path)


def plan(url: str, scenario: Scenario, *, rate: float = 200.0, seconds: float = 0.5) -> Plan:
    return Plan(url=url, scenario=scenario, rate=rate, users=16, seconds=seconds)


def milliseconds(encoded: str, percentile: float) -> float:
    return float(HdrHistogram.decode(encoded).get_value_at_percentile(percentile)) / 1000


def wait_for(text: str, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not log.exists() or text not in log.read_text():
        assert time.monotonic() < deadline, f"{log} does not say {text!r}"
        time.sleep(0.02)


def freeze(pid: int, log: Path) -> None:
    wait_for(BEGUN, log)
    time.sleep(1.2)  # the warm-up is over
    os.kill(pid, signal.SIGSTOP)
    time.sleep(STALL_SECONDS)
    os.kill(pid, signal.SIGCONT)


def adds_up(made: Figures) -> bool:
    """Tell whether each answer is in the counts, in those of its worker, and in all three merged histograms."""
    counts, latency = made.counts, made.latency
    answers = counts.good + counts.wrong + counts.failed
    values = {
        HdrHistogram.decode(each).get_total_count() for each in (latency.corrected, latency.service, latency.late)
    }
    return len(made.workers) == 2 and values == {answers} == {sum(each.answers for each in made.workers)}


def test_a_stall_shows_in_latencies_from_when_requests_were_due_and_not_from_when_they_were_sent(site: Site) -> None:
    with responding() as (url, process):
        stall = threading.Thread(target=freeze, args=(process.pid, site.folder / f"{MASTER}.log"))
        stall.start()
        made = site.run(plan(url, Scenario.READ, rate=300.0, seconds=2.0))
        stall.join()
    assert made.counts.good == 600
    assert adds_up(made)
    assert milliseconds(made.latency.corrected, 90) > 100  # a fifth of the time stood still: 200 in theory
    assert milliseconds(made.latency.service, 90) < 100
    assert milliseconds(made.latency.late, 90) > 50  # the other part of it: requests that waited for their user
    report = (site.folder / "report-1.html").read_text()
    assert "Locust" in report


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, Scenario], Figures]:
    """Short runs, by fault and scenario: all at once, since most of each is the start of its processes."""
    python = make_python(print)

    def run(asked: tuple[str, Scenario]) -> Figures:
        fault, scenario = asked
        with responding(fault) as (url, _process):
            return Site(python, tmp_path_factory.mktemp(scenario)).run(plan(url, scenario))

    asked = [("", Scenario.VISITORS), ("", Scenario.NO_SESSION), ("loses", Scenario.WRITE), ("mixes", Scenario.READ)]
    with ThreadPoolExecutor(len(asked)) as pool:
        return dict(zip(asked, pool.map(run, asked), strict=True))


@pytest.mark.parametrize("scenario", [Scenario.VISITORS, Scenario.NO_SESSION])
def test_right_answers_are_taken_for_right(scenario: Scenario, runs: dict[tuple[str, Scenario], Figures]) -> None:
    made = runs["", scenario]
    assert (made.counts.good, made.counts.wrong, made.counts.failed, made.counts.unanswered) == (100, 0, 0, 0)
    assert adds_up(made)


def test_lost_counts_are_found(runs: dict[tuple[str, Scenario], Figures]) -> None:
    made = runs["loses", Scenario.WRITE]
    assert made.counts.good == 100
    assert made.counts.acknowledged > 100  # those of the warm-up too
    assert made.counts.lost == made.counts.acknowledged // 10
    assert f"{made.counts.lost} of {made.counts.acknowledged} counts lost" in figures.line(made)


def test_a_session_that_shows_another_ones_name_is_wrong(runs: dict[tuple[str, Scenario], Figures]) -> None:
    made = runs["mixes", Scenario.READ]
    assert (made.counts.good, made.counts.wrong) == (0, 100)
    assert adds_up(made)
    assert "100 answers were wrong" in made.invalid


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "bench.fleet", *arguments]


def test_the_command_prints_a_line_and_says_where_the_rest_is() -> None:
    with responding() as (url, _process):
        asked = ["--url", url, "--scenario", "flow", "--rate", "300", "--duration", "1"]
        done = subprocess.run(command(*asked), cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 workers: 300.0 good a second of 300; from when due: p50 " in done.stdout
    folder = ROOT / done.stdout.rpartition("figures, reports and logs: ")[2].strip()
    made = figures.read(folder / "figures.jsonl")
    assert [each.counts.good for each in made] == [300]
    assert (folder / "report-1.html").exists()


def test_ctrl_c_ends_all_processes() -> None:
    with responding() as (url, _process):
        child = subprocess.Popen(
            command("--url", url, "--duration", "60"),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        folder = next_folder(child.pid)
        wait_for(BEGUN, folder / f"{MASTER}.log")
        records = [started.read(each) for each in folder.glob("*.json")]
        child.send_signal(signal.SIGINT)
        _, said = child.communicate(timeout=PATIENCE_SECONDS)
    assert child.returncode == 130
    assert "stopped by the user" in said
    assert len(records) == 3
    assert not any(each and each.alive for each in records)


def next_folder(pid: int) -> Path:
    """Return the folder of a command's run, once it is there."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := list((ROOT / ".run/bench").glob(f"fleet-*-{pid}"))):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found[0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--scenario", "shared"], "give one scenario of read, write, flow, visitors, no-session"),
        (["--scenario", "read,write"], "give one scenario"),
        (["--targets", "flask-*"], "give one target, not"),
        (["--workers", "0"], "give 1 to 64 workers"),
        (["--workers", "2", "--users", "1"], "give each worker a user"),
        (["--scenario", "flow", "--against", "open-loop"], "the open-loop driver knows no-session, read, write"),
    ],
)
def test_what_cannot_be_asked_is_told(arguments: list[str], said: str) -> None:
    done = subprocess.run(command(*arguments), cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert said in done.stderr


def test_two_generators_agree_where_they_differ_no_more_than_one_does_from_itself() -> None:
    noisy = [1.0, 1.2, 1.0, 1.2]  # four of six pairs differ by a fifth
    assert Agreement("p50", fleet=[1.3, 1.3, 9.0], driver=noisy).holds
    assert not Agreement("p50", fleet=[1.4, 1.4, 1.0], driver=noisy).holds
    assert not Agreement("p50", fleet=[0.8, 0.8, 1.0], driver=noisy).holds


def test_one_round_that_went_wrong_does_not_make_all_agree() -> None:
    assert not Agreement("p50", fleet=[1.5, 1.5, 1.5, 1.5], driver=[1.0, 1.0, 1.0, 9.0]).holds
    assert Agreement("rate", fleet=[199.8], driver=[200.0]).holds
