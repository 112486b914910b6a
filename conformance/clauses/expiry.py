"""The two timeouts, idle and absolute, enforced by the server (ASVS 5.0 7.3, WSTG-SESS-07).

These checks wait, and so they run beside all others (`conformance.scheduling`), on instances with short timeouts.
Cookies are sent as they are: a jar would drop them by their `Max-Age`, and hide a server that never expires.
"""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Callable

from conformance.clause import Capability, Level, clause
from conformance.client import NotSetUp
from conformance.own import Own
from conformance.patience import until
from conformance.visitor import Visitor, state

MUST = Level.MUST
COUNTS = ("app.counts",)
IDLE_SECONDS, ABSOLUTE_SECONDS = 3, 12
SHORT = {"SESSION_IDLE_SECONDS": str(IDLE_SECONDS), "SESSION_ABSOLUTE_SECONDS": str(ABSOLUTE_SECONDS)}
MARGIN_SECONDS = 2  # libraries count in whole seconds, up or down
COLLECTED_SECONDS = 10
LOST, NAME = 5, "Perdita, who was lost as an infant"
FORMS = (  # as it is, and in base64, which looks different by where in the text it begins
    NAME.encode(),
    *(b64encode(bytes(shift) + NAME.encode())[4:-4] for shift in range(3)),
)


def newcomer(own: Own) -> Visitor:
    """Return a visitor of an instance whose timeouts are short."""
    return own.visitor(own.kept("short", SHORT))


def keep_using(use: Callable[[], object], seconds: float) -> None:
    """Use a session every second for so long; a machine too busy for that must not decide the check."""
    last = begun = time.monotonic()
    while last < begun + seconds:
        time.sleep(1)
        use()
        if time.monotonic() - last > IDLE_SECONDS - 0.5:
            raise NotSetUp("this machine was too busy to use a session every second")
        last = time.monotonic()


@clause("expiry.idle", MUST, sources=("ASVS 5.0 7.3.1", "WSTG-SESS-07", "NIST SP 800-63B-4"), builds_on=COUNTS)
def test_idle(own: Own) -> None:
    """A session that nobody uses is alive until its idle timeout, and dead after it, whatever the client still sends.

    The cookie's own expiry is advice to the browser: who stole the cookie does not take it.
    """
    visitor = newcomer(own).count(2)
    time.sleep(IDLE_SECONDS / 2)
    told = visitor.state()
    assert told == (2, None), f"after half of the idle timeout the session is {told}"
    time.sleep(IDLE_SECONDS + MARGIN_SECONDS)
    told = visitor.state()
    assert told == (0, None), f"{IDLE_SECONDS + MARGIN_SECONDS} s after its last use the session is {told}"


@clause(
    "expiry.slides-on-reads",
    MUST,
    sources=("express-session: touch", "starsessions: rolling", "Beaker #200"),
    needs=(Capability.IDLE_TIMEOUT,),
    builds_on=COUNTS,
)
def test_slides_on_reads(own: Own) -> None:
    """Reading a session lets its idle timeout start again.

    Who reads a long page for hours is not idle.
    """
    visitor = newcomer(own).count()
    keep_using(visitor.state, 3 * IDLE_SECONDS)
    told = visitor.state()
    assert told == (1, None), f"read every second for {3 * IDLE_SECONDS} s, the session is {told}"


@clause("expiry.slides-on-writes", MUST, sources=("ASVS 5.0 7.3.1", "express-session: rolling"), builds_on=COUNTS)
def test_slides_on_writes(own: Own) -> None:
    """Changing a session lets its idle timeout start again.

    Work in progress must not be lost to a timeout that started when it began.
    """
    visitor = newcomer(own).count()
    counts = [1]

    def count() -> None:
        visitor.count()
        counts.append(1)

    keep_using(count, 2 * IDLE_SECONDS)
    told = visitor.state()
    assert told[0] == len(counts), f"after {len(counts)} counts, one a second, the count is {told[0]}"


