"""Charts of a campaign as SVG, in the colours of the page that they stand in: its style sheet sets `--ink` and others.

matplotlib writes colours as numbers; each that is used here stands for a variable of the style sheet, so that one
drawing is right in light, in dark and in print.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from bench import summary
from bench.records import Slot
from bench.scenarios import Scenario
from bench.summary import Summary
from bench.tables import MEBIBYTE, MICROSECONDS, USUAL

INK, FAINT, BAND = "#010101", "#020202", "#030303"
HUES = ("#040404", "#050505", "#060606", "#070707", "#080808", "#090909")
VARIABLES = {INK: "--ink", FAINT: "--faint", BAND: "--band"} | {hue: f"--hue-{n}" for n, hue in enumerate(HUES, 1)}
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",  # text stays text: it can be read, found and copied
    "svg.hashsalt": "same-session",  # the same figures make the same bytes
    "font.family": "sans-serif",
    "font.size": 9.5,
    "text.color": INK,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.axisbelow": True,
    "xtick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.color": FAINT,
    "ytick.labelcolor": INK,
    "ytick.left": False,
    "grid.color": FAINT,
    "grid.alpha": 0.35,
    "legend.frameon": False,
}
ROW, FRAME, WIDTH = 0.27, 0.85, 9.2  # inches: of a target, of title and axis, of the page's text
MOST_IN_A_ROW = 3  # panels
SEVENTY = "70% of capacity"
TAIL = 1e-4  # the part of the requests beyond the last percentile that is drawn
Key = TypeVar("Key")


@dataclass(frozen=True)
class Chart:
    """A drawing with its title, a sentence on how to read it, and what it says to those who do not see it."""

    title: str
    text: str
    spoken: str
    svg: str


def charts(made: Summary) -> list[Chart]:
    """Draw all that the campaign has figures for."""
    drawn = [_ratios(made), _costs(made), _latency(made), _memory(made), _rounds(made)]
    return [chart for chart in drawn if chart]


def _ratios(made: Summary) -> Chart | None:
    scenarios = [each for each, load in made.loads if load == USUAL]
    slots = [slot for slot in _measured(made) if not slot.name.startswith(made.baseline)]
    found = {
        (slot.name, each): made.ratio(slot.name, each, USUAL, summary.app_cpu) for slot in slots for each in scenarios
    }
    if not any(found.values()):
        return None

    def panel(axes: Axes, scenario: Scenario) -> None:
        floor = made.ratio(made.baseline + summary.AGAIN, scenario, USUAL, summary.app_cpu)
        if floor:
            axes.axvspan(floor.low, floor.high, color=BAND, linewidth=0)
        axes.axvline(1, color=INK, linewidth=1)
        for place, slot in enumerate(slots):
            if ratio := found[slot.name, scenario]:
                hue = _hue(made, slot)
                axes.plot([ratio.low, ratio.high], [place, place], color=hue, linewidth=2)
                axes.plot(ratio.median, place, "o", color=hue, markersize=6.5, **_face(slot, hue))
                axes.annotate(
                    f"{ratio.median:.2f}",
                    (ratio.high, place),
                    xytext=(5, 0),
                    textcoords="offset points",
                    va="center",
                    fontsize=8,
                )
        axes.set_xlim(left=0)
        axes.margins(x=0.22)
        axes.set_title(scenario, loc="left", fontsize=10)

    spoken = "; ".join(
        f"{name}, {scenario}: {each.median:.2f}, from {each.low:.2f} to {each.high:.2f}"
        for (name, scenario), each in found.items()
        if each
    )
    return Chart(
        "CPU time of the app a request, as a ratio to the baseline",
        f"Each dot is the median of the rounds' ratios to {made.baseline} in the same round, its line the 95 % "
        "interval; left of 1 is cheaper. The band around 1 is the baseline against itself: differences within it are "
        "noise. Filled dots are hardened, hollow ones stock.",
        spoken,
        _panels("ratios", panel, scenarios, [slot.name for slot in slots]),
    )


def _costs(made: Summary) -> Chart | None:
    scenarios = [each for each in (Scenario.READ, Scenario.WRITE) if (each, USUAL) in made.loads]
    slots = [slot for slot in _measured(made) if not slot.name.endswith(summary.AGAIN)]
    found = {
        (slot.name, each): [made.value(slot.name, each, USUAL, of) for of in (summary.app_cpu, summary.store_cpu)]
        for slot in slots
        for each in scenarios
    }
    if not any(app for app, _ in found.values()):
        return None

    def panel(axes: Axes, scenario: Scenario) -> None:
        for place, slot in enumerate(slots):
            app, store = (each.median if each else 0.0 for each in found[slot.name, scenario])
            axes.barh(place, app, color=_hue(made, slot), height=0.62)
            axes.barh(place, store, left=app, color=FAINT, height=0.62)
            axes.annotate(
                f"{app:.0f} + {store:.0f}",
                (app + store, place),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                fontsize=8,
            )
        axes.margins(x=0.22)
        axes.set_title(scenario, loc="left", fontsize=10)

    spoken = "; ".join(
        f"{name}, {scenario}: {app.median:.0f} µs of the app, {store.median if store else 0:.0f} µs of the store"
        for (name, scenario), (app, store) in found.items()
        if app
    )
    return Chart(
        "Microseconds of CPU time a request",
        "In colour that of the app, in grey that of the store's server; medians of the rounds at 16 connections.",
        spoken,
        _panels("costs", panel, scenarios, [slot.name for slot in slots]),
    )


def _latency(made: Summary) -> Chart | None:
    scenarios = [each for each in (Scenario.READ, Scenario.WRITE) if (each, SEVENTY) in made.loads]
    slots = [slot for slot in _measured(made) if not slot.name.endswith(summary.AGAIN)]
    found = {(slot.name, each): made.corrected(slot.name, each, SEVENTY) for slot in slots for each in scenarios}
    if not any(found.values()):
        return None
    parts = np.geomspace(1, TAIL, 60)

    def panel(axes: Axes, scenario: Scenario) -> None:
        for slot in slots:
            if histogram := found[slot.name, scenario]:
                shown = parts[parts * histogram.get_total_count() >= 1]
                values = [histogram.get_value_at_percentile(100 * (1 - part)) / MICROSECONDS for part in shown]
                line = "-" if slot.edition == "hardened" else (0, (4, 2))
                axes.plot(1 / shown, values, color=_hue(made, slot), linestyle=line, linewidth=1.6, label=slot.name)
        axes.set_xscale("log")
        axes.set_yscale("log")
        marks = {1: "0", 2: "50 %", 10: "90 %", 100: "99 %", 1000: "99.9 %", 10000: "99.99 %"}
        axes.set_xticks(list(marks), list(marks.values()))
        axes.minorticks_off()
        axes.yaxis.set_major_formatter(lambda value, _place: f"{value:g}")
        axes.grid(visible=True)
        axes.set_ylabel("ms")
        axes.set_title(scenario, loc="left", fontsize=10)

    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, 3.6), layout="constrained")
        panes = figure.subplots(1, len(scenarios), sharey=True, squeeze=False)[0]
        for axes, scenario in zip(panes, scenarios, strict=True):
            panel(axes, scenario)
        handles, names = panes[0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside lower center", ncols=4, fontsize=8.5)
        svg = _svg("latency", figure)
    spoken = "; ".join(
        f"{name}, {scenario}: half within {each.get_value_at_percentile(50) / MICROSECONDS:.1f} ms, "
        f"99 % within {each.get_value_at_percentile(99) / MICROSECONDS:.1f} ms"
        for (name, scenario), each in found.items()
        if each
    )
    return Chart(
        "Latency at 70 % of each one's own capacity",
        "How long the slowest part of the requests took, in an open loop, from when each was due; all rounds together. "
        "Each target is asked at its own rate. Dashed lines are stock.",
        spoken,
        svg,
    )


def _memory(made: Summary) -> Chart | None:
    found = [
        (slot, memory)
        for slot in _measured(made)
        if not slot.name.endswith(summary.AGAIN) and (memory := made.memory(slot.name))
    ]
    if not found:
        return None

    def panel(axes: Axes, _scenario: str) -> None:
        for place, (slot, memory) in enumerate(found):
            idle, peak = memory.idle / MEBIBYTE, memory.peak / MEBIBYTE
            hue = _hue(made, slot)
            axes.barh(place, idle, color=hue, height=0.62)
            axes.barh(place, peak - idle, left=idle, color=hue, alpha=0.4, height=0.62)
            axes.annotate(
                f"{idle:.0f} to {peak:.0f}",
                (peak, place),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                fontsize=8,
            )
        axes.margins(x=0.15)

    spoken = "; ".join(
        f"{slot.name}: {memory.idle / MEBIBYTE:.0f} MiB idle, {memory.peak / MEBIBYTE:.0f} at most"
        for slot, memory in found
    )
    return Chart(
        "Memory in MiB",
        "Before the first request (full colour) and at most in any round, without the page cache; one worker.",
        spoken,
        _panels("memory", panel, [""], [slot.name for slot, _ in found]),
    )


def _rounds(made: Summary) -> Chart | None:
    scenarios = [each for each in (Scenario.READ, Scenario.WRITE) if (each, USUAL) in made.loads]
    slots = [slot for slot in _measured(made) if slot.name != made.baseline]
    found = {
        (slot.name, each): made.ratios(slot.name, each, USUAL, summary.app_cpu) for slot in slots for each in scenarios
    }
    if not any(found.values()):
        return None

    def panel(axes: Axes, scenario: Scenario) -> None:
        axes.axvline(1, color=INK, linewidth=1)
        for place, slot in enumerate(slots):
            ratios = found[slot.name, scenario]
            axes.plot(ratios, [place] * len(ratios), "|", color=_hue(made, slot), markersize=10, markeredgewidth=1.5)
        axes.set_xlim(left=0)
        axes.set_title(scenario, loc="left", fontsize=10)

    spoken = "; ".join(
        f"{name}, {scenario}: {', '.join(f'{ratio:.2f}' for ratio in ratios)}"
        for (name, scenario), ratios in found.items()
    )
    return Chart(
        "Every round",
        f"The ratio of each round: CPU time of the app a request to that of {made.baseline}. Marks that lie close "
        "together are rounds that agree.",
        spoken,
        _panels("rounds", panel, scenarios, [slot.name for slot in slots]),
    )


def _panels(name: str, draw: Callable[[Axes, Key], None], keys: Sequence[Key], rows: Sequence[str]) -> str:
    """Draw panels side by side whose rows are the same."""
    with mpl.rc_context(STYLE):
        columns = min(len(keys), MOST_IN_A_ROW)
        lines = -(-len(keys) // columns)
        figure = Figure(figsize=(WIDTH, lines * (FRAME + ROW * len(rows))), layout="constrained")
        panes = figure.subplots(lines, columns, sharey=True, squeeze=False).flatten()
        for axes, key in zip(panes, keys, strict=False):
            axes.grid(visible=True, axis="x")
            draw(axes, key)
        for axes in panes[len(keys) :]:
            axes.set_axis_off()
        panes[0].set_yticks(range(len(rows)), rows)
        panes[0].set_ylim(len(rows) - 0.5, -0.5)
        return _svg(name, figure)


def _measured(made: Summary) -> list[Slot]:
    return [slot for slot in made.slots if not slot.not_eligible]


def _hue(made: Summary, slot: Slot) -> str:
    """Return the colour of a target's implementation."""
    names = list(dict.fromkeys(each.name.partition("-")[0] for each in made.slots))
    return HUES[names.index(slot.name.partition("-")[0]) % len(HUES)]


def _face(slot: Slot, hue: str) -> Any:
    return {"markerfacecolor": hue if slot.edition == "hardened" else "none", "markeredgewidth": 1.6}


def _svg(name: str, figure: Figure) -> str:
    """Return the drawing as an element: it takes the page's colours and width, and its ids are its own."""
    target = io.StringIO()
    FigureCanvasSVG(figure).print_svg(target, metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    svg = target.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r'<g id="[^"]*">', "<g>", svg)
    svg = re.sub(r'(id="|url\(#|href="#)', rf"\g<1>{name}-", svg)
    for colour, variable in VARIABLES.items():
        svg = svg.replace(colour, f"var({variable})")
    return re.sub(r'width="[^"]*pt" height="[^"]*pt"', "", svg, count=1)
