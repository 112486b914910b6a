"""The reader names what is wrong with a file."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from conformance.outcomes import Outcome
from conformance.results_file import Line, Writer
from report import read as reader
from report.read import ResultsError, read
from tests.report.runs import header, line, one_of_each, write

PASSES = {("flask", "a.one"): Outcome.PASS, ("flask", "a.two"): Outcome.FAIL}
Lines = list[bytes]


def test_what_was_written_is_read(tmp_path: Path) -> None:
    run = one_of_each(tmp_path)
    assert run.header == header(["flask"], [f"a.{outcome}" for outcome in Outcome])
    assert run.lines == [line("flask", f"a.{outcome}", outcome) for outcome in Outcome]
    assert run.footer.totals == dict.fromkeys(Outcome, 1)
    assert run.footer.exit_status == 1


def test_a_line_can_be_read_by_others_before_the_run_ends(tmp_path: Path) -> None:
    with Writer(tmp_path / "run.jsonl", header(["flask"], ["a.one"])) as file:
        file.add(line("flask", "a.one", Outcome.PASS))
        assert len(file.path.read_bytes().splitlines()) == 2


def second(lines: Lines, **changes: object) -> bytes:
    return msgspec.json.encode(msgspec.structs.replace(msgspec.json.decode(lines[1], type=Line), **changes))


def other_run(lines: Lines) -> Lines:
    return [each.replace(b"run-1", b"run-2") for each in lines]


@pytest.mark.parametrize(
    ("damage", "error", "message"),
    [
        (lambda _: [], reader.Empty, "it is empty"),
        (lambda _: [b"", b" "], reader.Empty, "it is empty"),
        (lambda lines: [*lines[:2], b"{nonsense", *lines[2:]], reader.NotJson, "line 3: not JSON"),
        (lambda lines: [*lines[:2], b"\xff", *lines[2:]], reader.NotJson, "line 3: not JSON"),
        (lambda lines: [*lines[:2], b'{"kind":"wish"}', *lines[2:]], reader.NotValid, "line 3: Invalid value 'wish'"),
        (
            lambda lines: [lines[0], lines[1].replace(b'"pass"', b'"good"')],
            reader.NotValid,
            r"line 2: .*'good'.*\$.outcome",
        ),
        (lambda lines: lines[:-1], reader.Truncated, "there is no footer"),
        (lambda lines: lines[:1], reader.Truncated, "there is no footer"),
        (lambda lines: lines[1:], reader.Truncated, "line 1: there is no header before it"),
        (lambda lines: [*lines[:2], lines[1], *lines[2:]], reader.Doubled, "line 3: a second result of a.one on flask"),
        (lambda lines: lines * 2, reader.Doubled, "line 5: a second header, of run run-1"),
        (lambda lines: lines + other_run(lines), reader.Doubled, "line 5: a second header, of run run-2"),
        (lambda lines: [*lines, lines[-1]], reader.Doubled, "line 5: a second footer"),
        (lambda lines: [*lines, lines[1]], reader.Mixed, "line 5: a result after the footer"),
        (lambda lines: lines[:1] + other_run(lines)[1:], reader.Mixed, "line 2: it is of run run-2, the file of run-1"),
        (lambda lines: [lines[0], second(lines, clause="b.x")], reader.Mixed, "line 2: the header names no clause"),
        (lambda lines: [lines[0], second(lines, target="x")], reader.Mixed, "line 2: the header names no target 'x'"),
        (
            lambda lines: [lines[0].replace(b'"format":1', b'"format":2'), *lines[1:]],
            reader.UnknownFormat,
            "line 1: it is of format 2; this suite reads format 1",
        ),
        (lambda _: [b'{"kind":"header","format":2,"new":1}'], reader.UnknownFormat, "line 1: it is of format 2"),
        (
            lambda lines: [*lines[:-1], lines[-1].replace(b'"pass":1', b'"pass":2')],
            reader.WrongTotals,
            "the footer counts 2 pass, the lines are 1",
        ),
        (
            lambda lines: [lines[0], lines[2], lines[3].replace(b'"pass":1,', b"")],
            reader.WrongTotals,
            "1 targets and 2 clauses make 2 results, and there are 1",
        ),
        (
            lambda lines: [*lines[:-1], lines[-1].replace(b'"exit_status":1', b'"exit_status":0')],
            reader.WrongTotals,
            "exit status is 0, the results make it 1",
        ),
    ],
)  # fmt: skip
def test_a_file_that_is_no_good_is_named_with_its_fault(
    tmp_path: Path, damage: Callable[[Lines], Lines], error: type[ResultsError], message: str
) -> None:
    path = write(tmp_path / "run.jsonl", PASSES)
    path.write_bytes(b"".join(each + b"\n" for each in damage(path.read_bytes().splitlines())))
    with pytest.raises(ResultsError, match=rf"^{re.escape(str(path))}: .*{message}") as caught:
        read(path)
    assert type(caught.value) is error


@pytest.mark.parametrize("cut", [1, 100, 1000])
def test_a_file_that_ends_in_the_middle_of_a_line_is_truncated(tmp_path: Path, cut: int) -> None:
    path = write(tmp_path / "run.jsonl", PASSES)
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(reader.Truncated):
        read(path)


def test_a_file_that_is_not_there_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(reader.Unreadable, match=r"nothing\.jsonl: No such file"):
        read(tmp_path / "nothing.jsonl")
