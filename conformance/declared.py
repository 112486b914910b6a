"""Holds what manifests declare (absent capabilities, deviations) against the clauses that there are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from conformance.catalogue import SelectionError, matching
from conformance.clause import Capability, Clause, Level
from targets.manifest import Deviation, Target


class DeclarationError(Exception):
    """A manifest declares what the suite does not know; the message names file, key and what to change."""


@dataclass(frozen=True)
class Declared:
    """What a target says of one clause before anyone looked."""

    absent: frozenset[str]
    deviation: Deviation | None


def declared(target: Target, clause: Clause) -> Declared:
    """Return what the target's manifest says of a clause."""
    written = (each for each in target.deviations if fnmatchcase(clause.id, each.clause))
    return Declared(clause.needs & target.absent, next(written, None))


def not_to_hold(target: Target, clauses: Iterable[Clause]) -> list[str]:
    """Return the ids of the clauses that the manifest says the target does not keep."""
    says = {clause.id: declared(target, clause) for clause in clauses}
    return [each for each, said in says.items() if said.absent or said.deviation]


def check(target: Target, clauses: dict[str, Clause]) -> None:
    """Raise `DeclarationError` for a capability or a clause that there is not, or that cannot be declared so."""
    where = f"{target.manifest}: target {target.name}"
    if unknown := target.absent - set(Capability):
        raise DeclarationError(f"{where}: absent: no capability '{min(unknown)}'; there are {', '.join(Capability)}")
    for deviation in target.deviations:
        try:
            ids = matching(deviation.clause, list(clauses))
        except SelectionError as error:
            raise DeclarationError(f"{where}: deviations: {error}") from None
        for each in ids:
            if clauses[each].level is Level.OBSERVE:
                raise DeclarationError(f"{where}: deviations: {each} only observes: take it out")
            if lacking := clauses[each].needs & target.absent:
                raise DeclarationError(
                    f"{where}: deviations: {each} needs {min(lacking)}, which is absent: take it out"
                )
