"""A tour of all routes by a new visitor and by a known one, for the clauses that look at every answer."""

from __future__ import annotations

from conformance.client import Response
from conformance.visitor import JSON, Visitor

READS = ("/", "/healthz", "/readyz", "/about", "/nowhere", "/_probe/session", "/_probe/no-session")
SESSION_PAGES = ("/", "/visits", "/hello", "/cherries", "/blueberries")


def tour(visitor: Visitor) -> list[Response]:
    """Visit every route once in an order that makes, changes, renames and destroys a session; return the answers."""
    answers = [visitor.get(path) for path in READS]
    answers += [visitor.post("/reset"), visitor.post("/count"), visitor.get("/", headers=JSON)]
    answers += [visitor.get(path) for path in (*READS, *SESSION_PAGES)]
    answers += [visitor.post("/user/login", form={"username": "Ada"}), visitor.get("/"), visitor.get("/logout")]
    answers += [visitor.get("/login?username=Ada"), visitor.post("/user/login", form={"username": ""})]
    answers += [visitor.request("HEAD", "/"), visitor.request("OPTIONS", "/"), visitor.get("/count")]
    return [
        *answers,
        visitor.post("/logout"),
        visitor.get("/destroy-session"),
        visitor.post("/count"),
        visitor.post("/reset"),
    ]
