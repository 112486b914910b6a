"""The figures of one run: a JSON line that stays, and a line to read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec
from hdrh.histogram import HdrHistogram

from bench import validity
from bench.latencies import Latencies, percentile
from bench.records import Counts, Latency, Load
from bench.scenarios import Scenario
from bench.wrk import Generated

PERCENTS = (50, 99, 99.9)
MILLISECONDS = 1000


class Worker(msgspec.Struct, frozen=True, kw_only=True):
    """A worker: its users, the answers that it recorded, and its CPU seconds a second, of one core."""

    name: str
    users: int
    answers: int
    cpu: float


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """A run of a generator. `invalid` says why its figures should not be used."""

    generator: str
    url: str
    begun: datetime
    scenario: Scenario
    load: Load
    seconds: float
    counts: Counts
    latency: Latency
    workers: list[Worker]
    invalid: list[str]

    @property
    def rate(self) -> float:
        """Good answers a second."""
        return self.counts.good / self.seconds

    @property
    def p50(self) -> float:
        """The median in seconds, from when requests were due."""
        return percentile(HdrHistogram.decode(self.latency.corrected), PERCENTS[0])


DECODER = msgspec.json.Decoder(Figures)


def add(counts: Sequence[Counts]) -> Counts:
    """Return the sums."""
    return Counts(**{name: sum(getattr(each, name) for each in counts) for name in Counts.__struct_fields__})


def merge(latencies: Sequence[Latency]) -> Latency:
    """Return histograms of all together."""
    merged = Latencies()
    for each in latencies:
        merged.add(each)
    return merged.encoded()


def reasons(load: Load, seconds: float, counts: Counts, cpu: float) -> list[str]:
    """Return why a run says little about its target; counts that were lost are a result."""
    seen = Generated(seconds, counts, 0.0, 0.0, cpu)
    return validity.reasons(load, seen, counts.lost, None, may_lose=True, is_null=False)


def line(figures: Figures) -> str:
    """Return the line to read."""
    counts, latency = figures.counts, figures.latency
    told = {"due": latency.corrected, "sent": latency.service}
    times = "; ".join(f"from when {name}: {_times(text)}" for name, text in told.items())
    late = percentile(HdrHistogram.decode(latency.late), PERCENTS[0]) * MILLISECONDS
    wrong = ", ".join(f"{getattr(counts, name)} {name}" for name in ("wrong", "failed", "unanswered"))
    lost = f", {counts.lost} of {counts.acknowledged} counts lost" if figures.scenario.counts else ""
    return (
        f"{figures.generator}: {figures.rate:.1f} good a second of {figures.load.rate:g}; {times}; "
        f"sent late p50 {late:.2f}; {wrong}{lost}"
    )


def append(path: Path, figures: Figures) -> None:
    """Write the JSON line behind those that a file has."""
    with path.open("ab") as file:
        file.write(msgspec.json.encode(figures) + b"\n")


def read(path: Path) -> list[Figures]:
    """Read a file; nothing where there is none. A last line that is still being written is left out."""
    return [DECODER.decode(each) for each in path.read_bytes().split(b"\n")[:-1]] if path.exists() else []


def _times(text: str) -> str:
    histogram = HdrHistogram.decode(text)
    return " ".join(f"p{each:g} {percentile(histogram, each) * MILLISECONDS:.2f}" for each in PERCENTS) + " ms"
