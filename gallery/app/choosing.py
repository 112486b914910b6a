"""Quick choices: sets of targets that are good to see side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from app.listed import Target


@dataclass(frozen=True)
class Choice:
    """A link that checks some boxes: `takes` says which of the targets that were started."""

    label: str
    takes: Callable[[Target, Sequence[Target]], bool]


def _beside(target: Target, started: Sequence[Target]) -> bool:
    """Whether a target's library on its store was started in both editions."""
    return {"stock", "hardened"} <= {
        each.edition for each in started if (each.implementation, each.store) == (target.implementation, target.store)
    }


CHOICES = {
    "all": Choice("all", lambda _target, _started: True),
    "hardened": Choice("all hardened", lambda target, _started: target.edition == "hardened"),
    "redis": Choice("all on redis", lambda target, _started: target.store == "redis"),
    "pairs": Choice("stock beside hardened", _beside),
    "none": Choice("none", lambda _target, _started: False),
}


def chosen(choice: str, targets: Iterable[Target]) -> set[str]:
    """Return the names that a choice takes."""
    started = [target for target in targets if target.reach]
    return {target.name for target in started if CHOICES[choice].takes(target, started)}


def offered(targets: Sequence[Target]) -> dict[str, str]:
    """Return the labels of the choices that take something, and of that which takes nothing on purpose."""
    return {key: choice.label for key, choice in CHOICES.items() if key == "none" or chosen(key, targets)}
