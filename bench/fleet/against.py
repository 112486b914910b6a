"""Locust beside the open-loop driver: whether what they say of one target differs more than the driver from itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

from msgspec.structs import replace

from bench import open_driver, open_loop, sessions
from bench.fleet import figures
from bench.fleet.figures import Figures
from bench.fleet.site import Plan
from bench.records import Load
from bench.sessions import Session

KNOWN = set(open_loop.REQUESTS)
MEASURES = {"good answers a second": lambda each: each.rate, "p50 from when due": lambda each: each.p50}


class Driver:
    """The open-loop driver on the same target, with as many sessions and connections as Locust has users."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._sessions: list[Session] = sessions.make(plan.url, plan.users)

    def run(self) -> Figures:
        """Measure once; raises `wrk.GeneratorError` and `sessions.NoSession`."""
        plan, begun = self._plan, datetime.now(UTC)
        load = Load(connections=plan.users, rate=plan.rate)
        seen, latency = open_driver.run(
            plan.url, plan.scenario, load, self._sessions, seconds=plan.seconds, window=_Unwatched()
        )
        lost = sessions.lost(plan.url, self._sessions) if plan.scenario.counts else 0
        counts = replace(seen.counts, lost=lost)
        return Figures(
            generator="open-loop driver",
            url=plan.url,
            begun=begun,
            scenario=plan.scenario,
            load=load,
            seconds=plan.seconds,
            counts=counts,
            latency=latency,
            workers=[],
            invalid=figures.reasons(load, plan.seconds, counts, seen.cpu),
        )


@dataclass(frozen=True)
class Agreement:
    """A measure of both: Locust's median as a multiple of the driver's, and the most that the driver's rounds differ."""

    measure: str
    ratio: float
    floor: float

    @property
    def agrees(self) -> bool:
        """Whether the two differ no more than the driver does from itself."""
        return 1 / self.floor <= self.ratio <= self.floor

    def __str__(self) -> str:
        told = "within" if self.agrees else "NOT within"
        return (
            f"{self.measure}: {self.ratio:.3f} times the driver's, {told} its noise floor, a factor of {self.floor:.3f}"
        )


def compare(fleet: Sequence[Figures], driver: Sequence[Figures]) -> list[Agreement]:
    """Compare the rounds of both."""
    found = []
    for name, measure in MEASURES.items():
        ours, theirs = [measure(each) for each in fleet], [measure(each) for each in driver]
        found.append(Agreement(name, median(ours) / median(theirs), max(theirs) / min(theirs)))
    return found


class _Unwatched:
    """A window in which nothing but the generator looks."""

    def begin(self) -> None:
        """See `wrk.Window`."""

    def end(self) -> None:
        """See `wrk.Window`."""
