"""What a campaign shows, computed from its file alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from hdrh.histogram import HdrHistogram

from bench.records import NULL, Campaign, Cell, Load
from bench.scenarios import Scenario
from bench.statistics import Interval, interval

AGAIN = "-again"
MICROSECONDS = 1e6
FEWEST_FOR_P99 = 1000

Measure = Callable[[Cell], float | None]


def rate(cell: Cell) -> float | None:
    """Good answers a second."""
    return cell.rate or None


def app_cpu(cell: Cell) -> float | None:
    """Microseconds of the app's CPU time a request."""
    return cell.cpu.app / cell.rate * MICROSECONDS if cell.rate else None


def store_cpu(cell: Cell) -> float | None:
    """Microseconds of the store's CPU time a request; None where it has no server."""
    return cell.cpu.store / cell.rate * MICROSECONDS if cell.rate and cell.cpu.store is not None else None


def p50(cell: Cell) -> float | None:
    """The median latency in seconds."""
    return cell.p50


def p99(cell: Cell) -> float | None:
    """The 99th percentile of the latency in seconds; None below 1000 answers, which are too few to tell."""
    return cell.p99 if cell.counts.good >= FEWEST_FOR_P99 else None


@dataclass(frozen=True)
class Memory:
    """Of all rounds: medians of the start in seconds and of the idle memory, the highest peak, in bytes."""

    start: Interval
    idle: float
    peak: int


class Summary:
    """Figures of a campaign."""

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign
        self.baseline = campaign.header.baseline
        self.slots = [slot for slot in campaign.header.slots if slot.name != NULL]
        last: dict[tuple[int, str, Scenario, str], Cell] = {}
        for cell in campaign.cells:
            last[cell.round, cell.slot, cell.scenario, cell.load.name] = cell
        self.invalid = [cell for cell in last.values() if cell.invalid]
        self._valid = {key: cell for key, cell in last.items() if not cell.invalid}

    @property
    def loads(self) -> list[tuple[Scenario, str]]:
        """Scenarios with the names of their loads, in the order of the scenarios."""
        found = {(cell.scenario, cell.load.name): cell.load for cell in self.campaign.cells if cell.slot != NULL}
        order = list(Scenario)
        return sorted(found, key=lambda key: (order.index(key[0]), found[key].open, _size(found[key])))

    def cells(self, slot: str, scenario: Scenario, load: str) -> dict[int, Cell]:
        """Return a slot's valid cells by round."""
        return {
            key[0]: cell
            for key, cell in sorted(self._valid.items(), key=lambda each: each[0][0])
            if key[1:] == (slot, scenario, load)
        }

    def value(self, slot: str, scenario: Scenario, load: str, measure: Measure) -> Interval | None:
        """Return the interval of a measure over the rounds."""
        values = [found for cell in self.cells(slot, scenario, load).values() if (found := measure(cell)) is not None]
        return interval(values, self.campaign.header.seed)

    def ratio(self, slot: str, scenario: Scenario, load: str, measure: Measure, to: str = "") -> Interval | None:
        """Return the interval of the rounds' ratios to the baseline, or to another slot."""
        return interval(self.ratios(slot, scenario, load, measure, to), self.campaign.header.seed)

    def ratios(self, slot: str, scenario: Scenario, load: str, measure: Measure, to: str = "") -> list[float]:
        """Return the ratio of each round in which both have a valid cell."""
        own, others = self.cells(slot, scenario, load), self.cells(to or self.baseline, scenario, load)
        found = []
        for number in sorted(own.keys() & others.keys()):
            value, other = measure(own[number]), measure(others[number])
            if value is not None and other:
                found.append(value / other)
        return found

    def tax(self, slot: str, scenario: Scenario, load: str) -> Interval | None:
        """Return what a session costs: microseconds of CPU, of the app and its store, more than without one."""
        own, without = self.cells(slot, scenario, load), self.cells(slot, Scenario.NO_SESSION, load)
        values = [_all_cpu(own[number]) - _all_cpu(without[number]) for number in sorted(own.keys() & without.keys())]
        return interval(values, self.campaign.header.seed)

    def lost(self, slot: str) -> tuple[int, int]:
        """Return how many acknowledged counts were lost, and of how many, in all cells, invalid ones too."""
        counts = [cell.counts for cell in self.campaign.cells if cell.slot == slot and cell.scenario.counts]
        return sum(each.lost for each in counts), sum(each.acknowledged for each in counts)

    def memory(self, slot: str) -> Memory | None:
        """Return a slot's start and memory."""
        starts = [each for each in self.campaign.starts if each.slot == slot and not each.problem]
        seconds = interval([each.seconds for each in starts], self.campaign.header.seed)
        if not seconds:
            return None
        return Memory(seconds, median(each.idle_bytes for each in starts), max(each.peak_bytes for each in starts))

    def corrected(self, slot: str, scenario: Scenario, load: str) -> HdrHistogram | None:
        """Return the corrected latencies of all rounds as one histogram, in microseconds."""
        merged = None
        for cell in self.cells(slot, scenario, load).values():
            if cell.latency:
                merged = merged or HdrHistogram(1, 60_000_000, 3)
                merged.decode_and_add(cell.latency.corrected)
        return merged

    def problems(self) -> list[str]:
        """Return what went wrong, with how often, in words."""
        found = Counter(
            f"{cell.slot}, {cell.scenario}, {cell.load.name}: {reason}"
            for cell in self.invalid
            for reason in cell.invalid
        )
        found.update(start.problem for start in self.campaign.starts if start.problem)
        return [f"{text} ({number} of {self.campaign.header.rounds} rounds)" for text, number in found.items()]


def _all_cpu(cell: Cell) -> float:
    return (app_cpu(cell) or 0.0) + (store_cpu(cell) or 0.0)


def _size(load: Load) -> tuple[float, float, int]:
    return load.share, load.rate if not load.share else 0.0, load.connections
