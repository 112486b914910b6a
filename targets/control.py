"""Control of a target for one check: instances of its app with other settings, and a store that nobody else uses.

Every runtime gives it in the same way (`targets.attach`); nothing that is done with it touches what the run started, or
what another check has. What a runtime or a store cannot give raises `OutOfReach`, which says why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, Self

import msgspec

Settings = Mapping[str, str | None]  # variables of SPEC.md, Configuration; None takes one away


class OutOfReach(Exception):
    """A runtime, or a kind of store, has no hand on what was asked for; the message says which and why."""


class Entry(msgspec.Struct, frozen=True):
    """A record as the store holds it: its key, its raw bytes, and the seconds until the store drops it by itself.

    `seconds_left` is None where the store keeps the record for ever. Of a record that has fields (a hash in Redis),
    `data` has a line `name=value` for each.
    """

    key: str
    data: bytes
    seconds_left: float | None


class Work(msgspec.Struct, frozen=True):
    """What a store was asked to do so far, by apps alone: round trips, and those statements that wrote anything."""

    round_trips: int
    writes: int


class Store(Protocol):
    """A store of the target's kind, empty when it is made, that the checks of one target have for themselves.

    The faults are context managers: they return once the fault is there, and undo it, and wait until the store answers
    again, when their block ends, however it ends.
    """

    @property
    def kind(self) -> str:
        """Its kind: "redis", "sqlite" or "postgres"."""

    @property
    def app_url(self) -> str:
        """The STORE_URL of an app that is on it."""

    def stopped(self) -> AbstractContextManager[None]:
        """Stop the server in good order: connections are refused, what it held comes back with it."""

    def killed(self) -> AbstractContextManager[None]:
        """Kill the server (SIGKILL): connections are refused, what it acknowledged comes back with it."""

    def frozen(self) -> AbstractContextManager[None]:
        """Freeze the server: connections are accepted, nothing is answered. An embedded store is locked by somebody."""

    def read_only(self) -> AbstractContextManager[None]:
        """Let the store refuse every write, and answer reads."""

    def full(self) -> AbstractContextManager[None]:
        """Let the store have no room for another record, and answer reads."""

    def flush(self) -> None:
        """Remove every record."""

    def entries(self) -> Sequence[Entry]:
        """Return all records, with those that the store has not collected yet."""

    def plant(self, key: str, data: bytes) -> None:
        """Replace a record's data; its key and expiry stay.

        Raises `KeyError` where there is no such record, `OutOfReach` where the store itself refuses such data.
        """

    def work(self) -> Work:
        """Return the counters: take two and compare."""

    def connections(self) -> int:
        """Return the number of connections that clients have open, ours not among them."""

    def file_modes(self) -> Mapping[str, int]:
        """Return the permission bits of the folder and the files of an embedded store; `OutOfReach` for a server."""


class Instance(Protocol):
    """A running app of the target."""

    @property
    def url(self) -> str:
        """The base URL, without a slash at its end; another one after each start."""

    def stop(self) -> None:
        """End it in good order (SIGTERM), and wait for that."""

    def kill(self) -> None:
        """End all of its processes at once (SIGKILL), and wait for that."""

    def start(self, settings: Settings | None = None) -> None:
        """Start it again after `stop` or `kill`, with other settings where they are given; raises `CannotStart`."""

    def log(self, lines: int = 20) -> str:
        """Return the end of its log."""


class Control(Protocol):
    """The hand on one target. Everything that it started ends with its `with` block."""

    @property
    def kind(self) -> str:
        """The kind of the target's store: "redis", "sqlite", "postgres" or "cookie"."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(self, *_: object) -> None:
        """End every instance and store that was started here."""

    def store(self) -> Store:
        """Start a store of the target's kind; `OutOfReach` for the cookie store, which is none."""

    def database(self) -> Store:
        """Make an empty store whose server the run's targets may use too: only its `entries` can be had, no fault.

        `OutOfReach` for the cookie store.
        """

    def instance(self, store: Store | None, settings: Settings) -> Instance:
        """Start an app on a store that `store` made (None: the cookie store), and wait until it answers; probes are on.

        Settings that are not given are those that the run gives the target. Raises `CannotStart`, with the reason and
        the end of the log, where the app does not come up.
        """
