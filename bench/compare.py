"""Two campaigns held against each other: each target's ratio to the baseline, before and after.

Ratios and not figures, since two campaigns are never measured at the same time; the baseline was there both
times.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from bench import summary
from bench.records import Campaign
from bench.scenarios import Scenario
from bench.statistics import Interval, quotient
from bench.summary import Summary

MEASURES = {"CPU time a request": summary.app_cpu, "requests a second": summary.rate, "p99": summary.p99}
MORE_IS_BETTER = {"requests a second"}


class Change(StrEnum):
    """What became of a figure."""

    WORSE = "worse"
    BETTER = "better"
    NOT_SHOWN = "no difference shown"


class Difference(msgspec.Struct, frozen=True):
    """A figure of a target as a ratio to the baseline: before, after, and after divided by before with its interval."""

    target: str
    scenario: Scenario
    load: str
    measure: str
    change: Change
    old: float
    new: float
    quotient: float
    low: float
    high: float


class Comparison(msgspec.Struct, frozen=True):
    """All figures that both campaigns have; `apart` says in what else they differ."""

    old: str
    new: str
    apart: list[str]
    differences: list[Difference]
    gone: list[str]
    exit_status: int


def compare(old: Campaign, new: Campaign) -> Comparison:
    """Compare two campaigns. The exit status is 1 where a figure is shown to be worse, or a target is not measured."""
    before, after = Summary(old), Summary(new)
    names = [slot.name for slot in before.slots if not slot.not_eligible and slot.name != before.baseline]
    measured = {slot.name for slot in after.slots if not slot.not_eligible}
    gone = [name for name in names if name not in measured]
    differences = [
        found
        for name in names
        if name in measured and not name.endswith(summary.AGAIN)
        for asked in before.loads
        for measure in MEASURES
        if (found := _difference(before, after, name, asked, measure))
    ]
    worse = any(each.change is Change.WORSE for each in differences)
    return Comparison(
        old.header.campaign, new.header.campaign, _apart(old, new), differences, gone, int(worse or bool(gone))
    )


def as_json(comparison: Comparison) -> str:
    """Return the comparison as JSON."""
    return msgspec.json.format(msgspec.json.encode(comparison)).decode()


def as_text(comparison: Comparison) -> str:
    """Return the comparison for a terminal: what is shown to have changed."""
    lines = [f"old {comparison.old}, new {comparison.new}", *(f"  {each}" for each in comparison.apart)]
    for change in (Change.WORSE, Change.BETTER):
        found = [each for each in comparison.differences if each.change is change]
        lines += ["", f"{change} ({len(found)})"] if found else []
        lines += [f"  {_name(each)}: {_figures(each)}" for each in found]
    lines += [f"\nnot measured any more: {each}" for each in comparison.gone]
    return "\n".join([*lines, "", _verdict(comparison)])


def as_markdown(comparison: Comparison) -> str:
    """Return the comparison for a pull request."""
    lines = [f"## {_verdict(comparison)}", "", f"Old campaign {comparison.old}, new campaign {comparison.new}.", ""]
    lines += [f"- {each}" for each in comparison.apart]
    lines += [f"- not measured any more: `{each}`" for each in comparison.gone]
    shown = [each for each in comparison.differences if each.change is not Change.NOT_SHOWN]
    if shown:
        lines += ["", "| figure | change | ratio to the baseline |", "| --- | --- | --- |"]
        lines += [f"| {_name(each)} | {each.change} | {_figures(each)} |" for each in shown]
    return "\n".join(lines)


def _difference(
    before: Summary, after: Summary, name: str, asked: tuple[Scenario, str], measure: str
) -> Difference | None:
    scenario, load = asked
    one, other = (each.ratios(name, scenario, load, MEASURES[measure]) for each in (before, after))
    found = quotient(one, other, after.campaign.header.seed)
    was, now = (each.ratio(name, scenario, load, MEASURES[measure]) for each in (before, after))
    if not found or not was or not now:
        return None
    change = _change(found, more_is_better=measure in MORE_IS_BETTER)
    return Difference(
        name, scenario, load, measure, change, was.median, now.median, found.median, found.low, found.high
    )


def _change(found: Interval, *, more_is_better: bool) -> Change:
    if not found.differs:
        return Change.NOT_SHOWN
    return Change.BETTER if (found.median > 1) == more_is_better else Change.WORSE


def _apart(old: Campaign, new: Campaign) -> list[str]:
    one, other = old.header, new.header
    pairs = {
        "the baseline": (one.baseline, other.baseline),
        "the commit": (one.commit, other.commit),
        "the runtime": (one.runtime, other.runtime),
        "the machine": (_machine(old), _machine(new)),
        "the number of rounds": (str(one.rounds), str(other.rounds)),
    }
    return [f"{what} was {was} and is {now}" for what, (was, now) in pairs.items() if was != now]


def _machine(campaign: Campaign) -> str:
    machine = campaign.header.machine
    return f"{machine.model} with {machine.cpus} CPUs, {machine.system}"


def _name(difference: Difference) -> str:
    return f"{difference.target}, {difference.scenario}, {difference.load}, {difference.measure}"


def _figures(each: Difference) -> str:
    times = f"{each.quotient:.2f} [{each.low:.2f}, {each.high:.2f}]"
    return f"{each.old:.2f} → {each.new:.2f}, that is {times} times as much"


def _verdict(comparison: Comparison) -> str:
    counts = {change: sum(each.change is change for each in comparison.differences) for change in Change}
    return ", ".join(f"{number} {change}" for change, number in counts.items())
