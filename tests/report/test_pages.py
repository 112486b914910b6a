"""JUnit XML and Markdown, made from a run with every outcome."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

import pytest

from conformance.outcomes import Outcome
from report import junit, markdown
from report.__main__ import main
from tests.report.runs import one_of_each, write


def test_junit_can_be_parsed_and_counts_right(tmp_path: Path) -> None:
    root = ET.fromstring(junit.of(one_of_each(tmp_path)))  # noqa: S314 -- our own
    for element in (root, root[0]):
        told = {name: element.get(name) for name in ("tests", "failures", "errors", "skipped", "time")}
        assert told == {"tests": "10", "failures": "2", "errors": "2", "skipped": "4", "time": "5.0000"}
    assert Counter(each.tag for case in root.iter("testcase") for each in case) == {
        "failure": 2,
        "error": 2,
        "skipped": 4,
    }


@pytest.mark.parametrize(
    ("outcome", "element", "message"),
    [
        (Outcome.FAIL, "failure", "fail: it was | not"),
        (
            Outcome.FIXED,
            "failure",
            "fixed: it holds; impls/flask/implementation.toml, target flask: take the deviation",
        ),
        (Outcome.BROKEN, "error", "broken: it was"),
        (Outcome.BLOCKED, "error", "blocked: a.base did not hold"),
        (Outcome.UNSUPPORTED, "skipped", "unsupported: revocation is declared absent"),
        (Outcome.DEVIATES, "skipped", "deviates: the default (https://example.org/)"),
        (Outcome.WARN, "skipped", "warn: it was"),
        (Outcome.UNCHECKED, "skipped", "unchecked: it was"),
    ],
)
def test_junit_names_each_outcome_with_its_reason(tmp_path: Path, outcome: Outcome, element: str, message: str) -> None:
    root = ET.fromstring(junit.of(one_of_each(tmp_path)))  # noqa: S314 -- our own
    found = root.find(f".//testcase[@name='a.{outcome}']/{element}")
    assert found is not None
    assert found.get("message", "").startswith(message)


def test_a_failure_in_junit_is_the_whole_report(tmp_path: Path) -> None:
    root = ET.fromstring(junit.of(one_of_each(tmp_path)))  # noqa: S314 -- our own
    text = root.findtext(".//failure") or ""
    assert "expected: It holds." in text
    assert "  1 > POST /count HTTP/1.1" in text
    assert "again:    make conformance TARGETS=flask RUNTIME=process CLAUSES=a.fail" in text


def test_markdown_has_the_verdict_the_matrix_and_each_failure(tmp_path: Path) -> None:
    said = markdown.of(one_of_each(tmp_path))
    assert said.startswith("## Conformance failed: 1 pass, 1 fail, 1 warn,")
    assert (
        "| `flask` | 1 pass, **1 fail**, 1 warn, 1 observed, 1 deviates, **1 fixed**, 1 unsupported, **1 blocked**"
        in said
    )
    for outcome in ("fail", "warn", "fixed", "blocked"):
        assert f"### {outcome}: `a.{outcome}` (MUST) on `flask`" in said
    assert "### broken: `flask`" in said
    assert "state: killed by signal 9 (SIGKILL)" in said
    assert "it was \\| not" in said


def test_a_run_without_failures_has_no_failures_in_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "run.jsonl", {("flask", "a.one"): Outcome.PASS})
    assert main(["markdown", str(path)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("## Conformance passed: 1 pass\n")
    assert "on `flask`" not in said


@pytest.mark.parametrize("verb", ["junit", "markdown"])
def test_a_file_that_is_no_good_is_status_2_with_the_readers_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], verb: str
) -> None:
    (tmp_path / "empty.jsonl").touch()
    assert main([verb, str(tmp_path / "empty.jsonl")]) == 2
    assert "it is empty" in capsys.readouterr().err


def test_text_in_markdown_is_text() -> None:
    assert markdown.escape("a|b <i> `c` *d*\ne & [f](g)") == r"a\|b &lt;i> \`c\` \*d\* e &amp; \[f\](g)"
