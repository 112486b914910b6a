"""What a soak finds, and what led to it: the steps of the session, and what was done to the target."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What was wrong; the words are those of the report."""

    LOST = "lost"
    RESURRECTED = "resurrected"
    MIXED_UP = "mixed up"
    WRONG = "wrong answer"
    LATE = "late"
    DOWN = "down for good"


@dataclass(frozen=True)
class Note:
    """Something that happened, `at` seconds after the soak began."""

    at: float
    text: str


@dataclass(frozen=True)
class Finding:
    """What was wrong where, with what led to it: `steps` of the session's client, `events` of the target."""

    kind: Kind
    target: str
    at: float
    what: str
    steps: tuple[Note, ...] = ()
    events: tuple[Note, ...] = ()
