"""The generators against an app that can be frozen, that loses counts, and that mixes sessions up."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest
from hdrh.histogram import HdrHistogram

from bench import open_driver, sessions, wrk
from bench.records import Load
from bench.scenarios import Scenario
from bench.wrk import Generated, GeneratorError
from tests.bench.responder import responding

STALL_SECONDS = 0.4
CLOSED = Load(connections=4)
OPEN = Load(connections=16, rate=300.0)


class Window:
    """Hears of the time that is measured, and freezes a process in the middle of it where one is given."""

    def __init__(self, freeze: int = 0) -> None:
        self.told: list[str] = []
        self._freeze = freeze

    def begin(self) -> None:
        self.told.append("begin")
        if self._freeze:
            threading.Thread(target=self._stall).start()

    def end(self) -> None:
        self.told.append("end")

    def _stall(self) -> None:
        time.sleep(STALL_SECONDS)
        os.kill(self._freeze, signal.SIGSTOP)
        time.sleep(STALL_SECONDS)
        os.kill(self._freeze, signal.SIGCONT)


def closed(url: str, scenario: Scenario, made: list[sessions.Session], folder: Path) -> Generated:
    return wrk.run(url, scenario, CLOSED, made, seconds=0.5, window=Window(), folder=folder)


def milliseconds(encoded: str, percentile: float) -> float:
    return float(HdrHistogram.decode(encoded).get_value_at_percentile(percentile)) / 1000


def test_a_stall_shows_in_latencies_from_when_requests_were_due_and_not_from_when_they_were_sent() -> None:
    with responding() as (url, process):
        made = sessions.make(url, 32)
        window = Window(process.pid)
        seen, latency = open_driver.run(url, Scenario.READ, OPEN, made, seconds=2.0, window=window)
    assert window.told == ["begin", "end"]
    assert seen.counts.good == 600
    assert milliseconds(latency.corrected, 90) > 100  # a fifth of the time stood still: 200 in theory
    assert milliseconds(latency.service, 90) < 100
    assert milliseconds(latency.late, 90) > 50  # the other part of it: requests that waited for a connection


def test_the_open_loop_keeps_its_rate_and_knows_what_was_acknowledged() -> None:
    with responding() as (url, _process):
        made = sessions.make(url, 32)
        seen, _ = open_driver.run(url, Scenario.WRITE, OPEN, made, seconds=0.5, window=Window())
        assert seen.counts.good == 150
        assert seen.counts.acknowledged == sum(each.count for each in made) > 150
        assert sessions.lost(url, made) == 0


@pytest.mark.usefixtures("with_wrk")
def test_wrk_counts_what_is_acknowledged_and_the_sessions_show_it(tmp_path: Path) -> None:
    with responding() as (url, _process):
        made = sessions.make(url, 8)
        for scenario in (Scenario.WRITE, Scenario.SHARED):
            before = sum(each.count for each in made)
            seen = closed(url, scenario, made, tmp_path)
            assert seen.counts.good > 0
            assert (seen.counts.wrong, seen.counts.failed, seen.counts.unanswered) == (0, 0, 0)
            assert sum(each.count for each in made) - before == seen.counts.acknowledged
            assert sessions.lost(url, made) == 0


@pytest.mark.usefixtures("with_wrk")
@pytest.mark.parametrize("scenario", [Scenario.READ, Scenario.FLOW, Scenario.VISITORS, Scenario.NO_SESSION])
def test_wrk_takes_right_answers_for_right(scenario: Scenario, tmp_path: Path) -> None:
    with responding() as (url, _process):
        seen = closed(url, scenario, sessions.make(url, 8), tmp_path)
    assert seen.counts.good > 0
    assert (seen.counts.wrong, seen.counts.failed, seen.counts.unanswered) == (0, 0, 0)


@pytest.mark.usefixtures("with_wrk")
def test_lost_counts_are_found(tmp_path: Path) -> None:
    with responding("loses") as (url, _process):
        made = sessions.make(url, 8)
        seen = closed(url, Scenario.WRITE, made, tmp_path)
        assert sessions.lost(url, made) == seen.counts.acknowledged // 10 > 0


@pytest.mark.usefixtures("with_wrk")
@pytest.mark.parametrize("scenario", [Scenario.READ, Scenario.FLOW])
def test_a_session_that_shows_another_ones_name_is_wrong(scenario: Scenario, tmp_path: Path) -> None:
    with responding("mixes") as (url, _process):
        assert closed(url, scenario, sessions.make(url, 8), tmp_path).counts.wrong > 0


def test_an_open_loop_finds_wrong_answers() -> None:
    with responding() as (url, _process):
        made = sessions.make(url, 32)
        for each in made:
            each.count += 1
        seen, _ = open_driver.run(url, Scenario.READ, OPEN, made, seconds=0.5, window=Window())
    assert (seen.counts.good, seen.counts.wrong) == (0, 150)


def test_an_app_that_is_gone_is_told() -> None:
    with responding() as (url, _process):
        made = sessions.make(url, 4)
    with pytest.raises(GeneratorError, match="refused"):
        open_driver.run(url, Scenario.READ, OPEN, made, seconds=0.1, window=Window())
    with pytest.raises(sessions.NoSession, match="no answer"):
        sessions.lost(url, made)
