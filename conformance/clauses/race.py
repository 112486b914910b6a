"""Requests of one session at the same time (ASVS 5.0 15.4)."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from typing import Self

from conformance.clause import Capability, Level, clause
from conformance.client import Client, Connection, NotSetUp
from conformance.own import Own
from conformance.visitor import Visitor, state

MUST = Level.MUST
ATOMIC = (Capability.ATOMIC_UPDATES, Capability.PROBES)
REVOKES = (Capability.REVOCATION, Capability.PROBES)
PARALLEL = 12
CLIENTS, COUNTS_EACH = 8, 50
SLOW_MS = 600
PENDING = 3  # fewer than the threads that any server has
CHANCES = 3
COUNTS = ("app.counts",)


class Meanwhile:
    """A slow request that is under way while the block runs; afterwards `answer` holds what came back.

    The slow handler reads the session when it begins. It is on its way before the block starts, and by the time that
    three other requests have been answered one after the other, and a tenth of a second is over, it has begun.
    """

    def __init__(self, client: Client, method: str, path: str, cookie: str | None) -> None:
        self._client = client
        self._slow = Connection(client)
        self._slow.send(method, f"{path}?ms={SLOW_MS}", cookie=cookie)

    def __enter__(self) -> Self:
        """Wait until the slow handler has begun."""
        for _ in range(3):
            self._client.get("/_probe/no-session")
        time.sleep(0.1)
        return self

    def __exit__(self, *_: object) -> None:
        """Wait for the slow answer."""
        early = self._slow.answered
        self.answer = self._slow.receive()
        self._slow.close()
        if early:
            raise NotSetUp("the slow request was over before the other one")


@clause(
    "race.first-requests", MUST, sources=("express-session: saveUninitialized, parallel requests",), builds_on=COUNTS
)
def test_first_requests(new_visitor: Callable[[], Visitor]) -> None:
    """When a visitor's first requests come at the same time, the cookie of every answer works.

    A page that loads several parts at once is how most sessions begin.
    """
    with ThreadPoolExecutor(PARALLEL) as pool:
        visitors = list(pool.map(lambda _: new_visitor().count(), range(PARALLEL)))
    for visitor in visitors:
        assert visitor.state() == (1, None), f"one of the cookies opens {visitor.state()}"


@clause(
    "race.parallel-counts",
    MUST,
    sources=("ASVS 5.0 15.4.1", "Flask-Session #71, #149, #202", "Beaker #9"),
    needs=ATOMIC,
    builds_on=COUNTS,
)
def test_parallel_counts(visitor: Visitor) -> None:
    """N parallel counts, slow ones, add N.

    A session that is read, changed and written as a whole loses all but one.
    """
    cookie = visitor.count().cookie
    with ThreadPoolExecutor(PARALLEL) as pool:
        answers = list(
            pool.map(lambda _: visitor.client.post("/_probe/slow-count?ms=50", cookie=cookie), range(PARALLEL))
        )
    assert {answer.status for answer in answers} == {303}, f"the answers are {[answer.status for answer in answers]}"
    assert visitor.state()[0] == 1 + PARALLEL, f"after 1 + {PARALLEL} counts the count is {visitor.state()[0]}"


@clause("race.different-keys", MUST, sources=("Bottle #961", "SPEC.md, The session"), needs=ATOMIC, builds_on=COUNTS)
def test_different_keys(visitor: Visitor) -> None:
    """Parallel changes of different keys are both kept.

    A slow count must not undo what was put into the basket meanwhile.
    """
    cookie = visitor.count().cookie
    with Meanwhile(visitor.client, "POST", "/_probe/slow-count", cookie):
        visitor.client.get("/cherries", cookie=cookie)
    told = visitor.client.get("/_probe/session", cookie=cookie).json()
    assert told == {"count": 2, "fruit": "cherries"}, f"the session holds {told}"


@clause(
    "race.slow-read-keeps-writes",
    MUST,
    sources=("express-session: resave", "Flask-Session #181", "pyramid_beaker #26"),
    needs=ATOMIC,
    builds_on=COUNTS,
)
def test_slow_read_keeps_writes(visitor: Visitor) -> None:
    """A slow read does not undo a write that happened meanwhile.

    A library that saves on every request saves what it read before.
    """
    cookie = visitor.count().cookie
    with Meanwhile(visitor.client, "GET", "/_probe/slow-read", cookie):
        visitor.client.post("/count", cookie=cookie)
    assert state(visitor.client, cookie)[0] == 2, f"the count is {state(visitor.client, cookie)[0]}"


@clause(
    "race.slow-read-revives-nothing",
    MUST,
    sources=("rack-session", "connect-redis #75"),
    needs=REVOKES,
    builds_on=("revoke.reset",),
)
def test_slow_read_revives_nothing(visitor: Visitor) -> None:
    """A slow read does not bring back a session that was destroyed meanwhile.

    Who logs out while a page still loads is logged in again.
    """
    cookie = visitor.count(2).log_in("Ada").cookie
    with Meanwhile(visitor.client, "GET", "/_probe/slow-read", cookie):
        visitor.client.post("/reset", cookie=cookie)
    told = state(visitor.client, cookie)
    assert told == (0, None), f"the destroyed session is back: {told}"


@clause(
    "race.slow-write-revives-nothing",
    MUST,
    sources=("Django: save_does_not_resurrect", "redistore #2"),
    needs=REVOKES,
    builds_on=("revoke.reset",),
)
def test_slow_write_revives_nothing(visitor: Visitor) -> None:
    """A slow write neither brings back a session that was destroyed meanwhile, nor says that it was done.

    The upsert that most stores use makes the record anew.
    """
    cookie = visitor.count(2).log_in("Ada").cookie
    with Meanwhile(visitor.client, "POST", "/_probe/slow-count", cookie) as slow:
        visitor.client.post("/reset", cookie=cookie)
    told = state(visitor.client, cookie)
    assert told == (0, None), f"the destroyed session is back: {told}"
    assert slow.answer.status == 409, f"the lost write was answered with {slow.answer.status}"
    assert not slow.answer.set_cookies, f"the lost write sets {slow.answer.set_cookies}"


@clause(
    "race.slow-write-keeps-old-id-dead",
    MUST,
    sources=("express-session #935",),
    needs=REVOKES,
    builds_on=("login.old-id-dies",),
)
def test_slow_write_keeps_old_id_dead(visitor: Visitor) -> None:
    """A slow write does not bring the id from before log-in back to life.

    The attacker who knows that id only has to send slow requests.
    """
    cookie = visitor.count(2).cookie
    with Meanwhile(visitor.client, "POST", "/_probe/slow-count", cookie):
        visitor.log_in("Ada")
    told = state(visitor.client, cookie)
    assert told == (0, None), f"the old id opens a session: {told}"
    assert visitor.state()[1] == "Ada", f"the new session is {visitor.state()}"


@clause("race.many-counts", MUST, sources=("ASVS 5.0 15.4.1", "Django #22404"), needs=ATOMIC, builds_on=COUNTS)
def test_many_counts(own: Own) -> None:
    """Eight clients who each count fifty times in one session add four hundred, with one worker.

    Fast requests meet in other places than slow ones do: inside the library, or inside the store.
    """
    _all_are_kept(own.visitor(own.instance).count())


@clause(
    "race.many-counts-in-workers", MUST, sources=("ASVS 5.0 15.4.1", "research: CON-01"), needs=ATOMIC, builds_on=COUNTS
)
def test_many_counts_in_workers(own: Own) -> None:
    """Eight clients who each count fifty times in one session add four hundred, with two workers.

    One worker may count rightly by accident: a lock in its process helps nobody else.
    """
    _all_are_kept(own.visitor(own.replica).count())


def _all_are_kept(visitor: Visitor) -> None:
    def count(_: int) -> list[int]:
        with visitor.client.connection() as connection:
            return [connection.request("POST", "/count", cookie=visitor.cookie).status for _ in range(COUNTS_EACH)]

    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = [status for each in pool.map(count, range(CLIENTS)) for status in each]
    done, kept = answers.count(303), visitor.state()[0] - 1
    assert done == len(answers), f"{len(answers) - done} of {len(answers)} counts were refused: {sorted(set(answers))}"
    assert kept == done, f"{done} counts were acknowledged, {kept} are there"


@clause(
    "race.unrelated-sessions",
    MUST,
    sources=("research: CON-08", "ASVS 5.0 15.4.4"),
    needs=(Capability.PROBES,),
    builds_on=COUNTS,
)
def test_unrelated_sessions(own: Own) -> None:
    """While requests of one session take their time, another session is answered.

    A lock around all sessions makes one slow visitor everybody's.
    """
    slow, other = own.visitor().count(), own.visitor().count()
    overtaken = _overtaken(slow, f"/_probe/slow-count?ms={2 * SLOW_MS}", other.count, wait=True)
    assert overtaken, f"a count in one session came after {PENDING} slow ones in another"


@clause(
    "race.frozen-store",
    MUST,
    sources=("research: CON-09", "ASVS 5.0 15.4.4"),
    needs=(Capability.PROBES,),
    builds_on=COUNTS,
)
def test_frozen_store(own: Own) -> None:
    """While requests wait for a store that does not answer, a request that needs no store is answered.

    In an event loop one call that blocks stops everybody.
    """
    visitor = own.visitor().count()
    with own.store.frozen():
        no_session = partial(visitor.client.get, "/_probe/no-session")
        overtaken = _overtaken(visitor, "/count", no_session, wait=False)
    assert overtaken, f"an answer that needs no store came after those of {PENDING} counts that waited for it"


def _overtaken(slow: Visitor, path: str, other: Callable[[], object], *, wait: bool) -> bool:
    """Tell whether another request is answered while slow ones are under way; a busy machine gets another chance.

    With `wait` the slow ones are waited for, so that they are over when the next check begins.
    """
    for _ in range(CHANCES):
        with ExitStack() as until_then:
            requests = [Connection(slow.client) for _ in range(PENDING)]
            for each in requests:
                until_then.callback(each.close)
                each.send("POST", path, cookie=slow.cookie)
            other()
            answered = any(each.answered for each in requests)
            if wait:
                for each in requests:
                    each.receive()
            if not answered:
                return True
    return False
