"""Apps with one thing wrong that only a sequence shows."""

from __future__ import annotations

from tests.sabotage.app import App
from tests.sabotage.http import Request, Response
from tests.sabotage.memory import Data
from tests.sabotage.visit import Visit


class LogOutKeepsTheName(App):
    """Log-out changes the id and nothing else."""

    def log_out(self, visit: Visit) -> Response:
        if "username" in self.read(visit):
            self.change(visit, lambda _: None, rotate=True)
        return self.home(visit)


class CountsTwoAtTheFifth(App):
    """The fifth count adds two."""

    def add_one(self, data: Data, key: str) -> None:
        super().add_one(data, key)
        if key == "count" and data[key] == 5:
            super().add_one(data, key)


class ResetKeepsTheCookie(App):
    """A reset ends the session and leaves the cookie in the browser."""

    def take_back(self, visit: Visit) -> None:
        if visit.request.path != "/reset":
            super().take_back(visit)


class TrimsNothing(App):
    """White space at the ends of a name is kept."""

    def valid_name(self, values: list[str]) -> str:
        name = super().valid_name(values)
        return values[0] if values[0].strip(" ") == name else name


class OldIdLives(App):
    """The id from before log-in still opens the session as it was then."""

    def forget(self, sid: str) -> None:
        pass


class FirstOrLast(App):
    """Of two session cookies reads take the first and writes take the last."""

    def cookie_values(self, request: Request) -> list[str]:
        values = super().cookie_values(request)
        return values[::-1] if request.method == "POST" else values


class ForgetsAtTheNeighbour(App):
    """A cookie before the session cookie hides it."""

    def cookie_values(self, request: Request) -> list[str]:
        return super().cookie_values(request) if request.header("cookie").startswith("sid=") else []
