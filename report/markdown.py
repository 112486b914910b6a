"""A run as Markdown: the verdict, the matrix, what runs, and every result that fails the run or warns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from conformance import bug_report
from conformance.outcomes import Outcome
from conformance.results_file import Line, TargetFacts
from conformance.terminal import totals
from report.read import Run


def of(run: Run) -> str:
    """Return the page."""
    verdict = "failed" if run.footer.exit_status else "passed"
    header = run.header
    return "\n".join(
        [
            f"## Conformance {verdict}: {totals(line.outcome for line in run.lines)}",
            "",
            _circumstances(run),
            "",
            *_matrix(run),
            *_failures(run),
            *_observed(run),
            "",
            "### What ran",
            "",
            *table(("target", "versions", "image"), map(_what_ran, header.targets)),
        ]
    )


def _circumstances(run: Run) -> str:
    header = run.header
    return (
        f"Suite {header.suite.version} ({header.suite.clauses_hash}), {header.begun:%Y-%m-%d %H:%M} UTC, "
        f"{run.footer.seconds:.0f} s; runtime {header.runtime}, {header.host.cpus} cores, {header.host.system}."
    )


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table; the cells are Markdown."""
    written = [columns, ["---"] * len(columns), *rows]
    return [f"| {' | '.join(row)} |" for row in written]


def escape(text: str) -> str:
    """Make Markdown of plain text, in one line."""
    text = "".join(f"\\{each}" if each in "\\`*_[]|#~" else each for each in " ".join(text.split()))
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _matrix(run: Run) -> list[str]:
    areas = list(dict.fromkeys(each.id.partition(".")[0] for each in run.header.clauses))
    rows = []
    for target in run.header.targets:
        cells = [_cell(each for each in run.lines if (each.target, each.area) == (target.name, area)) for area in areas]
        rows.append([f"`{target.name}`", *cells])
    return table(("target", *areas), rows)


def _cell(lines: Iterable[Line]) -> str:
    counts = Counter(line.outcome for line in lines)
    told = [
        f"**{number} {outcome}**" if outcome.fails_the_run else f"{number} {outcome}"
        for outcome, number in sorted(counts.items(), key=lambda each: list(Outcome).index(each[0]))
    ]
    return ", ".join(told)


def _failures(run: Run) -> Iterator[str]:
    for name, how in run.footer.broken.items():
        reason = next(each.detail for each in run.lines if each.target == name and each.outcome is Outcome.BROKEN)
        yield from ("", f"### broken: `{name}`", "", escape(reason), "", *_fenced(f"state: {how.state}\n{how.log}"))
    for line in run.lines:
        if line.outcome is not Outcome.BROKEN and (line.outcome.fails_the_run or line.outcome is Outcome.WARN):
            yield from ("", f"### {line.outcome}: `{line.clause}` ({line.level}) on `{line.target}`", "")
            yield from (escape(bug_report.seen(run.header, line)), "")
            yield from ("<details><summary>report</summary>", "", *_fenced(bug_report.body(run.header, line)))
            yield from ("", "</details>")


def _observed(run: Run) -> Iterator[str]:
    found = [line for line in run.lines if line.outcome is Outcome.OBSERVED]
    if found:
        rows = [(f"`{each.clause}`", f"`{each.target}`", escape(each.detail)) for each in found]
        yield from ("", "### Observed", "", *table(("clause", "target", "value"), sorted(rows)))


def _what_ran(target: TargetFacts) -> tuple[str, str, str]:
    parts = ", ".join(f"{part.name} {part.version}" for part in (target.about or {}).values())
    return f"`{target.name}`", escape(parts) or "(it does not say)", escape(target.image[:19])


def _fenced(text: str) -> list[str]:
    fence = "```"
    while fence in text:
        fence += "`"
    return [f"{fence}text", text, fence]
