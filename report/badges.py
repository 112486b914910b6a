"""A badge a target, as SVG that needs no network: whether it keeps every MUST of the specification."""

from __future__ import annotations

from report.answers import Standing, standings
from report.pages import environment
from report.read import Run

GOOD, ODD, BAD = "#1a6b3c", "#8a5200", "#a3151c"
LETTER, MARGIN = 6.6, 12  # pixels: a character of 11 px Verdana on average, and both sides together


def of(run: Run) -> dict[str, str]:
    """Return the badges by target."""
    template = environment().get_template("badge.svg")
    made = {}
    for standing in standings(run):
        name, (text, colour) = standing.target.name, _verdict(standing)
        left, right = (round(len(each) * LETTER + MARGIN) for each in (name, text))
        made[name] = template.render(name=name, text=text, colour=colour, left=left, right=right)
    return made


def _verdict(standing: Standing) -> tuple[str, str]:
    if any(line.outcome.fails_the_run for line in (*standing.musts, *standing.others)):
        return "conformance fails", BAD
    if standing.musts:
        return f"{len(standing.musts)} MUST broken, as written down", ODD
    kept = f"{standing.musts_passed} MUST kept"
    return f"{kept}, {standing.unsupported} beyond its store" if standing.unsupported else kept, GOOD
