"""Whatever a quick start breaks and its hardened edition keeps has lines that mend it."""

from __future__ import annotations

from fnmatch import filter as matching
from pathlib import Path

import pytest

from conformance.catalogue import catalogue
from report import mends
from report.mends import MendsError
from targets import manifest
from tests.running import ROOT

IMPLEMENTATIONS = sorted(path.parent.name for path in (ROOT / "impls").glob("*/mends.toml"))


def broken(implementation: str, edition: str) -> set[str]:
    patterns = {
        deviation.clause
        for target in manifest.find(ROOT)
        if (target.implementation, target.edition) == (implementation, edition)
        for deviation in target.deviations
    }
    return {clause for pattern in patterns for clause in matching(catalogue(), pattern)}


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_all_that_hardening_mends_has_its_lines(implementation: str) -> None:
    read = mends.read(ROOT, implementation)
    due = broken(implementation, "stock") - broken(implementation, "hardened")
    assert due
    assert not {clause for clause in due if not any(mend.mends(clause) for mend in read)}
    for mend in read:
        assert any(mend.mends(clause) for clause in due), f"{mend.title} mends nothing that is broken"
        assert all(code.lines for code in mend.code)


def test_lines_are_counted_once() -> None:
    code = mends.Code("a.py", 1, ("one", "two"))
    more = mends.Code("a.py", 2, ("two", "three"))
    assert mends.distinct_lines([mends.Mend("", ("*",), (code,)), mends.Mend("", ("*",), (code, more))]) == 3


@pytest.mark.parametrize("code", ["app/nothing.py", "app/it.py:Missing", "app/it.py:It.missing"])
def test_code_that_is_not_there_is_named(tmp_path: Path, code: str) -> None:
    folder = tmp_path / "impls" / "flask"
    (folder / "app").mkdir(parents=True)
    (folder / "app" / "it.py").write_text("class It:\n    def there(self): ...\n")
    (folder / "mends.toml").write_text(f'[[mends]]\ntitle = "x"\nclauses = ["a.*"]\ncode = ["{code}"]\n')
    with pytest.raises(MendsError, match=f"impls/flask/mends.toml: code: there is no '{code}'"):
        mends.read(tmp_path, "flask")


def test_an_implementation_without_hardening_has_none() -> None:
    assert mends.read(ROOT, "express") == []
