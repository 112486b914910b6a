"""The file of one campaign: JSON Lines, first a header, then a line a start and a measured cell, last a footer.

Each line is written as soon as it is known, so that a campaign that was stopped keeps what it has. Nothing that is
shown comes from elsewhere. bench/campaign.schema.json describes it; `read` reads it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from bench.scenarios import Scenario

FORMAT = 1
NULL = "null"


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """Where it ran: the model of the CPUs, and which of them each part had; empty where it had all."""

    cpus: int
    model: str
    system: str
    memory_bytes: int
    app_cpus: list[int]
    generator_cpus: list[int]
    store_cpus: list[int]


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    """What takes a turn in each round: a target, the baseline once more, or the null application.

    `not_eligible` says why a target is not measured; `parts` are what its `/about` names, as "Flask 3.1.3".
    """

    name: str
    target: str
    store: str
    edition: str
    parts: list[str]
    image: str
    not_eligible: str = ""


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """How requests come: closed, each connection one after the other, or open, at a rate a second.

    `share` is that rate's part of the target's own capacity, 0 where the rate is the same for all.
    """

    connections: int
    rate: float = 0.0
    share: float = 0.0

    @property
    def open(self) -> bool:
        """Whether requests come at a rate, answered or not."""
        return bool(self.rate or self.share)

    @property
    def name(self) -> str:
        """What tables call it; that of a share leaves out the rate, which is each target's own."""
        if self.share:
            return f"{self.share:.0%} of capacity"
        return f"{self.rate:g}/s" if self.rate else f"{self.connections} connections"


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """Answers within the time that was measured, and changes within all of the cell.

    `good` were right; `wrong` had another status or content, `failed` a status of 500 or above; `unanswered` got none.
    `acknowledged` counts were answered with 303, and `lost` of them the sessions do not show.
    """

    good: int
    wrong: int = 0
    failed: int = 0
    unanswered: int = 0
    acknowledged: int = 0
    lost: int = 0


class Latency(msgspec.Struct, frozen=True, kw_only=True):
    """HdrHistograms in microseconds, as base64 of their V2 encoding.

    `corrected` begins when the request was due, `service` when it was sent; `late` is by how much that was late.
    """

    corrected: str
    service: str
    late: str


class Cpu(msgspec.Struct, frozen=True, kw_only=True):
    """CPU seconds in a second of the cell: each part's of one core. `store` is null where it has no server."""

    app: float
    store: float | None
    generator: float
    stolen: float


class Header(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="campaign"):
    """What was compared, where and how."""

    format: int
    campaign: str
    begun: datetime
    seed: int
    rounds: int
    seconds: float
    runtime: str
    commit: str
    generators: list[str]
    machine: Machine
    baseline: str
    slots: list[Slot]
    scenarios: list[Scenario]


class Start(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="start"):
    """A start of a slot in a round: seconds to the first good answer, memory before the first request and at most.

    `problem` says why it could not be measured; then there is nothing else of it in this round.
    """

    campaign: str
    round: int
    slot: str
    seconds: float
    idle_bytes: int
    peak_bytes: int
    problem: str = ""


class Cell(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="cell"):
    """One measurement. Where `invalid` says something its figures are not used; the next attempt has its own line."""

    campaign: str
    round: int
    slot: str
    scenario: Scenario
    load: Load
    attempt: int
    seconds: float
    counts: Counts
    cpu: Cpu
    p50: float
    p99: float
    latency: Latency | None
    invalid: list[str]

    @property
    def rate(self) -> float:
        """Good answers a second."""
        return self.counts.good / self.seconds


class Footer(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="end"):
    """The end of a campaign, that came to its last round or was stopped by the user."""

    campaign: str
    ended: datetime
    rounds: int


Line = Header | Start | Cell | Footer
ENCODER = msgspec.json.Encoder()
DECODER = msgspec.json.Decoder(Line)  # made on import: msgspec crashes where threads first meet a type at once


class CampaignError(Exception):
    """A file is not that of a campaign; the message names it, the line and what is wrong."""


@dataclass(frozen=True)
class Campaign:
    """A file that was read; `footer` is None where the campaign was killed."""

    header: Header
    starts: list[Start]
    cells: list[Cell]
    footer: Footer | None


class Writer:
    """Writes a file line by line; each is on the disk's way when the call returns."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._file = path.open("wb")

    def __enter__(self) -> Self:
        """Change nothing."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file, as far as it got."""
        self._file.close()

    def write(self, line: Line) -> None:
        """Write a line."""
        self._file.write(ENCODER.encode(line) + b"\n")
        self._file.flush()


def is_campaign(path: Path) -> bool:
    """Tell whether a file begins as that of a campaign does."""
    try:
        with path.open("rb") as file:
            return isinstance(DECODER.decode(file.readline()), Header)
    except (OSError, msgspec.DecodeError):
        return False


def read(path: Path) -> Campaign:
    """Read a file; raises `CampaignError`. A last line that was cut off is left out, as its writer was killed."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CampaignError(f"{path}: {error.strerror}") from None
    lines = list(_decoded(path, content))
    if not lines or not isinstance(lines[0], Header):
        raise CampaignError(f"{path}: line 1: it is not the header of a campaign; make bench writes such files")
    header = lines[0]
    if header.format != FORMAT:
        raise CampaignError(f"{path}: it is of format {header.format}; this version reads format {FORMAT}")
    rest = lines[1:]
    for number, line in enumerate(rest, 2):
        if isinstance(line, Header) or line.campaign != header.campaign:
            raise CampaignError(f"{path}: line {number}: it is of another campaign; give each a file of its own")
    footers = [line for line in rest if isinstance(line, Footer)]
    return Campaign(
        header,
        [line for line in rest if isinstance(line, Start)],
        [line for line in rest if isinstance(line, Cell)],
        footers[0] if footers else None,
    )


def _decoded(path: Path, content: bytes) -> Iterator[Line]:
    for number, line in enumerate(content.split(b"\n")[:-1], 1):
        try:
            yield DECODER.decode(line)
        except msgspec.DecodeError as error:
            raise CampaignError(f"{path}: line {number}: {error}; campaign.schema.json says what a line is") from None
