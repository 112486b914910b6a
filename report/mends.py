"""Which lines of a hardened edition mend what its stock edition breaks, as `impls/*/mends.toml` has it."""

from __future__ import annotations

import ast
import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated

import msgspec

Texts = Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]


class MendsError(Exception):
    """A `mends.toml` is wrong; the message names the file, what is wrong and what to do."""


@dataclass(frozen=True)
class Code:
    """Lines of a file: its path from the root of the checkout, the number of the first, and what they say."""

    path: str
    first: int
    lines: tuple[str, ...]

    @property
    def size(self) -> int:
        """How many lines there are."""
        return len(self.lines)

    @property
    def last(self) -> int:
        """The number of the last line."""
        return self.first + len(self.lines) - 1


@dataclass(frozen=True)
class Mend:
    """What mends the clauses that match one of the patterns."""

    title: str
    clauses: tuple[str, ...]
    code: tuple[Code, ...]

    def mends(self, clause: str) -> bool:
        """Tell whether a clause is among them."""
        return any(fnmatchcase(clause, pattern) for pattern in self.clauses)


class _Mend(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    clauses: Texts
    code: Texts


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    mends: tuple[_Mend, ...]


def read(root: Path, implementation: str) -> list[Mend]:
    """Read the mends of an implementation; none where it has no such file. Raises `MendsError`."""
    path = root / "impls" / implementation / "mends.toml"
    try:
        found = msgspec.convert(tomllib.loads(path.read_text()), _File)
    except FileNotFoundError:
        return []
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise MendsError(f"{path.relative_to(root)}: {error}; correct it there") from None
    return [
        Mend(each.title, each.clauses, tuple(_code(root, path, name) for name in each.code)) for each in found.mends
    ]


def distinct_lines(mends: list[Mend]) -> int:
    """Return how many lines of code there are in all, each counted once."""
    return len(
        {(code.path, code.first + place) for mend in mends for code in mend.code for place in range(len(code.lines))}
    )


def _code(root: Path, manifest: Path, named: str) -> Code:
    name, _, symbol = named.partition(":")
    path = manifest.parent / name
    try:
        text = path.read_text()
        first, last = _lines(ast.parse(text), symbol) if symbol else (1, len(text.splitlines()))
    except (OSError, KeyError):
        shown = manifest.relative_to(root)
        raise MendsError(f"{shown}: code: there is no {named!r}; name a file, or FILE:CLASS.FUNCTION in it") from None
    return Code(str(path.relative_to(root)), first, tuple(text.splitlines()[first - 1 : last]))


def _lines(module: ast.Module, symbol: str) -> tuple[int, int]:
    """Return the first and last line of a class or function, decorators included; raises KeyError."""
    found: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef = module
    for name in symbol.split("."):
        kinds = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        named = {each.name: each for each in found.body if isinstance(each, kinds)}
        found = named[name]
    assert not isinstance(found, ast.Module)  # noqa: S101 -- a symbol has a part at least
    return min(each.lineno for each in [found, *found.decorator_list]), found.end_lineno or found.lineno
