from __future__ import annotations

from report.schema import PATH, schema


def test_the_published_schema_is_fresh() -> None:
    assert PATH.read_text() == schema(), "run: python -m report.schema"
