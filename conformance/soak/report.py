"""What the one who ran a soak sees: a table of what was done and found, and each finding with what led to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.table import Table

from conformance.redact import redact
from conformance.soak.findings import Finding, Kind, Note
from conformance.soak.site import Site

DONE = {  # names in the tally, and in the table
    "requests": "requests",
    "acknowledged": "acknow-\nledged",
    "unknown": "un-\nknown",
    "refused": "503",
    "conflicts": "409",
    "no answer": "no\nanswer",
    "sessions": "ses-\nsions",
    "dead ids": "dead\nids",
    "kills": "app\nkills",
    "restarts": "app re-\nstarts",
    "stopped": "store\nstops",
    "killed": "store\nkills",
    "frozen": "store\nfrozen",
}
FOUND = {
    Kind.LOST: "LOST",
    Kind.RESURRECTED: "RESUR-\nRECTED",
    Kind.MIXED_UP: "MIXED\nUP",
    Kind.WRONG: "WRONG",
    Kind.LATE: "LATE",
    Kind.DOWN: "DOWN",
}
LEGEND = (
    "acknowledged and unknown are changes; unknown: without an answer or with 503; 409: refused, since the session had "
    "ended; sessions and dead ids: checked at the end; slowest: the slowest answer that came while the store was frozen"
)
EXAMPLES = 3  # of a kind on a target, told in full
BEFORE_SECONDS = 5.0  # chaos that is told from before the first step


def table(sites: Sequence[Site]) -> Table:
    """Make the table: a row a target."""
    made = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    made.add_column("target", no_wrap=True)
    for each in [*DONE.values(), "slow-\nest", *FOUND.values()]:
        made.add_column(each, justify="right")
    for site in sites:
        found = Counter(each.kind for each in site.findings)
        slowest = "" if site.tally.slowest is None else f"{site.tally.slowest:.1f} s"
        kinds = [f"[bold red]{found[kind]}[/]" if found[kind] else "0" for kind in FOUND]
        made.add_row(site.name, *(str(site.tally[each]) for each in DONE), slowest, *kinds)
    return made


def summary(findings: Sequence[Finding]) -> str:
    """Return the number of findings of each kind, in one line."""
    counts = Counter(each.kind for each in findings)
    return ", ".join(f"{counts[kind]} {kind}" for kind in Kind if counts[kind]) or "0 findings"


def told(findings: Sequence[Finding]) -> tuple[list[Finding], int]:
    """Return those that are told in full, the first of each kind on each target, and the number of the others."""
    seen = Counter[tuple[str, Kind]]()
    chosen = []
    for each in findings:
        seen[each.target, each.kind] += 1
        if seen[each.target, each.kind] <= EXAMPLES:
            chosen.append(each)
    return chosen, len(findings) - len(chosen)


def report(finding: Finding, seed: int, secrets: Sequence[str] = ()) -> str:
    """Return a finding as text: what was wrong, and steps and events in the order of their times."""
    head = f"{finding.target}, at {finding.at:.2f} s, seed {seed}: {finding.what}"
    first = min((each.at for each in finding.steps), default=finding.at) - BEFORE_SECONDS
    events = [Note(each.at, f"*** {each.text}") for each in finding.events if each.at >= first]
    lines = sorted([*finding.steps, *events], key=lambda each: each.at)
    return redact("\n".join([head, *(f"{each.at:10.2f} s  {each.text}" for each in lines)]), secrets)
