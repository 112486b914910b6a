from __future__ import annotations

from pathlib import Path

import pytest

from conformance.catalogue import catalogue
from conformance.declared import DeclarationError, check, declared
from targets.manifest import Deviation, Target


def target(absent: frozenset[str] = frozenset(), *deviations: str) -> Target:
    return Target(
        name="flask-redis",
        implementation="flask",
        store="redis",
        edition="hardened",
        absent=absent,
        deviations=tuple(Deviation(clause, "because", "https://example.org/") for clause in deviations),
        manifest=Path("implementation.toml"),
        folder=Path(),
        environment="python",
        command=("python",),
    )


def test_a_deviation_may_be_a_pattern() -> None:
    says = declared(target(frozenset(), "login.*"), catalogue()["login.rotates-id"])
    assert says.deviation is not None


def test_a_clause_that_needs_what_is_absent_is_declared_absent() -> None:
    says = declared(target(frozenset({"revocation"})), catalogue()["revoke.reset"])
    assert says.absent == {"revocation"}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (target(frozenset({"telepathy"})), "no capability 'telepathy'"),
        (target(frozenset(), "login.nothing"), "'login.nothing' matches no clause"),
        (target(frozenset(), "observe.cookie"), "observe.cookie only observes"),
        (target(frozenset({"revocation"}), "revoke.reset"), "needs revocation, which is absent"),
    ],
)
def test_what_the_suite_does_not_know_is_an_error_with_file_and_target(wrong: Target, message: str) -> None:
    with pytest.raises(DeclarationError, match=rf"implementation\.toml: target flask-redis.*{message}"):
        check(wrong, catalogue())
