"""SQLite as the store of a check: what its file holds, and its faults. For every runtime."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from targets.control import Entry, OutOfReach, Work
from targets.server import without

NO_SERVER = "an embedded store has no server"


class SqliteStore:
    """A SQLite file. `exchange` takes a line to `sqlite_file`, wherever that runs, and returns its answer."""

    kind = "sqlite"

    def __init__(
        self,
        app_url: str,
        exchange: Callable[[str], str],
        full: Callable[[], AbstractContextManager[None]] | None = None,
    ) -> None:
        self.app_url = app_url
        self._exchange = exchange
        self._one_at_a_time = threading.Lock()
        self._full = full

    def close(self) -> None:
        """Keep nothing: there is no connection of ours."""

    def stopped(self) -> AbstractContextManager[None]:
        """Say that there is no server."""
        raise OutOfReach(f"{NO_SERVER} to stop")

    def killed(self) -> AbstractContextManager[None]:
        """Say that there is no server."""
        raise OutOfReach(f"{NO_SERVER} to kill: it dies with its app")

    def frozen(self) -> AbstractContextManager[None]:
        """Hold the lock for writing: writes wait; without a write-ahead log reads wait as well."""
        return without(lambda: self._ask("lock"), lambda: self._ask("unlock"), lambda: None)

    def read_only(self) -> AbstractContextManager[None]:
        """Say that there is no server."""
        raise OutOfReach(f"{NO_SERVER} that could refuse writes")

    def full(self) -> AbstractContextManager[None]:
        """See `control.Store`."""
        if not self._full:
            raise OutOfReach("the room of a file's own file system cannot be taken away here")
        return self._full()

    def fill(self) -> None:
        """Take all the room that the file's own file system has."""
        self._ask("fill")

    def unfill(self) -> None:
        """Give it back."""
        self._ask("unfill")

    def flush(self) -> None:
        """Remove every record."""
        self._ask("flush")

    def entries(self) -> Sequence[Entry]:
        """Return all records."""
        return [Entry(key, base64.b64decode(data), left) for key, data, left in self._ask("entries")]

    def plant(self, key: str, data: bytes) -> None:
        """Replace a record's data; raises `KeyError` or `OutOfReach`, see `control.Store`."""
        self._ask("plant", key=key, data=base64.b64encode(data).decode())

    def work(self) -> Work:
        """Say that nothing counts."""
        raise OutOfReach(f"{NO_SERVER} that counts what it is asked")

    def connections(self) -> int:
        """Say that nothing counts."""
        raise OutOfReach(f"{NO_SERVER} that knows who is connected")

    def file_modes(self) -> Mapping[str, int]:
        """Return the permission bits of the folder, as `.`, and of the files in it."""
        modes: dict[str, int] = self._ask("modes")
        return modes

    def _ask(self, method: str, **arguments: str) -> Any:
        with self._one_at_a_time:
            answer = json.loads(self._exchange(json.dumps({"do": method, **arguments})))
        match answer.get("error"):
            case None:
                return answer["value"]
            case "missing":
                raise KeyError(answer["message"])
            case "refused":
                raise OutOfReach(f"SQLite refuses such data: {answer['message']}")
            case _:
                raise OSError(f"looking into the SQLite file: {answer['message']}")
