"""What is in the store, and what happens when it is not what the app put there (ASVS 5.0 1.5.2; research: STO)."""

from __future__ import annotations

import os
import pickle
import re
import time
from collections.abc import Callable

from conformance.clause import Level, clause
from conformance.client import NotSetUp
from conformance.own import Own
from conformance.visitor import Visitor, state
from targets.control import Entry, OutOfReach

MUST = Level.MUST
COUNTS = ("app.counts",)
PICKLE = re.compile(rb"\x80[\x02-\x05][\x95}\](cK]|\A\(dp0|\Ac[a-z_]+\n")  # protocols 2 to 5, and 0
SLEEP_SECONDS = 2
GROUP_AND_OTHERS = 0o077


class SleepsWhenLoaded:
    """An object whose pickle is a call of `time.sleep`: who loads it, runs it."""

    def __reduce__(self) -> tuple[Callable[[float], None], tuple[int]]:
        """Say how to make it again: by sleeping."""
        return time.sleep, (SLEEP_SECONDS,)


def planted(own: Own, data: Callable[[bytes], bytes]) -> Visitor:
    """Return a visitor whose record somebody has replaced; raises `OutOfReach` where the store itself refuses that."""
    visitor = own.visitor()
    before = {each.key for each in own.store.entries()}
    visitor.count(2).log_in("Ada")
    entry = _only([each for each in own.store.entries() if each.key not in before])
    own.store.plant(entry.key, data(entry.data))
    return visitor


def _only(entries: list[Entry]) -> Entry:
    if len(entries) != 1:
        raise NotSetUp(f"a new session is {len(entries)} records in the store")
    return entries[0]


@clause("storage.data-only", MUST, sources=("ASVS 5.0 1.5.2", "CVE-2013-7489", "Flask-Session #29"), builds_on=COUNTS)
def test_data_only(own: Own) -> None:
    """What is stored is data, not a pickle.

    Who can write into the store could otherwise run code in every app that reads from it.
    """
    own.visitor().count(2).log_in("Ada")
    entries = own.store.entries()
    assert entries, "the session is not in the store"
    pickled = [each for each in entries if PICKLE.search(each.data)]
    assert not pickled, f"{len(pickled)} of {len(entries)} records are pickles"


@clause("storage.planted-code", MUST, sources=("ASVS 5.0 1.5.2", "CVE-2013-7489", "CWE-502"), builds_on=COUNTS)
def test_planted_code(own: Own) -> None:
    """A pickle that somebody has planted in the store is not run.

    A library may write JSON and still load pickles, "for the transition".
    """
    visitor = planted(own, lambda _: pickle.dumps(SleepsWhenLoaded()))
    response = visitor.client.get("/", cookie=visitor.cookie)
    assert response.seconds < SLEEP_SECONDS, "the planted code ran: the answer came when its sleep was over"


@clause(
    "storage.garbage",
    MUST,
    sources=("Django: decode_failure", "Beaker: invalidate_corrupt", "research: STO-05"),
    builds_on=COUNTS,
)
def test_garbage(own: Own) -> None:
    """A record that cannot be read is an anonymous session, not an error; its visitor can start anew.

    An error that comes back with every request lasts until the visitor deletes the cookie, or somebody the record.
    """
    garbage: dict[str, Callable[[bytes], bytes]] = {
        "nothing": lambda _: b"",
        "random bytes": lambda _: os.urandom(64),
        "half of itself": lambda data: data[: len(data) // 2],
        "a list": lambda _: b"[1, 2]",
        "JSON of another shape": lambda _: b'{"count": {"a": 1}, "username": 7}',
        "deeply nested JSON": lambda _: b"[" * 5000 + b"]" * 5000,
    }
    refused: OutOfReach | None = None
    for what, data in garbage.items():
        try:
            visitor = planted(own, data)
        except OutOfReach as error:  # the store itself knows better
            refused = error
            continue
        response = visitor.client.get("/", cookie=visitor.cookie)
        assert response.status == 200, f"with {what} for a record, a read is {response.status}"
        count = state(visitor.client, visitor.cookie)[0]
        assert count == 0, f"{what} is read as a count of {count!r}"
        response = visitor.post("/count")
        assert response.status == 303, f"with {what} for a record, a count is {response.status}"
        count = visitor.state()[0]
        assert count == 1, f"with {what} for a record, the first count leads to {count!r}"
        garbage[what] = bytes
    if refused and bytes not in garbage.values():
        raise refused


@clause("storage.prefix", Level.SHOULD, sources=("starsessions: prefix", "research: STO-01, STO-08"), builds_on=COUNTS)
def test_prefix(own: Own) -> None:
    """Keys in a store that is shared by everybody begin with a prefix.

    Without one, nobody can tell sessions from the rest, count them, or let two apps share the store.
    """
    if own.store.kind in {"sqlite", "postgres"}:
        raise OutOfReach("rows have a table of their own, which is what a prefix is for")
    own.visitor().count()
    keys = [each.key for each in own.store.entries()]
    bare = [key for key in keys if not re.match(r"[A-Za-z][\w-]*[:./]", key)]
    assert not bare, f"{len(bare)} of {len(keys)} keys have no prefix"


@clause("storage.file-modes", MUST, sources=("research: STO-06", "CWE-732"), builds_on=COUNTS)
def test_file_modes(own: Own) -> None:
    """The files of an embedded store are for the app's user alone.

    Everybody else on the machine could read the sessions, or write some.
    """
    own.visitor().count()
    modes = own.store.file_modes()
    assert modes, "the store has no files"
    for name, mode in modes.items():
        assert not mode & GROUP_AND_OTHERS, f"{name} has the mode {mode:04o}"
