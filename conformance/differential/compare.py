"""Holds one answer against what was expected of it, and says in words what is not so."""

from __future__ import annotations

import json

from conformance.client import Response
from conformance.cookies import SetCookie, parse
from conformance.differential.model import JsonBody, ProblemBody, Writes
from conformance.differential.world import Due, Expected, World

LIFETIME_SECONDS = 43200  # SESSION_ABSOLUTE_SECONDS of SPEC.md, Configuration
TOLERANCE_SECONDS = 5.0
ATTRIBUTES = {"path": "/", "httponly": "", "samesite": "lax"}
FREE = {"max-age", "expires"}  # held against the lifetime


def problems(world: World, expected: Expected, response: Response, name: str, elapsed: float) -> dict[str, str]:
    """Return what is wrong, by aspect. `elapsed` is the age in seconds that the oldest session can have."""
    due = expected.answer
    found = {}
    if response.status != due.status:
        found["status"] = f"{response.status}, not {due.status}"
        return found  # all else follows from it
    if response.all("location") != ([due.location] if due.location else []):
        found["location"] = f"{response.header('location')!r}, not {due.location!r}"
    if due.allow and {each.strip() for each in response.header("allow").split(",")} != due.allow:
        found["allow"] = f"{response.header('allow')!r}, not {', '.join(sorted(due.allow))}"
    if due.content_type and not same_type(response, due.content_type):
        found["content-type"] = f"{response.header('content-type')!r}, not {due.content_type!r}"
    if not same_body(response.body, expected):
        found["body"] = f"{response.text!r}"
    vary = {each.strip().lower() for each in response.header("vary").split(",")}
    if due.private and not ("cookie" in vary and "no-store" in response.header("cache-control").lower()):
        found["privacy"] = f"Vary: {response.header('vary')}; Cache-Control: {response.header('cache-control')}"
    if wrong := cookie_problem(world, expected, response, name, elapsed):
        found["cookie"] = wrong
    return found


def same_type(response: Response, content_type: str) -> bool:
    """Compare media types, and parameters where SPEC.md names them."""
    if ";" not in content_type:
        return response.media_type == content_type
    return response.header("content-type").lower().replace(" ", "") == content_type.replace(" ", "")


def same_body(body: bytes, expected: Expected) -> bool:
    """Compare bodies: JSON by value (in which 1 is not true), problems by their status, all else by the byte."""
    match expected.answer.body:
        case None:
            return True
        case bytes() as wanted:
            return body == wanted
        case JsonBody(value):
            return canonical(_json(body)) == canonical(value)
        case ProblemBody(status):
            told = _json(body)
            return isinstance(told, dict) and canonical(told.get("status")) == canonical(status)


def canonical(value: object) -> str:
    """Return JSON in one form."""
    return json.dumps(value, sort_keys=True)


def _json(body: bytes) -> object:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")


def cookie_problem(world: World, expected: Expected, response: Response, name: str, elapsed: float) -> str:
    """Say what is wrong with the `Set-Cookie` lines."""
    lines = [parse(line) for line in response.set_cookies]
    if not lines:
        return "" if expected.cookie in {Due.NOTHING, Due.OPEN} else f"no Set-Cookie, not {expected.cookie}"
    if len(lines) > 1 or expected.cookie is Due.NOTHING:
        return f"{' and '.join(response.set_cookies)}, not {expected.cookie}"
    cookie = lines[0]
    if cookie.name != name or cookie.deletes != (expected.cookie is Due.DELETION):
        return f"{cookie.line}, not {expected.cookie}"
    effect = expected.answer.effect
    if isinstance(effect, Writes) and not world.may_hand_out(cookie.value, effect.data, expected.counted):
        return f"{cookie.line}: a value that was handed out before"
    return attributes_problem(cookie, elapsed)


def attributes_problem(cookie: SetCookie, elapsed: float) -> str:
    """Say what is wrong with the attributes, which are the same when the cookie is set and when it is deleted."""
    attributes = {key: value.lower() for key, value in cookie.attributes.items() if key not in FREE}
    if attributes != ATTRIBUTES:
        return f"{cookie.line}: other attributes than HttpOnly, SameSite=Lax and Path=/"
    youngest, oldest = LIFETIME_SECONDS, LIFETIME_SECONDS - elapsed - TOLERANCE_SECONDS
    if not cookie.deletes and not (cookie.lifetime is not None and oldest <= cookie.lifetime <= youngest):
        return f"{cookie.line}: lives {cookie.lifetime} s, not what is left of {LIFETIME_SECONDS}"
    return ""


def given(response: Response) -> str | None:
    """Return the value that an answer hands out."""
    cookies = [parse(line) for line in response.set_cookies]
    return next((cookie.value for cookie in cookies if not cookie.deletes), None)
