from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from conformance import __main__ as command_line
from conformance import facts
from conformance.catalogue import catalogue
from conformance.declared import Declared
from conformance.outcomes import Outcome, Seen
from conformance.record import Record
from conformance.results import Result
from targets.runtime import Runtime
from tests.conformance.test_declared import target

SECRET = "correct horse battery staple"  # noqa: S105 -- of nobody


class Talkative:
    """A runtime whose target tells its secret when it dies."""

    def state(self, name: str) -> str:
        return f"{name}: exited after {SECRET}"

    def log(self, name: str) -> str:
        return f"{name}\nSESSION_SECRETS={SECRET}\nredis://:{'0123456789abcdef' * 2}@127.0.0.1:6379"


def broken() -> Result:
    clause = catalogue()["app.counts"]
    record = Record("flask-redis", clause.id, Seen.BROKEN, f"it said {SECRET}", 0.0)
    return Result(target(), clause, Outcome.BROKEN, record, Declared(frozenset(), None))


def test_signing_secrets_are_cut_out_of_the_reasons_of_results() -> None:
    assert facts.line("run-1", "", broken(), [SECRET]).detail == "it said correc…"


def test_and_out_of_the_log_of_a_broken_target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "flask-redis.env").write_text(f"SESSION_SECRETS={SECRET}\n")
    monkeypatch.setattr(command_line, "SECRETS", tmp_path)
    line = facts.line("run-1", "", broken(), [SECRET])
    told = command_line._how_they_broke(cast("Runtime", Talkative()), [line])["flask-redis"]  # noqa: SLF001
    assert told.state == "flask-redis: exited after correc…"
    assert told.log == "flask-redis\nSESSION_SECRETS=correc…\nredis://:012345…@127.0.0.1:6379"
