"""The soak against an app that is right, against apps with one thing wrong, and once as its users run it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from rich.console import Console

from conformance.soak import soak
from conformance.soak.findings import Finding, Kind
from conformance.soak.pace import Pace
from conformance.soak.report import report, summary, table
from conformance.soak.site import Site
from tests.running import ROOT
from tests.sabotage import memory
from tests.sabotage.app import App
from tests.sabotage.control import Control
from tests.soak import sabotaged

ALL = frozenset[str]()
FAST = Pace(think=(0.005, 0.03), between=(0.05, 0.2), down=(0.0, 0.1), fault=(0.05, 0.2))
LONG_FREEZES = Pace(think=(0.005, 0.03), between=(0.05, 0.2), down=(0.0, 0.1), fault=(3.0, 3.0))
SECONDS = 4.0
LIMIT_SECONDS = 300


@pytest.fixture(autouse=True)
def _no_long_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The app in memory asks a frozen store one request after the other."""
    monkeypatch.setattr(memory, "PATIENCE_SECONDS", 0.01)


@contextmanager
def soaked(app: type[App], *, seconds: float = SECONDS, pace: Pace = FAST) -> Iterator[Site]:
    with Control(app) as control:
        site = Site("sabotaged", ALL, control)
        soak.run([site], seconds=seconds, seed=1, pace=pace, tick=lambda _: None)
        soak.check_all([site], lambda: None)
        yield site


def told(findings: list[Finding]) -> str:
    return "\n\n".join(report(each, seed=1) for each in findings[:3])


def test_a_correct_app_gives_no_finding_and_much_is_asked_of_it() -> None:
    with soaked(App) as site:
        assert not site.findings, told(site.findings)
        done = {each: site.tally[each] for each in ("kills", "restarts", "stopped", "killed", "frozen")}
        assert all(done.values()), done
        assert site.tally["requests"] > 500
        assert site.tally["acknowledged"] > 200
        assert min(site.tally["unknown"], site.tally["refused"]) > 0
        assert min(site.tally["sessions"], site.tally["dead ids"]) > 10


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        (sabotaged.LosesACountWhenItIsKilled, Kind.LOST),
        (sabotaged.BringsResetSessionsBack, Kind.RESURRECTED),
        (sabotaged.MixesNames, Kind.MIXED_UP),
        (sabotaged.AcknowledgesWhatItCannotStore, Kind.LOST),
        (sabotaged.KeepsOldIdsAlive, Kind.RESURRECTED),
        (sabotaged.FailsNowAndThen, Kind.WRONG),
    ],
)
def test_what_is_wrong_is_found_by_its_kind(wrong: type[App], kind: Kind) -> None:
    with soaked(wrong) as site:
        assert {each.kind for each in site.findings} == {kind}, summary(site.findings) + told(site.findings)


def test_answers_that_take_too_long_while_the_store_is_frozen_are_late() -> None:
    with soaked(sabotaged.WaitsForTooLong, seconds=15, pace=LONG_FREEZES) as site:
        assert {each.kind for each in site.findings} == {Kind.LATE}, told(site.findings)


def test_an_app_that_does_not_start_again_is_down_for_good() -> None:
    sabotaged.StartsOnlyOnce.starts.clear()
    with soaked(sabotaged.StartsOnlyOnce) as site:
        (finding,) = site.findings
        assert finding.kind is Kind.DOWN
        assert "PORT: somebody has it" in finding.what


def test_a_finding_tells_steps_and_faults_in_the_order_of_their_times_and_no_cookie() -> None:
    with soaked(sabotaged.LosesACountWhenItIsKilled) as site:
        text = report(site.findings[0], seed=1)
    head, *lines = text.splitlines()
    assert "seed 1: " in head
    times = [float(line.split()[0]) for line in lines]
    assert times == sorted(times)
    assert "POST /count: 303" in text
    assert re.search(r"\*\*\* app \d is killed", text)
    assert all(each.cookie.partition("=")[2] not in text for each in site.sessions)


def test_the_table_has_a_row_a_target() -> None:
    out = Console(width=200)
    with soaked(sabotaged.MixesNames, seconds=1) as site, out.capture() as shown:
        out.print(table([site]))
    *_, row = shown.get().splitlines()
    assert row.split()[:2] == ["sabotaged", str(site.tally["requests"])]


def soak_command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "conformance.soak", "--runtime", "process", *arguments]


def test_a_real_target_is_soaked_and_loses_nothing() -> None:
    ended = subprocess.run(
        soak_command("--targets", "flask-redis", "--minutes", "0.2"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "\npassed: 0 findings" in ended.stdout
    assert re.search(r"^flask-redis +\d{3}", ended.stdout, re.MULTILINE)


def test_ctrl_c_ends_early_with_what_was_found() -> None:
    run = subprocess.Popen(
        soak_command("--targets", "flask-cookie", "--minutes", "60"), cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert run.stdout
    said = ""
    while "soaking" not in said:
        said += run.stdout.readline()
    run.send_signal(signal.SIGINT)
    said += run.communicate(timeout=LIMIT_SECONDS)[0]
    assert run.returncode == 130
    assert re.search(r"^flask-cookie +\d+", said, re.MULTILINE)
    assert "stopped by the user" in said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["--targets", "django-*"], "matches no target"), (["--targets", "*-stock"], "stock targets alone")],
)
def test_where_nothing_can_be_run_the_status_is_2(arguments: list[str], message: str) -> None:
    ended = subprocess.run(soak_command(*arguments), cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert message in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
