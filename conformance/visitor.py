"""One visitor of the app with the cookies that it was given, in plain sight. Most clauses are told with visitors."""

from __future__ import annotations

import json
from typing import Any

from conformance.client import Client, NotSetUp, Response
from conformance.cookies import parse

JSON = {"accept": "application/json"}


class Visitor:
    """Keeps cookies as a browser does, and shows them: `cookies` is all that it will send."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.cookies: dict[str, str] = {}

    @property
    def cookie(self) -> str | None:
        """The `Cookie` line that the next request will carry."""
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items()) or None

    @property
    def session(self) -> tuple[str, str]:
        """Name and value of the session cookie: the one cookie that there is."""
        if len(self.cookies) != 1:
            raise NotSetUp(f"expected one session cookie, got {sorted(self.cookies) or 'none'}")
        return next(iter(self.cookies.items()))

    def at(self, client: Client) -> Visitor:
        """Return this visitor, with the same cookies from now on, as a client of another instance."""
        other = Visitor(client)
        other.cookies = self.cookies
        return other

    def request(self, method: str, path: str, **options: Any) -> Response:
        """Send a request with the cookies, and take those of the answer."""
        response = self.client.request(method, path, cookie=self.cookie, **options)
        for line in response.set_cookies:
            cookie = parse(line)
            if cookie.deletes:
                self.cookies.pop(cookie.name, None)
            else:
                self.cookies[cookie.name] = cookie.value
        return response

    def get(self, path: str, **options: Any) -> Response:
        """Send a GET."""
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> Response:
        """Send a POST."""
        return self.request("POST", path, **options)

    def count(self, times: int = 1) -> Visitor:
        """Prepare: count so many times, so that there is a session."""
        for _ in range(times):
            _expect(self.post("/count"), 303)
        return self

    def log_in(self, username: str) -> Visitor:
        """Prepare: log in by the form."""
        _expect(self.post("/user/login", form={"username": username}), 303)
        return self

    def state(self) -> tuple[int, str | None]:
        """Return count and name as the app tells them to these cookies, without taking any."""
        return state(self.client, self.cookie)


def state(client: Client, cookie: str | bytes | None) -> tuple[int, str | None]:
    """Return count and name as the app tells them to a `Cookie` line."""
    response = client.get("/", cookie=cookie, headers=JSON)
    _expect(response, 200)
    try:
        told = json.loads(response.body)
        return told["count"], told["username"]
    except (ValueError, TypeError, KeyError):
        raise NotSetUp(f"GET / as JSON has to be an object of count and username, not {response.text[:80]!r}") from None


def _expect(response: Response, status: int) -> None:
    if response.status != status:
        raise NotSetUp(f"expected {status}, got {response.status}: {response.text[:80]!r}")
