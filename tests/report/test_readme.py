"""README's matrix, its picture and docs/matrix.csv are one, and of the clauses and targets that there are."""

from __future__ import annotations

from conformance.catalogue import catalogue
from report import csv_matrix, picture, readme
from targets import manifest
from tests.running import ROOT

README = (ROOT / "README.md").read_text()
FOUND = csv_matrix.read((ROOT / readme.CSV).read_text())
AGAIN = "make conformance RUNTIME=docker && make report README=1"


def test_readmes_matrix_is_that_of_the_csv() -> None:
    assert readme.with_matrix(README, FOUND) == README, AGAIN


def test_the_picture_is_that_of_the_csv() -> None:
    assert picture.of(FOUND) == (ROOT / readme.PICTURE).read_text(), AGAIN


def test_the_csv_is_of_the_clauses_and_targets_that_there_are() -> None:
    assert {clause.id: clause.level for clause in catalogue().values()} == FOUND.levels, AGAIN
    assert {target.name for target in manifest.find(ROOT)} == set(FOUND.targets), AGAIN
