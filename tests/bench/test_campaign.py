"""A campaign over apps of the tests' own: its order, its cells, and what it keeps when it is stopped in the middle."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Collection
from pathlib import Path

import pytest
from msgspec.structs import replace

from bench import plan
from bench.campaign import Campaign, Contender
from bench.records import NULL, Slot, Writer, read
from bench.scenarios import Scenario
from targets.resources import ProcessTree
from tests.bench.campaigns import header
from tests.bench.responder import responding
from tests.running import ROOT

pytestmark = pytest.mark.usefixtures("with_wrk")


@pytest.fixture(autouse=True)
def _soon_warm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.campaign.WARM_UP_SECONDS", 0.1)


class Responder:
    """A contender whose app is in a process."""

    store = None

    def __init__(self, fault: str = "") -> None:
        self.url = ""
        self.app = ProcessTree(lambda: [self._process.pid])
        self._fault = fault

    def start(self, cpus: Collection[int]) -> float:
        assert list(cpus) == [0]
        self._running = responding(self._fault)
        self.url, self._process = self._running.__enter__()
        return 0.1

    def stop(self) -> None:
        self._running.__exit__(None, None, None)

    def spare_the_disk(self) -> None:
        pass

    def empty_store(self) -> None:
        pass

    def log(self, lines: int = 20) -> str:  # noqa: ARG002 -- as every one
        return ""


def contender(name: str, fault: str = "", *, may_lose: bool = False) -> Contender:
    slot = Slot(name=name, target=name, store="redis", edition="hardened", parts=[], image="")
    return Contender(slot, Responder(fault), may_lose)


def campaign(
    path: Path, contenders: list[Contender], tick: Callable[[int, str], None], scenario: Scenario = Scenario.SHARED
) -> None:
    names = {each.slot.name: each for each in contenders}
    made = replace(header(), seconds=0.2, scenarios=[scenario], slots=[each.slot for each in contenders])
    with Writer(path) as file:
        file.write(made)
        Campaign(made, names, file, path.parent, tick).round(1)


def test_each_slot_has_its_turn_and_each_cell_is_written(tmp_path: Path) -> None:
    ticks: list[str] = []
    slots = [contender(NULL), contender("a"), contender("b")]
    campaign(tmp_path / "campaign.jsonl", slots, lambda _round, name: ticks.append(name))
    made = read(tmp_path / "campaign.jsonl")
    assert ticks == [NULL, *plan.order(["a", "b"], made.header.seed, 1)]
    assert [each.slot for each in made.starts] == ticks
    assert all(each.peak_bytes >= each.idle_bytes > 0 for each in made.starts)
    assert {each.slot for each in made.cells} == {NULL, "a", "b"}
    assert all(each.counts.good and each.cpu.app > 0 for each in made.cells)


def test_lost_counts_make_a_cell_invalid_that_is_measured_once_more(tmp_path: Path) -> None:
    slots = [contender(NULL), contender("a", "loses"), contender("b", "loses", may_lose=True)]
    campaign(tmp_path / "campaign.jsonl", slots, lambda *_: None)
    cells = read(tmp_path / "campaign.jsonl").cells
    for slot, is_reason in (("a", True), ("b", False)):
        for each in (cell for cell in cells if cell.slot == slot):
            assert each.counts.lost > 0
            assert any("lost" in why for why in each.invalid) is is_reason
    assert [each.attempt for each in cells if each.slot == "a"] == [1, 2]


def test_what_was_measured_before_it_was_stopped_is_kept(tmp_path: Path) -> None:
    def stop(_round: int, name: str) -> None:
        if name != NULL:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        campaign(tmp_path / "campaign.jsonl", [contender(NULL), contender("a"), contender("b")], stop)
    made = read(tmp_path / "campaign.jsonl")
    assert {each.slot for each in made.cells} == {NULL, plan.order(["a", "b"], made.header.seed, 1)[0]}
    assert made.footer is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--store", "mysql"], "there is no store 'mysql'; there are: cookie, postgres, redis, sqlite, or all"),
        (["--targets", "django-*"], "'django-*' matches no target"),
        (["--targets", "flask-redis", "--store", "sqlite"], "no target matches 'flask-redis' on the store 'sqlite'"),
        (["--scenario", "reed"], "there is no scenario 'reed'"),
        (["--show", "/nowhere"], "/nowhere: No such file"),
    ],
)
def test_what_is_asked_wrongly_is_told(arguments: list[str], said: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "bench", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"bench: {said}")
