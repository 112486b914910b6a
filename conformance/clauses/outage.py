"""A store that is away, hangs, or refuses writes: fail closed, soon, and get well again (ASVS 5.0 16.5)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

from conformance.clause import Capability, Level, clause
from conformance.client import Client, NoAnswer, NotSetUp, Response
from conformance.own import Own
from conformance.patience import until
from conformance.visitor import JSON, state
from targets.control import OutOfReach, Store

MUST = Level.MUST
COUNTS = ("app.counts",)
BUDGET_SECONDS = 2.0
PATIENCE_SECONDS = 3.0  # of the check, for an answer that comes too late
RECOVERY_SECONDS = 10.0
FILLER_BYTES = 100_000
MOST_FILLERS = 40
FAILURES, AT_A_TIME = 16, 8
BURST, BURST_SECONDS = 160, 1.0  # more than a usual pool has connections, of an app that fails soon


@contextmanager
def away(store: Store) -> Iterator[None]:
    """Take the store away; an embedded one, which cannot be stopped, is locked by somebody else."""
    with ExitStack() as stack:
        try:
            stack.enter_context(store.stopped())
        except OutOfReach:
            stack.enter_context(store.frozen())
        yield


def impatient(own: Own) -> Client:
    """Return a client that waits a little longer than the budget."""
    return own.client(own.instance, timeout=PATIENCE_SECONDS)


def assert_refused(what: str, response: Response) -> None:
    """Assert that an answer is the one of SPEC.md for a store that does not answer."""
    assert response.status == 503, f"{what} is answered with {response.status}"
    assert response.header("retry-after"), f"{what} is answered without Retry-After"
    assert response.seconds <= BUDGET_SECONDS, f"{what} is answered after {response.seconds:.1f} s"


def assert_unavailable(client: Client, cookie: str | None) -> None:
    """Assert that every write is refused within the budget, and that a read is refused, or true."""
    forms = {"/count": None, "/user/login": {"username": "Eve"}, "/reset": None}
    with ThreadPoolExecutor(len(forms) + 1) as pool:
        reading = pool.submit(client.get, "/", cookie=cookie, headers=JSON)
        writing = {path: pool.submit(client.post, path, cookie=cookie, form=form) for path, form in forms.items()}
    for path, answer in writing.items():
        assert_refused(f"POST {path}", answer.result())
    response = reading.result()
    if response.status == 200:
        assert response.json()["count"] == 2, f"GET / tells a count of {response.json()['count']}, not the 2 that it is"
        assert response.seconds <= BUDGET_SECONDS, f"GET / is answered after {response.seconds:.1f} s"
    else:
        assert_refused("GET /", response)


def told(client: Client, cookie: str | None) -> tuple[int, str | None]:
    """Return what a read tells; raises AssertionError where it tells nothing."""
    response = client.get("/", cookie=cookie, headers=JSON)
    assert response.status == 200, f"a read is answered with {response.status}"
    return response.json()["count"], response.json()["username"]


def recovered(client: Client, cookie: str | None) -> tuple[int, str | None]:
    """Return the session's state as soon as the app tells one again; raises AssertionError where it does not."""
    seen: list[tuple[int, str | None]] = []

    def answers() -> bool:
        try:
            seen.append(state(client, cookie))
        except (NoAnswer, NotSetUp):
            return False
        return True

    assert until(answers, RECOVERY_SECONDS), f"{RECOVERY_SECONDS:.0f} s after the store is back the app does not answer"
    return seen[0]


@clause("outage.refused", MUST, sources=("ASVS 5.0 16.5.2", "RFC 9110 15.6.4", "research: OUT-01"), builds_on=COUNTS)
def test_refused(own: Own) -> None:
    """While the store refuses connections, what needs it is 503 with `Retry-After` within 2 seconds.

    A client that is told to come back does; one that waits for a minute holds a thread all the while.
    """
    cookie = own.visitor().count(2).cookie
    client = impatient(own)
    with own.store.stopped():
        assert_unavailable(client, cookie)


@clause("outage.frozen", MUST, sources=("ASVS 5.0 16.5.2", "redis-py #2243", "research: OUT-02"), builds_on=COUNTS)
def test_frozen(own: Own) -> None:
    """While the store accepts connections and answers nothing, what needs it is 503, `Retry-After`, within 2 seconds.

    This is how stores die: a full disk, a dead disk, a paused machine. Default timeouts are minutes.
    """
    cookie = own.visitor().count(2).cookie
    client = impatient(own)
    with own.store.frozen():
        assert_unavailable(client, cookie)


