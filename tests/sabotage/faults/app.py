"""Faults in what the app does."""

from __future__ import annotations

from typing import Any

from tests.sabotage.app import App
from tests.sabotage.fault import breaks
from tests.sabotage.http import Request, Response
from tests.sabotage.memory import Data
from tests.sabotage.visit import Problem, Visit


@breaks("app.fresh-page", "inject.html")
class HasNoResetForm(App):
    """The page lacks the form that resets."""

    def html(self, data: Data) -> str:
        return super().html(data).replace('<form method="post" action="/reset"><button>Reset</button></form>\n', "")


@breaks("app.same-page", "inject.html")
class EndsThePageWithANewline(App):
    """The page has one byte more than SPEC.md says."""

    def html(self, data: Data) -> str:
        return super().html(data) + "\n"


@breaks("app.fresh-page")
class SendsLatin1(App):
    """The page does not say that it is UTF-8."""

    def page(self, visit: Visit) -> Response:
        response = super().page(visit)
        response.headers = [(name, value.replace("; charset=utf-8", "")) for name, value in response.headers]
        return response


@breaks("app.json")
class SendsJsonToBrowsers(App):
    """A browser that takes HTML and JSON gets JSON."""

    def page(self, visit: Visit) -> Response:
        if "application/json" in visit.request.header("accept"):
            data = self.read(visit)
            return self.json({"count": data.get("count", 0), "username": data.get("username")})
        return super().page(visit)


@breaks("app.counts")
class CountsToThreeAtMost(App):
    """The count stops at three."""

    def add_one(self, data: Data, key: str) -> None:
        super().add_one(data, key)
        data[key] = min(data[key], 3) if key == "count" else data[key]


@breaks("app.resets", "cookie.deletion", "cookie.deletion-attributes", "revoke.reset", "revoke.stays-dead")
class ResetKeepsTheName(App):
    """A reset sets the count to zero and forgets to log out."""

    def reset(self, visit: Visit) -> Response:
        self.read(visit)
        self.change(visit, lambda data: data.pop("count", None))
        return self.home(visit)


@breaks("app.logs-in", "isolate.visitors")
class LogInForgetsTheCount(App):
    """Log-in starts with an empty session."""

    def log_in(self, visit: Visit) -> Response:
        self.check_form(visit.request)
        name = self.valid_name(self.names(visit.request.body.decode("latin-1")))
        self.read(visit)

        def start_anew(data: Data) -> None:
            data.clear()
            data["username"] = name

        self.change(visit, start_anew, rotate=True)
        return self.home(visit)


@breaks("app.logs-in")
class DoesNotTrimNames(App):
    """White space around a name is kept."""

    def valid_name(self, values: list[str]) -> str:
        super().valid_name(values)
        return values[0]


@breaks("app.refuses-bad-names")
class TakesTheLastOfTwoNames(App):
    """Two `username` fields are taken for the last of them."""

    def valid_name(self, values: list[str]) -> str:
        return super().valid_name(values[-1:])


@breaks("app.refuses-bad-names")
class LetsControlCharactersInThatAreNotAscii(App):
    """Control characters are looked for among the first 128 alone."""

    def valid_name(self, values: list[str]) -> str:
        if len(values) == 1 and "\x85" in values[0]:
            return values[0]
        return super().valid_name(values)


@breaks("app.form-only", "error.problem")
class ReadsJsonLogIns(App):
    """A log-in may be JSON, which other origins can send as text."""

    def check_form(self, request: Request) -> None:
        """Take anything."""


@breaks("app.login-by-link", "flow.greeting")
class ALinkReplacesTheName(App):
    """`GET /login` sets the name even where there is one."""

    def log_in_by_link(self, visit: Visit) -> Response:
        given = self.names(visit.request.query)
        if any(given):
            name = self.valid_name(given)
            self.read(visit)
            self.change(visit, lambda data: data.update(username=name), rotate=True)
        return self.home(visit)


@breaks("app.logs-out", "flow.greeting", "logout.old-id-dies")
class LogOutOnlyByPost(App):
    """`GET /logout` redirects and does nothing."""

    def log_out(self, visit: Visit) -> Response:
        return super().log_out(visit) if visit.request.method == "POST" else self.home(visit)


