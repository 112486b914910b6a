"""Flask, told what it would otherwise find out at every request."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flask import Flask
from flask.json.provider import JSONProvider


class Json(JSONProvider):
    """Plain JSON: the app answers nothing that needs Flask's own encoder."""

    def dumps(self, obj: Any, **_: Any) -> str:
        return json.dumps(obj)

    def loads(self, s: str | bytes, **_: Any) -> Any:
        return json.loads(s)


class Application(Flask):
    """An app that has no coroutines among its handlers."""

    json_provider_class = Json

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func
