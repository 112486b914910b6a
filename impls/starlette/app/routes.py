"""The routes of the app (SPEC.md, Routes). They know a session as a mapping with two verbs."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from jinja2 import Environment, FileSystemLoader
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.templating import Jinja2Templates

from app.about import about, store_version
from app.exact_route import ExactRoute
from app.json_response import JSONResponse
from app.sessions import destroy_session, open_session

NAME_MAX = 64

templates = Jinja2Templates(
    env=Environment(loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, trim_blocks=True)
)


def public(session: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the app itself put into the session, without a library's own keys."""
    return {key: value for key, value in session.items() if not key.startswith("_")}


def valid_name(values: list[str]) -> str:
    """Return the one name among a field's values, trimmed, or answer 400."""
    name = values[0].strip() if len(values) == 1 else ""
    if not 1 <= len(name) <= NAME_MAX or any(unicodedata.category(c) == "Cc" for c in name):
        raise HTTPException(400)
    return name


def names(fields: bytes) -> list[str]:
    """Return the `username` fields of a form or a query, or answer 400 where they are not UTF-8.

    Starlette would replace what is not, and read as Latin-1 what is not percent-encoded.
    """
    try:
        values = parse_qs(fields.decode("latin-1"), keep_blank_values=True, encoding="latin-1").get("username", [])
        return [value.encode("latin-1").decode() for value in values]
    except UnicodeDecodeError:
        raise HTTPException(400) from None


def home() -> Response:
    """Redirect to the page, always by 303 and always on this host."""
    return Response(status_code=303, headers={"Location": "/"})


async def page(request: Request) -> Response:
    """Show the page; reads only."""
    session = await open_session(request)
    shown = {"count": session.number("count"), "username": session.get("username")}
    accept = request.headers.get("accept", "")
    if "application/json" in accept and "text/html" not in accept:
        return JSONResponse(shown, headers={"Vary": "Accept"})
    return templates.TemplateResponse(request, "page.html", shown, headers={"Vary": "Accept"})


async def count(request: Request) -> Response:
    """Add one."""
    session = await open_session(request)
    session.increment("count")
    return home()


async def reset(request: Request) -> Response:
    """End the session."""
    await destroy_session(request)
    return home()


async def log_in(request: Request) -> Response:
    """Set the name that the form has."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/x-www-form-urlencoded":
        raise HTTPException(415)
    name = valid_name(names(await request.body()))
    session = await open_session(request)
    session["username"] = name
    session.rotate()
    return home()


async def log_in_by_link(request: Request) -> Response:
    """Set the name that the query has, but only where there is none."""
    given = names(request.scope["query_string"])
    if any(given):
        name = valid_name(given)
        session = await open_session(request)
        if "username" not in session:
            session["username"] = name
            session.rotate()
    return home()


async def log_out(request: Request) -> Response:
    """Remove the name."""
    session = await open_session(request)
    if session.pop("username", None) is not None:
        session.rotate()
    return home()


async def visits(request: Request) -> Response:
    """Count by GET."""
    session = await open_session(request)
    number = session.increment("visits")
    if number == 1:
        return PlainTextResponse("Welcome to this page for the first time!")
    return PlainTextResponse(f"You visited this page {number} times")


async def hello(request: Request) -> Response:
    """Set a flag."""
    session = await open_session(request)
    session["start"] = True
    return PlainTextResponse("hello")


async def pick(request: Request) -> Response:
    """Set the fruit that the path names."""
    fruit = request.url.path.removeprefix("/")
    session = await open_session(request)
    session["fruit"] = fruit
    return JSONResponse({"response": fruit, "session": public(session)})


async def end(request: Request) -> Response:
    """End the session, and say so."""
    await destroy_session(request)
    return JSONResponse({"response": "session destroyed", "session": {}})


async def healthy(_request: Request) -> Response:
    """Answer for the process alone."""
    return PlainTextResponse("ok")


async def ready(request: Request) -> Response:
    """Answer for the process and its store."""
    await store_version(request.app.state.configuration)
    return PlainTextResponse("ok")


async def show_about(request: Request) -> Response:
    """Say what runs."""
    return JSONResponse(await about(request.app.state.configuration, request.app.state.edition.LIBRARY))


routes = [
    ExactRoute("/", page),
    ExactRoute("/count", count, methods=["POST"]),
    ExactRoute("/reset", reset, methods=["POST"]),
    ExactRoute("/user/login", log_in, methods=["POST"]),
    ExactRoute("/login", log_in_by_link),
    ExactRoute("/logout", log_out, methods=["GET", "POST"]),
    ExactRoute("/visits", visits),
    ExactRoute("/hello", hello),
    ExactRoute("/cherries", pick),
    ExactRoute("/blueberries", pick),
    ExactRoute("/destroy-session", end),
    ExactRoute("/healthz", healthy),
    ExactRoute("/readyz", ready),
    ExactRoute("/about", show_about),
]
