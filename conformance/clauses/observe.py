"""Differences worth showing that are nobody's fault: recorded, never failed."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from conformance.clause import Capability, Level, clause
from conformance.client import NoAnswer
from conformance.cookies import parse
from conformance.own import Own
from conformance.visitor import Visitor, state
from targets.control import OutOfReach

OBSERVE = Level.OBSERVE
LONGEST_SECONDS = 3.0
REQUESTS = 10


@clause("observe.cookie", OBSERVE, sources=("research: CHAR",))
def test_cookie(visitor: Visitor) -> str:
    """The cookie of a first count: its length and its attributes.

    It goes with every request.
    """
    cookie = parse(visitor.post("/count").set_cookies[0])
    attributes = "; ".join(
        sorted(key if not value else f"{key}={value}" for key, value in cookie.attributes.items() if key != "expires")
    )
    length = len(cookie.name) + 1 + len(cookie.value)
    return f"{length} bytes; {attributes}{'; expires' if 'expires' in cookie.attributes else ''}"


@clause("observe.duplicates", OBSERVE, sources=("research: D10",))
def test_duplicates(new_visitor: Callable[[], Visitor]) -> str:
    """Of two session cookies, which one counts.

    Frameworks disagree; a cookie of a sibling host may come first.
    """
    (name, first), (_, second) = new_visitor().count(1).session, (other := new_visitor().count(2)).session
    count, _ = state(other.client, f"{name}={first}; {name}={second}")
    return {1: "the first", 2: "the last"}.get(count, "neither")


@clause("observe.quoted", OBSERVE, sources=("RFC 6265bis 4.1.1",))
def test_quoted(visitor: Visitor) -> str:
    """Whether the cookie's value may come in double quotes.

    Some clients add them.
    """
    name, value = visitor.count(2).session
    return "accepted" if state(visitor.client, f'{name}="{value}"')[0] == 2 else "taken for no session"


@clause("observe.lost-updates", OBSERVE, sources=("research: section 2",), needs=(Capability.PROBES,))
def test_lost_updates(visitor: Visitor) -> str:
    """How many of 20 parallel slow counts are kept.

    The difference between a counter and a guess.
    """
    cookie = visitor.count().cookie
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(lambda _: visitor.client.post("/_probe/slow-count?ms=50", cookie=cookie), range(20)))
    return f"{state(visitor.client, cookie)[0] - 1} of 20"


@clause("observe.names", OBSERVE, sources=("OWASP session cheat sheet: session id name",))
def test_names(visitor: Visitor) -> str:
    """The form of the id: length and alphabet.

    What the id looks like says which library made it.
    """
    _, value = visitor.count().session
    kinds = {
        "hexadecimal": r"[0-9a-f]+",
        "URL-safe base64": r"[A-Za-z0-9_-]+",
        "signed": r"[A-Za-z0-9_%=:-]+[.][A-Za-z0-9_.=-]+",
    }
    kind = next((name for name, form in kinds.items() if re.fullmatch(form, value)), "other")
    return f"{len(value)} characters, {kind}"


@clause("observe.outage", OBSERVE, sources=("research: section 2, store outage",))
def test_outage(own: Own) -> str:
    """What a read with a session gets while the store refuses connections, and while it is frozen, and when.

    What an outage of the store looks like from outside.
    """
    cookie = own.visitor().count().cookie
    client = own.client(own.instance, timeout=LONGEST_SECONDS)

    def seen() -> str:
        try:
            response = client.get("/", cookie=cookie)
        except NoAnswer:
            return f"none in {LONGEST_SECONDS:g} s"
        return f"{response.status} after {response.seconds:.1f} s"

    told = []
    for word, fault in (("refused", own.store.stopped), ("frozen", own.store.frozen)):
        with suppress(OutOfReach), fault():
            told.append(f"{word}: {seen()}")
    return "; ".join(told)


@clause("observe.round-trips", OBSERVE, sources=("research: STO-07",))
def test_round_trips(own: Own) -> str:
    """How many round trips to the store a read and a count take, and how many of them write.

    What a session costs the store.
    """
    visitor = own.visitor().count()
    told = []
    for word, request in (("read", visitor.state), ("count", visitor.count)):
        for _ in range(REQUESTS):
            request()
        before = own.store.work()
        for _ in range(REQUESTS):
            request()
        after = own.store.work()
        trips, writes = after.round_trips - before.round_trips, after.writes - before.writes
        told.append(f"{word} {trips / REQUESTS:g}, writes {writes / REQUESTS:g}")
    return "; ".join(told)


@clause("observe.record", OBSERVE, sources=("research: STO-03",))
def test_record(own: Own) -> str:
    """The record of a session with a count and a name: its size, and how it begins.

    What the store holds for every visitor.
    """
    visitor = own.visitor()
    before = {each.key for each in own.store.entries()}
    visitor.count().log_in("Ada")
    new = [each for each in own.store.entries() if each.key not in before]
    return ", ".join(f"{len(each.data)} bytes that begin with {each.data[:8].decode('latin-1')!a}" for each in new)
