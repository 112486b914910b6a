"""Routes for the conformance suite alone, served with PROBES=1 (SPEC.md, Probes)."""

from __future__ import annotations

import asyncio
import base64
import os
import re

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from app.exact_route import ExactRoute
from app.json_response import JSONResponse
from app.routes import home, public
from app.sessions import open_session

LONGEST_WAIT_MS = 10_000
LARGEST_FILL = 1 << 20
WHOLE_NUMBER = re.compile(r"[0-9]{1,7}")


def number(request: Request, name: str, largest: int) -> int:
    """Read a whole number from the query, or answer 400."""
    value = request.query_params.get(name, "")
    if not WHOLE_NUMBER.fullmatch(value) or int(value) > largest:
        raise HTTPException(400)
    return int(value)


async def wait(request: Request) -> None:
    """Wait as long as the query says."""
    await asyncio.sleep(number(request, "ms", LONGEST_WAIT_MS) / 1000)


async def show_session(request: Request) -> Response:
    """Show the session as it is."""
    return JSONResponse(public(await open_session(request)))


async def slow_read(request: Request) -> Response:
    """Read, then wait."""
    session = await open_session(request)
    count = session.number("count")
    await wait(request)
    return JSONResponse({"count": count})


async def slow_count(request: Request) -> Response:
    """Read, wait, then add one."""
    session = await open_session(request)
    await wait(request)
    session.increment("count")
    return home()


async def no_session(_request: Request) -> Response:
    """Leave the session alone."""
    return PlainTextResponse("ok")


async def boom(request: Request) -> Response:
    """Change the session, then fail."""
    session = await open_session(request)
    session["boom"] = True
    raise RuntimeError("the boom that was asked for")


async def fill(request: Request) -> Response:
    """Make the session large, with what no compression makes small."""
    size = number(request, "bytes", LARGEST_FILL)
    session = await open_session(request)
    session["filler"] = base64.b64encode(os.urandom(size)).decode()[:size]
    return home()


async def set_unset(request: Request) -> Response:
    """Change nothing, in two steps."""
    session = await open_session(request)
    session["passing"] = True
    del session["passing"]
    return home()


probes = [
    ExactRoute("/_probe/session", show_session),
    ExactRoute("/_probe/slow-read", slow_read),
    ExactRoute("/_probe/slow-count", slow_count, methods=["POST"]),
    ExactRoute("/_probe/no-session", no_session),
    ExactRoute("/_probe/boom", boom, methods=["POST"]),
    ExactRoute("/_probe/fill", fill, methods=["POST"]),
    ExactRoute("/_probe/set-unset", set_unset, methods=["POST"]),
]
