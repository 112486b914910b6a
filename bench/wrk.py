"""Closed loop: wrk with `closed.lua`, the cheapest generator that can carry a session for each connection."""

from __future__ import annotations

import math
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bench import sessions as sessions_file
from bench.records import Counts, Load
from bench.scenarios import COUNTS_IN_A_FLOW, Scenario
from bench.sessions import Session

SCRIPT = Path(__file__).with_name("closed.lua")
WARM_UP_SECONDS = 0.5
LAST_ANSWERS_SECONDS = 10  # for what was sent last
POLL_SECONDS = 0.01
LONGEST_STOP_SECONDS = 30.0
MICROSECONDS = 1e-6


class GeneratorError(Exception):
    """A generator could not do its work; the message says why and what to do."""


class Window(Protocol):
    """Is told when what is measured begins and ends."""

    def begin(self) -> None:
        """Take the counters."""

    def end(self) -> None:
        """Take them again."""


@dataclass(frozen=True)
class Generated:
    """What a generator saw: answers in the time that was measured, latencies in seconds, its own CPU a second."""

    seconds: float
    counts: Counts
    p50: float
    p99: float
    cpu: float


def find() -> str:
    """Return wrk's path; raises `GeneratorError` where there is none."""
    if found := shutil.which("wrk"):
        return found
    raise GeneratorError("there is no wrk on PATH, the load generator of closed loops; on Debian: apt-get install wrk")


def version() -> str:
    """Return wrk's name and version, as "wrk 4.1.0"."""
    said = subprocess.run([find(), "-v"], capture_output=True, text=True, check=False).stdout  # noqa: S603 -- our own
    return " ".join(said.split()[:2])


def run(
    url: str,
    scenario: Scenario,
    load: Load,
    sessions: Sequence[Session],
    *,
    seconds: float,
    window: Window,
    folder: Path,
) -> Generated:
    """Ask a target for `seconds` after a warm-up; `sessions` then have their new cookies and counts."""
    path = folder / "sessions"
    sessions_file.write(path, sessions)
    threads = 1 if scenario is Scenario.NO_SESSION else load.connections
    begin = time.monotonic() + WARM_UP_SECONDS
    end = begin + seconds
    whole = math.ceil(WARM_UP_SECONDS + seconds + LAST_ANSWERS_SECONDS)
    arguments = [
        f"-t{threads}",
        f"-c{load.connections}",
        f"-d{whole}s",
        "--timeout",
        "10s",
        "--script",
        str(SCRIPT),
        url,
    ]
    given = ["--", scenario, f"{begin:.6f}", f"{end:.6f}", str(threads), str(COUNTS_IN_A_FLOW), str(path)]
    used = _children_seconds()
    child = subprocess.Popen(  # noqa: S603 -- our own program
        [find(), *arguments, *given], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        wait_until(begin)
        window.begin()
        wait_until(end)
        window.end()
        _wait_for_threads(child)
        child.send_signal(signal.SIGINT)  # it would sleep to the end of its time
        said, _ = child.communicate(timeout=LONGEST_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        raise GeneratorError(f"wrk did not end {LONGEST_STOP_SECONDS:g} s after its time") from None
    finally:
        child.kill()
        child.wait()
    cpu = (_children_seconds() - used) / (WARM_UP_SECONDS + seconds)
    return _taken(said, sessions, seconds, cpu)


def wait_until(moment: float) -> None:
    """Return at a moment of the monotonic clock."""
    time.sleep(max(0.0, moment - time.monotonic()))


def _wait_for_threads(child: subprocess.Popen[str]) -> None:
    """Return when all of wrk's threads have stopped, but for the first, which waits for the end of its time."""
    deadline = time.monotonic() + LAST_ANSWERS_SECONDS
    while child.poll() is None and time.monotonic() < deadline:
        if len(list(Path(f"/proc/{child.pid}/task").iterdir())) == 1:
            return
        time.sleep(POLL_SECONDS)


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _taken(said: str, sessions: Sequence[Session], seconds: float, cpu: float) -> Generated:
    """Read what `done` in closed.lua printed."""
    lines = [line.split("\t") for line in said.splitlines()]
    totals = next((line[1:] for line in lines if line[0] == "totals"), None)
    if totals is None:
        raise GeneratorError(f"wrk did not tell what it saw: {said.strip()[-400:] or 'it said nothing'}")
    good, wrong, failed, errors, running, p50, p99 = map(int, totals)
    acknowledged = 0
    for _, number, more, cookie in (line for line in lines if line[0] == "session"):
        session = sessions[int(number)]
        session.cookie = cookie
        session.count += int(more)
        acknowledged += int(more)
    counts = Counts(good=good, wrong=wrong, failed=failed, unanswered=errors + running, acknowledged=acknowledged)
    return Generated(seconds, counts, p50 * MICROSECONDS, p99 * MICROSECONDS, cpu)
