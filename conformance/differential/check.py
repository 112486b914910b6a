"""Draws sequences, plays each on all targets at once, and lets Hypothesis shrink what differs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Flaky

from conformance.differential.play import Outcome, Player, play
from conformance.differential.steps import Step
from conformance.differential.strategies import sequences


class Difference(Exception):
    """Targets did not do what was expected of them: the sequence, and what each did."""

    def __init__(self, sequence: Sequence[Step], outcomes: Sequence[Outcome]) -> None:
        super().__init__(sequence)
        self.sequence = sequence
        self.outcomes = outcomes


@dataclass
class Totals:
    """How much was done, shrinking included."""

    sequences: int = 0
    requests: int = 0


@dataclass
class Result:
    """What a check found: it stops at the first difference. One that did not come again when repeated is `unsteady`."""

    totals: Totals = field(default_factory=Totals)
    difference: Difference | None = None
    unsteady: bool = False


def check(
    players: Sequence[Player], *, seed: int, number: int, longest: int, progress: Callable[[Totals], None]
) -> Result:
    """Play `number` sequences of up to `longest` steps; the same seed gives the same ones."""
    result = Result()

    with ThreadPoolExecutor(len(players)) as pool:

        def once(sequence: Sequence[Step]) -> None:
            outcomes = list(pool.map(lambda player: play(player, sequence), players))
            result.totals.sequences += 1
            result.totals.requests += sum(outcome.requests for outcome in outcomes)
            progress(result.totals)
            ends = [outcome.last for outcome in outcomes if outcome.problems]
            if ends:
                result.difference = Difference(sequence[: min(ends) + 1], outcomes)
                raise result.difference

        run = hypothesis.seed(seed)(
            settings(
                max_examples=number,
                database=None,
                deadline=None,
                print_blob=False,
                report_multiple_bugs=False,
                phases=[Phase.generate, Phase.shrink],
                suppress_health_check=list(HealthCheck),
            )(given(sequences(longest))(once))
        )
        try:
            run()
        except Difference as difference:
            result.difference = shortest(difference, once)
        except Flaky:
            result.unsteady = True
    return result


def shortest(difference: Difference, once: Callable[[Sequence[Step]], None]) -> Difference:
    """Leave out every step that a difference does not need: Hypothesis stops after so many tries in vain."""
    place = len(difference.sequence)
    while place:
        place -= 1
        try:
            once([*difference.sequence[:place], *difference.sequence[place + 1 :]])
        except Difference as shorter:
            difference, place = shorter, len(shorter.sequence)
    return difference
