"""Reads what apps answer; None stands for what is not as SPEC.md has it."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from conformance.client import Response
from conformance.cookies import parse
from conformance.soak.session import Told

FIRST_VISIT = "Welcome to this page for the first time!"
VISITS = re.compile(r"You visited this page (\d+) times")
TOLD = msgspec.json.Decoder(Told)  # made on import: msgspec crashes where threads first meet a type at once
KEYS_OF_NOBODY: dict[str, Any] = {"visits": 0, "fruit": None}


def page(response: Response) -> Told | None:
    """Read `GET /` as JSON: count and name."""
    try:
        return TOLD.decode(response.body)
    except msgspec.DecodeError:
        return None


def whole(response: Response) -> Told | None:
    """Read `GET /_probe/session`: all keys, those that are not there too."""
    try:
        return _whole(msgspec.json.decode(response.body, type=dict[str, Any]))
    except msgspec.DecodeError:
        return None


def fruit(response: Response) -> Told | None:
    """Read what the choice of a fruit answers: the session as it is then."""
    try:
        return _whole(msgspec.json.decode(response.body, type=dict[str, dict[str, Any] | Any])["session"])
    except (msgspec.DecodeError, KeyError, TypeError):
        return None


def visits(response: Response) -> int | None:
    """Read the number of visits."""
    match = VISITS.fullmatch(response.text)
    return int(match[1]) if match else (1 if response.text == FIRST_VISIT else None)


def given(response: Response) -> str | None:
    """Return the cookie that an answer hands out, as `name=value`."""
    cookies = [cookie for cookie in map(parse, response.set_cookies) if not cookie.deletes]
    return f"{cookies[-1].name}={cookies[-1].value}" if cookies else None


def _whole(keys: dict[str, Any]) -> Told:
    return msgspec.convert(KEYS_OF_NOBODY | keys, Told)
