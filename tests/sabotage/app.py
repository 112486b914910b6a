"""A small, correct app that follows SPEC.md, on a store in memory. `faults` changes one thing in it at a time.

Every promise has a method of its own, here or in one of the two layers below, so that a fault can break it without
breaking others.
"""

from __future__ import annotations

import base64
import json
import os
import time
import unicodedata
from collections.abc import Callable, Mapping
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

from conformance.spec import expected_page
from tests.sabotage.http import LARGEST_BODY, Request, Response
from tests.sabotage.memory import Data, Memory, StoreDown
from tests.sabotage.session_layer import SessionLayer
from tests.sabotage.visit import PHRASES, Problem, Visit

VERSION = "1.0.0"


class App(SessionLayer):
    """The correct app."""

    def __init__(self, store: Memory | None = None, settings: Mapping[str, str | None] | None = None) -> None:
        super().__init__(store, settings)
        self.routes: dict[str, dict[str, Callable[[Visit], Response]]] = {
            "/": {"GET": self.page},
            "/count": {"POST": self.count},
            "/reset": {"POST": self.reset},
            "/user/login": {"POST": self.log_in},
            "/login": {"GET": self.log_in_by_link},
            "/logout": {"GET": self.log_out, "POST": self.log_out},
            "/visits": {"GET": self.visits},
            "/hello": {"GET": self.hello},
            "/cherries": {"GET": self.fruit},
            "/blueberries": {"GET": self.fruit},
            "/destroy-session": {"GET": self.destroy_session},
            "/healthz": {"GET": self.healthy},
            "/readyz": {"GET": self.ready},
            "/about": {"GET": self.about},
            "/_probe/session": {"GET": self.probe_session},
            "/_probe/slow-read": {"GET": self.probe_slow_read},
            "/_probe/slow-count": {"POST": self.probe_slow_count},
            "/_probe/no-session": {"GET": self.healthy},
            "/_probe/boom": {"POST": self.probe_boom},
            "/_probe/fill": {"POST": self.probe_fill},
            "/_probe/set-unset": {"POST": self.probe_set_unset},
        }

    # One request

    def __call__(self, request: Request) -> Response:
        """Answer a request."""
        visit = Visit(request)
        try:
            response = self.route(visit)
        except Problem as problem:
            response = self.problem(problem)
        except StoreDown:
            response = self.store_down(visit)
        except Exception as error:  # noqa: BLE001 (whatever a handler raises is a 500)
            response = self.unexpected(error)
        if response.status >= 400:
            self.roll_back(visit)
        if visit.used:
            response.headers += self.privacy()
        if visit.set_cookie:
            response.headers.append(("set-cookie", visit.set_cookie))
        return response

    def route(self, visit: Visit) -> Response:
        """Find the handler and call it."""
        request = visit.request
        methods = self.routes.get(request.path)
        if methods is None:
            raise Problem(404)
        handler = methods.get("GET" if request.method == "HEAD" else request.method)
        if handler is None:
            raise Problem(405, ", ".join(sorted({*methods, *(["HEAD"] if "GET" in methods else [])})))
        if len(request.body) > LARGEST_BODY:
            raise Problem(413)
        if request.method == "POST":
            self.check_origin(request)
        return handler(visit)

    def check_origin(self, request: Request) -> None:
        """Refuse posts of other origins."""
        site, origin = request.header("sec-fetch-site"), request.header("origin")
        if site and site not in {"same-origin", "none"}:
            raise Problem(403)
        if not site and origin and urlsplit(origin).netloc != request.header("host"):
            raise Problem(403)

    def problem(self, problem: Problem) -> Response:
        """Answer an error."""
        body = {"type": "about:blank", "title": PHRASES[problem.status], "status": problem.status}
        headers = [("content-type", "application/problem+json")]
        return Response(
            problem.status, headers + ([("allow", problem.allow)] if problem.allow else []), json.dumps(body).encode()
        )

    def store_down(self, _visit: Visit) -> Response:
        """Answer for a store that does not."""
        response = self.problem(Problem(503))
        response.headers.append(("retry-after", "1"))
        return response

    def unexpected(self, _error: Exception) -> Response:
        """Answer an error of the app itself."""
        return self.problem(Problem(500))

    def roll_back(self, visit: Visit) -> None:
        """Keep nothing of a request that failed."""
        visit.set_cookie = ""
        with suppress(StoreDown):
            for undo in reversed(visit.undo):
                undo()

    def privacy(self) -> list[tuple[str, str]]:
        """Keep pages of a session out of caches."""
        return [("vary", "Cookie"), ("cache-control", "no-store")]

    # The routes

    def page(self, visit: Visit) -> Response:
        """Show count and name."""
        data = self.read(visit)
        accept = visit.request.header("accept")
        if "application/json" in accept and "text/html" not in accept:
            return self.json({"count": self.number_in(data, "count"), "username": data.get("username")})
        return Response(200, [("content-type", "text/html; charset=utf-8")], self.html(data).encode())

    def html(self, data: Data) -> str:
        """Return the page."""
        return expected_page(self.number_in(data, "count"), data.get("username"))

    def count(self, visit: Visit) -> Response:
        """Add one."""
        self.read(visit)
        self.change(visit, lambda data: self.add_one(data, "count"))
        return self.home(visit)

    def add_one(self, data: Data, key: str) -> None:
        """Add one to a counter."""
        data[key] = self.number_in(data, key) + 1

    def number_in(self, data: Data, key: str) -> int:
        """Return a counter, 0 for what is no number."""
        value = data.get(key)
        return value if isinstance(value, int) else 0

    def reset(self, visit: Visit) -> Response:
        """End the session."""
        self.end(visit)
        return self.home(visit)

    def names(self, fields: str) -> list[str]:
        """Return the `username` fields of a form or a query."""
        values = parse_qs(fields, keep_blank_values=True, encoding="latin-1").get("username", [])
        try:
            return [value.encode("latin-1").decode() for value in values]
        except UnicodeDecodeError:
            raise Problem(400) from None

    def valid_name(self, values: list[str]) -> str:
        """Return the one good name."""
        name = values[0].strip() if len(values) == 1 else ""
        if not 1 <= len(name) <= 64 or any(unicodedata.category(character) == "Cc" for character in name):
            raise Problem(400)
        return name

    def check_form(self, request: Request) -> None:
        """Refuse a body that is no form."""
        if request.header("content-type").partition(";")[0].lower() != "application/x-www-form-urlencoded":
            raise Problem(415)

    def log_in(self, visit: Visit) -> Response:
        """Set the name by the form."""
        self.check_form(visit.request)
        name = self.valid_name(self.names(visit.request.body.decode("latin-1")))
        self.read(visit)
        self.change(visit, lambda data: data.update(username=name), rotate=self.rotates(visit))
        return self.home(visit)

    def log_in_by_link(self, visit: Visit) -> Response:
        """Set the name by the query, where there is none."""
        given = self.names(visit.request.query)
        if any(given):
            name = self.valid_name(given)
            if "username" not in self.read(visit):
                self.change(visit, lambda data: data.update(username=name), rotate=self.rotates(visit))
        return self.home(visit)

    def log_out(self, visit: Visit) -> Response:
        """Remove the name."""
        if "username" in self.read(visit):
            self.change(visit, lambda data: data.pop("username"), rotate=self.rotates(visit))
        return self.home(visit)

    def rotates(self, _visit: Visit) -> bool:
        """Tell whether this change of privilege changes the id."""
        return True

    def visits(self, visit: Visit) -> Response:
        """Count visits."""
        self.read(visit)
        number = self.change(visit, lambda data: self.add_one(data, "visits"))["visits"]
        return self.text(
            "Welcome to this page for the first time!" if number == 1 else f"You visited this page {number} times"
        )

    def hello(self, visit: Visit) -> Response:
        """Set `start`."""
        self.read(visit)
        self.change(visit, lambda data: data.update(start=True))
        return self.text("hello")

    def fruit(self, visit: Visit) -> Response:
        """Set `fruit`."""
        fruit = visit.request.path[1:]
        self.read(visit)
        data = self.change(visit, lambda data: data.update(fruit=fruit))
        return self.json({"response": fruit, "session": self.public(data)})

    def public(self, data: Data) -> Data:
        """Return what clients may see."""
        return {key: value for key, value in data.items() if not key.startswith("_")}

    def destroy_session(self, visit: Visit) -> Response:
        """End the session."""
        self.end(visit)
        return self.json({"response": "session destroyed", "session": {}})

    def healthy(self, _visit: Visit) -> Response:
        """Say ok."""
        return self.text("ok")

    def ready(self, visit: Visit) -> Response:
        """Ask the store."""
        self.store.ask()
        return self.healthy(visit)

    def about(self, _visit: Visit) -> Response:
        """Say what runs."""
        parts = {
            part: {"name": "sabotage", "version": VERSION}
            for part in ("implementation", "framework", "library", "server")
        }
        parts |= {"store": {"name": "memory", "version": VERSION}, "edition": {"name": "hardened", "version": VERSION}}
        return self.json(parts | {"language": {"name": "Python", "version": VERSION}})

    # The probes

    def number(self, visit: Visit, name: str) -> int:
        """Read a number from the query."""
        return int(parse_qs(visit.request.query)[name][0])

    def probe_session(self, visit: Visit) -> Response:
        """Show the session."""
        return self.json(self.public(self.read(visit)))

    def probe_slow_read(self, visit: Visit) -> Response:
        """Read, wait, answer."""
        data = self.read(visit)
        time.sleep(self.number(visit, "ms") / 1000)
        self.after_slow_read(visit, data)
        return self.json({"count": data.get("count", 0)})

    def after_slow_read(self, visit: Visit, data: Data) -> None:
        """Write nothing after a read."""

    def probe_slow_count(self, visit: Visit) -> Response:
        """Read, wait, add one."""
        self.read(visit)
        time.sleep(self.number(visit, "ms") / 1000)
        self.change(visit, lambda data: self.add_one(data, "count"))
        return self.home(visit)

    def probe_boom(self, visit: Visit) -> Response:
        """Change, then fail."""
        self.read(visit)
        self.change(visit, lambda data: data.update(boom=True))
        raise RuntimeError("boom")

    def probe_fill(self, visit: Visit) -> Response:
        """Set a large key."""
        size = self.number(visit, "bytes")
        self.read(visit)
        self.change(visit, lambda data: data.update(filler=base64.b64encode(os.urandom(size)).decode()[:size]))
        return self.home(visit)

    def probe_set_unset(self, visit: Visit) -> Response:
        """Set a key and remove it again."""
        self.read(visit)
        self.change(visit, lambda data: (data.update(passing=True), data.pop("passing")))
        return self.home(visit)

    # Answers

    def home(self, _visit: Visit) -> Response:
        """Lead to the page."""
        return Response(303, [("location", "/")])

    def text(self, body: str) -> Response:
        """Answer text."""
        return Response(200, [("content-type", "text/plain; charset=utf-8")], body.encode())

    def json(self, body: object) -> Response:
        """Answer JSON."""
        return Response(200, [("content-type", "application/json")], json.dumps(body).encode())
