"""Runs made up for the tests of reports: written by the writer that the suite uses."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from conformance.clause import Level
from conformance.outcomes import Outcome, Seen
from conformance.results_file import (
    FORMAT,
    Broken,
    ClauseFacts,
    Header,
    Host,
    Line,
    Part,
    Reply,
    Step,
    Suite,
    TargetFacts,
    Writer,
    WrittenDeviation,
)
from report.read import Run, read

SEEN = {
    Outcome.PASS: Seen.HELD,
    Outcome.FIXED: Seen.HELD,
    Outcome.OBSERVED: Seen.HELD,
    Outcome.BROKEN: Seen.BROKEN,
    Outcome.UNCHECKED: Seen.OUT_OF_REACH,
}
STEP = Step("1. count", ["POST /count HTTP/1.1", "host: a"], "", Reply(500, [("server", "x")], "<b>]]>\x1b"), "", {})


def header(targets: list[str], clauses: list[str], run: str = "run-1") -> Header:
    return Header(
        format=FORMAT,
        run=run,
        begun=datetime(2026, 11, 21, 12, 0, tzinfo=UTC),
        suite=Suite("1.0.0", "0123456789abcdef"),
        host=Host(2, "Linux 6.1", "x86_64", "3.11.7"),
        runtime="process",
        targets=[
            TargetFacts(
                name=name,
                implementation="flask",
                store="redis",
                edition="hardened",
                absent=[],
                manifest="impls/flask/implementation.toml",
                url="http://127.0.0.1:8000",
                about={"framework": Part("Flask", "3.1")},
                image="",
            )
            for name in targets
        ],
        clauses=[ClauseFacts(name, Level.MUST, "It holds.", "It matters.", ["RFC 1"]) for name in clauses],
    )


def line(target: str, clause: str, outcome: Outcome, run: str = "run-1") -> Line:
    failed = outcome not in {Outcome.PASS, Outcome.OBSERVED, Outcome.FIXED}
    return Line(
        run=run,
        target=target,
        clause=clause,
        level=Level.MUST,
        area=clause.partition(".")[0],
        outcome=outcome,
        seen=SEEN.get(outcome, Seen.NOT_HELD),
        seconds=0.5,
        detail="it was | not" if failed else "",
        blocked_by="a.base" if outcome is Outcome.BLOCKED else "",
        absent=["revocation"] if outcome is Outcome.UNSUPPORTED else [],
        deviation=WrittenDeviation("a.*", "the default", "https://example.org/")
        if outcome in {Outcome.DEVIATES, Outcome.FIXED}
        else None,
        steps=[STEP] if failed else [],
        curl="URL=${URL:-http://127.0.0.1:8000}\ncurl -sSi\n" if failed else "",
    )


def write(path: Path, outcomes: dict[tuple[str, str], Outcome], run: str = "run-1") -> Path:
    """Write a run in which each target and clause had that outcome."""
    targets, clauses = (list(dict.fromkeys(key[place] for key in outcomes)) for place in (0, 1))
    with Writer(path, header(targets, clauses, run)) as file:
        for (target, clause), outcome in outcomes.items():
            file.add(line(target, clause, outcome, run))
        broken = {target for (target, _), outcome in outcomes.items() if outcome is Outcome.BROKEN}
        file.finish({name: Broken("killed by signal 9 (SIGKILL)", "the last \x1b[31mline") for name in sorted(broken)})
    return path


def one_of_each(folder: Path) -> Run:
    """Return a run with every outcome."""
    return read(write(folder / "each.jsonl", {("flask", f"a.{outcome}"): outcome for outcome in Outcome}))
