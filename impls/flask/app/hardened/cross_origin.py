"""Refuses POST requests that a page of another origin sent (OWASP ASVS 5.0, 3.5.1 and 3.5.3)."""

from __future__ import annotations

from flask import request
from werkzeug.exceptions import Forbidden


def refuse() -> None:
    """Answer 403 to a cross-origin POST; clients that are no browsers send neither header and pass."""
    if request.method != "POST":
        return
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site is not None and site not in {"same-origin", "none"}:
        raise Forbidden
    if site is None and origin is not None and origin.partition("://")[2] != request.host:
        raise Forbidden
