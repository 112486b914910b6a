"""Cookies as they may be shown: a `Set-Cookie` line without its secret, and what became of the session id in it."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

SHOWN = 6
SECONDS_AN_HOUR = 3600
Values = dict[tuple[str, str], str | None]  # by name and path


@dataclass(frozen=True)
class SetCookie:
    """A `Set-Cookie` line with its value cut short, and the part of it in which two targets can be compared."""

    shown: str
    kind: frozenset[str]


def parse(line: str) -> SetCookie:
    """Read a line: of the value the first characters are kept, and the attributes in full."""
    pair, *attributes = (part.strip() for part in line.split(";"))
    name, _, value = pair.partition("=")
    cut = f"{value[:SHOWN]}…" if len(value) > SHOWN else value
    return SetCookie("; ".join([f"{name}={cut}", *attributes]), frozenset(map(_kind, filter(None, attributes))))


def _kind(attribute: str) -> str:
    """Return an attribute as it can be compared: time goes by between two answers, and so lifetimes are whole hours."""
    name, _, value = (part.strip() for part in attribute.lower().partition("="))
    if name == "expires":
        return name
    if name == "max-age" and value.isdecimal():
        return f"{name}={-(-int(value) // SECONDS_AN_HOUR)} hours"
    return f"{name}={value}"


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
