"""Saves the session after the handler, while the answer can still be an error."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from bottle import HTTPResponse, Route, request, response

from app.session import session


class SavePlugin:
    """A Bottle plugin, for all routes but those that say `skip=["save"]`, since they use no session.

    Beaker's middleware saves when the answer starts, too late to make it a 409 or a 503. A hook `after_request` would
    not do either: it also runs for a handler that failed, and cannot tell.
    """

    name = "save"
    api = 2

    def apply(self, callback: Callable[..., Any], route: Route) -> Callable[..., Any]:
        """Save what a successful request changed; of any other, leave the middleware nothing to save."""

        @wraps(callback)
        def wrapper(*args: Any, **options: Any) -> Any:
            own = session()
            saved = False
            try:
                answer = answer_of(callback, *args, **options)
                if own.accessed() and succeeded(answer):
                    own.persist()
                    saved = True
                return answer
            finally:
                if not saved and own.accessed():
                    own.revert()

        return wrapper


def answer_of(callback: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """Return what a handler answers; Bottle lets it raise its answer too."""
    try:
        return callback(*args, **options)
    except HTTPResponse as answer:
        return answer


def succeeded(answer: Any) -> bool:
    """Tell whether an answer is one whose changes are kept."""
    status = (answer if isinstance(answer, HTTPResponse) else response).status_code
    return bool(status < 400 and request.method != "HEAD")
