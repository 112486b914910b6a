"""Locust beside the open-loop driver: whether what they say of one target differs more than the driver from itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from statistics import median, median_low

from msgspec.structs import replace

from bench import open_driver, open_loop, sessions
from bench.fleet import figures
from bench.fleet.figures import Figures
from bench.fleet.site import Plan
from bench.records import Load
from bench.sessions import Session
from bench.statistics import LEAST_EFFECT

KNOWN = set(open_loop.REQUESTS)
MEASURES: dict[str, Callable[[Figures], float]] = {
    "good answers a second": lambda each: each.rate,
    "ms p50 from when due": lambda each: each.p50 * figures.MILLISECONDS,
}


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
    """A measure in the rounds of both: whether medians differ no more than two rounds of the driver do."""

    measure: str
    fleet: Sequence[float]
    driver: Sequence[float]

    @property
    def ratio(self) -> float:
        """Locust's median as a multiple of the driver's."""
        return median(self.fleet) / median(self.driver)

    @property
    def floor(self) -> float:
        """The noise floor: by which factor two rounds of the driver differ, in the median of all pairs."""
        pairs = [max(pair) / min(pair) for pair in combinations(self.driver, 2)]
        return max(1 + LEAST_EFFECT, median_low(pairs or [1.0]))

    @property
    def holds(self) -> bool:
        """Whether the two agree."""
        return 1 / self.floor <= self.ratio <= self.floor

    def __str__(self) -> str:
        """Return it in words."""
        return (
            f"{self.measure}: Locust {median(self.fleet):.2f}, driver {median(self.driver):.2f}, a factor of "
            f"{self.ratio:.3f}; noise floor {self.floor:.3f}: "
            f"{'they agree' if self.holds else 'they do NOT agree'}"
        )


def compare(fleet: Sequence[Figures], driver: Sequence[Figures]) -> list[Agreement]:
    """Compare the rounds of both."""
    return [
        Agreement(name, [measure(each) for each in fleet], [measure(each) for each in driver])
        for name, measure in MEASURES.items()
    ]


class _Unwatched:
    """A window in which nothing but the generator looks."""

    def begin(self) -> None:
        """See `wrk.Window`."""

    def end(self) -> None:
        """See `wrk.Window`."""
