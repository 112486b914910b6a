"""What the one who ran the suite sees: progress, the matrix of targets and areas, every failure as a bug report."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from conformance import bug_report
from conformance.outcomes import Outcome
from conformance.results_file import Broken, Header, Line

PLAIN_WIDTH = 180
LINE_SECONDS = 10.0  # between lines of progress where the output is no terminal
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
    Outcome.UNCHECKED: "dim",
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
    Outcome.UNCHECKED: "-",
}
LEGEND = (
    "a number alone: so many clauses pass; with a letter: d deviates as written down, u unsupported as declared and "
    "shown, o observed, w warns (SHOULD), F fails, X is fixed (the manifest is wrong), L blocked, B broken, "
    "- unchecked: out of this runtime's or this store's reach"
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


@contextmanager
def steady_progress(out: Console, what: str, total: float) -> Iterator[Callable[[float, str], None]]:
    """Show how far something has come and the time left; where the output is no terminal, a line now and then."""
    if out.is_terminal:
        columns = TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn()
        with Progress(*columns, console=out) as bar:
            task = bar.add_task(what, total=total)
            yield lambda done, text: bar.update(task, completed=done, description=f"{what}: {text}")
        return
    last = time.monotonic()

    def tell(done: float, text: str) -> None:
        nonlocal last
        if time.monotonic() - last >= LINE_SECONDS:
            last = time.monotonic()
            out.print(f"  {what}: {done / total:.0%}, {text}")

    yield tell


class Cell(NamedTuple):
    """What a clause of an area did on a target."""

    target: str
    area: str
    outcome: Outcome


def matrix(cells: Sequence[Cell]) -> Table:
    """Make the matrix: a row a target, a column an area; areas in which all targets pass everything are one column."""
    every = list(dict.fromkeys(cell.area for cell in cells))
    areas = [area for area in every if any(cell.area == area and cell.outcome is not Outcome.PASS for cell in cells)]
    same = len(every) - len(areas)
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("target", no_wrap=True)
    if same:
        table.add_column(f"{same} more", no_wrap=True)
    for area in areas:
        table.add_column(area, overflow="fold")
    for target in dict.fromkeys(cell.target for cell in cells):
        counts = {area: Counter[Outcome]() for area in every}
        for cell in cells:
            if cell.target == target:
                counts[cell.area][cell.outcome] += 1
        elsewhere = sum((counts[area] for area in every if area not in areas), Counter[Outcome]())
        table.add_row(target, *([_cell(elsewhere)] if same else []), *(_cell(counts[area]) for area in areas))
    return table


def _cell(counts: Counter[Outcome]) -> Text:
    parts = [(str(counts[Outcome.PASS]), STYLES[Outcome.PASS])] if counts[Outcome.PASS] else []
    parts += [(f"{counts[each]}{letter}", STYLES[each]) for each, letter in LETTERS.items() if counts[each]]
    text = Text()
    for number, (part, style) in enumerate(parts):
        text.append(" " if number else "").append(part, style)
    return text


def totals(outcomes: Iterable[Outcome]) -> str:
    """Return the number of results of each outcome, in one line."""
    counts = Counter(outcomes)
    return ", ".join(f"{counts[each]} {each}" for each in Outcome if counts[each])


def show_failures(out: Console, header: Header, lines: Iterable[Line], broken: Mapping[str, Broken]) -> None:
    """Print each result that fails the run or warns; what is broken is told once a target, with the end of its log."""
    told: set[str] = set()
    for line in lines:
        if line.outcome is Outcome.BROKEN:
            if line.target not in told:
                told.add(line.target)
                _show_broken(out, line, broken[line.target])
        elif line.outcome.fails_the_run or line.outcome is Outcome.WARN:
            _show(out, line, bug_report.body(header, line))


def _show_broken(out: Console, line: Line, how: Broken) -> None:
    out.print()
    out.print(Text.assemble(("broken", STYLES[Outcome.BROKEN]), " ", (line.target, "bold"), f": {line.detail}"))
    out.print(Text(f"  first at {line.clause}; nothing that this target was not asked any more counts as checked"))
    for each in [f"state: {how.state}", *how.log.splitlines()]:
        out.print(Text(f"  log | {each}"))


def _show(out: Console, line: Line, body: str) -> None:
    out.print()
    out.print(Text.assemble((str(line.outcome), STYLES[line.outcome]), " ", (bug_report.title(line), "bold")))
    for each in body.splitlines():
        out.print(Text(f"  {each}"), soft_wrap=True)  # a command has to stay in one line
