"""README's picture: areas against targets, coloured by what became of their clauses; made from the matrix as CSV."""

from __future__ import annotations

import io
from collections import Counter
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from conformance.outcomes import Outcome
from report.csv_matrix import Outcomes

INK = "#010101"
COLOURS = {"good": "#020202", "odd": "#030303", "cannot": "#040404", "none": "#050505", "bad": "#060606"}
LIGHT = {
    "good": "#b9dfc5",
    "odd": "#f0b04a",
    "cannot": "#a9c5ee",
    "none": "#e2e4e7",
    "bad": "#d9363e",
    "ink": "#1d2126",
}
DARK = {"good": "#285c3b", "odd": "#b8741a", "cannot": "#38568a", "none": "#343a42", "bad": "#d9363e", "ink": "#e8eaed"}
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "same-session",
    "font.family": "sans-serif",
    "font.size": 9,
}
CELL, MARGIN = 0.3, 1.7  # inches


def of(found: Outcomes) -> str:
    """Return the picture as an SVG file, in the colours of who looks at it."""
    areas = list(dict.fromkeys(clause.partition(".")[0] for clause in sorted(found.levels)))
    with mpl.rc_context(STYLE):
        figure = Figure(
            figsize=(CELL * len(areas) + MARGIN, CELL * len(found.targets) + MARGIN / 2), layout="constrained"
        )
        axes = figure.subplots()
        for row, target in enumerate(found.targets):
            for column, area in enumerate(areas):
                counted = Counter(
                    outcome
                    for (name, clause), outcome in found.outcomes.items()
                    if name == target and clause.partition(".")[0] == area
                )
                kind, text = _cell(counted)
                axes.add_patch(Rectangle((column - 0.46, row - 0.46), 0.92, 0.92, color=COLOURS[kind], linewidth=0))
                axes.text(column, row, text, ha="center", va="center", color=INK, fontsize=8)
        axes.set_xlim(-0.5, len(areas) - 0.5)
        axes.set_ylim(len(found.targets) - 0.5, -0.5)
        axes.set_xticks(range(len(areas)), areas, rotation=90)
        axes.set_yticks(range(len(found.targets)), found.targets)
        axes.xaxis.tick_top()
        axes.tick_params(length=0, labelcolor=INK)
        for spine in axes.spines.values():
            spine.set_visible(False)
        made = io.StringIO()
        FigureCanvasSVG(figure).print_svg(made, metadata={"Date": None, "Creator": None})
    return _themed(made.getvalue())


def _cell(counted: Counter[Outcome]) -> tuple[str, str]:
    """Return the colour of a cell, and how many clauses are not kept."""
    failing = sum(number for outcome, number in counted.items() if outcome.fails_the_run)
    odd = counted[Outcome.DEVIATES] + counted[Outcome.WARN]
    if failing:
        return "bad", str(failing)
    if odd:
        return "odd", str(odd)
    if counted[Outcome.UNSUPPORTED]:
        return "cannot", str(counted[Outcome.UNSUPPORTED])
    return ("good" if counted[Outcome.PASS] else "none"), ""


def _themed(svg: str) -> str:
    for name, colour in (COLOURS | {"ink": INK}).items():
        svg = svg.replace(colour, f"var(--{name})")
    light, dark = ("".join(f"--{name}:{colour};" for name, colour in each.items()) for each in (LIGHT, DARK))
    style = f"<style>svg{{{light}}}@media(prefers-color-scheme:dark){{svg{{{dark}}}}}</style>"
    head, defs, rest = svg.partition("<defs>")
    return f"{head}{style}{defs}{rest}"
