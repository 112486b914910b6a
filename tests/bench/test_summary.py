"""Every figure that is shown comes from the file: another file, another figure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hdrh.histogram import HdrHistogram
from msgspec.structs import replace

from bench import summary, tables
from bench.records import Cell, Latency, Line, Load, read
from bench.scenarios import Scenario
from bench.summary import Summary
from tests.bench.campaigns import BASELINE, cell, header, start, write

FLASK, AGAIN = "flask-redis", f"{BASELINE}-again"
USUAL = "16 connections"


def made(tmp_path: Path, lines: Sequence[Line], rounds: int = 10) -> Summary:
    return Summary(read(write(tmp_path / "campaign.jsonl", [header(FLASK), *lines], rounds)))


def rounds(slot: str, cpu: float, *, scenario: Scenario = Scenario.READ) -> list[Cell]:
    return [cell(number, slot, cpu=cpu, scenario=scenario) for number in range(1, 11)]


def test_ratios_are_of_the_same_round(tmp_path: Path) -> None:
    lines = [cell(number, BASELINE, cpu=number / 10) for number in range(1, 11)]
    lines += [cell(number, FLASK, cpu=number / 20) for number in range(1, 11)]
    ratio = made(tmp_path, lines).ratio(FLASK, Scenario.READ, USUAL, summary.app_cpu)
    assert ratio
    assert (ratio.low, ratio.median, ratio.high, ratio.rounds) == (0.5, 0.5, 0.5, 10)


def test_another_figure_in_the_file_is_another_in_the_table(tmp_path: Path) -> None:
    shown = [
        tables.as_markdown(made(tmp_path, [*rounds(BASELINE, 0.5), *rounds(AGAIN, 0.5), *rounds(FLASK, cpu)]))
        for cpu in (0.25, 0.4)
    ]
    assert f"| {FLASK} | 0.50 [0.50, 0.50] |" in shown[0]
    assert f"| {FLASK} | 0.80 [0.80, 0.80] |" in shown[1]
    assert f"| {AGAIN} | 1.00 [1.00, 1.00] = |" in shown[0]


def test_the_last_attempt_counts_and_an_invalid_one_does_not(tmp_path: Path) -> None:
    again = [cell(1, FLASK, cpu=9.0, invalid=["slow"]), cell(1, FLASK, cpu=0.5, attempt=2)]
    never = [cell(2, FLASK, cpu=9.0, invalid=["slow"]), cell(2, FLASK, cpu=9.0, attempt=2, invalid=["slow"])]
    found = made(tmp_path, [*rounds(BASELINE, 0.5), *again, *never])
    assert list(found.cells(FLASK, Scenario.READ, USUAL)) == [1]
    assert found.problems() == [f"{FLASK}, read, {USUAL}: slow (1 of 10 rounds)"]
    assert f"invalid: {FLASK}, read, {USUAL}: slow (1 of 10 rounds)" in tables.closing(found)


def test_the_session_tax_is_what_a_session_takes_more(tmp_path: Path) -> None:
    lines = [*rounds(FLASK, 0.5), *rounds(FLASK, 0.2, scenario=Scenario.NO_SESSION)]
    tax = made(tmp_path, lines).tax(FLASK, Scenario.READ, USUAL)
    assert tax
    assert round(tax.median) == 300


def test_losses_are_summed_over_all_cells(tmp_path: Path) -> None:
    lines = [cell(number, FLASK, scenario=Scenario.SHARED, lost=3) for number in (1, 2)]
    found = made(tmp_path, lines)
    assert found.lost(FLASK) == (6, 2000)
    assert f"lost: {FLASK}: 6 of 2000 acknowledged counts" in tables.closing(found)


def test_memory_is_the_highest_of_all_rounds(tmp_path: Path) -> None:
    found = made(tmp_path, [start(1, FLASK), start(3, FLASK), start(2, FLASK, "it did not start")])
    memory = found.memory(FLASK)
    assert memory
    assert (memory.idle, memory.peak) == (40 << 20, 53 << 20)
    assert found.problems() == ["it did not start (1 of 10 rounds)"]


def test_percentiles_of_few_requests_are_not_told(tmp_path: Path) -> None:
    few = made(tmp_path, [cell(1, FLASK, rate=999)])
    assert few.value(FLASK, Scenario.READ, USUAL, summary.p99) is None
    enough = made(tmp_path, [cell(1, FLASK, rate=1000)])
    assert enough.value(FLASK, Scenario.READ, USUAL, summary.p99)


def test_histograms_of_all_rounds_are_merged(tmp_path: Path) -> None:
    load = Load(connections=64, rate=250.0)
    lines: list[Line] = []
    for number in (1, 2):
        histogram = HdrHistogram(1, 60_000_000, 3)
        histogram.record_value(1000 * number)
        text = histogram.encode().decode()
        latency = Latency(corrected=text, service=text, late=text)
        lines.append(replace(cell(number, FLASK, load=load), latency=latency))
    merged = made(tmp_path, lines).corrected(FLASK, Scenario.READ, "250/s")
    assert merged
    assert merged.get_total_count() == 2
    assert merged.get_max_value() >= 2000


def test_few_rounds_are_called_a_preview(tmp_path: Path) -> None:
    assert any("preview" in line for line in tables.heading(made(tmp_path, rounds(BASELINE, 0.5), rounds=9)))
    assert not any("preview" in line for line in tables.heading(made(tmp_path, rounds(BASELINE, 0.5), rounds=10)))
