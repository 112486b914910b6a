"""Cookies as they may be shown: a `Set-Cookie` line without its secret, and what became of the session id in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import httpx

SHOWN = 6
SECONDS_AN_HOUR = 3600
Values = dict[tuple[str, str], str | None]  # by name and path


@dataclass(frozen=True)
class SetCookie:
    """A `Set-Cookie` line with its value cut short, and the part of it in which two targets can be compared."""

    shown: str
    kind: frozenset[tuple[str, str]]


def parse(line: str) -> SetCookie:
    """Read a line: of the value the first characters are kept, and the attributes in full."""
    pair, *attributes = (part.strip() for part in line.split(";"))
    name, _, value = pair.partition("=")
    cut = f"{value[:SHOWN]}…" if len(value) > SHOWN else value
    return SetCookie("; ".join([f"{name}={cut}", *attributes]), _kind(attributes))


def _kind(attributes: Iterable[str]) -> frozenset[tuple[str, str]]:
    """Return attributes as browsers read them, times in whole hours: some seconds go by between two answers."""
    read = {
        name.strip().lower(): value.strip().lower() for name, _, value in (each.partition("=") for each in attributes)
    }
    if "expires" in read:
        read["expires"] = "some time"
    if read.get("max-age", "").isdecimal():
        read.pop("expires", None)  # RFC 6265bis, 5.7: Max-Age has precedence
        read["max-age"] = f"{-(-int(read['max-age']) // SECONDS_AN_HOUR)} hours"
    return frozenset(read.items())


def values(jar: httpx.Cookies) -> Values:
    """Return what a jar holds now."""
    return {(each.name, each.path): each.value for each in jar.jar}


def became(before: Values, after: Values) -> str:
    """Say what became of a session's id, by the cookie: none, new, kept, changed or deleted."""
    if before == after:
        return "kept" if after else "none"
    if not before:
        return "new"
    return "changed" if after else "deleted"
