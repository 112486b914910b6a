"""Every error as `application/problem+json` (RFC 9457), with nothing of the inside in it."""

from __future__ import annotations

import json

from flask import Flask
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.wrappers import Response


def problem(error: HTTPException) -> Response:
    """Turn an HTTP error into a problem, keeping its headers (`Allow`, `Retry-After`)."""
    if isinstance(error, InternalServerError) and isinstance(error.original_exception, HTTPException):
        error = error.original_exception  # raised while saving, where Flask no longer looks for handlers
    response = Response(status=error.code, headers=error.get_headers())
    response.content_type = "application/problem+json"
    response.data = json.dumps({"type": "about:blank", "title": error.name, "status": error.code})
    return response


def install(app: Flask) -> None:
    """Answer all errors of the app as problems."""
    app.register_error_handler(HTTPException, problem)
    app.register_error_handler(InternalServerError, problem)
