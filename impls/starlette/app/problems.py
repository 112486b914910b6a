"""Every error as `application/problem+json` (RFC 9457), with nothing of the inside in it."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request

from app.json_response import JSONResponse


class StoreUnavailable(HTTPException):
    """The store does not answer: 503."""

    def __init__(self) -> None:
        super().__init__(503, headers={"Retry-After": "1"})


class Problem(JSONResponse):
    """An HTTP status as a problem."""

    media_type = "application/problem+json"

    def __init__(self, status: int, headers: Mapping[str, str] | None = None) -> None:
        super().__init__({"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}, status, headers)


def problem(error: HTTPException) -> Problem:
    """Turn an HTTP error into a problem, keeping its headers (`Allow`, `Retry-After`)."""
    return Problem(error.status_code, error.headers)


async def http_error(_request: Request, error: HTTPException) -> Problem:
    """Answer what an endpoint, or the router, refused."""
    return problem(error)


async def server_error(_request: Request, _error: Exception) -> Problem:
    """Answer what nobody expected; Starlette raises it again, so that the server logs it."""
    return Problem(500)


handlers: dict[Any, Any] = {HTTPException: http_error, Exception: server_error}
