"""Every error as `application/problem+json` (RFC 9457), with nothing of the inside in it."""

from __future__ import annotations

import json

from bottle import HTTPError, response


def problem(error: HTTPError) -> str:
    """Turn an HTTP error into a problem. Its header fields (`Allow`, `Retry-After`) are on the response already."""
    response.content_type = "application/problem+json"
    if "Allow" in response:  # Bottle answers HEAD wherever it answers GET, and does not say so
        response.set_header("Allow", response.get_header("Allow").replace("GET", "GET,HEAD").replace(",", ", "))
    title = error.status_line.partition(" ")[2]
    return json.dumps({"type": "about:blank", "title": title, "status": error.status_code})
