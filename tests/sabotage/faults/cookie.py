"""Faults in the cookie and its attributes, in ids, in when it is written, and in caching."""

from __future__ import annotations

import base64
import hashlib
import itertools
import secrets
from typing import Any

from tests.sabotage.app import App
from tests.sabotage.fault import breaks
from tests.sabotage.http import Request, Response
from tests.sabotage.memory import Data
from tests.sabotage.visit import Visit


@breaks("cookie.grammar")
class PutsASpaceIntoTheCookie(App):
    """The value ends in a comment that is not in the grammar."""

    def hand_out(self, visit: Visit, sid: str) -> None:
        super().hand_out(visit, sid)
        visit.set_cookie += "; Comment=a\tb"


@breaks("cookie.grammar")
class SaysPathTwice(App):
    """One attribute stands twice."""

    def attributes(self, visit: Visit) -> str:
        return super().attributes(visit) + "; Path=/"


@breaks("cookie.date")
class WritesAnOldDate(App):
    """The deletion has a date as Netscape wrote it."""

    def take_back(self, visit: Visit) -> None:
        super().take_back(visit)
        if visit.set_cookie:
            visit.set_cookie += "; Expires=Thu, 01-Jan-1970 00:00:00 GMT"


@breaks("cookie.one-line")
class SetsTheCookieTwice(App):
    """Log-in sends two lines for one cookie."""

    def log_in(self, visit: Visit) -> Response:
        response = super().log_in(visit)
        response.headers.append(("set-cookie", visit.set_cookie))
        return response


@breaks("cookie.deletion-attributes", "cookie.http-only")
class LetsScriptsReadTheCookie(App):
    """The cookie lacks HttpOnly, set and deleted."""

    def attributes(self, visit: Visit) -> str:
        return super().attributes(visit).replace("; HttpOnly", "")


@breaks("cookie.http-only")
class LetsScriptsReadTheCookieAfterLogIn(App):
    """HttpOnly is there at first, and not on the cookie of a log-in."""

    def log_in(self, visit: Visit) -> Response:
        response = super().log_in(visit)
        visit.set_cookie = visit.set_cookie.replace("; HttpOnly", "")
        return response


@breaks("cookie.deletion-attributes")
class ForgetsHttpOnlyOnDeletion(App):
    """The line that deletes lacks HttpOnly."""

    def take_back(self, visit: Visit) -> None:
        super().take_back(visit)
        visit.set_cookie = visit.set_cookie.replace("; HttpOnly", "")


@breaks("cookie.deletion-attributes", "cookie.same-site")
class SaysSameSiteNone(App):
    """Every site may send the cookie."""

    def attributes(self, visit: Visit) -> str:
        return super().attributes(visit).replace("Lax", "None")


@breaks("cookie.deletion", "cookie.path")
class HasAPathOfItsOwn(App):
    """The cookie's path is that of the request."""

    def attributes(self, visit: Visit) -> str:
        return super().attributes(visit).replace("Path=/", f"Path={visit.request.path}")


@breaks("cookie.no-domain")
class SharesTheCookieWithItsSiblings(App):
    """The cookie has a Domain."""

    def attributes(self, visit: Visit) -> str:
        return super().attributes(visit) + "; Domain=127.0.0.1"


@breaks("cookie.lifetime")
class HandsOutACookieForAYear(App):
    """The cookie outlives the session by a year."""

    lifetime = 31_536_000


@breaks("app.resets", "cookie.deletion", "cookie.lifetime")
class DeletesWithALifetime(App):
    """The deletion has an Expires that is over, and a Max-Age that is not, which wins."""

    def take_back(self, visit: Visit) -> None:
        super().take_back(visit)
        visit.set_cookie = visit.set_cookie.replace(
            "Max-Age=0", "Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=1209600"
        )


@breaks("cookie.deletion")
class DeletesInAnotherPath(App):
    """The deletion has the path of the reset."""

    def take_back(self, visit: Visit) -> None:
        super().take_back(visit)
        visit.set_cookie = visit.set_cookie.replace("Path=/;", f"Path={visit.request.path};")


@breaks("cookie.nowhere-else")
class EchoesTheCookieInAHeader(App):
    """The id is in a header for debugging."""

    def log_in(self, visit: Visit) -> Response:
        response = super().log_in(visit)
        response.headers.append(("x-session", visit.set_cookie.partition(";")[0].partition("=")[2]))
        return response


@breaks("cookie.not-from-the-url")
class TakesTheIdFromTheQuery(App):
    """`?sid=` opens a session."""

    def cookie_values(self, request: Request) -> list[str]:
        given = [pair.partition("=")[2] for pair in request.query.split("&") if pair.startswith("sid=")]
        return super().cookie_values(request) or given


@breaks("cookie.opaque")
class WritesTheNameIntoTheId(App):
    """The id begins with the name, in base64."""

    latest = ""

    def save(self, visit: Visit, data: Data, *, rotate: bool) -> str:
        self.latest = data.get("username", "")
        return super().save(visit, data, rotate=rotate)

    def new_id(self) -> str:
        return f"{super().new_id()}.{base64.urlsafe_b64encode(self.latest.encode()).decode().rstrip('=')}"


