"""What cookies stand for on one target, as far as a sequence has come. It changes only as SPEC.md lets it.

Where SPEC.md leaves it open which of two session cookies counts, there is a world for each way, and the target may live
in either of them, but not now in one and now in the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from conformance.differential.model import Answer, Data, Ends, Keeps, Request, Writes, answer


class Due(StrEnum):
    """What the answer has to do about the session cookie."""

    NOTHING = "no Set-Cookie"
    NEW = "a new session cookie"
    DELETION = "a deletion of the session cookie"
    OPEN = "no Set-Cookie, or a new session cookie"


@dataclass(frozen=True)
class Expected:
    """The answer, what it does about the cookie, and the value that counted among those that were sent."""

    answer: Answer
    cookie: Due
    counted: str | None


@dataclass
class World:
    """The sessions that cookies open.

    `position` is the place of the value that counts. `ids` tells that cookies are identifiers (capability
    `session-ids`): a write keeps the cookie, and no value is ever handed out twice. Else the cookie is the session, and
    every change is a new cookie. `revocable` tells that a session that has ended, or has a new id, is dead.
    """

    position: int
    ids: bool
    revocable: bool
    sessions: dict[str, Data] = field(default_factory=dict)
    handed_out: set[str] = field(default_factory=set)

    def expect(self, sent: Sequence[str], request: Request) -> Expected:
        """Return what is due to a request with these values of the session cookie."""
        counted = sent[self.position] if sent else None
        before = self.sessions.get(counted) if counted is not None else None
        due = answer(before, request)
        match due.effect:
            case Keeps():
                cookie = Due.NOTHING
            case Ends():
                cookie = Due.NOTHING if counted is None else Due.DELETION
            case Writes(data, rotates):
                cookie = self._cookie(before, data, rotates=rotates)
        return Expected(due, cookie, counted)

    def _cookie(self, before: Data | None, data: Data, *, rotates: bool) -> Due:
        if before is None or (self.ids and rotates):
            return Due.NEW
        if self.ids:
            return Due.NOTHING
        return Due.OPEN if before == data else Due.NEW

    def may_hand_out(self, value: str, data: Data, counted: str | None) -> bool:
        """Tell whether a value may stand for a session: an id is new; a signed session may be the same again."""
        if self.ids:
            return value not in self.handed_out and value != counted
        return self.sessions.get(value, data) == data

    def go_on(self, expected: Expected, given: str | None) -> None:
        """Take in an answer that was as expected, with the value that it handed out."""
        effect, counted = expected.answer.effect, expected.counted
        if isinstance(effect, Keeps):
            return
        ended = isinstance(effect, Ends) or given is not None
        if counted is not None and ended and self.revocable:
            self.sessions.pop(counted, None)
        if isinstance(effect, Writes):
            value = given or counted
            if value is None:
                raise AssertionError("a write without a cookie hands one out")
            self.sessions[value] = effect.data
            self.handed_out.add(value)
