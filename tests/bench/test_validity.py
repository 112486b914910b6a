from __future__ import annotations

import pytest

from bench.records import Counts, Load
from bench.validity import reasons
from bench.wrk import Generated

CLOSED = Load(connections=16)
OPEN = Load(connections=64, rate=1000.0)


def of(
    *,
    load: Load = CLOSED,
    counts: Counts = Counts(good=1000),  # noqa: B008 -- frozen
    cpu: float = 0.3,
    lost: int = 0,
    ceiling: float | None = 9000.0,
    may_lose: bool = False,
    is_null: bool = False,
) -> list[str]:
    return reasons(load, Generated(1.0, counts, 0.001, 0.01, cpu), lost, ceiling, may_lose=may_lose, is_null=is_null)


def test_a_good_measurement_is_valid() -> None:
    assert of() == []
    assert of(load=OPEN) == []


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (of(counts=Counts(good=999, wrong=1)), "1 answers were wrong"),
        (of(counts=Counts(good=999, failed=2)), "2 answers had a status of 500 or above"),
        (of(counts=Counts(good=999, unanswered=3)), "3 requests were not answered"),
        (of(counts=Counts(good=0)), "no answer was right"),
        (of(lost=4), "4 acknowledged counts were lost"),
        (of(cpu=0.81), "the generator took 81% of its core"),
        (of(load=OPEN, counts=Counts(good=989)), "989 of 1000 a second were achieved"),
        (of(ceiling=2999.0), "the null application was only 3.0 times as fast"),
    ],
)
def test_each_reason_makes_it_invalid(found: list[str], said: str) -> None:
    assert said in found


def test_what_is_a_result_or_has_to_be_is_no_reason() -> None:
    assert of(lost=4, may_lose=True) == []
    assert of(cpu=0.99, is_null=True, ceiling=None) == []
    assert of(load=OPEN, ceiling=1.0) == []  # at a rate, the generator is not at its limit
