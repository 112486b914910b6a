"""Stock beside hardened: what each library's quick start breaks, and the lines that mend it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from conformance.clause import Level
from conformance.outcomes import Outcome
from conformance.results_file import ClauseFacts, Line, TargetFacts
from report import mends
from report.mends import Code, Mend
from report.read import Run

BROKEN = {Outcome.DEVIATES, Outcome.FAIL, Outcome.WARN}
HARDENED, STOCK = "hardened", "stock"

HAZARDS = {
    "race.many-counts": "Parallel counts are lost",
    "race.slow-write-revives-nothing": "A slow write brings a destroyed session back",
    "login.rotates-id": "Log-in leaves the id as it was",
    "login.old-id-dies": "The id from before log-in still opens the session",
    "forged.unknown-id": "An id that somebody made up is adopted",
    "storage.planted-code": "Code planted in the store is run",
    "outage.frozen": "A frozen store hangs the app",
    "expiry.absolute": "No session has to end",
    "origin.cross-site": "A post from another site is taken",
    "cookie.http-only": "Scripts can read the cookie",
    "cache.no-store": "Caches may keep a session's page",
    "economy.strangers-leave-nothing": "Visitors without a session leave records",
}


@dataclass(frozen=True)
class Broken:
    """A clause that a stock edition breaks: the results by target."""

    clause: ClauseFacts
    lines: tuple[Line, ...]

    @property
    def reason(self) -> str:
        """Why, as the first manifest that says so has it."""
        return next((line.deviation.reason for line in self.lines if line.deviation), "")

    @property
    def source(self) -> str:
        """Where that is written down."""
        return next((line.deviation.source for line in self.lines if line.deviation), "")


@dataclass(frozen=True)
class Topic:
    """Clauses that the same lines mend."""

    title: str
    broken: tuple[Broken, ...]
    code: tuple[Code, ...]


@dataclass(frozen=True)
class QuickStart:
    """A session library: its stock and hardened targets, and what is between them.

    `lines` are those of all mends together; 0 where the implementation has no hardened edition.
    """

    library: str
    implementation: str
    stock: tuple[TargetFacts, ...]
    hardened: tuple[TargetFacts, ...]
    topics: tuple[Topic, ...]
    lines: int

    @property
    def broken(self) -> int:
        """How many clauses it breaks."""
        return sum(len(topic.broken) for topic in self.topics)

    @property
    def musts(self) -> int:
        """How many of them are a MUST."""
        return sum(each.clause.level is Level.MUST for topic in self.topics for each in topic.broken)


def library(target: TargetFacts) -> str:
    """Return the session library of a target, or its implementation where it does not say."""
    return target.about["library"].name if target.about and "library" in target.about else target.implementation


def of(run: Run, root: Path) -> list[QuickStart]:
    """Return the quick starts of a run, in the order of its targets. Raises `MendsError`."""
    libraries: dict[tuple[str, str], list[TargetFacts]] = {}
    for target in run.header.targets:
        if target.edition == STOCK:
            libraries.setdefault((target.implementation, library(target)), []).append(target)
    return [_quick_start(run, root, *key, tuple(stock)) for key, stock in libraries.items()]


def hazards(run: Run) -> list[tuple[str, ClauseFacts, list[Line]]]:
    """Return what goes wrong most memorably: a title, its clause, and the results of the stock targets."""
    found = {(line.clause, line.target): line for line in run.lines}
    stock = [target.name for target in run.header.targets if target.edition == STOCK]
    clauses = {each.id: each for each in run.header.clauses}
    return [
        (title, clauses[name], [found[name, target] for target in stock])
        for name, title in HAZARDS.items()
        if name in clauses and stock
    ]


def _quick_start(run: Run, root: Path, implementation: str, name: str, stock: tuple[TargetFacts, ...]) -> QuickStart:
    stores = {each.store for each in stock}
    hardened = tuple(
        each
        for each in run.header.targets
        if (each.implementation, each.edition) == (implementation, HARDENED) and each.store in stores
    )
    read = mends.read(root, implementation)
    topics = _topics(_broken(run, stock), read)
    used = [mend for mend in read if any(topic.title == mend.title for topic in topics)]
    return QuickStart(name, implementation, stock, hardened, topics, mends.distinct_lines(used))


def _broken(run: Run, stock: tuple[TargetFacts, ...]) -> list[Broken]:
    names = [target.name for target in stock]
    found: dict[str, list[Line]] = {}
    for line in run.lines:
        if line.target in names and line.outcome in BROKEN:
            found.setdefault(line.clause, []).append(line)
    return [
        Broken(clause, tuple(sorted(found[clause.id], key=lambda line: names.index(line.target))))
        for clause in run.header.clauses
        if clause.id in found
    ]


def _topics(broken: list[Broken], read: list[Mend]) -> tuple[Topic, ...]:
    """Sort what is broken by what mends it; what nothing mends comes last, without code."""
    left = list(broken)
    topics = []
    for mend in read:
        own = [each for each in left if mend.mends(each.clause.id)]
        left = [each for each in left if each not in own]
        if own:
            topics.append(Topic(mend.title, tuple(own), mend.code))
    return (*topics, Topic("", tuple(left), ())) if left else tuple(topics)
