from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.outcomes import Outcome
from report.__main__ import main
from report.compare import Change, change, compare
from report.read import read
from tests.report.runs import write

PASS, FAIL, WARN, DEVIATES, FIXED = Outcome.PASS, Outcome.FAIL, Outcome.WARN, Outcome.DEVIATES, Outcome.FIXED
UNSUPPORTED, BLOCKED, BROKEN, OBSERVED = Outcome.UNSUPPORTED, Outcome.BLOCKED, Outcome.BROKEN, Outcome.OBSERVED
UNCHECKED = Outcome.UNCHECKED


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (PASS, PASS, Change.SAME),
        (FAIL, FAIL, Change.SAME),
        (PASS, FAIL, Change.REGRESSED),
        (WARN, FAIL, Change.REGRESSED),
        (DEVIATES, FIXED, Change.REGRESSED),
        (UNSUPPORTED, BLOCKED, Change.REGRESSED),
        (OBSERVED, BROKEN, Change.REGRESSED),
        (FAIL, PASS, Change.FIXED),
        (BROKEN, DEVIATES, Change.FIXED),
        (FIXED, PASS, Change.FIXED),
        (PASS, WARN, Change.WORSE),
        (PASS, DEVIATES, Change.WORSE),
        (PASS, UNSUPPORTED, Change.WORSE),
        (DEVIATES, WARN, Change.WORSE),
        (FAIL, BROKEN, Change.WORSE),
        (FAIL, BLOCKED, Change.WORSE),
        (DEVIATES, PASS, Change.BETTER),
        (WARN, PASS, Change.BETTER),
        (BROKEN, FAIL, Change.BETTER),
        (None, PASS, Change.NEW),
        (None, FAIL, Change.NEW),
        (PASS, None, Change.GONE),
        (BROKEN, None, Change.GONE),
        (FAIL, UNCHECKED, Change.GONE),
        (PASS, UNCHECKED, Change.GONE),
        (UNCHECKED, PASS, Change.NEW),
        (UNCHECKED, None, Change.SAME),
    ],
)
def test_a_pair_of_outcomes_is_one_change(old: Outcome | None, new: Outcome | None, expected: Change) -> None:
    assert change(old, new) is expected


@pytest.mark.parametrize("old", list(Outcome))
@pytest.mark.parametrize("new", list(Outcome))
def test_the_way_back_is_the_opposite(old: Outcome, new: Outcome) -> None:
    opposite = {
        Change.SAME: Change.SAME,
        Change.REGRESSED: Change.FIXED,
        Change.FIXED: Change.REGRESSED,
        Change.WORSE: Change.BETTER,
        Change.BETTER: Change.WORSE,
        Change.NEW: Change.GONE,
        Change.GONE: Change.NEW,
    }
    assert change(new, old) is opposite[change(old, new)]


OLD = {
    ("flask", "a.same"): PASS,
    ("flask", "a.regressed"): PASS,
    ("flask", "a.fixed"): FAIL,
    ("flask", "a.worse"): PASS,
    ("flask", "a.better"): DEVIATES,
    ("gone", "a.same"): PASS,
    ("gone", "a.regressed"): PASS,
    ("gone", "a.fixed"): PASS,
    ("gone", "a.worse"): PASS,
    ("gone", "a.better"): PASS,
}
NEW = {
    ("flask", "a.same"): PASS,
    ("flask", "a.regressed"): FAIL,
    ("flask", "a.fixed"): PASS,
    ("flask", "a.worse"): WARN,
    ("flask", "a.better"): PASS,
    ("flask", "a.new"): PASS,
}


def runs(folder: Path, old: dict[tuple[str, str], Outcome], new: dict[tuple[str, str], Outcome]) -> tuple[str, str]:
    return str(write(folder / "old.jsonl", old, "run-1")), str(write(folder / "new.jsonl", new, "run-2"))


def test_every_clause_of_every_target_is_counted_once(tmp_path: Path) -> None:
    old, new = (read(Path(each)) for each in runs(tmp_path, OLD, NEW))
    comparison = compare(old, new)
    assert comparison.counts == {
        Change.REGRESSED: 1,
        Change.FIXED: 1,
        Change.WORSE: 1,
        Change.BETTER: 1,
        Change.NEW: 1,
        Change.GONE: 5,
        Change.SAME: 1,
    }
    named = {each.clause: each.change for each in comparison.differences if each.target == "flask"}
    assert named == {f"a.{each}": each for each in Change if each not in {Change.SAME, Change.GONE}}


def test_a_regression_is_status_1_and_stands_first_with_what_was_seen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", *runs(tmp_path, OLD, NEW)]) == 1
    said = capsys.readouterr().out
    assert said.index("regressed (1)") < said.index("fixed (1)")
    assert "  flask a.regressed: pass → fail: it was | not" in said
    assert said.endswith("REGRESSED: 1 regressed, 1 fixed, 1 worse, 1 better, 1 new, 5 gone, 1 same\n")


def test_no_regression_is_status_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", *runs(tmp_path, NEW, NEW)]) == 0
    assert capsys.readouterr().out.endswith("no regression: 6 same\n")


def test_a_target_that_was_broken_before_and_still_is_is_status_1(tmp_path: Path) -> None:
    broken = {("flask", "a.one"): BROKEN}
    assert main(["compare", *runs(tmp_path, broken, broken)]) == 1


def test_a_file_that_cannot_be_compared_is_status_2_with_the_readers_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = runs(tmp_path, OLD, NEW)
    Path(new).write_bytes(b"\n".join(Path(new).read_bytes().splitlines()[:3]) + b"\n")
    assert main(["compare", old, new]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert (
        said.err
        == f"report: {new}: there is no footer: the run did not come to its end, or still goes on; run it again\n"
    )


def test_json_and_markdown_have_the_same_differences(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["compare", *runs(tmp_path, OLD, NEW)]
    assert main([*arguments, "--format", "json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["exit_status"] == 1
    assert main([*arguments, "--format", "markdown", "-o", str(tmp_path / "out.md")]) == 1
    rows = [row for row in (tmp_path / "out.md").read_text().splitlines() if row.startswith("| `")]
    assert len(rows) == len(told["differences"]) == 10
    assert "| `flask` | `a.regressed` | pass → fail | it was \\| not |" in rows
