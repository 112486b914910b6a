"""Who takes part in a campaign: the chosen targets that are right, the baseline twice, and the null application."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import eligible
from bench.campaign import Contender
from bench.records import NULL, Machine, Slot
from bench.summary import AGAIN
from conformance import facts
from conformance.results_file import TargetFacts
from targets import manifest
from targets.manifest import Target
from targets.running import NotStarted, Running
from targets.runtime import Runtime

BASELINE = "express-redis-stock"
ALL, USUAL_STORE = "all", "redis"
ATOMIC = "atomic-updates"
NULL_PROGRAM = (Path(__file__).with_name("null.js")).read_text()


class NothingToMeasure(Exception):
    """There is nothing to measure, or nothing to compare it with; the message says why."""


@dataclass(frozen=True)
class Contenders:
    """All slots, and by name those that take turns."""

    slots: list[Slot]
    eligible: dict[str, Contender]


def choose(targets: Sequence[Target], patterns: str, store: str) -> list[Target]:
    """Return the targets that match the patterns and the kind of store, and the baseline.

    Raises `NothingToMeasure` and `manifest.SelectionError`.
    """
    kinds = sorted({each.store for each in targets})
    if store and store not in {ALL, *kinds}:
        raise NothingToMeasure(f"there is no store {store!r}; there are: {', '.join(kinds)}, or all")
    wanted = store or (ALL if patterns else USUAL_STORE)
    chosen = [each for each in manifest.select(targets, patterns) if wanted in {ALL, each.store}]
    if not chosen:
        raise NothingToMeasure(f"no target matches {patterns!r} on the store {wanted!r}")
    if BASELINE not in {each.name for each in chosen}:
        chosen += manifest.select(targets, BASELINE)
    return chosen


def make(
    engine: Runtime,
    chosen: Sequence[Target],
    started: Mapping[str, Running | NotStarted],
    *,
    results: Path,
    machine: Machine,
    say: Callable[[str], None],
) -> Contenders:
    """Look which targets are right, and hand them over, stopped.

    Raises `NothingToMeasure` where the baseline is not right.
    """
    running = {name: each.url for name, each in started.items() if isinstance(each, Running)}
    told = facts.header(engine, chosen, running, []).targets
    held = {each.name: engine.measured(each) for each in chosen if each.name in running}
    why = {name: f"it did not start: {each.reason}" for name, each in started.items() if isinstance(each, NotStarted)}
    why |= eligible.reasons({each.name: each.image for each in told if each.name in running}, engine.name, results, say)
    if why[BASELINE]:
        raise NothingToMeasure(f"the baseline {BASELINE} cannot be measured: {why[BASELINE]}")

    slots, taking_turns = [], {}
    for target, about in zip(chosen, told, strict=True):
        names = [target.name, target.name + AGAIN] if target.name == BASELINE else [target.name]
        for name in names:
            slot = _slot(name, about, why[target.name])
            slots.append(slot)
            if slot.not_eligible:
                say(f"  not eligible: {slot.name}: {slot.not_eligible}")
            else:
                may_lose = target.edition == "stock" or ATOMIC in target.absent
                taking_turns[name] = Contender(slot, held[target.name], may_lose)
    null = _null(engine, next(each for each in chosen if each.name == BASELINE))
    slots.append(null.slot)
    taking_turns[NULL] = null
    for each in held.values():
        each.spare_the_disk()
        if each.store and machine.store_cpus:
            each.store.pin(machine.store_cpus)
    return Contenders(slots, taking_turns)


def _slot(name: str, about: TargetFacts, why: str) -> Slot:
    return Slot(
        name=name,
        target=about.name,
        store=about.store,
        edition=about.edition,
        parts=[f"{part.name} {part.version}" for part in (about.about or {}).values()],
        image=about.image,
        not_eligible=why,
    )


def _null(engine: Runtime, baseline: Target) -> Contender:
    """Return the null application, which runs where the baseline does."""
    slot = Slot(name=NULL, target="", store="", edition="", parts=[], image=engine.image(baseline.name))
    return Contender(slot, engine.measured(baseline, ["node", "-e", NULL_PROGRAM]), may_lose=False)
