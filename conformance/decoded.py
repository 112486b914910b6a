"""What a signed cookie says: the JSON in it, as itsdangerous, Starlette, Django or JWT put it there."""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from contextlib import suppress
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

LARGEST_PAYLOAD = 1 << 16
BASE64 = re.compile(r"[A-Za-z0-9_+/-]{4,}={0,2}")


@lru_cache
def payload(value: str) -> str:
    """Return the objects and lists that a cookie's value holds, as JSON; nothing where there is none to be read."""
    text = unquote(value).strip('"')
    parts = [text.removeprefix("j:"), *re.split(r"[.:|!?]", text)]  # express writes plain JSON as j:{…}
    found = [each for part in parts if isinstance(each := _json(part), dict | list)]
    return "; ".join(json.dumps(each, ensure_ascii=False) for each in found)


def _json(part: str) -> Any:
    if BASE64.fullmatch(part):
        part = _text(part)
    try:
        return json.loads(part)
    except (ValueError, RecursionError):
        return None


def _text(part: str) -> str:
    """Undo base64, of both alphabets and with or without padding, and the compression under it."""
    try:
        data = base64.b64decode(
            part.rstrip("=").translate(str.maketrans("-_", "+/")) + "=" * (-len(part.rstrip("=")) % 4)
        )
    except binascii.Error:
        return ""
    with suppress(zlib.error):  # most are not compressed
        data = zlib.decompressobj().decompress(data, LARGEST_PAYLOAD)
    return data.decode("utf-8", "replace")
