"""JSON as msgspec writes it: the same bytes as Starlette's `JSONResponse`, which makes an encoder for each answer."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.responses import Response


class JSONResponse(Response):
    """An answer in JSON."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return msgspec.json.encode(content)
