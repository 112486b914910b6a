"""Errors tell what went wrong and nothing of the inside (RFC 9457, ASVS 5.0 16.5)."""

from __future__ import annotations

from conformance.clause import Capability, Level, clause
from conformance.client import Response
from conformance.visitor import Visitor

MUST = Level.MUST


def is_problem(response: Response, status: int, what: str) -> None:
    """Assert that an answer is a problem document of that status."""
    assert response.status == status, f"{what} answered {response.status} instead of {status}"
    assert response.media_type == "application/problem+json", f"{what}: the media type is {response.media_type!r}"
    assert response.json().get("status") == status, f"{what}: the problem says {response.text[:80]}"


@clause("error.problem", MUST, sources=("RFC 9457", "SPEC.md, Everywhere"))
def test_problem(visitor: Visitor) -> None:
    """400, 404, 405, 413 and 415 are `application/problem+json` with their status.

    One form of error for every client and every framework.
    """
    is_problem(visitor.post("/user/login", form={"username": ""}), 400, "a bad name")
    is_problem(visitor.get("/nowhere"), 404, "an unknown path")
    is_problem(visitor.get("/count"), 405, "GET /count")
    is_problem(visitor.post("/user/login", form={"username": "x" * 20_000}), 413, "a body of 20 kB")
    is_problem(
        visitor.post("/user/login", body=b"{}", headers={"content-type": "application/json"}), 415, "a JSON body"
    )


@clause("error.says-nothing", MUST, sources=("ASVS 5.0 16.5.1", "WSTG-ERRH-02"), needs=(Capability.PROBES,))
def test_says_nothing(visitor: Visitor) -> None:
    """A handler that fails is a 500 without traceback, message, path or id.

    What an error page tells, it tells the attacker.
    """
    _, value = visitor.count().session
    response = visitor.post("/_probe/boom")
    is_problem(response, 500, "a handler that fails")
    for word in ("Traceback", "RuntimeError", "boom", "File ", ".py", ".js", value):
        assert word not in response.text, f"the answer says {word!r}"
