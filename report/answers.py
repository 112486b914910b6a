"""The first answers for whoever opens the report: what passes everything, and what is cheapest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench import summary
from bench.scenarios import Scenario
from bench.statistics import Interval
from bench.summary import Summary
from bench.tables import USUAL
from conformance.clause import Level
from conformance.outcomes import Outcome
from conformance.results_file import Line, TargetFacts
from report.read import Run

HELD = {Outcome.PASS, Outcome.OBSERVED, Outcome.UNSUPPORTED, Outcome.UNCHECKED}


@dataclass(frozen=True)
class Standing:
    """How a target stands: its results that do not hold, MUST and others apart, and what its store cannot do."""

    target: TargetFacts
    musts: tuple[Line, ...]
    others: tuple[Line, ...]
    unsupported: int
    passed: int
    musts_passed: int

    @property
    def sound(self) -> bool:
        """Whether it keeps every MUST that its store can keep."""
        return not self.musts


@dataclass(frozen=True)
class Cost:
    """A hardened target against the baseline: CPU time of a read and of a write, and how many reads a second.

    All are ratios; None where there is no figure.
    """

    slot: str
    read: Interval | None
    write: Interval | None
    rate: Interval | None


def standings(run: Run) -> list[Standing]:
    """Return how each target stands, those that keep everything first."""
    lines: dict[str, list[Line]] = {target.name: [] for target in run.header.targets}
    for line in run.lines:
        lines[line.target].append(line)
    found = [_standing(target, lines[target.name]) for target in run.header.targets]
    return sorted(found, key=lambda each: (len(each.musts), len(each.others), each.unsupported))


def costs(made: Summary) -> list[Cost]:
    """Return the hardened targets of a campaign, the cheapest read first."""

    def cost(name: str) -> Cost:
        asked = ((Scenario.READ, summary.app_cpu), (Scenario.WRITE, summary.app_cpu), (Scenario.READ, summary.rate))
        return Cost(name, *(made.ratio(name, scenario, USUAL, measure) for scenario, measure in asked))

    found = [
        cost(slot.name)
        for slot in made.slots
        if slot.edition == "hardened" and not slot.not_eligible and not slot.name.startswith(made.baseline)
    ]
    return sorted(found, key=lambda each: each.read.median if each.read else float("inf"))


def _standing(target: TargetFacts, lines: Sequence[Line]) -> Standing:
    wrong = [line for line in lines if line.outcome not in HELD]
    return Standing(
        target,
        tuple(line for line in wrong if line.level is Level.MUST),
        tuple(line for line in wrong if line.level is not Level.MUST),
        sum(line.outcome is Outcome.UNSUPPORTED for line in lines),
        sum(line.outcome is Outcome.PASS for line in lines),
        sum(line.outcome is Outcome.PASS and line.level is Level.MUST for line in lines),
    )
