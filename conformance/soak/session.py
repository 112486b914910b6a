"""The model of one session: what its client knows to be done, and what may be done.

A change that was not answered, or with 503, may be done, now or later: a frozen store does it when it goes on. So what
an app tells lies between bounds.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import Enum, auto

from msgspec import UNSET, Struct, UnsetType

from conformance.soak.findings import Kind, Note

STEPS_KEPT = 20


class Fate(Enum):
    """What became of a change."""

    DONE = auto()
    UNKNOWN = auto()
    NOT_DONE = auto()


class Told(Struct, frozen=True):
    """What an app tells of a session; of a key that the answer does not show, nothing."""

    count: int = 0
    username: str | None = None
    visits: int | UnsetType = UNSET
    fruit: str | UnsetType | None = UNSET

    @property
    def nothing(self) -> bool:
        """Whether this is nobody's session."""
        return not (self.count or self.username or self.visits or self.fruit)


@dataclass
class Bounds:
    """A counter: so many additions were acknowledged, and so many more may be done."""

    acknowledged: int = 0
    unknown: int = 0

    def add(self, fate: Fate) -> None:
        """Take in an addition of one."""
        self.acknowledged += fate is Fate.DONE
        self.unknown += fate is Fate.UNKNOWN

    def problem(self, key: str, told: int) -> tuple[Kind, str] | None:
        """Say what is wrong with what was told."""
        if self.acknowledged <= told <= self.acknowledged + self.unknown:
            return None
        kind = Kind.LOST if told < self.acknowledged else Kind.MIXED_UP
        return kind, f"{key} is {told}: {self.acknowledged} acknowledged, {self.unknown} unknown"


@dataclass
class Session:
    """A session that one client has. It begins with an acknowledged count, so whoever has none is not this session.

    `may_be_gone`: a log-in, log-out or reset of unknown fate may have changed the id or ended the session, or may do so
    yet. `names` and `fruits` are those that it may have. `left` is set once nothing is known of it any more.
    """

    cookie: str
    fruit: str  # the one that it ever chooses
    count: Bounds = field(default_factory=lambda: Bounds(acknowledged=1))
    visits: Bounds = field(default_factory=Bounds)
    names: set[str | None] = field(default_factory=lambda: {None})
    former_names: set[str | None] = field(default_factory=set)
    fruits: set[str | None] = field(default_factory=lambda: {None})
    may_be_gone: bool = False
    left: bool = False
    steps: deque[Note] = field(default_factory=lambda: deque(maxlen=STEPS_KEPT))

    def set_name(self, name: str | None, fate: Fate) -> None:
        """Take in a log-in, or with None a log-out; both change the id."""
        if fate is Fate.DONE:
            self.former_names |= self.names - {name}
            self.names = {name}
        elif fate is Fate.UNKNOWN:
            self.names.add(name)
            self.may_be_gone = True

    def set_fruit(self, fate: Fate) -> None:
        """Take in the choice of its fruit."""
        if fate is Fate.DONE:
            self.fruits = {self.fruit}
        elif fate is Fate.UNKNOWN:
            self.fruits.add(self.fruit)

    def problem(self, told: Told) -> tuple[Kind, str] | None:
        """Say what is wrong with what an app tells of this session."""
        if told.count == 0:
            return Kind.LOST, f"it is gone: {self.count.acknowledged} counts are acknowledged, and the app tells {told}"
        return (
            self.count.problem("count", told.count)
            or self._name_problem(told.username)
            or (None if told.visits is UNSET else self.visits.problem("visits", told.visits))
            or (None if told.fruit is UNSET else self._fruit_problem(told.fruit))
        )

    def _name_problem(self, name: str | None) -> tuple[Kind, str] | None:
        if name in self.names:
            return None
        kind = Kind.LOST if name is None or name in self.former_names else Kind.MIXED_UP
        return kind, f"the name is {name!r}, not {_either(self.names)}"

    def _fruit_problem(self, fruit: str | None) -> tuple[Kind, str] | None:
        if fruit in self.fruits:
            return None
        return (Kind.MIXED_UP if fruit else Kind.LOST), f"the fruit is {fruit!r}, not {_either(self.fruits)}"


@dataclass(frozen=True)
class Dead:
    """A cookie that opens nothing any more: its session was reset, or has another id, and both was acknowledged."""

    cookie: str
    session: Session
    at: float
    by: str


def _either(values: set[str | None]) -> str:
    return " or ".join(sorted(map(repr, values)))
