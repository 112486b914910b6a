"""Takes session ids, signatures and secrets out of what is shown or stored: enough of each stays to tell two apart.

The values are found where they stand (`Cookie`, `Set-Cookie`, the files of secrets), and cut wherever else they occur.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote, unquote

from conformance.client import Exchange
from conformance.cookies import parse

SHOWN = 6
LONG = 12
LONG_VALUE = re.compile(
    rf"(?<![A-Za-z0-9_./+-])(?=[A-Za-z_./+-]*(?:[0-9]|[a-z][A-Z]))"  # application/x-www-form-urlencoded is no id
    rf"([A-Za-z0-9_+-][A-Za-z0-9_/+-]{{{SHOWN - 1}}})[A-Za-z0-9_./+-]{{16,}}+"
    r"(?!=[^;=\s])"  # that would be a name
    r"=*"
)
NEVER_IN_AN_ID = re.compile(r"""[^!-~]|["'\\<>{}]""")
SEPARATORS = re.compile(r"[.|!:]|%2E|%3A")


def redact(text: str, values: Iterable[str] = ()) -> str:
    """Cut the values to their beginning, and so every other long run of id-like characters."""
    known = sorted((value for value in values if value[:SHOWN] in text), key=len, reverse=True)
    for value in known:
        text = text.replace(value, f"{value[:SHOWN]}…")
    for head in {value[:LONG] for value in known if len(value) > LONG}:
        text = _cut_beginnings(text, head, [value for value in known if value.startswith(head)])
    return LONG_VALUE.sub(r"\1…", text)


def secrets(folder: Path) -> list[str]:
    """Return the signing secrets that the files of a folder hold (`SESSION_SECRETS=one,two`)."""
    texts = (path.read_text().strip().partition("=")[2] for path in folder.glob("*.env"))
    return [secret for text in texts for secret in text.split(",") if len(secret) > SHOWN]


def cookie_values(exchanges: Iterable[Exchange]) -> set[str]:
    """Return the values to cut: what servers handed out, what was sent and may be an id, their parts and spellings.

    What the suite sends and no server would make an id of (`null`, a value with quotes) is left to be read.
    """
    handed_out: set[str] = set()
    sent: set[str] = set()
    for exchange in exchanges:
        sent |= {value for _, value in cookies_sent(exchange)}
        handed_out |= {value for _, value in cookies_handed_out(exchange)}
    whole = {value.strip('"') for value in handed_out if len(value) > SHOWN}
    whole |= {value for value in sent if len(value) >= LONG and not NEVER_IN_AN_ID.search(value)}
    spelt = {each for value in whole for each in (value, unquote(value), quote(value))}
    return spelt | {part for value in spelt for part in SEPARATORS.split(value) if len(part) >= LONG}


def cookies_sent(exchange: Exchange) -> list[tuple[str, str]]:
    """Return the pairs of name and value in the request's `Cookie` lines."""
    head = request_text(exchange).partition("\r\n\r\n")[0]
    lines = [line.partition(":")[2] for line in head.split("\r\n")[1:] if line.lower().startswith("cookie:")]
    pairs = (piece.strip().partition("=") for line in lines for piece in line.split(";"))
    return [(name, value) for name, _, value in pairs]


def cookies_handed_out(exchange: Exchange) -> list[tuple[str, str]]:
    """Return the pairs of name and value in the answer's `Set-Cookie` lines."""
    lines = exchange.response.set_cookies if exchange.response else []
    return [(cookie.name, cookie.value) for cookie in map(parse, lines)]


def request_text(exchange: Exchange) -> str:
    """Return what was sent as text; bytes that are no UTF-8 are written as escapes."""
    return exchange.request.raw.decode("utf-8", "backslashreplace")


def shared(one: str, other: str) -> int:
    """Return the length of the beginning that two texts have in common."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _cut_beginnings(text: str, head: str, values: list[str]) -> str:
    """Cut where a value stands in part: messages show the first 40 characters of one."""
    at = 0
    while (at := text.find(head, at)) >= 0:
        end = at + max(shared(text[at : at + len(value)], value) for value in values)
        text = f"{text[: at + SHOWN]}…{text[end:]}"
        at += SHOWN + 1
    return text
