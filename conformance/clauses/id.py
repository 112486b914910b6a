"""The session id: how much chance is in it (ASVS 5.0 7.2.3, WSTG-SESS-01)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from conformance.clause import Capability, Level, clause
from conformance.visitor import Visitor

MUST = Level.MUST
SAMPLE = 256  # enough to see nearly all of an alphabet of 64 at every position
WHOLE = 0.8  # of the alphabet: a position that shows so much of it can have all of it
NewVisitor = Callable[[], Visitor]


def ids(new_visitor: NewVisitor, prepare: Callable[[Visitor], Visitor]) -> list[str]:
    """Return the cookies of so many sessions that were made at the same time in the same way."""
    with ThreadPoolExecutor(8) as pool:
        return [visitor.session[1] for visitor in pool.map(lambda _: prepare(new_visitor()), range(SAMPLE))]


@clause("id.entropy", MUST, sources=("ASVS 5.0 7.2.3",), needs=(Capability.SESSION_IDS,))
def test_entropy(new_visitor: NewVisitor) -> None:
    """Session ids are unique and have room for 128 random bits or more.

    What can be guessed can be taken over.
    """
    values = ids(new_visitor, lambda visitor: visitor.count())
    assert len(set(values)) == SAMPLE, f"{SAMPLE} sessions have {len(set(values))} ids"
    identifiers = [re.split(r"\.|%2E", value)[0] for value in values]  # a signature adds no chance
    alphabet = len(set("".join(identifiers)))
    kinds = [len(set(column)) for column in zip(*identifiers, strict=False)]
    bits = sum(math.log2(alphabet if kind >= WHOLE * alphabet else kind) for kind in kinds)
    assert round(bits) >= 128, f"the positions that vary in {SAMPLE} ids have room for {bits:.0f} bits"


@clause("id.unpredictable", MUST, sources=("WSTG-SESS-01",), needs=(Capability.SESSION_IDS,))
def test_unpredictable(new_visitor: NewVisitor) -> None:
    """The same name logging in at the same moment gets different ids.

    An id made from its input can be made by anyone who knows the input.
    """
    values = ids(new_visitor, lambda visitor: visitor.log_in("Ada"))
    assert len(set(values)) == SAMPLE, f"{SAMPLE} log-ins of one name have {len(set(values))} ids"


@clause("id.charset", MUST, sources=("RFC 6265bis 4.1.1", "express-session: should encode unsafe chars"))
def test_charset(visitor: Visitor) -> None:
    """The cookie's value needs no quoting: letters, digits and `. _ ~ - % + / =` alone.

    Quoting is undone differently by every parser.
    """
    _, value = visitor.count().session
    assert re.fullmatch(r"[A-Za-z0-9._~%+/=-]+", value), f"the value is {value!r}"
