"""Which worker gets which checks, and which of them wait beside the others. Used by the run."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

WAITING = "expiry.py"  # the clauses that mostly wait: for a timeout of seconds


class ByTarget(LoadScopeScheduling):  # type: ignore[misc] # xdist has no types
    """Gives all checks of one target to one worker, so that they come one after the other.

    Not xdist's own `loadgroup`: from pytest 9.2 on it groups nothing, without a word (pytest-dev/pytest-xdist #1386).
    """

    def _split_scope(self, nodeid: str) -> str:
        return nodeid.rpartition("[")[2]


def waits(nodeid: str) -> bool:
    """Tell whether a check is one of those that mostly wait."""
    return nodeid.partition("::")[0].endswith(WAITING)
