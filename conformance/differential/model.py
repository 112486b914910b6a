"""SPEC.md as a pure function: from a session and a request to the answer that is due and what becomes of the session.

Nothing here knows of cookies, stores or the network: `world` does. Written from SPEC.md alone, not from an app.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote_to_bytes

from conformance.client import FORM
from conformance.spec import expected_page

Data = Mapping[str, Any]
NOTHING: Data = MappingProxyType({})
LARGEST_BODY = 16 * 1024
LONGEST_NAME = 64  # code points
WHITE_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
TEXT, HTML, JSON = "text/plain; charset=utf-8", "text/html; charset=utf-8", "application/json"
PROBLEM = "application/problem+json"

page = lru_cache(maxsize=4096)(expected_page)


@dataclass(frozen=True)
class Request:
    """A request without its cookies. Header names are in lower case; `query` is as it is sent."""

    method: str
    path: str
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """Return a header's value."""
        return dict(self.headers).get(name)


@dataclass(frozen=True)
class Keeps:
    """The session stays as it is."""


@dataclass(frozen=True)
class Writes:
    """The session becomes `data`, under a new id where `rotates`."""

    data: Data
    rotates: bool = False


@dataclass(frozen=True)
class Ends:
    """The session is destroyed."""


Effect = Keeps | Writes | Ends


@dataclass(frozen=True)
class JsonBody:
    """A body that is this value as JSON, the order of members apart."""

    value: Any


@dataclass(frozen=True)
class ProblemBody:
    """A body that is an object of RFC 9457 with this status."""

    status: int


Body = bytes | JsonBody | ProblemBody | None  # None: SPEC.md leaves it open


@dataclass(frozen=True)
class Answer:
    """What is due. A `content_type` of "" is open; `private` answers have `Vary: Cookie` and `no-store`."""

    status: int
    body: Body = None
    content_type: str = ""
    location: str = ""
    allow: frozenset[str] = field(default_factory=frozenset)
    private: bool = False
    effect: Effect = Keeps()


def answer(session: Data | None, request: Request) -> Answer:
    """Return what SPEC.md wants of a request by one whose cookie opens `session`, or opens nothing."""
    handlers = ROUTES.get(request.path)
    if handlers is None:
        due = problem(404)
    elif (handler := handlers.get("GET" if request.method == "HEAD" else request.method)) is None:
        due = problem(405, frozenset(handlers) | ({"HEAD"} if "GET" in handlers else set()))
    elif request.method == "POST" and from_another_origin(request):
        due = problem(403)
    elif len(request.body) > LARGEST_BODY:
        due = problem(413)
    else:
        due = handler(session or NOTHING, request)
    return replace(due, body=b"", effect=Keeps()) if request.method == "HEAD" else due


def from_another_origin(request: Request) -> bool:
    """Tell whether a page of another origin sent this; `Origin` is not generated with the right host and port."""
    site = request.header("sec-fetch-site")
    return site not in {"same-origin", "none"} if site is not None else request.header("origin") is not None


def problem(status: int, allow: frozenset[str] = frozenset()) -> Answer:
    """Return an error."""
    return Answer(status, ProblemBody(status), PROBLEM, allow=allow)


def home(effect: Effect) -> Answer:
    """Return the redirect to the page."""
    return Answer(303, location="/", effect=effect)


def show(session: Data, request: Request) -> Answer:
    """Return the page, or count and name as JSON."""
    count, username = session.get("count", 0), session.get("username")
    accept = request.header("accept") or ""
    if JSON in accept and "text/html" not in accept:
        return Answer(200, JsonBody({"count": count, "username": username}), JSON, private=True)
    return Answer(200, page(count, username).encode(), HTML, private=True)


def count(session: Data, _request: Request) -> Answer:
    """Add one."""
    return home(Writes({**session, "count": session.get("count", 0) + 1}))


def reset(_session: Data, _request: Request) -> Answer:
    """End the session."""
    return home(Ends())


def log_in(session: Data, request: Request) -> Answer:
    """Set the name that the form has."""
    if (request.header("content-type") or "").partition(";")[0].strip().lower() != FORM:
        return problem(415)
    name = good_name(usernames(request.body))
    return problem(400) if name is None else home(Writes({**session, "username": name}, rotates=True))


def log_in_by_link(session: Data, request: Request) -> Answer:
    """Set the name that the query has, where none is set."""
    given = usernames(request.query.encode())
    if not any(given):
        return home(Keeps())
    name = good_name(given)
    if name is None:
        return problem(400)
    return home(Keeps() if "username" in session else Writes({**session, "username": name}, rotates=True))


def log_out(session: Data, _request: Request) -> Answer:
    """Remove the name."""
    if "username" not in session:
        return home(Keeps())
    return home(Writes({key: value for key, value in session.items() if key != "username"}, rotates=True))


def visits(session: Data, _request: Request) -> Answer:
    """Count visits."""
    number = session.get("visits", 0) + 1
    text = "Welcome to this page for the first time!" if number == 1 else f"You visited this page {number} times"
    return Answer(200, text.encode(), TEXT, private=True, effect=Writes({**session, "visits": number}))


def hello(session: Data, _request: Request) -> Answer:
    """Set `start`."""
    return Answer(200, b"hello", TEXT, private=True, effect=Writes({**session, "start": True}))


def fruit(session: Data, request: Request) -> Answer:
    """Set `fruit`, and show the public keys, which are all that the model has."""
    name = request.path[1:]
    after = {**session, "fruit": name}
    return Answer(200, JsonBody({"response": name, "session": after}), JSON, private=True, effect=Writes(after))


def destroy(_session: Data, _request: Request) -> Answer:
    """End the session and say so."""
    return Answer(200, JsonBody({"response": "session destroyed", "session": {}}), JSON, effect=Ends())


def healthy(_session: Data, _request: Request) -> Answer:
    """Say ok."""
    return Answer(200, b"ok", TEXT)


ROUTES: dict[str, dict[str, Callable[[Data, Request], Answer]]] = {
    "/": {"GET": show},
    "/count": {"POST": count},
    "/reset": {"POST": reset},
    "/user/login": {"POST": log_in},
    "/login": {"GET": log_in_by_link},
    "/logout": {"GET": log_out, "POST": log_out},
    "/visits": {"GET": visits},
    "/hello": {"GET": hello},
    "/cherries": {"GET": fruit},
    "/blueberries": {"GET": fruit},
    "/destroy-session": {"GET": destroy},
    "/healthz": {"GET": healthy},
    "/readyz": {"GET": healthy},
}


def usernames(fields: bytes) -> list[bytes]:
    """Return the `username` values of a form or a query, as the URL Standard reads them (5.1)."""
    pairs = [each.replace(b"+", b" ").partition(b"=") for each in fields.split(b"&")]
    return [unquote_to_bytes(value) for name, _, value in pairs if unquote_to_bytes(name) == b"username"]


def good_name(values: list[bytes]) -> str | None:
    """Return the one good name, or None (SPEC.md, Names)."""
    try:
        name = values[0].decode().strip(WHITE_SPACE) if len(values) == 1 else ""
    except UnicodeDecodeError:
        return None
    good = 1 <= len(name) <= LONGEST_NAME and not any(unicodedata.category(each) == "Cc" for each in name)
    return name if good else None
