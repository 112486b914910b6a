"""What a clause is, and the decorator that makes a test function one. Used by every file under `clauses/`."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """How strong a clause is (RFC 2119); OBSERVE records a difference and never fails."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    OBSERVE = "OBSERVE"


class Capability(StrEnum):
    """What a target can promise at all (SPEC.md, Capabilities)."""

    SESSION_IDS = "session-ids"
    REVOCATION = "revocation"
    ATOMIC_UPDATES = "atomic-updates"
    LARGE_SESSIONS = "large-sessions"
    IDLE_TIMEOUT = "idle-timeout"
    PROBES = "probes"


@dataclass(frozen=True)
class Clause:
    """One requirement.

    `needs` is the capability without which it cannot hold; `builds_on` are the ids of the clauses without which its
    check means nothing; `sources` are where it comes from; `hand` tells whether its check needs instances and a store
    of its own. `text` says what is required, `why` why it matters.
    """

    id: str
    level: Level
    needs: frozenset[Capability]
    builds_on: tuple[str, ...]
    sources: tuple[str, ...]
    text: str
    why: str
    hand: bool = False

    @property
    def area(self) -> str:
        """The topic: what stands before the dot."""
        return self.id.partition(".")[0]


Check = Callable[..., Any]


def clause(
    id: str,  # noqa: A002 (the word of DESIGN)
    level: Level,
    *,
    sources: tuple[str, ...],
    needs: tuple[Capability, ...] = (),
    builds_on: tuple[str, ...] = (),
) -> Callable[[Check], Check]:
    """Make a test function a clause: its docstring's first paragraph is the requirement, the rest says why."""

    def decorate(check: Check) -> Check:
        text, _, why = (inspect.getdoc(check) or "").partition("\n\n")
        if not text or not why:
            raise TypeError(f"clause {id}: its docstring gives the requirement, an empty line, and why it matters")
        made = Clause(
            id,
            level,
            frozenset(needs),
            builds_on,
            sources,
            " ".join(text.split()),
            " ".join(why.split()),
            hand="own" in inspect.signature(check).parameters,
        )
        check.clause = made  # type: ignore[attr-defined] # a function may carry anything
        return check

    return decorate
