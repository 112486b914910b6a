"""All clauses of the suite, found in the modules under `clauses/`. Used by the run, and for SPEC.md's table."""

from __future__ import annotations

import importlib
import pkgutil
from fnmatch import fnmatchcase

from conformance import clauses
from conformance.clause import Clause


class SelectionError(Exception):
    """Nothing was selected, or a pattern matches nothing; the message says what there is."""


def catalogue() -> dict[str, Clause]:
    """Return every clause by its id, in the order of the files."""
    found: dict[str, Clause] = {}
    for module in pkgutil.iter_modules(clauses.__path__):
        for value in vars(importlib.import_module(f"{clauses.__name__}.{module.name}")).values():
            made = getattr(value, "clause", None)
            if isinstance(made, Clause):
                if made.id in found:
                    raise TypeError(f"two clauses have the id {made.id}")
                found[made.id] = made
    for made in found.values():
        if unknown := set(made.builds_on) - set(found):
            raise TypeError(f"clause {made.id} builds on {', '.join(sorted(unknown))}, which there is not")
    return found


def matching(pattern: str, ids: list[str]) -> list[str]:
    """Return the ids that a pattern such as `login.*` matches; raises `SelectionError` where none does."""
    if found := [each for each in ids if fnmatchcase(each, pattern)]:
        return found
    areas = ", ".join(sorted({each.partition(".")[0] for each in ids}))
    raise SelectionError(f"'{pattern}' matches no clause; the areas are {areas} (see SPEC.md, Clauses)")


def select(patterns: str) -> dict[str, Clause]:
    """Return the clauses that any pattern matches (they are separated by commas or spaces); none is all of them."""
    everything = catalogue()
    wanted = patterns.replace(",", " ").split()
    if not wanted:
        return everything
    ids = {each for pattern in wanted for each in matching(pattern, list(everything))}
    return {each: made for each, made in everything.items() if each in ids}
