"""Faults with cookies that the app did not hand out."""

from __future__ import annotations

import re
from typing import Any

from tests.sabotage.app import App
from tests.sabotage.fault import breaks
from tests.sabotage.http import HangUp, Request, Response
from tests.sabotage.memory import Data
from tests.sabotage.visit import Problem, Visit


@breaks("forged.unknown-id", "revoke.stays-dead")
class AdoptsAnUnknownId(App):
    """A write with a well-formed value that the client made up makes that value the session's."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.adopted: dict[str, str] = {}

    def save(self, visit: Visit, data: Data, *, rotate: bool) -> str:
        values = self.cookie_values(visit.request)
        if not visit.sid and values and re.fullmatch(r"[\w-]{43}\.[\w-]{43}", values[0]):
            sid = self.adopted[values[0]] = self.new_id()
            self.sessions[sid] = data
            return sid
        return super().save(visit, data, rotate=rotate)

    def unsign(self, value: str) -> str | None:
        return self.adopted.get(value) or super().unsign(value)


@breaks("forged.degenerate-id")
class AdoptsShortIds(App):
    """An id of one character becomes the session's."""

    def identify(self, visit: Visit) -> str | None:
        values = self.cookie_values(visit.request)
        if values and values[0] == "1":
            self.sessions.setdefault("1", {})
            return "1"
        return super().identify(visit)


@breaks("forged.altered", "forged.truncated")
class ChecksTheFirstHalfOfTheSignature(App):
    """The second half of the signature may be anything."""

    def unsign(self, value: str) -> str | None:
        sid, _, signature = value.rpartition(".")
        return sid if signature[:20] == self.signature(sid, self.secrets[0])[:20] else None


@breaks("forged.empty-signature", "forged.recovers", "forged.truncated")
class ChecksTheSignatureOnlyWhenItIsThere(App):
    """An id without a signature is believed."""

    def unsign(self, value: str) -> str | None:
        sid, _, signature = value.partition(".")
        return super().unsign(value) if signature else sid


@breaks("forged.degenerate-id", "forged.truncated")
class FailsOnATruncatedCookie(App):
    """A value without a dot is a server error."""

    def unsign(self, value: str) -> str | None:
        if len(value) == 1:
            raise ValueError(value)
        return super().unsign(value)


@breaks("forged.truncated")
class AcceptsATruncatedCookie(App):
    """The last four characters of a value do not matter."""

    def unsign(self, value: str) -> str | None:
        for sid in self.sessions:
            if self.sign(sid)[:-4] == value:
                return sid
        return super().unsign(value)


@breaks("forged.odd-bytes")
class FailsOnBytesThatAreNotAscii(App):
    """A value that is not ASCII is a server error."""

    def unsign(self, value: str) -> str | None:
        value.encode("ascii")
        return super().unsign(value)


@breaks("forged.quoted")
class UndoesQuotingIntoTheCookie(App):
    """A quoted value is unquoted, octal escapes and all, and handed out again."""

    def end(self, visit: Visit) -> None:
        super().end(visit)
        values = self.cookie_values(visit.request)
        if values and values[0].startswith('"') and "\\073" in values[0]:
            visit.set_cookie = (
                f"sid={values[0][1:-1].replace(chr(92) + '073', ';')}; {self.attributes(visit)}; Max-Age=0"
            )


@breaks("forged.quoted")
class HangsUpOnOctalEscapes(App):
    """A value with an escaped line end closes the connection without an answer."""

    def unsign(self, value: str) -> str | None:
        if "\\015" in value:
            raise HangUp
        return super().unsign(value)


@breaks("forged.duplicates")
class AddsUpTwoCookies(App):
    """Of two session cookies the counts are added."""

    def read(self, visit: Visit) -> Data:
        data = super().read(visit)
        others = [self.sessions.get(self.unsign(value) or "", {}) for value in self.cookie_values(visit.request)[1:]]
        return (
            data | {"count": data["count"] + sum(other.get("count", 0) for other in others)}
            if "count" in data
            else data
        )


@breaks("forged.duplicates")
class FailsOnTwoCookies(App):
    """Two session cookies are refused with a server error on a write."""

    def count(self, visit: Visit) -> Response:
        if len(self.cookie_values(visit.request)) > 1:
            raise Problem(500)
        return super().count(visit)


@breaks("forged.neighbours")
class LosesTheSessionBesideJunk(App):
    """A malformed cookie before the session cookie hides it."""

    def cookie_values(self, request: Request) -> list[str]:
        first = request.header("cookie").partition(";")[0]
        return [] if '{"' in first else super().cookie_values(request)


@breaks("forged.neighbour-in-utf8")
class LosesTheSessionBesideUtf8(App):
    """A header that is not ASCII is taken for empty."""

    def cookie_values(self, request: Request) -> list[str]:
        return super().cookie_values(request) if request.header("cookie").isascii() else []


@breaks("forged.siblings")
class DoesNotCareForTheCaseOfNames(App):
    """A cookie named in capitals is taken for the session cookie."""

    def cookie_values(self, request: Request) -> list[str]:
        pairs = [pair.strip().partition("=") for pair in request.header("cookie").split(";")]
        return [value for name, _, value in pairs if name.lower() == self.cookie_name]


@breaks("forged.siblings")
class TakesAPrefixForTheName(App):
    """A cookie whose name begins with the session cookie's is taken for it."""

    def cookie_values(self, request: Request) -> list[str]:
        pairs = [pair.strip().partition("=") for pair in request.header("cookie").split(";")]
        return [value for name, _, value in pairs if name.startswith(self.cookie_name)]


@breaks("forged.recovers")
class LocksOutWhoHasABadCookie(App):
    """A write with a cookie that is not ours is refused for ever."""

    def count(self, visit: Visit) -> Response:
        values = self.cookie_values(visit.request)
        if values and "." not in values[0]:
            raise Problem(400)
        return super().count(visit)
