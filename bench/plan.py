"""What a campaign measures, and in which order: seeded, so that it can be repeated."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from bench.records import NULL, Load
from bench.scenarios import Scenario

CONNECTIONS = (1, 16, 64)
USUAL_CONNECTIONS = 16
OPEN_CONNECTIONS = 64
RATES = (250.0, 1000.0)  # a second, the same for all
SHARES = (0.5, 0.7, 0.9)  # of a target's own capacity


@dataclass(frozen=True)
class Planned:
    """A measurement to make."""

    scenario: Scenario
    load: Load


def closed(scenarios: Sequence[Scenario]) -> list[Planned]:
    """Return what is asked in closed loops: reads and writes at several numbers of connections, the rest at one."""
    return [
        Planned(scenario, Load(connections=connections))
        for scenario in scenarios
        for connections in (CONNECTIONS if _at_all_loads(scenario) else (USUAL_CONNECTIONS,))
    ]


def opened(scenarios: Sequence[Scenario]) -> list[Planned]:
    """Return what is asked in open loops: reads and writes. Of shares, the rate is not known yet."""
    loads = [Load(connections=OPEN_CONNECTIONS, rate=rate) for rate in RATES]
    loads += [Load(connections=OPEN_CONNECTIONS, share=share) for share in SHARES]
    return [Planned(scenario, load) for scenario in scenarios if _at_all_loads(scenario) for load in loads]


def ceiling(scenarios: Sequence[Scenario]) -> list[Planned]:
    """Return what the null application is asked."""
    loads = sorted({each.load.connections for each in closed(scenarios) if each.scenario is not Scenario.NO_SESSION})
    own = [Planned(Scenario.CEILING, Load(connections=each)) for each in loads]
    return own + [each for each in closed(scenarios) if each.scenario is Scenario.NO_SESSION]


def cells_a_round(slots: Sequence[str], scenarios: Sequence[Scenario]) -> int:
    """Return how many measurements a round has, without those that are made again."""
    of_each = len(closed(scenarios)) + len(opened(scenarios))
    return sum(len(ceiling(scenarios)) if slot == NULL else of_each for slot in slots)


def order(slots: Sequence[str], seed: int, number: int) -> list[str]:
    """Return the slots of a round, by its number, in the order of that round."""
    return random.Random(f"{seed} {number}").sample(list(slots), len(slots))  # noqa: S311 -- no secret


def shuffled(cells: Sequence[Planned], seed: int, number: int, slot: str) -> list[Planned]:
    """Return the measurements of a slot in a round in the order of that round."""
    return random.Random(f"{seed} {number} {slot}").sample(list(cells), len(cells))  # noqa: S311 -- no secret


def _at_all_loads(scenario: Scenario) -> bool:
    return scenario in {Scenario.READ, Scenario.WRITE}
