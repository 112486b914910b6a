"""A store on the server that all targets of a run share, for checks that only wait and so disturb nobody.

A server for each of them would take longer to start than all of their requests.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from targets.control import Entry, OutOfReach, Store

NOT_OURS = "of a store that may share its server with the run's targets only the records can be had"
REDIS_OFFSET = 32  # from the number of a target's database to that of its checks


class Everybodys:
    """The server under such a store."""

    def stop(self) -> None:
        """Say that nobody may."""
        raise OutOfReach(NOT_OURS)

    kill = start = freeze = thaw = stop


class _Seen:
    """A store whose records can be seen, and nothing else."""

    def __init__(self, store: Store) -> None:
        self.kind = store.kind
        self.app_url = store.app_url
        self._store = store

    def entries(self) -> Sequence[Entry]:
        """Return all records."""
        return self._store.entries()

    def close(self) -> None:
        """Close our own connection."""
        cast("Any", self._store).close()

    def __getattr__(self, name: str) -> Any:
        """Say that the server is not ours."""
        raise OutOfReach(f"{name}: {NOT_OURS}")


def seen(store: Store) -> Store:
    """Return a store whose records can be seen; whatever else is asked of it raises `OutOfReach`."""
    return cast("Store", _Seen(store))
