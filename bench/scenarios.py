"""What a benchmark asks of a target: the scenarios. `closed.lua`, `visitor.py` and `fleet/` ask it."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

COUNTS_IN_A_FLOW = 10


class Scenario(StrEnum):
    """A scenario by its name."""

    READ = "read"
    WRITE = "write"
    SHARED = "shared"
    FLOW = "flow"
    VISITORS = "visitors"
    NO_SESSION = "no-session"
    CEILING = "ceiling"

    @property
    def text(self) -> str:
        """What it does."""
        return TEXTS[self]

    @property
    def counts(self) -> bool:
        """Whether each good answer is a count of a session that was there before."""
        return self in {Scenario.WRITE, Scenario.SHARED}


TEXTS = {
    Scenario.READ: "GET / as JSON, with a session; name and count in the answer have to be the session's own",
    Scenario.WRITE: "POST /count, with a session that one connection uses",
    Scenario.SHARED: "POST /count, with a session that four connections use at the same time",
    Scenario.FLOW: f"log in, {COUNTS_IN_A_FLOW} counts, GET / that has to show them, reset",
    Scenario.VISITORS: "POST /count without a cookie: each request makes a session",
    Scenario.NO_SESSION: "GET /_probe/no-session with a session's cookie: what the rest of the app costs",
    Scenario.CEILING: "the null application alone: as many connections as the others have, and an answer at once",
}
OF_TARGETS = [each for each in Scenario if each is not Scenario.CEILING]


class UnknownScenario(Exception):
    """There is no such scenario; the message names those that there are."""


def select(names: str) -> Sequence[Scenario]:
    """Return the scenarios of names separated by commas or spaces; "" is all. Raises `UnknownScenario`."""
    wanted = names.replace(",", " ").split() or list(OF_TARGETS)
    if unknown := [name for name in wanted if name not in OF_TARGETS]:
        raise UnknownScenario(f"there is no scenario {unknown[0]!r}; there are: {', '.join(OF_TARGETS)}")
    return [each for each in OF_TARGETS if each in wanted]
