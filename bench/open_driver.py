"""Runs the open loop in a process of its own, so that nothing else of the campaign delays it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from bench.open_loop import Seen, Task
from bench.records import Counts, Latency, Load
from bench.scenarios import Scenario
from bench.sessions import Session
from bench.wrk import Generated, GeneratorError, Window, wait_until

ROOT = Path(__file__).parent.parent
START_SECONDS = 0.4  # of an interpreter
WARM_UP_SECONDS = 0.3
LONGEST_STOP_SECONDS = 30.0
DECODER = msgspec.json.Decoder(Seen)


def run(
    url: str, scenario: Scenario, load: Load, sessions: Sequence[Session], *, seconds: float, window: Window
) -> tuple[Generated, Latency]:
    """Ask a target at a rate for `seconds` after a warm-up; `sessions` then have their new cookies and counts."""
    start = time.monotonic() + START_SECONDS
    begin = start + WARM_UP_SECONDS
    task = Task(
        url=url,
        scenario=scenario,
        rate=load.rate,
        connections=load.connections,
        start=start,
        begin=begin,
        end=begin + seconds,
        sessions=[(each.cookie, each.name, each.count) for each in sessions],
    )
    child = subprocess.Popen(
        [sys.executable, "-m", "bench.open_loop"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )
    try:
        assert child.stdin  # noqa: S101 -- it is a pipe
        child.stdin.write(msgspec.json.encode(task))
        child.stdin.close()
        child.stdin = None  # else `communicate` wants to close it
        wait_until(begin)
        window.begin()
        wait_until(task.end)
        window.end()
        said, problem = child.communicate(timeout=LONGEST_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        raise GeneratorError(f"the open loop did not end {LONGEST_STOP_SECONDS:g} s after its time") from None
    finally:
        child.kill()
        child.wait()
    if child.returncode:
        raise GeneratorError(f"the open loop: {problem.decode(errors='replace').strip()[-400:]}")
    seen = DECODER.decode(said)
    for session, (cookie, count) in zip(sessions, seen.sessions, strict=True):
        session.cookie, session.count = cookie, count
    counts = Counts(
        good=seen.good,
        wrong=seen.wrong,
        failed=seen.failed,
        unanswered=seen.unanswered,
        acknowledged=seen.acknowledged,
    )
    return Generated(seconds, counts, seen.p50, seen.p99, seen.cpu), seen.latency