@clause("outage.keeps-the-cookie", MUST, sources=("ASVS 5.0 16.5.3", "research: OUT-03"), builds_on=COUNTS)
def test_keeps_the_cookie(own: Own) -> None:
    """While the store is away, no answer sets or deletes the client's cookie.

    A session that a hiccup of the store replaces is lost, though its record is still there.
    """
    cookie = own.visitor().count(2).cookie
    client = impatient(own)
    requests = (("GET", "/"), ("POST", "/count"), ("GET", "/visits"), ("POST", "/reset"), ("POST", "/logout"))
    with away(own.store), ThreadPoolExecutor(len(requests)) as pool:
        answers = list(pool.map(lambda each: client.request(*each, cookie=cookie), requests))
    for (method, path), response in zip(requests, answers, strict=True):
        assert not response.set_cookies, f"{method} {path} is {response.status} and sets {response.set_cookies}"


@clause(
    "outage.says-what-is-true",
    MUST,
    sources=("express-session: pass session save error", "research: OUT-06"),
    builds_on=COUNTS,
)
def test_says_what_is_true(own: Own) -> None:
    """Whatever is acknowledged while the store is away is done, a reset too.

    A count that is answered with a redirect and then is not there is worse than an error.
    """
    cookie, other = own.visitor().count().cookie, own.visitor().count().cookie
    client = impatient(own)

    def count(_: int) -> int:
        try:
            return client.post("/count", cookie=cookie).status
        except NoAnswer:
            return 0

    with away(own.store), client.connection() as resetting, ThreadPoolExecutor(AT_A_TIME + 1) as pool:
        resetting.send("POST", "/reset", cookie=other)  # on its way before the counts, which may take every thread
        reset = pool.submit(resetting.receive)
        answers = list(pool.map(count, range(AT_A_TIME)))
    acknowledged = answers.count(303)
    kept = recovered(client, cookie)[0] - 1
    assert acknowledged <= kept <= AT_A_TIME, (
        f"{acknowledged} of {AT_A_TIME} counts were acknowledged, {kept} are there"
    )
    answer, left = reset.result().status, recovered(client, other)
    assert answer >= 400 or left == (0, None), f"the reset was answered with {answer}, and the session is {left}"


@clause(
    "outage.recovers", MUST, sources=("express-session: when store reconnects", "research: OUT-04"), builds_on=COUNTS
)
def test_recovers(own: Own) -> None:
    """When a store that was killed is back, the same cookie shows the old data, without a restart of the app.

    An app that has to be restarted after each hiccup needs somebody who is awake.
    """
    visitor = own.visitor().count(2).log_in("Ada")
    client = impatient(own)
    with ExitStack() as stack:
        try:
            stack.enter_context(own.store.killed())
        except OutOfReach:
            stack.enter_context(own.store.frozen())
        for _ in range(3):
            client.get("/", cookie=visitor.cookie)
    left = recovered(client, visitor.cookie)
    assert left == (2, "Ada"), f"after the outage the session is {left}"
    visitor.count()
    assert visitor.state() == (3, "Ada"), f"after the outage a count leads to {visitor.state()}"


@clause(
    "outage.strangers-go-on",
    MUST,
    sources=("SPEC.md, Everywhere", "research: OUT-05"),
    needs=(Capability.PROBES,),
    builds_on=COUNTS,
)
def test_strangers_go_on(own: Own) -> None:
    """While the store is away, clients without a session, and routes without one, are served.

    The store's outage is then the outage of what needs it, and of nothing else.
    """
    cookie = own.visitor().count().cookie
    client = impatient(own)
    with away(own.store):
        for path, sent in (("/", None), ("/healthz", cookie), ("/_probe/no-session", cookie), ("/about", cookie)):
            response = client.get(path, cookie=sent)
            assert response.status == 200, f"{path} is answered with {response.status}"
            assert response.seconds <= BUDGET_SECONDS, f"{path} is answered after {response.seconds:.1f} s"


@clause("outage.readiness", MUST, sources=("SPEC.md, Routes", "research: OUT-10"), builds_on=COUNTS)
def test_readiness(own: Own) -> None:
    """`/readyz` is 503 within 2 seconds while the store's server is away, and 200 again when it is back.

    A balancer takes an instance out that says so; it cannot take out one that says nothing.
    """
    client = impatient(own)
    with own.store.stopped():
        response = client.get("/readyz")
        assert response.status == 503, f"/readyz is answered with {response.status}"
        assert response.seconds <= BUDGET_SECONDS, f"/readyz is answered after {response.seconds:.1f} s"
    assert until(lambda: client.get("/readyz").status == 200, RECOVERY_SECONDS), (
        "the store is back, and /readyz is not 200"
    )


