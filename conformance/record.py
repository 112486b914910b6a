"""What one check saw on one target: the raw facts, from which the verdict is derived. Workers send it as JSON."""

from __future__ import annotations

import msgspec

from conformance.client import Exchange
from conformance.outcomes import Seen

PROPERTY = "same-session-record"  # of a pytest report


class Record(msgspec.Struct, frozen=True):
    """The facts of one check. `detail` is the failed assertion, the reason, or the value of an OBSERVE clause."""

    target: str
    clause: str
    seen: Seen
    detail: str
    seconds: float
    exchanges: list[Exchange] = []


def encode(record: Record) -> str:
    """Return the record as JSON."""
    return msgspec.json.encode(record).decode()


def decode(text: str) -> Record:
    """Read a record that `encode` wrote."""
    return msgspec.json.decode(text, type=Record)
