"""The report and the specification with results, as pages that need nothing but themselves.

Everything in them comes from a run, from a campaign where there is one, and from the sources of this checkout (the
specification, the lines that mend a quick start). What comes from there is text: Jinja escapes it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from itertools import count, pairwise
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from bench import tables
from bench.records import Campaign
from bench.statistics import FEWEST_ROUNDS, Interval
from bench.summary import Summary
from conformance.clause import Level
from conformance.outcomes import Outcome
from conformance.results_file import Line
from conformance.terminal import totals
from report import answers, behaviour, evidence, matrix, quick_starts
from report.charts import charts
from report.matrix import Row
from report.quick_starts import QuickStart
from report.read import Run

TEMPLATES = Path(__file__).with_name("templates")
LEGEND = {
    Outcome.PASS: "it held",
    Outcome.DEVIATES: "broken as its manifest says",
    Outcome.UNSUPPORTED: "declared absent, and shown to be",
    Outcome.OBSERVED: "a difference, with its value",
    Outcome.UNCHECKED: "out of reach of this runtime or store",
    Outcome.WARN: "a SHOULD did not hold",
    Outcome.FAIL: "a MUST did not hold",
    Outcome.FIXED: "declared broken, and it holds",
    Outcome.BLOCKED: "what it builds on did not hold",
    Outcome.BROKEN: "the target died, hung or answered rubbish",
}
MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


def report(run: Run, campaign: Campaign | None, root: Path) -> str:
    """Return the report as a page. Raises `MendsError`."""
    made = Summary(campaign) if campaign else None
    arranged = matrix.of(run)
    return (
        environment()
        .get_template("report.html")
        .render(
            run=run,
            matrix=arranged,
            standings=answers.standings(run),
            quick_starts=quick_starts.of(run, root),
            hazards=quick_starts.hazards(run),
            broken=quick_starts.BROKEN,
            behaviour=behaviour.of(run),
            costs=answers.costs(made) if made else [],
            summary=made,
            store=_store(made) if made else "",
            published=bool(campaign and campaign.header.rounds >= FEWEST_ROUNDS),
            charts=charts(made) if made else [],
            heading=tables.heading(made) if made else [],
            tables=tables.tables(made) if made else [],
            closing=tables.closing(made) if made else [],
            filters=_filters(run),
            legend={each: LEGEND[each] for each in matrix.counts(run.lines)},
            evidence=evidence.packed(run),
            script=_file("report.js"),
            style=_file("style.css"),
        )
    )


def specification(run: Run, spec: str) -> str:
    """Return SPEC.md's text as a page, with how every target does beside each clause of the run."""
    arranged = matrix.of(run)
    areas: dict[str, list[Row]] = {}
    for area in (*arranged.differences, *arranged.same):
        areas.setdefault(area.name, []).extend(area.rows)
    order = {clause.id: place for place, clause in enumerate(run.header.clauses)}
    return (
        environment()
        .get_template("spec.html")
        .render(
            run=run,
            matrix=arranged,
            prose=_prose(spec.partition("\n## Clauses\n")[0]),
            areas={name: sorted(areas[name], key=lambda row: order[row.clause.id]) for name in sorted(areas)},
            style=_file("style.css"),
        )
    )


def _filters(run: Run) -> dict[str, list[str]]:
    targets, present = run.header.targets, {line.outcome for line in run.lines}
    return {
        "framework": _distinct(each.implementation for each in targets),
        "store": _distinct(each.store for each in targets),
        "edition": _distinct(each.edition for each in targets),
        "area": sorted({each.id.partition(".")[0] for each in run.header.clauses}),
        "level": [each for each in Level if any(clause.level is each for clause in run.header.clauses)],
        "outcome": [each for each in Outcome if each in present],
    }


def _prose(text: str) -> Markup:
    """Return Markdown as HTML whose headings can be linked to, as GitHub does it."""
    tokens = MARKDOWN.parse(text)
    for before, content in pairwise(tokens):
        if before.type == "heading_open":
            before.attrSet("id", re.sub(r"[^\w\- ]", "", content.content.lower()).replace(" ", "-"))
    html = str(MARKDOWN.renderer.render(tokens, MARKDOWN.options, {}))
    numbers = count(1)
    scrolling = '<div class="scroll" tabindex="0" role="region" aria-label="Table {}"><table>'
    html = re.sub("<table>", lambda _: scrolling.format(next(numbers)), html)
    html = html.replace("</table>", "</table></div>").replace("<pre>", '<pre tabindex="0">')
    return Markup(html)  # noqa: S704 -- markdown-it escapes all HTML in the text


def environment() -> Environment:
    """Make what renders the templates: all that is not ours is escaped."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "anchor": _anchor,
        "by_outcome": _by_outcome,
        "capitalised": lambda text: text[:1].upper() + text[1:],
        "command": _command,
        "csp_hash": _csp_hash,
        "inline": lambda text: Markup(MARKDOWN.renderInline(text)),  # noqa: S704 -- as in `_prose`
        "moment": _moment,
        "ratio": _ratio,
        "short": lambda name: name.partition(".")[2].replace("-", " "),
        "source": _source,
        "totals": lambda counted: totals(Counter(counted).elements()),
    }
    return environment


def _file(name: str) -> Markup:
    return Markup((TEMPLATES / name).read_text())  # noqa: S704 -- our own


def _csp_hash(script: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _anchor(start: QuickStart) -> str:
    return re.sub(r"[^a-z0-9]+", "-", f"{start.implementation}-{start.library}".lower())


def _by_outcome(row: Row) -> list[tuple[Outcome, list[Line]]]:
    found = [(outcome, [line for line in row.lines if line.outcome is outcome]) for outcome in Outcome]
    return [(outcome, lines) for outcome, lines in found if lines]


def _command(made: Summary) -> str:
    header = made.campaign.header
    names = [slot.name for slot in made.slots if slot.name == slot.target and slot.name != made.baseline]
    return (
        f"make bench TARGETS='{','.join(names)}' SCENARIO={','.join(header.scenarios)} ROUNDS={header.rounds} "
        f"DURATION={header.seconds:g} SEED={header.seed} RUNTIME={header.runtime}"
    )


def _distinct(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _store(made: Summary) -> str:
    """Return the store that all of a campaign's targets are on, "" where they are on several."""
    stores = {slot.store for slot in made.slots}
    return stores.pop() if len(stores) == 1 else ""


def _moment(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M} UTC"


def _ratio(interval: Interval | None) -> Markup:
    if not interval:
        return Markup("-")
    range_ = f"{interval.low:.2f} to {interval.high:.2f}"
    return Markup("<strong>{:.2f}</strong> <small>{}</small>").format(interval.median, range_)


def _source(text: str) -> Markup:
    """Return a source as a link where it is an address."""
    if urlsplit(text).scheme not in {"http", "https"}:
        return escape(text)
    return Markup('<a href="{0}" rel="noreferrer">{0}</a>').format(text)
