from __future__ import annotations

import base64
import json
import zlib

import pytest

from conformance.decoded import payload

DATA = {"count": 1, "username": "Zoë"}
PLAIN = json.dumps(DATA).encode()
URL_SAFE = base64.urlsafe_b64encode(PLAIN).decode().rstrip("=")
STANDARD = base64.b64encode(PLAIN).decode()
PACKED = base64.urlsafe_b64encode(zlib.compress(PLAIN)).decode().rstrip("=")


@pytest.mark.parametrize(
    "value",
    [
        f"{URL_SAFE}.aR4xYg.c2lnbmF0dXJl",  # itsdangerous
        f".{PACKED}.aR4xYg.c2lnbmF0dXJl",  # itsdangerous, compressed
        f"{STANDARD}.aR4xYg.c2lnbmF0dXJl",  # Starlette
        f"{URL_SAFE}:1sQx2y:c2lnbmF0dXJl",  # Django
        f'"!c2lnbmF0dXJl?{STANDARD}"',  # Bottle
        "j%3A%7B%22count%22%3A1%2C%22username%22%3A%22Zo%C3%AB%22%7D",  # Express
    ],
)
def test_what_a_signed_cookie_says_is_read(value: str) -> None:
    assert json.loads(payload(value)) == DATA


@pytest.mark.parametrize(
    "value", ["", "null", "1", "MTIz", "kLSxmEDaX2nJ0vWq8yTg5bRc.Q2nJ0vWq", "a" * 5000, "[" * 5000]
)
def test_what_says_nothing_is_nothing(value: str) -> None:
    assert payload(value) == ""


def test_a_payload_that_swells_is_read_no_further_than_the_limit() -> None:
    bomb = base64.b64encode(zlib.compress(b'["' + b"x" * 10_000_000 + b'"]')).decode()
    assert payload(bomb) == ""
