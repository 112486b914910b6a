"""Two runs held against each other, clause by clause on each target: regressed, fixed, new, gone, changed kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum

import msgspec

from conformance import bug_report
from conformance.outcomes import Outcome
from report import markdown
from report.read import Run

FROM_BEST_TO_WORST = (
    Outcome.PASS,
    Outcome.OBSERVED,
    Outcome.UNSUPPORTED,
    Outcome.DEVIATES,
    Outcome.WARN,
    Outcome.FIXED,
    Outcome.FAIL,
    Outcome.BLOCKED,
    Outcome.BROKEN,
)


class Change(StrEnum):
    """What became of a clause on a target."""

    REGRESSED = "regressed"  # it did not fail the run, and now does
    FIXED = "fixed"  # the reverse
    WORSE = "worse"  # of another kind, on the same side of the line
    BETTER = "better"
    NEW = "new"
    GONE = "gone"
    SAME = "same"


class Difference(msgspec.Struct, frozen=True):
    """A clause on a target that is not as it was; `old` or `new` is null where it was not checked."""

    target: str
    clause: str
    change: Change
    old: Outcome | None
    new: Outcome | None
    seen: str


class Comparison(msgspec.Struct, frozen=True):
    """All differences, in the order of `Change`; `apart` says in what else the runs differ."""

    old: str
    new: str
    apart: list[str]
    counts: dict[Change, int]
    differences: list[Difference]
    broken: list[str]  # targets of the new run
    exit_status: int


def change(old: Outcome | None, new: Outcome | None) -> Change:
    """Classify a pair of outcomes; None, and `unchecked`, is a clause that the run did not check."""
    old, new = (None if each is Outcome.UNCHECKED else each for each in (old, new))
    if old == new:
        return Change.SAME
    if old is None:
        return Change.NEW
    if new is None:
        return Change.GONE
    if old.fails_the_run != new.fails_the_run:
        return Change.REGRESSED if new.fails_the_run else Change.FIXED
    return Change.WORSE if FROM_BEST_TO_WORST.index(new) > FROM_BEST_TO_WORST.index(old) else Change.BETTER


def compare(old: Run, new: Run) -> Comparison:
    """Compare two runs. The exit status is 1 where one clause regressed, or where a target of the new run is broken."""
    before, after = ({(line.target, line.clause): line for line in run.lines} for run in (old, new))
    differences = []
    for target, clause in dict.fromkeys([*after, *before]):
        was, now = before.get((target, clause)), after.get((target, clause))
        outcomes = was.outcome if was else None, now.outcome if now else None
        seen = bug_report.seen(new.header, now) if now else ""
        differences.append(Difference(target, clause, change(*outcomes), *outcomes, seen))
    counts = Counter(each.change for each in differences)
    broken = sorted(new.footer.broken)
    order = list(Change)
    return Comparison(
        old=old.header.run,
        new=new.header.run,
        apart=_apart(old, new),
        counts={each: counts[each] for each in Change},
        differences=sorted(
            (each for each in differences if each.change is not Change.SAME),
            key=lambda each: (order.index(each.change), each.target),
        ),
        broken=broken,
        exit_status=int(bool(counts[Change.REGRESSED] or broken)),
    )


def _apart(old: Run, new: Run) -> list[str]:
    one, other = old.header, new.header
    pairs = {
        "the suite": (_suite(old), _suite(new)),
        "the runtime": (one.runtime, other.runtime),
        "the machine": (f"{one.host.system} {one.host.machine}", f"{other.host.system} {other.host.machine}"),
    }
    return [f"{what} was {was} and is {now}" for what, (was, now) in pairs.items() if was != now]


def _suite(run: Run) -> str:
    return f"{run.header.suite.version} ({run.header.suite.clauses_hash})"


def as_json(comparison: Comparison) -> str:
    """Return the comparison as JSON."""
    return msgspec.json.format(msgspec.json.encode(comparison)).decode()


def as_text(comparison: Comparison) -> str:
    """Return the comparison for a terminal."""
    lines = [f"old {comparison.old}, new {comparison.new}", *(f"  {each}" for each in comparison.apart)]
    for kind, found in _by_change(comparison):
        lines += ["", f"{kind} ({len(found)})"]
        lines += [f"  {each.target} {each.clause}: {_arrow(each)}{_because(each)}" for each in found]
    lines += [f"\nbroken: {each}" for each in comparison.broken]
    return "\n".join([*lines, "", _verdict(comparison)])


def as_markdown(comparison: Comparison) -> str:
    """Return the comparison for a pull request."""
    lines = [f"## {_verdict(comparison)}", "", f"Old run {comparison.old}, new run {comparison.new}.", ""]
    lines += [f"- {markdown.escape(each)}" for each in comparison.apart]
    lines += [f"- broken: `{each}`" for each in comparison.broken]
    for kind, found in _by_change(comparison):
        rows = [(f"`{each.target}`", f"`{each.clause}`", _arrow(each), markdown.escape(each.seen)) for each in found]
        lines += ["", f"### {kind} ({len(found)})", "", *markdown.table(("target", "clause", "outcome", "seen"), rows)]
    return "\n".join(lines)


def _by_change(comparison: Comparison) -> list[tuple[Change, Sequence[Difference]]]:
    groups = [(kind, [each for each in comparison.differences if each.change is kind]) for kind in Change]
    return [(kind, found) for kind, found in groups if found]


def _arrow(difference: Difference) -> str:
    return f"{difference.old or 'not checked'} → {difference.new or 'not checked'}"


def _because(difference: Difference) -> str:
    return f": {difference.seen}" if difference.seen and difference.change in {Change.REGRESSED, Change.WORSE} else ""


def _verdict(comparison: Comparison) -> str:
    counted = ", ".join(f"{number} {kind}" for kind, number in comparison.counts.items() if number)
    return f"{'REGRESSED' if comparison.exit_status else 'no regression'}: {counted}"
