"""Which worker gets which checks. Used by the run."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling


class ByTarget(LoadScopeScheduling):  # type: ignore[misc] # xdist has no types
    """Gives all checks of one target to one worker, so that they come one after the other.

    Not xdist's own `loadgroup`: from pytest 9.2 on it groups nothing, without a word (pytest-dev/pytest-xdist #1386).
    """

    def _split_scope(self, nodeid: str) -> str:
        return nodeid.rpartition("[")[2]
