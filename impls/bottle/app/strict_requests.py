"""Hooks that run before Bottle finds the route, for what Bottle takes in too readily."""

from __future__ import annotations

from io import BytesIO
from wsgiref.types import WSGIEnvironment

from bottle import HTTPError, request

LARGEST_BODY = 16 * 1024


def refuse_undecodable_path() -> None:
    """Answer 404 where the path is not UTF-8: Bottle drops such bytes and would find `/count` in `/co%FFunt`."""
    if len(request.environ["PATH_INFO"].encode()) != len(request.environ["bottle.raw_path"]):
        raise HTTPError(404)


def may_have_body(environ: WSGIEnvironment) -> bool:
    """Tell whether there is a body to wait for: HTTP/1 announces one (RFC 9112, 6.3)."""
    if "HTTP_TRANSFER_ENCODING" in environ or environ["SERVER_PROTOCOL"] == "HTTP/2":
        return True
    return bool(environ.get("CONTENT_LENGTH", "0") != "0")


def limit_body() -> None:
    """Read the body, or answer 413 where it is too long.

    Bottle has a limit for forms alone. It also takes chunks apart itself, which the server has done before (PEP 3333
    leaves that to the server), so it is given the whole body with its length.
    """
    environ = request.environ
    if not may_have_body(environ):
        return
    if request.content_length > LARGEST_BODY:
        raise HTTPError(413)
    body = environ["wsgi.input"].read(LARGEST_BODY + 1)
    if len(body) > LARGEST_BODY:
        raise HTTPError(413)
    environ["wsgi.input"] = BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    environ.pop("HTTP_TRANSFER_ENCODING", None)
