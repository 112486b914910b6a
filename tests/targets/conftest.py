"""Where tests need an engine, and there is none."""

from __future__ import annotations

import os

import pytest

from targets import docker


@pytest.fixture(scope="session")
def engine() -> None:
    """Skip without an engine with compose; fail instead where SAME_SESSION_ENGINE=required."""
    if problem := docker.problem():
        if os.environ.get("SAME_SESSION_ENGINE") == "required":
            pytest.fail(problem)
        pytest.skip(problem)
