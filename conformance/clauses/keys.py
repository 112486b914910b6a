"""The signing secrets: rotated, removed, weak or missing (research: KEY, PER-06)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from conformance.clause import Level, clause
from conformance.own import OLD_SECRET, Own
from conformance.visitor import state
from targets.control import Instance
from targets.running import CannotStart

MUST = Level.MUST
COUNTS = ("app.counts",)
NEW_SECRET = "new-" + OLD_SECRET[::-1]
VARIABLE = "SESSION_SECRETS"


def with_both(own: Own) -> Instance:
    """Return an instance that signs with a new secret, and still reads what the old one has signed."""
    return own.kept("both secrets", {VARIABLE: f"{NEW_SECRET},{OLD_SECRET}"})


def with_new_alone(own: Own) -> Instance:
    """Return an instance that no longer knows the old secret."""
    return own.kept("new secret", {VARIABLE: NEW_SECRET})


@clause(
    "keys.rotation",
    MUST,
    sources=("express-session: secret array", "pallets/flask #5632", "rack-session: rotation"),
    builds_on=COUNTS,
)
def test_rotation(own: Own) -> None:
    """A new secret in front of the old one keeps all sessions, and signs the new ones.

    Secrets that log everybody out when they change are never changed.
    """
    visitor = own.visitor().count(2)
    told = visitor.at(own.client(with_both(own))).state()
    assert told == (2, None), f"with a new secret in front the session is {told}"
    newcomer = own.visitor(with_both(own)).count(3)
    told = newcomer.at(own.client(with_new_alone(own))).state()
    assert told == (3, None), f"what was signed after the rotation is {told} to who knows the new secret alone"


@clause("keys.removed", MUST, sources=("better-auth #6342", "Beaker: changing_encrypt_key"), builds_on=COUNTS)
def test_removed(own: Own) -> None:
    """A removed secret opens nothing any more, breaks nothing, and its holders can start anew.

    A secret is removed because somebody else may have it.
    """
    cookie = own.visitor().count(2).cookie
    client = own.client(with_new_alone(own))
    response = client.get("/", cookie=cookie)
    assert response.status == 200, f"a cookie of the removed secret is answered with {response.status}"
    told = state(client, cookie)
    assert told == (0, None), f"a cookie of the removed secret opens {told}"
    visitor = own.visitor(with_new_alone(own))
    visitor.cookies = dict([(cookie or "").split("=", 1)])
    assert visitor.count().state() == (1, None), "who holds it cannot start anew"


@clause(
    "keys.weak",
    MUST,
    sources=("express-session: should error without secret", "rack-session: secret too short", "ASVS 5.0 11.2.3"),
)
def test_weak(own: Own) -> None:
    """Without a secret, or with one of less than 32 bytes among them, the app refuses to start, and names the variable.

    What starts with a default secret goes to production with it.
    """
    weak = {"no secret": None, "a short one behind a good one": f"{OLD_SECRET},{'x' * 31}"}

    def refusal(secrets: str | None) -> str:
        try:
            with own.started({VARIABLE: secrets}):
                return "it starts"
        except CannotStart as error:
            return "" if VARIABLE in error.log else f"it ends without naming {VARIABLE}: {error.log[-200:]}"

    with ThreadPoolExecutor(len(weak)) as pool:
        for what, problem in zip(weak, pool.map(refusal, weak.values()), strict=True):
            assert not problem, f"with {what} {problem}"
