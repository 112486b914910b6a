"""Whether a measurement says something about its target, or about what measured it: one small pure function."""

from __future__ import annotations

from bench.records import Counts, Load
from bench.wrk import Generated

BUSIEST_GENERATOR = 0.8  # of its core
LEAST_ACHIEVED = 0.99  # of the rate that was due
LEAST_CEILING = 3.0  # the null application's rate, as a multiple of the target's


def reasons(
    load: Load, seen: Generated, lost: int, ceiling: float | None, *, may_lose: bool, is_null: bool
) -> list[str]:
    """Return why a measurement cannot be used; nothing where it can.

    `ceiling` is the null application's rate at as many connections, None where there is none to compare with. The null
    application itself is there to bring the generator to its limit.
    """
    counts, rate = seen.counts, seen.counts.good / seen.seconds
    found = _wrong(counts)
    if lost and not may_lose:
        found.append(f"{lost} acknowledged counts were lost")
    if seen.cpu > BUSIEST_GENERATOR and not is_null:
        found.append(f"the generator took {seen.cpu:.0%} of its core")
    if not counts.good:
        found.append("no answer was right")
    if load.open and rate < LEAST_ACHIEVED * load.rate:
        found.append(f"{rate:.0f} of {load.rate:.0f} a second were achieved")
    if ceiling is not None and not load.open and ceiling < LEAST_CEILING * rate:
        found.append(f"the null application was only {ceiling / rate:.1f} times as fast")
    return found


def _wrong(counts: Counts) -> list[str]:
    told = {
        "answers were wrong": counts.wrong,
        "answers had a status of 500 or above": counts.failed,
        "requests were not answered": counts.unanswered,
    }
    return [f"{number} {text}" for text, number in told.items() if number]
