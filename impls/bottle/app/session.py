"""The session of the request at hand, where Beaker's middleware puts it."""

from __future__ import annotations

from typing import Any

from bottle import request


def session() -> Any:
    """Return Beaker's proxy: a mapping that reads the session when it is first used."""
    return request.environ["beaker.session"]
