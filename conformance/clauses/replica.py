"""Two instances of the app on one store, as behind a load balancer (research: PER)."""

from __future__ import annotations

from conformance.clause import Capability, Level, clause
from conformance.own import Own
from conformance.visitor import Visitor, state

MUST = Level.MUST
COUNTS = ("app.counts",)
ROUNDS = 5


@clause("replica.reads-your-writes", MUST, sources=("research: PER-02",), builds_on=COUNTS)
def test_reads_your_writes(own: Own) -> None:
    """What one instance has written, the other one reads at once.

    A balancer sends the write here and the page after it there.
    """
    here = own.visitor(own.instance)
    there = here.at(own.client(own.replica))
    for number in range(1, ROUNDS + 1):
        here.count()
        told = there.state()[0]
        assert told == 2 * number - 1, f"one instance counted to {2 * number - 1}, the other one tells {told}"
        there.count()
        told = here.state()[0]
        assert told == 2 * number, f"one instance counted to {2 * number}, the other one tells {told}"


@clause(
    "replica.revokes-everywhere",
    MUST,
    sources=("ASVS 5.0 7.4.1", "research: PER-03"),
    needs=(Capability.REVOCATION,),
    builds_on=("revoke.reset", "login.old-id-dies"),
)
def test_revokes_everywhere(own: Own) -> None:
    """A session that is reset, or whose id has changed, at one instance is dead at the other one.

    A cache of sessions in the process keeps the dead alive where nobody looks.
    """
    here = own.visitor(own.instance).count(2)
    there = here.at(own.client(own.replica))
    before = seen_by_all_workers(there)
    here.log_in("Ada")
    told = {state(there.client, before) for _ in range(ROUNDS)}
    assert told == {(0, None)}, f"the id from before log-in opens {max(told)} at the other instance"
    logged_in = seen_by_all_workers(there)
    here.post("/reset")
    told = {state(there.client, logged_in) for _ in range(ROUNDS)}
    assert told == {(0, None)}, f"after a reset here the session is {max(told)} there"


def seen_by_all_workers(visitor: Visitor) -> str | None:
    """Read so often that every worker has most likely seen the session, and return its cookie."""
    for _ in range(2 * ROUNDS):
        visitor.state()
    return visitor.cookie


@clause("replica.rolling-restart", MUST, sources=("research: PER-05",), builds_on=COUNTS)
def test_rolling_restart(own: Own) -> None:
    """While instances are restarted one after the other, sessions go on, and lose nothing.

    This is how software is deployed.
    """
    first, second = own.instance, own.replica
    visitor = own.visitor(first).count()
    first.stop()
    visitor.at(own.client(second)).count()
    first.start()
    visitor.at(own.client(first)).count()
    second.stop()  # the next check that needs it starts it again
    told = visitor.at(own.client(first)).count().state()
    assert told == (4, None), f"four counts were acknowledged during the restarts; the session is {told}"
