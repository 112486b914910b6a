"""What sessions cost the store: round trips, writes and records (research: NEC, STO-07)."""

from __future__ import annotations

from collections.abc import Callable

from conformance.clause import Capability, Level, clause
from conformance.forge import lookalike
from conformance.own import Own
from targets.control import Work

MUST = Level.MUST
COUNTS = ("app.counts",)
REQUESTS = 6
BATCHES = 3  # the cheapest counts: in the others a connection may have been opened


def cheapest(own: Own, request: Callable[[], object]) -> Work:
    """Return what so many requests cost the store, once every thread has its connection."""
    batches = []
    for _ in range(BATCHES):
        before = own.store.work()
        for _ in range(REQUESTS):
            request()
        after = own.store.work()
        batches.append(Work(after.round_trips - before.round_trips, after.writes - before.writes))
    return Work(min(each.round_trips for each in batches), min(each.writes for each in batches))


@clause("economy.read", MUST, sources=("SPEC.md, The session", "research: STO-07"), builds_on=COUNTS)
def test_read(own: Own) -> None:
    """A read takes one round trip to the store at most, and rewrites nothing.

    Reads are most of the traffic; a library that saves on every request doubles its cost, and races with itself.
    """
    visitor = own.visitor().count()
    cost = cheapest(own, visitor.state)
    assert cost.writes == 0, f"{REQUESTS} reads write {cost.writes} times"
    assert cost.round_trips <= REQUESTS, f"{REQUESTS} reads take {cost.round_trips} round trips"


@clause("economy.write", MUST, sources=("SPEC.md, The session", "research: STO-07"), builds_on=COUNTS)
def test_write(own: Own) -> None:
    """A write takes two round trips to the store at most.

    One to read, one to change; what takes more holds the store's connections for longer.
    """
    visitor = own.visitor().count()
    cost = cheapest(own, visitor.count)
    assert cost.round_trips <= 2 * REQUESTS, f"{REQUESTS} counts take {cost.round_trips} round trips"


@clause(
    "economy.elsewhere",
    MUST,
    sources=("rack-session: not read", "research: NEC-03"),
    needs=(Capability.PROBES,),
    builds_on=COUNTS,
)
def test_elsewhere(own: Own) -> None:
    """Routes that use no session, and paths that do not exist, do not ask the store, whoever asks.

    The store is otherwise as busy as the whole site, images and mistyped links included.
    """
    visitor = own.visitor().count()
    for path in ("/_probe/no-session", "/healthz", "/not-here"):
        cost = cheapest(own, lambda path=path: visitor.get(path))  # type: ignore[misc] # mypy wants no defaults in lambdas
        assert cost.round_trips == 0, f"{REQUESTS} times {path} takes {cost.round_trips} round trips"


@clause(
    "economy.strangers-leave-nothing",
    MUST,
    sources=("Django: DOS vulnerability", "research: NEC-01, NEC-07, NEC-09"),
    builds_on=COUNTS,
)
def test_strangers_leave_nothing(own: Own) -> None:
    """Who has no session, or a cookie that the server did not make, leaves no record by reading or by a reset.

    Otherwise anybody can fill the store without logging in.
    """
    name, value = own.visitor().count().session
    before = {each.key for each in own.store.entries()}
    stranger = own.visitor()
    stranger.get("/")
    stranger.client.post("/reset")
    stranger.client.get("/not-here")
    stranger.client.request("HEAD", "/visits")
    for _ in range(REQUESTS):
        bogus = f"{name}={lookalike(value)}"
        stranger.client.get("/", cookie=bogus)
        stranger.client.post("/reset", cookie=bogus)
    new = {each.key for each in own.store.entries()} - before
    assert not new, f"strangers left {len(new)} records in the store"


@clause("economy.one-record", MUST, sources=("research: FIX-07, REV-03",), builds_on=COUNTS)
def test_one_record(own: Own) -> None:
    """A session is one record through every change of its id, and none after a reset.

    What stays behind under an old id, or as an empty shell, is never collected, or comes alive again.
    """
    visitor = own.visitor()
    before = {each.key for each in own.store.entries()}
    visitor.count(2).log_in("Ada")
    visitor.post("/logout")
    visitor.log_in("Grace").count()
    new = {each.key for each in own.store.entries()} - before
    assert len(new) == 1, f"after three changes of the id the session has {len(new)} records"
    visitor.post("/reset")
    left = {each.key for each in own.store.entries()} - before
    assert not left, f"after the reset {len(left)} records are left"
