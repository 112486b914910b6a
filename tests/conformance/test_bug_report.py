from __future__ import annotations

import msgspec
import pytest

from conformance import bug_report
from conformance.outcomes import Outcome
from conformance.results_file import Header, Step
from tests.report.runs import header, line

OURS = header(["flask"], ["a.one"])
ELSEWHERE = msgspec.structs.replace(
    OURS,
    runtime="url",
    targets=[
        msgspec.structs.replace(
            OURS.targets[0], manifest="", url="http://127.0.0.1:9000/a b", absent=["probes", "revocation"]
        )
    ],
)


@pytest.mark.parametrize(
    ("run", "command"),
    [
        (OURS, "make conformance TARGETS=flask RUNTIME=process CLAUSES=a.one"),
        (ELSEWHERE, "make conformance URL='http://127.0.0.1:9000/a b' ABSENT=probes,revocation CLAUSES=a.one"),
    ],
)
def test_the_command_that_checks_it_again_runs_it_as_it_was(run: Header, command: str) -> None:
    assert bug_report.again(run, line("flask", "a.one", Outcome.FAIL)) == command


@pytest.mark.parametrize(
    ("run", "absent", "where"),
    [
        (OURS, [], "impls/flask/implementation.toml, target flask: take the deviation 'a.*' out"),
        (OURS, ["revocation"], "impls/flask/implementation.toml, target flask: take 'revocation' out of absent"),
        (ELSEWHERE, ["revocation"], "the option ABSENT: take 'revocation' out"),
    ],
)
def test_what_is_fixed_says_what_to_change_and_where(run: Header, absent: list[str], where: str) -> None:
    fixed = msgspec.structs.replace(line("flask", "a.one", Outcome.FIXED), absent=absent)
    assert bug_report.seen(run, fixed) == f"it holds; {where}"


def test_the_last_requests_are_shown_numbered_and_cut() -> None:
    step = Step("", ["GET / HTTP/1.1", f"cookie: {'x' * 4000}"], "", None, "connection reset", {"sid": '{"count": 1}'})
    failed = msgspec.structs.replace(line("flask", "a.one", Outcome.FAIL), steps=[step] * 9)
    said = bug_report.body(OURS, failed)
    assert "the last 6 of 9 requests" in said
    assert "  3 > " not in said
    assert "  4 > GET / HTTP/1.1\n" in said
    assert "< connection reset\n" in said
    assert '= the cookie sid says {"count": 1}\n' in said
    assert max(len(each) for each in said.splitlines()) < 450
