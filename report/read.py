"""Reads a file of results, and says by name what is wrong with one. Used by everything in `report`.

In the order in which a file is looked at: it cannot be opened; it is empty; a line is no JSON, or not what the schema
says; it is of another format; it is truncated, doubled or mixed with another run's; its footer does not add up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from conformance.outcomes import Outcome
from conformance.results_file import FORMAT, Footer, Header, Line


class ResultsError(Exception):
    """A file of results that cannot be used; the message names the file, where it can the line, and what to do."""


class Unreadable(ResultsError):
    """It is not there, or may not be read."""


class Empty(ResultsError):
    """There is nothing in it."""


class NotJson(ResultsError):
    """A line is not JSON."""


class NotValid(ResultsError):
    """A line is JSON, and not as the schema says."""


class UnknownFormat(ResultsError):
    """It was written by another version of the suite, in a format that this one does not read."""


class Truncated(ResultsError):
    """Its beginning or its end is missing: the run was stopped, or the file is being written."""


class Doubled(ResultsError):
    """A header, a footer or a result stands twice."""


class Mixed(ResultsError):
    """A line belongs to another run, or to a target or clause that the header does not name."""


class WrongTotals(ResultsError):
    """The footer, or the number of results, does not add up."""


@dataclass(frozen=True)
class Run:
    """A whole file."""

    header: Header
    lines: list[Line]
    footer: Footer


@dataclass
class _Unfinished:
    """What was read so far."""

    header: Header | None = None
    lines: dict[tuple[str, str], Line] = field(default_factory=dict)
    footer: Footer | None = None


class _Format(msgspec.Struct):
    format: int


def read(path: Path) -> Run:
    """Read a file; raises `ResultsError`."""
    run = _Unfinished()
    for number, line in _decoded(path):
        where = f"{path}: line {number}"
        match line:
            case Header():
                _take_header(run, line, where)
            case Line():
                _take_line(run, line, where)
            case Footer():
                _take_footer(run, line, where)
    if not run.header or not run.footer:
        raise Truncated(f"{path}: there is no footer: the run did not come to its end, or still goes on; run it again")
    _add_up(run.header, run.lines, run.footer, path)
    return Run(run.header, list(run.lines.values()), run.footer)


def _decoded(path: Path) -> Iterator[tuple[int, Header | Line | Footer]]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror}") from None
    if not content.strip():
        raise Empty(f"{path}: it is empty: the run was stopped before it began; run it again")
    lines = content.split(b"\n")
    for number, line in enumerate(lines, 1):
        if number == len(lines):
            if line:
                raise Truncated(f"{path}: line {number}: it ends in the middle of the line; run it again")
        else:
            yield number, _decode(line, f"{path}: line {number}")


def _decode(line: bytes, where: str) -> Header | Line | Footer:
    try:
        return msgspec.json.decode(line, type=Header | Line | Footer)
    except msgspec.ValidationError as error:
        _check_format(line, where)
        raise NotValid(f"{where}: {error}; results.schema.json says what a line is") from None
    except msgspec.DecodeError as error:
        raise NotJson(f"{where}: not JSON: {error}") from None


def _check_format(line: bytes, where: str) -> None:
    try:
        number = msgspec.json.decode(line, type=_Format).format
    except msgspec.DecodeError:
        return
    if number != FORMAT:
        raise UnknownFormat(f"{where}: it is of format {number}; this suite reads format {FORMAT}")


def _take_header(run: _Unfinished, header: Header, where: str) -> None:
    if header.format != FORMAT:
        raise UnknownFormat(f"{where}: it is of format {header.format}; this suite reads format {FORMAT}")
    if run.header:
        raise Doubled(f"{where}: a second header, of run {header.run}; give each run a file of its own")
    run.header = header


def _take_line(run: _Unfinished, line: Line, where: str) -> None:
    header = _header(run, line.run, where)
    if run.footer:
        raise Mixed(f"{where}: a result after the footer")
    if line.target not in {each.name for each in header.targets}:
        raise Mixed(f"{where}: the header names no target {line.target!r}")
    if line.clause not in {each.id for each in header.clauses}:
        raise Mixed(f"{where}: the header names no clause {line.clause!r}")
    if (line.target, line.clause) in run.lines:
        raise Doubled(f"{where}: a second result of {line.clause} on {line.target}")
    run.lines[line.target, line.clause] = line


def _take_footer(run: _Unfinished, footer: Footer, where: str) -> None:
    _header(run, footer.run, where)
    if run.footer:
        raise Doubled(f"{where}: a second footer")
    run.footer = footer


def _header(run: _Unfinished, name: str, where: str) -> Header:
    if not run.header:
        raise Truncated(f"{where}: there is no header before it: the beginning of the file is missing")
    if name != run.header.run:
        raise Mixed(f"{where}: it is of run {name}, the file of {run.header.run}")
    return run.header


def _add_up(header: Header, lines: dict[tuple[str, str], Line], footer: Footer, path: Path) -> None:
    counted = Counter(line.outcome for line in lines.values())
    for outcome in Outcome:
        if counted[outcome] != footer.totals.get(outcome, 0):
            raise WrongTotals(
                f"{path}: the footer counts {footer.totals.get(outcome, 0)} {outcome}, the lines are {counted[outcome]}"
            )
    due = len(header.targets) * len(header.clauses)
    if len(lines) != due:
        raise WrongTotals(
            f"{path}: {len(header.targets)} targets and {len(header.clauses)} clauses make {due} results, "
            f"and there are {len(lines)}"
        )
    status = int(any(outcome.fails_the_run for outcome in counted))
    if footer.exit_status != status:
        raise WrongTotals(f"{path}: the footer's exit status is {footer.exit_status}, the results make it {status}")