@clause("outage.read-only", MUST, sources=("research: OUT-07", "Redis: READONLY"), builds_on=COUNTS)
def test_read_only(own: Own) -> None:
    """While the store refuses writes, writes are 503 and change nothing; reads go on.

    A replica that was promoted late answers like this, for minutes.
    """
    visitor = own.visitor().count(2)
    client = impatient(own)
    with own.store.read_only():
        assert_refused("a count", client.post("/count", cookie=visitor.cookie))
        assert_refused("a stranger's count", client.post("/count"))
        assert told(client, visitor.cookie) == (2, None), f"a read tells {told(client, visitor.cookie)}"
    assert recovered(client, visitor.cookie) == (2, None), "what was refused was done"
    visitor.count()


@clause(
    "outage.full",
    MUST,
    sources=("research: OUT-07", "Redis: OOM", "PostgreSQL: 53100", "SQLite: SQLITE_FULL"),
    needs=(Capability.PROBES,),
    builds_on=COUNTS,
)
def test_full(own: Own) -> None:
    """While the store has no room, what it cannot take is 503 and changes nothing; reads go on.

    A full store is the usual end of one that collects nothing.
    """
    visitor = own.visitor().count(2)
    client = impatient(own)
    with own.store.full():
        answers = (
            client.post(f"/_probe/fill?bytes={FILLER_BYTES}", cookie=visitor.cookie) for _ in range(MOST_FILLERS)
        )
        refused = next((each for each in answers if each.status != 303), None)
        if refused is None:
            kept = len(client.get("/_probe/session", cookie=visitor.cookie).json().get("filler", ""))
            assert kept == FILLER_BYTES, f"{MOST_FILLERS} changes were acknowledged, {kept} bytes of the last one kept"
            raise NotSetUp(f"the full store took {MOST_FILLERS} times {FILLER_BYTES} bytes")
        assert_refused("a change that has no room", refused)
        assert not refused.set_cookies, f"it sets {refused.set_cookies}"
        assert told(client, visitor.cookie) == (2, None), f"a read tells {told(client, visitor.cookie)}"
    assert recovered(client, visitor.cookie) == (2, None), "the session is another one after the store was full"
    assert visitor.count().state() == (3, None), "with room again, a count does not count"


@clause(
    "outage.flushed", MUST, sources=("express-session: sid not in store", "research: OUT-09, STO-11"), builds_on=COUNTS
)
def test_flushed(own: Own) -> None:
    """When the store has forgotten everything, everybody is a stranger, and gets a new session under a new id.

    A cache evicts; that is a log-out, not an error, and no reason to take an id that the client names.
    """
    visitor = own.visitor().count(2).log_in("Ada")
    copy = visitor.cookie
    own.store.flush()
    left = told(visitor.client, visitor.cookie)
    assert left == (0, None), f"after the flush the session is {left}"
    visitor.count()
    assert visitor.cookie != copy, "the write goes on under the forgotten id"
    assert visitor.state() == (1, None), f"after a count the session is {visitor.state()}"


@clause("outage.leaks-nothing", MUST, sources=("research: OUT-08", "CWE-772"), builds_on=COUNTS)
def test_leaks_nothing(own: Own) -> None:
    """Requests that fail while the store is away leave no connections behind.

    A leak of one a request ends the next outage's recovery: the store is back, and has no connection left, or the app's
    pool believes that it gave all of them away.
    """
    visitor = own.visitor().count()
    client = impatient(own)

    def read(_: int) -> None:
        client.get("/", cookie=visitor.cookie)

    def connections_after_an_outage(failures: int) -> int:
        begun = time.monotonic()
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            with own.store.stopped():
                for sent in range(0, BURST, AT_A_TIME):
                    if sent < failures or time.monotonic() - begun < BURST_SECONDS:
                        list(pool.map(read, range(AT_A_TIME)))
            with own.store.frozen():
                list(pool.map(read, range(AT_A_TIME)))
            recovered(client, visitor.cookie)
            list(pool.map(read, range(AT_A_TIME)))
        return own.store.connections()

    before = connections_after_an_outage(AT_A_TIME)
    after = connections_after_an_outage(FAILURES)
    most = before + AT_A_TIME
    assert until(lambda: own.store.connections() <= most, RECOVERY_SECONDS), (
        f"{FAILURES} failures later the store has {after} connections of the app, not {before}"
    )
