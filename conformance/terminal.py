"""What the one who ran the suite sees: progress, the matrix of targets and areas, every failure as a bug report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from conformance.client import Exchange
from conformance.outcomes import Outcome
from conformance.redact import redact
from conformance.results import Result

PLAIN_WIDTH = 150
LONGEST_BODY = 400
LAST_EXCHANGES = 4
STYLES = {
    Outcome.PASS: "green",
    Outcome.OBSERVED: "dim",
    Outcome.UNSUPPORTED: "blue",
    Outcome.DEVIATES: "yellow",
    Outcome.WARN: "magenta",
    Outcome.FAIL: "bold red",
    Outcome.FIXED: "bold red",
    Outcome.BLOCKED: "bold red",
    Outcome.BROKEN: "bold white on red",
}
LETTERS = {
    Outcome.DEVIATES: "d",
    Outcome.UNSUPPORTED: "u",
    Outcome.OBSERVED: "o",
    Outcome.WARN: "w",
    Outcome.FAIL: "F",
    Outcome.FIXED: "X",
    Outcome.BLOCKED: "L",
    Outcome.BROKEN: "B",
}
LEGEND = (
    "a number alone: so many clauses pass; with a letter: d deviates as written down, u unsupported as declared and "
    "shown, o observed, w warns (SHOULD), F fails, X is fixed (the manifest is wrong), L blocked, B broken"
)


def console() -> Console:
    """Make the console; a pipe gets lines that do not wrap early."""
    made = Console(highlight=False)
    return made if made.is_terminal else Console(highlight=False, width=PLAIN_WIDTH)


def progress(out: Console) -> Progress:
    """Make the progress display: what is done, of how much, and the time left."""
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=out
    )


def matrix(results: Sequence[Result]) -> Table:
    """Make the matrix: a row a target, a column an area."""
    areas = list(dict.fromkeys(result.clause.area for result in results))
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("target", no_wrap=True)
    for area in areas:
        table.add_column(area, no_wrap=True)
    for target in dict.fromkeys(result.target.name for result in results):
        counts = {area: Counter[Outcome]() for area in areas}
        for result in results:
            if result.target.name == target:
                counts[result.clause.area][result.outcome] += 1
        table.add_row(target, *(_cell(counts[area]) for area in areas))
    return table


def _cell(counts: Counter[Outcome]) -> Text:
    parts = [(str(counts[Outcome.PASS]), STYLES[Outcome.PASS])] if counts[Outcome.PASS] else []
    parts += [(f"{counts[each]}{letter}", STYLES[each]) for each, letter in LETTERS.items() if counts[each]]
    text = Text()
    for number, (part, style) in enumerate(parts):
        text.append(" " if number else "").append(part, style)
    return text


def totals(results: Sequence[Result]) -> str:
    """Return the number of results of each outcome, in one line."""
    counts = Counter(result.outcome for result in results)
    return ", ".join(f"{counts[each]} {each}" for each in Outcome if counts[each])


def show_failures(out: Console, results: Sequence[Result], logs: dict[str, str]) -> None:
    """Print each result that fails the run or warns; what is broken is told once a target, with the end of its log."""
    told: set[str] = set()
    for result in results:
        if result.outcome is Outcome.BROKEN:
            if result.target.name not in told:
                told.add(result.target.name)
                _show_broken(out, result, logs.get(result.target.name, ""))
        elif result.outcome.fails_the_run or result.outcome is Outcome.WARN:
            _show(out, result)


def _show_broken(out: Console, result: Result, log: str) -> None:
    out.print(f"\n[{STYLES[Outcome.BROKEN]}]broken[/] [bold]{result.target.name}[/]: {escape(result.record.detail)}")
    out.print(f"  first at {result.clause.id}; nothing that this target was not asked any more counts as checked")
    for line in log.splitlines():
        out.print(Text(f"  log | {redact(line)}"))


def _show(out: Console, result: Result) -> None:
    clause = result.clause
    out.print(
        f"\n[{STYLES[result.outcome]}]{result.outcome}[/] [bold]{result.target.name}[/] {clause.id} ({clause.level})"
    )
    out.print(Text(f"  expected: {clause.text}"))
    out.print(Text(f"  because:  {clause.why} ({'; '.join(clause.sources)})"))
    out.print(Text(f"  seen:     {redact(_seen(result))}"))
    exchanges = list(enumerate(result.record.exchanges, 1))
    if len(exchanges) > LAST_EXCHANGES:
        out.print(f"  the last {LAST_EXCHANGES} of {len(exchanges)} requests:")
    for number, exchange in exchanges[-LAST_EXCHANGES:]:
        out.print(Text(redact(_exchange(number, exchange))))
    out.print(Text(f"  again:    make conformance TARGETS={result.target.name} CLAUSES={clause.id}"))


def _seen(result: Result) -> str:
    if result.outcome is Outcome.BLOCKED:
        return f"{result.blocked_by} did not hold" if result.blocked_by else result.record.detail
    if result.outcome is not Outcome.FIXED:
        return result.record.detail
    what = f"it holds; {result.target.manifest}, target {result.target.name}: take "
    if result.declared.absent:
        return f"{what}'{min(result.declared.absent)}' out of absent"
    return f"{what}the deviation for {result.clause.id} out"


def _exchange(number: int, exchange: Exchange) -> str:
    lines = [f"  ({exchange.step})"] if exchange.step else []
    head, _, body = exchange.request.raw.decode("utf-8", "backslashreplace").partition("\r\n\r\n")
    lines += [f"  {number:2} > {line}" for line in head.splitlines()]
    lines += [f"     > {_short(body)}"] if body else []
    if exchange.response is None:
        return "\n".join([*lines, f"     < {exchange.problem}"])
    lines.append(f"     < {exchange.response.status}")
    lines += [f"     < {name}: {value}" for name, value in exchange.response.headers]
    if exchange.response.body:
        lines += [f"     < {line}" for line in _short(exchange.response.text).splitlines()]
    return "\n".join(lines)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_BODY else f"{text[:LONGEST_BODY]}… ({len(text)} characters)"
