"""Implementations and their targets, as each `impls/*/implementation.toml` declares them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Literal, get_args

import msgspec

Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
Text = Annotated[str, msgspec.Meta(min_length=1)]
Store = Literal["cookie", "redis", "sqlite", "postgres"]
Edition = Literal["hardened", "stock"]
Environment = Literal["python", "node"]
ALLOWED = {"store": get_args(Store), "edition": get_args(Edition), "environment": get_args(Environment)}


class ManifestError(Exception):
    """A manifest is wrong; the message names the file, the key, the problem and what to do."""


class SelectionError(ManifestError):
    """A pattern matches no target; the message names the targets that there are."""


class Deviation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A clause that a target is known to break, why, and where that is written down."""

    clause: Text
    reason: Text
    source: Text


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """An implementation on a store in an edition, with what is needed to run it."""

    name: str
    implementation: str
    store: str
    edition: str
    absent: frozenset[str]  # capabilities
    deviations: tuple[Deviation, ...]
    manifest: Path
    folder: Path
    environment: str
    command: tuple[str, ...]
    url: str = ""  # of a target that somebody else runs


class _TargetTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: Name
    store: Store
    edition: Edition
    absent: frozenset[Name] = frozenset()
    deviations: tuple[Deviation, ...] = ()


class _ImplementationTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: Name
    framework: Text
    library: Text
    language: Text
    homepage: Annotated[str, msgspec.Meta(pattern="^https?://")]
    environment: Environment
    command: Annotated[tuple[Text, ...], msgspec.Meta(min_length=1)]
    targets: Annotated[tuple[_TargetTable, ...], msgspec.Meta(min_length=1)]


KEYS = {
    "": _ImplementationTable.__struct_fields__,
    "targets": _TargetTable.__struct_fields__,
    "deviations": Deviation.__struct_fields__,
}


def find(root: Path) -> list[Target]:
    """Read all manifests under `root`/impls; raises `ManifestError` for the first that is wrong."""
    found: dict[str, Target] = {}
    for path in sorted(root.glob("impls/*/implementation.toml")):
        for target in _read(path, str(path.relative_to(root))):
            if other := found.get(target.name):
                raise ManifestError(
                    f"{path.relative_to(root)}: name: {target.name!r} is already a target of "
                    f"{other.manifest.relative_to(root)}; give this one a name of its own"
                )
            found[target.name] = target
    return list(found.values())


def select(targets: Sequence[Target], patterns: str) -> list[Target]:
    """Return the targets that match one of the shell patterns, separated by commas or spaces; "" is all of them."""
    wanted = patterns.replace(",", " ").split() or ["*"]
    for pattern in wanted:
        if not any(fnmatchcase(target.name, pattern) for target in targets):
            names = ", ".join(target.name for target in targets) or "none: no impls/*/implementation.toml was found"
            raise SelectionError(f"{pattern!r} matches no target; there are: {names}")
    return [target for target in targets if any(fnmatchcase(target.name, pattern) for pattern in wanted)]


def _read(path: Path, shown: str) -> list[Target]:
    try:
        content = tomllib.loads(path.read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ManifestError(f"{shown}: not TOML: {error}; correct it there") from None
    try:
        implementation = msgspec.convert(content, _ImplementationTable)
    except msgspec.ValidationError as error:
        raise ManifestError(f"{shown}: {_explain(str(error))}") from None
    if implementation.name != path.parent.name:
        raise ManifestError(
            f"{shown}: name: {implementation.name!r} is not the name of the folder; call both {path.parent.name!r}"
        )
    return [_target(path, implementation, table) for table in implementation.targets]


def _target(path: Path, implementation: _ImplementationTable, table: _TargetTable) -> Target:
    return Target(
        name=table.name,
        implementation=implementation.name,
        store=table.store,
        edition=table.edition,
        absent=table.absent,
        deviations=table.deviations,
        manifest=path,
        folder=path.parent,
        environment=implementation.environment,
        command=implementation.command,
    )


def _explain(message: str) -> str:
    """Turn msgspec's message, "what - at `$.targets[0].store`", into the key, what is wrong with it, and what to do."""
    problem, _, path = message.partition(" - at `$")
    place = path.strip("`.")
    last = place.rpartition(".")[2].partition("[")[0]
    if field := re.search("field `(.+)`", problem):
        return f"{place + '.' if place else ''}{field[1]}: {problem}; the keys here are {', '.join(KEYS[last])}"
    if last in ALLOWED:
        return f"{place}: {problem}; use one of {', '.join(ALLOWED[last])}"
    return f"{place}: {problem}; correct it there"
