"""The session id: how much chance is in it (ASVS 5.0 7.2.3, WSTG-SESS-01)."""

from __future__ import annotations

import math
import re
from concurrent.futures import ThreadPoolExecutor

from conformance.clause import Capability, Level, clause
from conformance.client import Client, NotSetUp, Response
from conformance.cookies import parse
from conformance.visitor import Visitor

MUST = Level.MUST
SAMPLE = 256  # enough to see nearly all of an alphabet of 64 at every position
LOG_INS = 64  # within a moment: an id made of the name and the time comes twice among fewer
WHOLE = 0.8  # of the alphabet: a position that shows so much of it can have all of it
CLIENTS = 8


def ids(number: int, client: Client, path: str, form: dict[str, str] | None = None) -> list[str]:
    """Return the cookies of so many sessions that were made at the same time in the same way."""

    def some(_: int) -> list[str]:
        with client.connection() as connection:
            return [_cookie(connection.request("POST", path, form=form)) for _ in range(number // CLIENTS)]

    with ThreadPoolExecutor(CLIENTS) as pool:
        return [value for values in pool.map(some, range(CLIENTS)) for value in values]


def _cookie(response: Response) -> str:
    if response.status != 303 or len(response.set_cookies) != 1:
        raise NotSetUp(f"expected 303 and one cookie, got {response.status} and {len(response.set_cookies)}")
    return parse(response.set_cookies[0]).value


@clause("id.entropy", MUST, sources=("ASVS 5.0 7.2.3",), needs=(Capability.SESSION_IDS,))
def test_entropy(client: Client) -> None:
    """Session ids are unique and have room for 128 random bits or more.

    What can be guessed can be taken over.
    """
    values = ids(SAMPLE, client, "/count")
    assert len(set(values)) == SAMPLE, f"{SAMPLE} sessions have {len(set(values))} ids"
    identifiers = [re.split(r"\.|%2E", value)[0] for value in values]  # a signature adds no chance
    alphabet = len(set("".join(identifiers)))
    kinds = [len(set(column)) for column in zip(*identifiers, strict=False)]
    bits = sum(math.log2(alphabet if kind >= WHOLE * alphabet else kind) for kind in kinds)
    assert round(bits) >= 128, f"the positions that vary in {SAMPLE} ids have room for {bits:.0f} bits"


@clause("id.unpredictable", MUST, sources=("WSTG-SESS-01",), needs=(Capability.SESSION_IDS,))
def test_unpredictable(client: Client) -> None:
    """The same name logging in at the same moment gets different ids.

    An id made from its input can be made by anyone who knows the input.
    """
    values = ids(LOG_INS, client, "/user/login", {"username": "Ada"})
    assert len(set(values)) == LOG_INS, f"{LOG_INS} log-ins of one name have {len(set(values))} ids"


@clause("id.charset", MUST, sources=("RFC 6265bis 4.1.1", "express-session: should encode unsafe chars"))
def test_charset(visitor: Visitor) -> None:
    """The cookie's value needs no quoting: letters, digits and `. _ ~ - % + / =` alone.

    Quoting is undone differently by every parser.
    """
    _, value = visitor.count().session
    assert re.fullmatch(r"[A-Za-z0-9._~%+/=-]+", value), f"the value is {value!r}"