@breaks("app.logs-out")
class LogOutResets(App):
    """Log-out ends the session, count and all."""

    def log_out(self, visit: Visit) -> Response:
        self.end(visit)
        return self.home(visit)


@breaks("app.counts-visits")
class WelcomesTwice(App):
    """The second visit is welcomed as the first."""

    def visits(self, visit: Visit) -> Response:
        response = super().visits(visit)
        return self.text("Welcome to this page for the first time!") if b" 2 times" in response.body else response


@breaks("flow.visits", "method.head-changes-nothing")
class CountsVisitsOfAllTogether(App):
    """The number of visits is kept in the process."""

    total = 0

    def visits(self, visit: Visit) -> Response:
        self.read(visit)
        self.change(visit, lambda data: self.add_one(data, "visits"))
        if visit.request.method != "HEAD":
            self.total += 1
        first = "Welcome to this page for the first time!"
        return self.text(first if self.total == 1 else f"You visited this page {self.total} times")


@breaks("app.fruit", "flow.fruit", "race.different-keys", "write.nothing-after-an-error")
class ShowsItsOwnKeys(App):
    """The JSON of a session has the library's keys in it."""

    def public(self, data: Data) -> Data:
        return {**super().public(data), "_created": 1}


@breaks("app.fruit", "flow.fruit")
class KeepsTheFirstFruit(App):
    """A fruit that was picked is never replaced."""

    def fruit(self, visit: Visit) -> Response:
        fruit = visit.request.path[1:]
        self.read(visit)
        data = self.change(visit, lambda data: data.setdefault("fruit", fruit))
        return self.json({"response": fruit, "session": self.public(data)})


@breaks("app.about")
class DoesNotKnowTheVersionOfItsStore(App):
    """`/about` has an empty version."""

    def about(self, visit: Visit) -> Response:
        response = super().about(visit)
        response.body = response.body.replace(
            b'{"name": "memory", "version": "1.0.0"}', b'{"name": "memory", "version": ""}'
        )
        return response


@breaks("app.health")
class IsNeverReady(App):
    """`/readyz` says 503 while all is well."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.routes["/readyz"] = {"GET": lambda _visit: Response(503)}


@breaks("app.same-page", "flow.log-in-form")
class TellsItsLogInFormInAnotherField(App):
    """The form on the page sends `name`, which the app does not read."""

    def html(self, data: Data) -> str:
        return super().html(data).replace('name="username"', 'name="name"')


@breaks("size.large-session")
class TruncatesLargeSessions(App):
    """A large value is cut to 50 kB without a word."""

    def save(self, visit: Visit, data: Data, *, rotate: bool) -> str:
        cut: dict[str, Any] = {key: value[:50_000] if isinstance(value, str) else value for key, value in data.items()}
        return super().save(visit, cut, rotate=rotate)


@breaks("size.kept-or-refused", "size.large-session")
class DropsWhatIsTooLargeWithoutAWord(App):
    """A change of more than 5 kB is acknowledged and not stored."""

    def save(self, visit: Visit, data: Data, *, rotate: bool) -> str:
        if len(str(data)) > 5000:
            return visit.sid or ""
        return super().save(visit, data, rotate=rotate)


@breaks("size.kept-or-refused", "size.large-session")
class RefusesLargeSessionsAndEmptiesThem(App):
    """A change of more than 5 kB is refused, and the session is lost with it."""

    def save(self, visit: Visit, data: Data, *, rotate: bool) -> str:
        if len(str(data)) > 5000 and visit.sid:
            self.sessions[visit.sid] = {}
            raise Problem(413)
        return super().save(visit, data, rotate=rotate)


@breaks("size.cookie", "size.large-session")
class PadsTheCookieWithTheSession(App):
    """The cookie carries a copy of the data, and grows with it."""

    def save(self, visit: Visit, data: Data, *, rotate: bool) -> str:
        sid = super().save(visit, data, rotate=rotate)
        if filler := data.get("filler"):
            visit.set_cookie = (
                f"{self.cookie_name}={self.sign(sid)}; Max-Age=43200; {self.attributes(visit)}; X={filler}"
            )
        return sid
