"""Where tests need an engine, and there is none."""

from __future__ import annotations

from tests.targets.conftest import engine

__all__ = ["engine"]
