"""Where tests need wrk, and there is none."""

from __future__ import annotations

import os

import pytest

from bench import wrk
from bench.wrk import GeneratorError


@pytest.fixture
def with_wrk() -> None:
    """Skip without wrk; fail instead where SAME_SESSION_ENGINE=required, as in CI."""
    try:
        wrk.find()
    except GeneratorError as error:
        if os.environ.get("SAME_SESSION_ENGINE") == "required":
            pytest.fail(str(error))
        pytest.skip(str(error))
