"""The outcome table of DESIGN, a test a row."""

from __future__ import annotations

import pytest

from conformance.clause import Level
from conformance.outcomes import Outcome, Seen, outcome

MUST, SHOULD, OBSERVE = Level.MUST, Level.SHOULD, Level.OBSERVE


def verdict(
    level: Level, seen: Seen, *, absent: bool = False, deviates: bool = False, base_failed: bool = False
) -> Outcome:
    return outcome(level, seen, absent=absent, deviates=deviates, base_failed=base_failed)


@pytest.mark.parametrize("level", [MUST, SHOULD])
def test_a_clause_that_held_passes(level: Level) -> None:
    assert verdict(level, Seen.HELD) is Outcome.PASS


def test_a_must_that_did_not_hold_fails() -> None:
    assert verdict(MUST, Seen.NOT_HELD) is Outcome.FAIL


def test_a_should_that_did_not_hold_warns() -> None:
    assert verdict(SHOULD, Seen.NOT_HELD) is Outcome.WARN


@pytest.mark.parametrize("seen", [Seen.HELD, Seen.NOT_HELD])
@pytest.mark.parametrize("absent", [False, True])
def test_an_observation_is_observed_whatever_it_saw(seen: Seen, absent: bool) -> None:  # noqa: FBT001
    assert verdict(OBSERVE, seen, absent=absent) is Outcome.OBSERVED


@pytest.mark.parametrize("level", [MUST, SHOULD])
def test_a_deviation_seen_again_deviates(level: Level) -> None:
    assert verdict(level, Seen.NOT_HELD, deviates=True) is Outcome.DEVIATES


@pytest.mark.parametrize("level", [MUST, SHOULD])
@pytest.mark.parametrize("declared", ["absent", "deviates"])
def test_what_was_declared_not_to_hold_and_holds_is_fixed(level: Level, declared: str) -> None:
    assert verdict(level, Seen.HELD, **{declared: True}) is Outcome.FIXED


@pytest.mark.parametrize("level", [MUST, SHOULD])
def test_an_absent_capability_that_was_shown_absent_is_unsupported(level: Level) -> None:
    assert verdict(level, Seen.NOT_HELD, absent=True) is Outcome.UNSUPPORTED


@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("seen", [Seen.HELD, Seen.NOT_HELD])
def test_a_clause_is_blocked_by_one_that_it_builds_on(level: Level, seen: Seen) -> None:
    assert verdict(level, seen, base_failed=True) is Outcome.BLOCKED


@pytest.mark.parametrize("declared", ["absent", "deviates"])
def test_a_check_that_could_not_be_set_up_is_blocked_and_never_excused(declared: str) -> None:
    assert verdict(MUST, Seen.NOT_SET_UP, **{declared: True}) is Outcome.BLOCKED


@pytest.mark.parametrize("declared", ["absent", "deviates", "base_failed"])
def test_a_dead_target_is_broken_whatever_was_declared(declared: str) -> None:
    assert verdict(MUST, Seen.BROKEN, **{declared: True}) is Outcome.BROKEN


def test_these_outcomes_and_no_others_fail_the_run() -> None:
    failing = {each for each in Outcome if each.fails_the_run}
    assert failing == {Outcome.FAIL, Outcome.FIXED, Outcome.BLOCKED, Outcome.BROKEN}


@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("declared", ["absent", "deviates"])
def test_what_is_out_of_reach_is_unchecked_whatever_was_declared(level: Level, declared: str) -> None:
    assert verdict(level, Seen.OUT_OF_REACH, base_failed=True, **{declared: True}) is Outcome.UNCHECKED
