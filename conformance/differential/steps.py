"""What a sequence is made of: requests by clients, and cookies that are put into a client's jar.

A cookie is never named by its value, which each target makes for itself, but by where it comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from conformance.differential.model import Request

# How a value is damaged, as Python and as bash say it; `v` is the value, empty where there is none.
DAMAGES: dict[str, tuple[Callable[[str], str], str]] = {
    "first half": (lambda v: v[: len(v) // 2], "${v:0:${#v}/2}"),
    "without its first character": (lambda v: v[1:], "${v:1}"),
    "without its signature": (lambda v: v.rpartition(".")[0], '$([[ $v == *.* ]] && echo "${v%.*}")'),
    "twice": (lambda v: v + v, "$v$v"),
    "with another first character": (
        lambda v: ("B" if v[:1] == "A" else "A") + v[1:],
        '$([[ $v == A* ]] && echo B || echo A)"${v:1}"',
    ),
}


@dataclass(frozen=True)
class Handed:
    """The cookie that a client had so many of its own steps ago; 0 is the one that it has."""

    whose: str
    back: int


@dataclass(frozen=True)
class Damaged:
    """The cookie that a client has, damaged."""

    whose: str
    how: str


@dataclass(frozen=True)
class Invented:
    """A value that no server made; LOOKALIKE stands for one in the form of the target's own."""

    value: str


LOOKALIKE = "lookalike"
Source = Handed | Damaged | Invented


@dataclass(frozen=True)
class Plant:
    """A client's session cookie is replaced."""

    client: str
    source: Source


@dataclass(frozen=True)
class Neighbour:
    """A cookie of other software, as it stands in the line; `{name}` is the session cookie's name."""

    text: str


@dataclass(frozen=True)
class Send:
    """A client sends a request, with other cookies before and after its own."""

    client: str
    request: Request
    before: Neighbour | Source | None = None
    after: Neighbour | Source | None = None


Step = Plant | Send
History = Mapping[str, Sequence[str | None]]  # what was in a client's jar, at first and after each of its steps


def at(history: Sequence[object], back: int) -> int:
    """Return the place of what stood in a history so many steps ago."""
    return max(0, len(history) - 1 - back)


def value(source: Source, history: History, lookalike: str) -> str | None:
    """Return the value that a source stands for; None where there was no cookie."""
    match source:
        case Handed(whose, back):
            return history[whose][at(history[whose], back)]
        case Damaged(whose, how):
            return DAMAGES[how][0](history[whose][-1] or "")
        case Invented(invented):
            return lookalike if invented == LOOKALIKE else invented
