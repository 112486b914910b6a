"""How fast a soak goes: seconds from which every pause is drawn at random."""

from __future__ import annotations

import os
from dataclasses import dataclass

Range = tuple[float, float]


@dataclass(frozen=True)
class Pace:
    """Pauses, in seconds: of a client between requests, between faults, of an app that is down, of a store's fault."""

    think: Range = (0.01, 0.06)
    between: Range = (2.0, 6.0)
    down: Range = (0.0, 1.0)
    fault: Range = (0.3, 3.0)


def for_targets(number: int) -> Pace:
    """Return the pace for so many targets on this machine: clients think longer where targets share a core."""
    share = max(1.0, number / (os.cpu_count() or 1))
    shortest, longest = Pace.think
    return Pace(think=(shortest * share, longest * share))
