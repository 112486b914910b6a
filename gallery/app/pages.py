"""How pages are made: the templates, and what is said where something went wrong."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.templating import Jinja2Templates

from app.headers import USUAL

templates = Jinja2Templates(
    env=Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
)


async def healthy(_request: Request) -> Response:
    """Answer for the process."""
    return PlainTextResponse("ok")


async def http_error(request: Request, error: HTTPException) -> Response:
    """Say what was refused, and why."""
    said = {"title": HTTPStatus(error.status_code).phrase, "text": error.detail}
    return templates.TemplateResponse(request, "message.html", said, error.status_code, error.headers)


async def server_error(request: Request, _error: Exception) -> Response:
    """Say that something went wrong here; Starlette raises it again, so that it is in the log."""
    said = {"title": "Something went wrong in the gallery", "text": "Its log says more: make logs"}
    return templates.TemplateResponse(request, "message.html", said, 500, USUAL)


handlers: dict[Any, Any] = {HTTPException: http_error, Exception: server_error}
