from __future__ import annotations

import random

from bench.statistics import interval

ROUNDS = 10


def noisy(true: float, seed: int) -> list[float]:
    source = random.Random(seed)  # noqa: S311 -- no secret
    return [true * source.lognormvariate(0, 0.05) for _ in range(ROUNDS)]


def test_nothing_has_no_interval() -> None:
    assert interval([]) is None


def test_two_values_are_the_interval_themselves() -> None:
    found = interval([0.9, 1.3])
    assert found
    assert (found.low, found.median, found.high, found.rounds) == (0.9, 1.1, 1.3, 2)


def test_a_clear_difference_is_shown_and_the_same_is_not() -> None:
    clear, same = interval(noisy(0.7, 1)), interval(noisy(1.0, 2))
    assert clear
    assert same
    assert clear.differs
    assert not same.differs


def test_a_difference_that_is_sure_and_small_is_none() -> None:
    found = interval([0.97, 0.971, 0.972, 0.973, 0.974])
    assert found
    assert found.high < 1
    assert not found.differs


def test_nineteen_of_twenty_intervals_hold_the_truth() -> None:
    held = [made.low <= 0.8 <= made.high for seed in range(200) if (made := interval(noisy(0.8, seed)))]
    assert 0.88 <= sum(held) / len(held) <= 0.99


def test_the_same_values_give_the_same_interval() -> None:
    assert interval(noisy(0.8, 3), seed=1) == interval(noisy(0.8, 3), seed=1)
