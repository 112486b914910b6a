"""Faults in methods, redirects, origins, errors and output."""

from __future__ import annotations

import html
from typing import Any
from urllib.parse import parse_qs, unquote

from tests.sabotage.app import App
from tests.sabotage.fault import breaks
from tests.sabotage.http import Request, Response
from tests.sabotage.memory import Data
from tests.sabotage.visit import Problem, Visit


@breaks("inject.html")
class EscapesNothing(App):
    """Names go into the page as they are."""

    def html(self, data: Data) -> str:
        return html.unescape(super().html(data)) if data.get("username") else super().html(data)


@breaks("inject.html")
class EscapesAnglesAndNotQuotes(App):
    """`<` is escaped, `"` is not."""

    def html(self, data: Data) -> str:
        return super().html(data).replace("&#34;", '"').replace("&#39;", "'")


@breaks("inject.html", "inject.unicode")
class EscapesTwice(App):
    """An ampersand that was typed is shown as an entity."""

    def html(self, data: Data) -> str:
        name = data.get("username")
        return super().html({**data, "username": name and name.replace("&", "&amp;")})


@breaks("inject.unicode")
class ReadsNamesAsLatin1(App):
    """UTF-8 in names is taken for Latin-1, as Bottle does."""

    def names(self, fields: str) -> list[str]:
        return [name.encode().decode("latin-1") if name.isprintable() else name for name in super().names(fields)]


@breaks("inject.unicode")
class ReadsLinksAsLatin1(App):
    """UTF-8 in the query is taken for Latin-1; the form is right."""

    def log_in_by_link(self, visit: Visit) -> Response:
        given = parse_qs(visit.request.query, encoding="latin-1", keep_blank_values=True).get("username", [])
        if any(given):
            name = self.valid_name(given)
            if "username" not in self.read(visit):
                self.change(visit, lambda data: data.update(username=name), rotate=True)
        return self.home(visit)


@breaks("inject.header")
class PutsTheQueryIntoAHeader(App):
    """A line end in the query becomes a line end in the headers."""

    def __call__(self, request: Request) -> Response:
        response = super().__call__(request)
        _, _, line = unquote(request.query).partition("\r\n")
        if line.startswith("Set-Cookie: "):
            response.headers.append(("set-cookie", line.partition(": ")[2]))
        return response


@breaks("flow.count-and-reset", "flow.greeting", "flow.log-in-form", "inject.location", "method.see-other")
class RedirectsToWhereHostSays(App):
    """`Location` is absolute, made from the Host header."""

    def home(self, visit: Visit) -> Response:
        return Response(303, [("location", f"http://{visit.request.header('host')}/")])


@breaks("inject.location")
class RedirectsToWhereTheQuerySays(App):
    """`?next=` is followed anywhere."""

    def home(self, visit: Visit) -> Response:
        return Response(303, [("location", parse_qs(visit.request.query).get("next", ["/"])[0])])


@breaks("inject.location")
class BelievesForwardedHost(App):
    """`X-Forwarded-Host` from anybody names the place to go."""

    def home(self, visit: Visit) -> Response:
        host = visit.request.header("x-forwarded-host")
        return Response(303, [("location", f"http://{host}/" if host else "/")])


@breaks("app.counts", "app.login-by-link", "method.see-other")
class RedirectsWith307(App):
    """The browser is told to send the POST again."""

    def home(self, visit: Visit) -> Response:
        return Response(307, super().home(visit).headers)


@breaks("method.see-other")
class RedirectsWith302AfterLogOut(App):
    """Log-out answers 302."""

    def log_out(self, visit: Visit) -> Response:
        response = super().log_out(visit)
        response.status = 302
        return response


@breaks("error.problem", "method.allow", "method.creates-nothing", "method.safe")
class CountsByGet(App):
    """`GET /count` counts as well."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.routes["/count"]["GET"] = self.count


@breaks("method.allow")
class DoesNotAllowHead(App):
    """405 does not name HEAD among the methods."""

    def problem(self, problem: Problem) -> Response:
        problem.allow = problem.allow.replace("GET, HEAD", "GET")
        return super().problem(problem)


@breaks("method.allow")
class AnswersOptions(App):
    """OPTIONS on the page is answered with 200."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.routes["/"]["OPTIONS"] = self.healthy


