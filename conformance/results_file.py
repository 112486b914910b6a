"""The file of one run's results: JSON Lines, first a header, then a line a clause and target, last a footer.

A line is written as soon as its outcome is known, so that a run that was stopped leaves a file without a footer.
Everything is redacted before it gets here. `report.read` reads the file; report/results.schema.json describes it.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from conformance.clause import Level
from conformance.outcomes import Outcome, Seen

FORMAT = 1


class Suite(msgspec.Struct, frozen=True):
    """The suite's version, and a hash of the ids, levels and texts of all its clauses."""

    version: str
    clauses_hash: str


class Host(msgspec.Struct, frozen=True):
    """The machine that the suite ran on."""

    cpus: int
    system: str
    machine: str
    python: str


class Part(msgspec.Struct, frozen=True):
    """A part of a target, as its `/about` names it."""

    name: str
    version: str


class TargetFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A target: `about` is null where it did not start or does not say; `image` is empty where there is none."""

    name: str
    implementation: str
    store: str
    edition: str
    absent: list[str]
    manifest: str
    url: str
    about: dict[str, Part] | None
    image: str


class ClauseFacts(msgspec.Struct, frozen=True):
    """A clause as it read in this run."""

    id: str
    level: Level
    text: str
    why: str
    sources: list[str]


class Header(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="header"):
    """What ran, where and when."""

    format: int
    run: str
    begun: datetime
    suite: Suite
    host: Host
    runtime: str
    targets: list[TargetFacts]
    clauses: list[ClauseFacts]


class Reply(msgspec.Struct, frozen=True):
    """An answer; the body is cut where it is long."""

    status: int
    headers: list[tuple[str, str]]
    body: str


class Step(msgspec.Struct, frozen=True):
    """A request with its answer, or with the problem why there is none; `cookies` are decoded where they can be."""

    step: str
    request: list[str]
    body: str
    reply: Reply | None
    problem: str
    cookies: dict[str, str]


class WrittenDeviation(msgspec.Struct, frozen=True):
    """A deviation as its manifest has it."""

    clause: str
    reason: str
    source: str


class Line(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="result"):
    """What one clause did on one target; where it did not hold, with the exchanges and a script that does the same."""

    run: str
    target: str
    clause: str
    level: Level
    area: str
    outcome: Outcome
    seen: Seen
    seconds: float
    detail: str
    blocked_by: str
    absent: list[str]
    deviation: WrittenDeviation | None
    steps: list[Step] = []
    curl: str = ""


class Broken(msgspec.Struct, frozen=True):
    """How a broken target ended, and the end of its log."""

    state: str
    log: str


class Footer(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="footer"):
    """The end of a run that came to its end."""

    run: str
    ended: datetime
    seconds: float
    totals: dict[Outcome, int]
    exit_status: int
    broken: dict[str, Broken]


class Writer:
    """Writes a file line by line; each is on the disk's way when the call returns."""

    def __init__(self, path: Path, header: Header) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._header = header
        self._totals: Counter[Outcome] = Counter()
        self._failed = False
        self._file = path.open("wb")
        self._write(header)

    def __enter__(self) -> Self:
        """Change nothing."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file, as far as it got."""
        self._file.close()

    def add(self, line: Line) -> None:
        """Write a result."""
        self._totals[line.outcome] += 1
        self._failed |= line.outcome.fails_the_run
        self._write(line)

    def finish(self, broken: dict[str, Broken]) -> Footer:
        """Write the footer."""
        ended = datetime.now(UTC)
        footer = Footer(
            run=self._header.run,
            ended=ended,
            seconds=(ended - self._header.begun).total_seconds(),
            totals=dict(self._totals),
            exit_status=int(self._failed),
            broken=broken,
        )
        self._write(footer)
        return footer

    def _write(self, line: Header | Line | Footer) -> None:
        self._file.write(msgspec.json.encode(line) + b"\n")
        self._file.flush()


def point_latest_at(path: Path) -> None:
    """Make `latest.jsonl` in the file's folder lead to it."""
    draft = path.with_suffix(".latest")
    draft.unlink(missing_ok=True)
    draft.symlink_to(path.name)
    draft.replace(path.with_name("latest.jsonl"))
