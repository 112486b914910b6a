"""What has to outlive the app's processes (research: PER)."""

from __future__ import annotations

from conformance.clause import Level, clause
from conformance.own import Own

MUST = Level.MUST
COUNTS = ("app.counts",)
ROUNDS = 10


@clause("durability.restart", MUST, sources=("research: PER-01",), builds_on=COUNTS)
def test_restart(own: Own) -> None:
    """Sessions outlive a restart of the app.

    Every deployment would log everybody out.
    """
    visitor = own.visitor().count(2).log_in("Ada")
    instance = own.instance
    instance.stop()
    instance.start()
    told = visitor.at(own.client(instance)).state()
    assert told == (2, "Ada"), f"after the restart the session is {told}"


@clause("durability.kill", MUST, sources=("research: PER-01", "DESIGN: acknowledged is kept"), builds_on=COUNTS)
def test_kill(own: Own) -> None:
    """What was acknowledged is kept when the app is killed right after it.

    An answer that is sent before the session is saved is a promise that a crash breaks.
    """
    visitor = own.visitor().count(3)
    instance = own.instance
    instance.kill()
    instance.start()
    told = visitor.at(own.client(instance)).state()
    assert told == (3, None), f"three counts were acknowledged; after kill -9 the session is {told}"


@clause(
    "durability.workers", MUST, sources=("research: PER-04", "express-session: MemoryStore warning"), builds_on=COUNTS
)
def test_workers(own: Own) -> None:
    """Several workers of one app are one app: whichever answers, the session is the same.

    What is kept in the process is there in every second request.
    """
    visitor = own.visitor(own.replica)
    for number in range(1, ROUNDS + 1):
        visitor.count()
        told = [visitor.state()[0] for _ in range(3)]
        assert told == [number] * 3, f"after {number} counts three reads tell {told}"
