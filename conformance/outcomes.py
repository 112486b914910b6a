"""What a clause did on a target: a pure function of what was seen and of what was declared (DESIGN, Outcomes)."""

from __future__ import annotations

from enum import StrEnum

from conformance.clause import Level


class Seen(StrEnum):
    """What a check saw, before anything that was declared is held against it."""

    HELD = "held"
    NOT_HELD = "not held"
    NOT_SET_UP = "not set up"  # a step that only prepares the check went wrong
    BROKEN = "broken"  # the target is dead, hangs or answers rubbish
    OUT_OF_REACH = "out of reach"  # nobody here has the hand on the target that the check needs


class Outcome(StrEnum):
    """The verdict."""

    PASS = "pass"  # noqa: S105 (no password)
    FAIL = "fail"
    WARN = "warn"
    OBSERVED = "observed"
    DEVIATES = "deviates"
    FIXED = "fixed"
    UNSUPPORTED = "unsupported"
    BLOCKED = "blocked"
    BROKEN = "broken"
    UNCHECKED = "unchecked"

    @property
    def fails_the_run(self) -> bool:
        """Whether the run ends with a non-zero status."""
        return self in {Outcome.FAIL, Outcome.FIXED, Outcome.BLOCKED, Outcome.BROKEN}


def outcome(  # noqa: PLR0911 (a row of the table each)
    level: Level, seen: Seen, *, absent: bool, deviates: bool, base_failed: bool
) -> Outcome:
    """Return the outcome.

    `absent`: a capability that the clause needs is declared absent. `deviates`: a deviation is written down.
    `base_failed`: a clause that this one builds on ended in fail, blocked or broken.
    """
    if seen is Seen.BROKEN:
        return Outcome.BROKEN
    if seen is Seen.OUT_OF_REACH:
        return Outcome.UNCHECKED
    if base_failed or seen is Seen.NOT_SET_UP:
        return Outcome.BLOCKED
    if level is Level.OBSERVE:
        return Outcome.OBSERVED
    if absent or deviates:
        return _declared_not_to_hold(seen, absent=absent)
    if seen is Seen.HELD:
        return Outcome.PASS
    return Outcome.FAIL if level is Level.MUST else Outcome.WARN


def _declared_not_to_hold(seen: Seen, *, absent: bool) -> Outcome:
    if seen is Seen.HELD:
        return Outcome.FIXED
    return Outcome.UNSUPPORTED if absent else Outcome.DEVIATES
