"""A tour of all routes by a new visitor and by a known one, for the clauses that look at every answer."""

from __future__ import annotations

from collections.abc import Callable

from conformance.client import Client, Exchange, Response
from conformance.visitor import JSON, Visitor

READS = ("/", "/healthz", "/readyz", "/about", "/nowhere", "/_probe/session", "/_probe/no-session")
SESSION_PAGES = ("/", "/visits", "/hello", "/cherries", "/blueberries")

Tour = Callable[[], list[Response]]  # what a check gets: the answers, in their order


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


class Tours:
    """The tour of each target, made once for all checks that look at it: each has its exchanges in its transcript."""

    def __init__(self) -> None:
        self._made: dict[str, list[Exchange]] = {}

    def answers(self, client: Client) -> list[Response]:
        """Return the answers to a tour by a new visitor of this client."""
        exchanges = client.transcript.exchanges
        begun = len(exchanges)
        if made := self._made.get(client.url):
            exchanges += made
        else:
            tour(Visitor(client))
            self._made[client.url] = exchanges[begun:]
        return [each.response for each in exchanges[begun:] if each.response]
