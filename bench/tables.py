"""A campaign as tables: for the terminal, and as Markdown for a README."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench import summary
from bench.records import Machine
from bench.scenarios import Scenario
from bench.statistics import FEWEST_ROUNDS, Interval
from bench.summary import Summary

USUAL = "16 connections"
MEBIBYTE, GIBIBYTE = 1 << 20, 1 << 30
MICROSECONDS = 1000  # a millisecond


@dataclass(frozen=True)
class Table:
    """A table with a sentence that says how to read it."""

    title: str
    text: str
    head: list[str]
    rows: list[list[str]]


def tables(made: Summary) -> list[Table]:
    """Return all tables that the campaign has figures for."""
    scenarios = [each for each, load in made.loads if load == USUAL]
    found = [
        _ratios(made, scenarios, "CPU time of the app a request", summary.app_cpu, ("cheaper", "dearer")),
        _ratios(made, scenarios, "Requests a second", summary.rate, ("slower", "faster")),
        _absolute(made, scenarios),
        _latency(made),
        _footprint(made),
    ]
    return [each for each in found if each.rows]


def heading(made: Summary) -> list[str]:
    """Return what was measured, on what, and how sure it is."""
    header, footer = made.campaign.header, made.campaign.footer
    machine = header.machine
    done = footer.rounds if footer else len({cell.round for cell in made.campaign.cells})
    commit = header.commit or "unknown"
    size = f"{machine.cpus} CPUs, {machine.memory_bytes / GIBIBYTE:.0f} GiB"
    lines = [
        f"campaign {header.campaign}, commit {commit}, seed {header.seed}, runtime {header.runtime}",
        f"{done} of {header.rounds} rounds, {header.seconds:g} s a measurement, {', '.join(header.generators)}",
        f"{machine.model}, {size}, {machine.system}; {_pinned(machine)}",
    ]
    floor = made.ratio(made.baseline + summary.AGAIN, Scenario.READ, USUAL, summary.app_cpu)
    if floor:
        lines.append(f"noise floor: the baseline against itself, CPU time of a read: {_ratio(floor)}")
    if done < FEWEST_ROUNDS:
        lines.append(f"a preview: a figure that is published needs {FEWEST_ROUNDS} rounds or more")
    return lines


def closing(made: Summary) -> list[str]:
    """Return what was not measured, what is invalid, and what was lost."""
    lines = [f"not eligible: {each.name}: {each.not_eligible}" for each in made.slots if each.not_eligible]
    for slot in made.slots:
        lost, of = made.lost(slot.name)
        if lost:
            lines.append(f"lost: {slot.name}: {lost} of {of} acknowledged counts")
    lines += [f"invalid: {text}" for text in made.problems()]
    return lines


def _ratios(
    made: Summary, scenarios: Sequence[Scenario], what: str, measure: summary.Measure, words: tuple[str, str]
) -> Table:
    def cell(slot: str, scenario: Scenario) -> str:
        ratio = made.ratio(slot, scenario, USUAL, measure)
        return "-" if not ratio else _ratio(ratio) if ratio.differs else f"{_ratio(ratio)} ="

    rows = [
        [slot.name, *(cell(slot.name, each) for each in scenarios)]
        for slot in made.slots
        if not slot.not_eligible and slot.name != made.baseline
    ]
    text = (
        f"as a multiple of {made.baseline}'s in the same round at {USUAL}: median [95 % interval]; "
        f"= means that no difference is shown, else it is {words[0]} or {words[1]}"
    )
    return Table(what, text, ["target", *scenarios], rows)


def _absolute(made: Summary, scenarios: Sequence[Scenario]) -> Table:
    def cell(slot: str, scenario: Scenario) -> str:
        app = made.value(slot, scenario, USUAL, summary.app_cpu)
        store = made.value(slot, scenario, USUAL, summary.store_cpu)
        return f"{app.median:.0f} + {store.median:.0f}" if app and store else f"{app.median:.0f}" if app else "-"

    def tax(slot: str) -> str:
        found = made.tax(slot, Scenario.READ, USUAL)
        return f"{found.median:.0f} [{found.low:.0f}, {found.high:.0f}]" if found else "-"

    rows = [
        [slot.name, *(cell(slot.name, each) for each in scenarios), tax(slot.name)]
        for slot in made.slots
        if not slot.not_eligible
    ]
    text = "of the app + of the store's server; the session tax is what a read takes more than no session"
    return Table("Microseconds of CPU time a request", text, ["target", *scenarios, "session tax"], rows)


def _latency(made: Summary) -> Table:
    loads = [each for each in made.loads if _opened(each[1])]

    def cell(slot: str, scenario: Scenario, load: str) -> str:
        merged = made.corrected(slot, scenario, load)
        if not merged:
            return "-"
        middle, tail = (merged.get_value_at_percentile(each) / MICROSECONDS for each in (50, 99))
        return f"{middle:.1f} / {f'{tail:.1f}' if merged.get_total_count() >= summary.FEWEST_FOR_P99 else '?'}"

    rows = [[slot.name, *(cell(slot.name, *each) for each in loads)] for slot in made.slots if not slot.not_eligible]
    text = (
        "p50 / p99 of all rounds together, from when each request was due, at rates that are the same for all and at "
        "parts of each one's own capacity; ? stands for too few requests to tell"
    )
    head = ["target", *(f"{scenario} {load.removesuffix(' of capacity')}" for scenario, load in loads)]
    return Table("Milliseconds to an answer", text, head, rows if loads else [])


def _footprint(made: Summary) -> Table:
    def row(name: str) -> list[str]:
        memory, (lost, of) = made.memory(name), made.lost(name)
        if not memory:
            return [name, "-", "-", "-", "-"]
        return [
            name,
            f"{memory.start.median:.2f}",
            f"{memory.idle / MEBIBYTE:.0f}",
            f"{memory.peak / MEBIBYTE:.0f}",
            f"{lost} of {of}" if of else "-",
        ]

    text = "memory is without the page cache; counts are those that were acknowledged, in all measurements together"
    head = ["target", "s to the first answer", "MiB idle", "MiB at most", "counts lost"]
    return Table("Start, memory, losses", text, head, [row(slot.name) for slot in made.slots if not slot.not_eligible])


def as_markdown(made: Summary) -> str:
    """Return the tables as Markdown."""
    parts = ["\n".join(f"- {line}" for line in heading(made))]
    for table in tables(made):
        rule = ["---", *("---:" for _ in table.head[1:])]
        lines = [f"| {' | '.join(row)} |" for row in (table.head, rule, *table.rows)]
        parts.append(f"**{table.title}**: {table.text}.\n\n" + "\n".join(lines))
    if last := closing(made):
        parts.append("\n".join(f"- {line}" for line in last))
    return "\n\n".join(parts)


def _ratio(ratio: Interval) -> str:
    return f"{ratio.median:.2f} [{ratio.low:.2f}, {ratio.high:.2f}]"


def _opened(load: str) -> bool:
    return not load.endswith("connections")


def _pinned(machine: Machine) -> str:
    if not machine.app_cpus:
        return "nothing is pinned to a CPU"
    parts = {"app": machine.app_cpus, "generator": machine.generator_cpus, "store": machine.store_cpus}
    return ", ".join(f"{part} on CPU {','.join(map(str, cpus))}" for part, cpus in parts.items())