@breaks("id.entropy")
class CountsItsIds(App):
    """Ids are numbers that follow each other, hashed to look like chance: two for each."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.numbers = itertools.count()

    def new_id(self) -> str:
        return f"{'0' * 35}{next(self.numbers):08x}"


@breaks("id.unpredictable", "isolate.same-name")
class MakesTheIdFromTheName(App):
    """The id is a hash of the name and the second."""

    def log_in(self, visit: Visit) -> Response:
        self.name = visit.request.body.decode("latin-1")
        return super().log_in(visit)

    def save(self, visit: Visit, data: Data, *, rotate: bool) -> str:
        self.of = data.get("username")
        return super().save(visit, data, rotate=rotate)

    def new_id(self) -> str:
        return hashlib.sha256(self.of.encode()).hexdigest() if self.of else super().new_id()


@breaks("id.entropy")
class HasShortIds(App):
    """Ids have 64 random bits."""

    def new_id(self) -> str:
        return secrets.token_hex(8)


@breaks("forged.truncated", "id.charset")
class QuotesTheValue(App):
    """The value has characters that need quoting."""

    def sign(self, sid: str) -> str:
        return f'"{super().sign(sid)}"'

    def unsign(self, value: str) -> str | None:
        return super().unsign(value.strip('"'))


@breaks("write.not-for-strangers")
class SetsACookieForStrangers(App):
    """Reading the page starts a session."""

    def page(self, visit: Visit) -> Response:
        self.read(visit)
        if not visit.sid and visit.request.method == "GET":
            self.change(visit, lambda data: data.update(_seen=True))
        return super().page(visit)


@breaks("write.not-on-reads")
class SetsTheCookieOnEveryRead(App):
    """A read hands the cookie out again."""

    def page(self, visit: Visit) -> Response:
        response = super().page(visit)
        if visit.sid and visit.request.method == "GET":
            self.hand_out(visit, visit.sid)
        return response


@breaks("cache.set-cookie-is-private", "write.not-elsewhere")
class SetsACookieOnA404(App):
    """A path that does not exist renews the cookie."""

    def __call__(self, request: Request) -> Response:
        response = super().__call__(request)
        visit = Visit(request)
        if response.status == 404 and (sid := self.identify(visit)):
            self.hand_out(visit, sid)
            response.headers.append(("set-cookie", visit.set_cookie))
        return response


@breaks("cache.set-cookie-is-private", "method.creates-nothing")
class SetsACookieOnA405(App):
    """A method that is not there starts a session."""

    def __call__(self, request: Request) -> Response:
        response = super().__call__(request)
        if response.status == 405 and request.method == "OPTIONS":
            response.headers.append(("set-cookie", f"sid={self.sign(self.new_id())}; Path=/; HttpOnly; SameSite=Lax"))
        return response


@breaks("cache.set-cookie-is-private", "write.no-session-route")
class RenewsTheCookieWhereNoSessionIsUsed(App):
    """A route that does not touch the session renews the cookie."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.routes["/_probe/no-session"] = {"GET": self.renewing}

    def renewing(self, visit: Visit) -> Response:
        """Renew."""
        if sid := self.identify(visit):
            self.hand_out(visit, sid)
        return self.text("ok")


@breaks("write.set-and-unset")
class StartsASessionForNothing(App):
    """A key that is set and unset again leaves an empty session."""

    def probe_set_unset(self, visit: Visit) -> Response:
        self.read(visit)
        with self.lock:
            self.save(visit, {}, rotate=False)
        return self.home(visit)


@breaks("cache.set-cookie-is-private", "write.reset-of-nothing")
class StartsASessionToEndIt(App):
    """A reset without a session makes one."""

    def reset(self, visit: Visit) -> Response:
        if not self.cookie_values(visit.request):
            self.save(visit, {}, rotate=False)
            return self.home(visit)
        return super().reset(visit)


@breaks("write.nothing-after-an-error")
class KeepsWhatAFailedRequestChanged(App):
    """A handler that raises leaves its changes behind."""

    def roll_back(self, visit: Visit) -> None:
        visit.set_cookie = ""


@breaks("cache.depends-on-the-cookie", "cache.no-store", "cache.set-cookie-is-private")
class MayBeCachedForAll(App):
    """Pages of a session say nothing to caches."""

    def privacy(self) -> list[tuple[str, str]]:
        return []


@breaks("cache.no-store")
class MayBeStored(App):
    """Pages of a session vary by cookie and may be stored."""

    def privacy(self) -> list[tuple[str, str]]:
        return [("vary", "Cookie")]


@breaks("cache.no-store")
class VariesOnThePageAlone(App):
    """`/` says Vary, and `/visits` does not; both are `no-store`."""

    def __call__(self, request: Request) -> Response:
        response = super().__call__(request)
        if request.path == "/visits":
            response.headers = [each for each in response.headers if each[0] != "vary"]
        return response


@breaks("cache.set-cookie-is-private")
class LetsLogInsBeCached(App):
    """The answer that hands out the new cookie at log-in says nothing to caches."""

    def __call__(self, request: Request) -> Response:
        response = super().__call__(request)
        if request.path == "/user/login":
            response.headers = [each for each in response.headers if each[0] not in {"vary", "cache-control"}]
        return response


@breaks("cache.only-where-needed")
class VariesEverywhere(App):
    """Routes that use no session vary by cookie as well."""

    def healthy(self, visit: Visit) -> Response:
        response = super().healthy(visit)
        response.headers.append(("vary", "Cookie"))
        return response
