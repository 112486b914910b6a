"""What a fault is: the correct app with one thing wrong, and the clauses that have to notice."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable
from dataclasses import dataclass

from tests.sabotage import faults
from tests.sabotage.app import App


@dataclass(frozen=True)
class Fault:
    """A fault: its name, what it does wrong, and the ids of the clauses that it turns red, no more and no fewer."""

    name: str
    sentence: str
    breaks: frozenset[str]
    app: type[App]


def breaks(*clauses: str) -> Callable[[type[App]], type[App]]:
    """Make a class a fault that turns these clauses red; its name and its docstring say what it does wrong."""

    def decorate(app: type[App]) -> type[App]:
        words = re.sub(r"(?<!^)(?=[A-Z])", "-", app.__name__).lower()
        app.fault = Fault(words, inspect.getdoc(app) or "", frozenset(clauses), app)  # type: ignore[attr-defined]
        return app

    return decorate


def catalogue() -> dict[str, Fault]:
    """Return every fault by its name, in the order of the files."""
    found: dict[str, Fault] = {}
    for module in pkgutil.iter_modules(faults.__path__):
        for value in vars(importlib.import_module(f"{faults.__name__}.{module.name}")).values():
            made = vars(value).get("fault") if isinstance(value, type) else None
            if isinstance(made, Fault):
                if made.name in found:
                    raise TypeError(f"two faults have the name {made.name}")
                found[made.name] = made
    return found