@breaks("method.head", "method.head-changes-nothing")
class HasNoHead(App):
    """HEAD is 405."""

    def route(self, visit: Visit) -> Response:
        if visit.request.method == "HEAD":
            raise Problem(405, "GET")
        return super().route(visit)


@breaks("method.head")
class HeadLeavesOutVary(App):
    """HEAD does not say what GET says to caches."""

    def __call__(self, request: Request) -> Response:
        response = super().__call__(request)
        if request.method == "HEAD":
            response.headers = [each for each in response.headers if each[0] != "vary"]
        return response


@breaks("method.head-changes-nothing")
class HeadCounts(App):
    """HEAD on `/visits` is a visit."""

    def changes_nothing(self, visit: Visit) -> bool:
        return super().changes_nothing(visit) and visit.request.path != "/visits"


@breaks("method.head-changes-nothing")
class HeadDestroys(App):
    """HEAD on `/destroy-session` ends the session."""

    def changes_nothing(self, visit: Visit) -> bool:
        return super().changes_nothing(visit) and visit.request.path != "/destroy-session"


@breaks("method.counts-each")
class TakesADoubleSubmitForOne(App):
    """The same POST with a body, sent again, is dropped as a repetition."""

    latest = (b"", "")

    def count(self, visit: Visit) -> Response:
        this = (visit.request.body, visit.request.header("cookie"))
        self.latest, before = this, self.latest
        if visit.request.header("content-type") and this == before:
            return self.home(visit)
        return super().count(visit)


@breaks("method.chunked")
class TakesAChunkedBodyForNone(App):
    """A body without Content-Length is not read."""

    def route(self, visit: Visit) -> Response:
        request = visit.request
        if request.header("transfer-encoding"):
            visit.request = Request(request.method, request.path, request.query, request.headers, b"")
        return super().route(visit)


@breaks("origin.cross-site")
class LetsOtherOriginsPost(App):
    """Nobody looks at Origin."""

    def check_origin(self, request: Request) -> None:
        """Let pass."""


@breaks("origin.cross-site")
class LetsSiblingsPost(App):
    """A page of a sibling host may post."""

    def check_origin(self, request: Request) -> None:
        if request.header("sec-fetch-site") != "same-site":
            super().check_origin(request)


@breaks("origin.cross-site")
class LetsTheNullOriginPost(App):
    """`Origin: null`, as a sandboxed frame sends it, may post."""

    def check_origin(self, request: Request) -> None:
        if request.header("origin") != "null":
            super().check_origin(request)


@breaks("origin.cross-site")
class ChecksTheOriginAfterCounting(App):
    """A post of another origin is answered with 403, and counts."""

    def route(self, visit: Visit) -> Response:
        try:
            return super().route(visit)
        except Problem as problem:
            if problem.status == 403 and visit.request.path == "/count":
                self.count(visit)
                visit.undo.clear()
            raise


@breaks("origin.same-site")
class LocksOutClientsWithoutAnOrigin(App):
    """A post without Origin is refused."""

    def check_origin(self, request: Request) -> None:
        if request.header("sec-fetch-site") == "none":
            raise Problem(403)
        super().check_origin(request)


@breaks("error.problem", "error.says-nothing")
class AnswersErrorsAsText(App):
    """Errors are plain text."""

    def problem(self, problem: Problem) -> Response:
        response = super().problem(problem)
        response.headers[0] = ("content-type", "text/plain")
        return response


@breaks("error.problem")
class TakesAnyBody(App):
    """A body of 20 kB is read to the end and found wrong only then."""

    def route(self, visit: Visit) -> Response:
        request = visit.request
        short = Request(request.method, request.path, request.query, request.headers, request.body[:16384])
        visit.request = short
        return super().route(visit)


@breaks("error.says-nothing")
class ShowsTheTraceback(App):
    """A 500 says what was raised."""

    def unexpected(self, error: Exception) -> Response:
        response = super().unexpected(error)
        response.body = response.body.replace(b"Internal Server Error", f"Internal Server Error: {error!r}".encode())
        return response


@breaks("error.says-nothing")
class ShowsTheCookieInTheError(App):
    """A 500 names the session."""

    def __call__(self, request: Request) -> Response:
        response = super().__call__(request)
        if response.status == 500:
            value = next(iter(self.cookie_values(request)), "")
            response.body = response.body.replace(b"Internal", f"Session {value}: Internal".encode())
        return response