@clause("expiry.absolute", MUST, sources=("ASVS 5.0 7.3.2", "starsessions: must not extend"), builds_on=COUNTS)
def test_absolute(own: Own) -> None:
    """A session in constant use lives until its absolute timeout, and is dead after it.

    Otherwise whoever holds a stolen session keeps it for ever, with a request now and then.
    """
    _outlives_nothing(newcomer(own), lambda visitor: visitor.count())


@clause("expiry.log-in-extends-nothing", MUST, sources=("ASVS 5.0 7.3.2", "SPEC.md, The session"), builds_on=COUNTS)
def test_log_in_extends_nothing(own: Own) -> None:
    """A new id does not let the absolute timeout start again: the session is the same one.

    Otherwise logging in and out again keeps it alive for ever.
    """
    _outlives_nothing(newcomer(own), lambda visitor: visitor.log_in("Ada").count())


def _outlives_nothing(visitor: Visitor, use: Callable[[Visitor], object]) -> None:
    counts = [1]
    visitor.count()

    def used() -> None:
        use(visitor)
        counts.append(1)

    keep_using(used, ABSOLUTE_SECONDS - MARGIN_SECONDS - 1)
    told = visitor.state()
    assert told[0] == len(counts), f"before its absolute timeout the session has {told[0]} of {len(counts)} counts"
    keep_using(used, 2 * MARGIN_SECONDS + 1)
    told = visitor.state()
    assert told[0] < len(counts), f"{MARGIN_SECONDS} s after its absolute timeout the session still has all counts"


@clause(
    "expiry.stays-dead", MUST, sources=("express-session: when session expired", "research: EXP-04"), builds_on=COUNTS
)
def test_stays_dead(own: Own) -> None:
    """A write with the cookie of an expired session starts another one, and leaves the expired one dead.

    An id that comes alive again can be waited for.
    """
    visitor = newcomer(own).count(2)
    copy = visitor.cookie
    time.sleep(IDLE_SECONDS + MARGIN_SECONDS)
    visitor.count()
    assert visitor.cookie != copy, "the write goes on with the expired cookie"
    told = visitor.state()
    assert told == (1, None), f"the new session is {told}"
    told = state(visitor.client, copy)
    assert told == (0, None), f"the expired cookie opens {told}"


@clause("expiry.store-ttl", MUST, sources=("research: EXP-06", "connect-redis: ttl"), builds_on=COUNTS)
def test_store_ttl(own: Own) -> None:
    """Every record in the store carries its own end, at the idle timeout.

    A record without one is kept for ever: the store fills up with the sessions of those who never came back.
    """
    newcomer(own).count()
    entries = own.store.entries()
    assert entries, "the session is not in the store"
    endless = [each for each in entries if each.seconds_left is None]
    assert not endless, f"{len(endless)} of {len(entries)} records have no end"
    longest = max(each.seconds_left or 0 for each in entries)
    assert longest <= IDLE_SECONDS + MARGIN_SECONDS, f"a record stays for {longest:.0f} s, not {IDLE_SECONDS}"


@clause(
    "expiry.collects-the-dead",
    MUST,
    sources=("Django: clearsessions", "Flask-Session: session_cleanup"),
    builds_on=COUNTS,
)
def test_collects_the_dead(own: Own) -> None:
    """Expired records leave the store, at the latest while as many new sessions begin.

    Otherwise the store grows with everybody who was ever here.
    """
    for _ in range(LOST):
        newcomer(own).log_in(NAME)
    if len(named(own)) != LOST:
        raise NotSetUp(f"of {LOST} sessions {len(named(own))} are in the store")
    time.sleep(IDLE_SECONDS + MARGIN_SECONDS)
    for _ in range(LOST):
        newcomer(own).count()
    assert until(lambda: not named(own), COLLECTED_SECONDS), (
        f"{len(named(own))} of {LOST} expired records are still in the store"
    )


def named(own: Own) -> set[str]:
    """Return the keys of those records, among them of other checks, that hold the name of this one's visitors."""
    return {each.key for each in own.store.entries() if any(form in each.data for form in FORMS)}
