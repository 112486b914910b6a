"""`make report`: a run, and a campaign where there is one, as pages that open from disk, with exports beside them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench import records
from bench.records import Campaign
from report import badges, csv_matrix, markdown, pages, readme
from report.read import ResultsError, Run, read
from targets.checkout import made

ROOT = Path(__file__).parent.parent


def make(results: Path | None, campaign: Path | None, *, into_readme: bool, root: Path = ROOT) -> int:
    """Write `.run/report` and say what is in it; returns the exit status.

    Raises `ResultsError`, `CampaignError` and `MendsError`, and writes nothing then.
    """
    results = results or _last_run(root)
    campaign = campaign or _last_campaign(root)
    run, measured = read(results), records.read(campaign) if campaign else None
    files = dict(_files(run, measured, root))
    folder = made(root) / "report"
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    print(f"of {_shown(results, root)}: {len(run.header.targets)} targets, {len(run.header.clauses)} clauses")
    if campaign and measured:
        print(f"and {_shown(campaign, root)}: {measured.header.rounds} rounds, {len(measured.header.slots)} slots")
    else:
        print("without a campaign: make bench measures one")
    for name, text in files.items():
        if not name.startswith("badges/"):
            print(f"  {_shown(folder / name, root)}  {len(text.encode()) / 1024:.0f} KiB")
    print(f"  {_shown(folder / 'badges', root)}/*.svg  {len(run.header.targets)} of them")
    if into_readme:
        readme.write(run, root)
        print(f"  README.md, {readme.CSV}, {readme.PICTURE}")
    return 0


def _files(run: Run, campaign: Campaign | None, root: Path) -> Iterator[tuple[str, str]]:
    yield "index.html", pages.report(run, campaign, root)
    yield "spec.html", pages.specification(run, (root / "SPEC.md").read_text(encoding="utf-8"))
    yield "summary.md", markdown.of(run) + "\n"
    yield "matrix.csv", csv_matrix.of(run) + "\n"
    for name, badge in badges.of(run).items():
        yield f"badges/{name}.svg", badge + "\n"


def _last_run(root: Path) -> Path:
    path = made(root) / "results" / "latest.jsonl"
    if not path.exists():
        raise ResultsError("there is no run to report on yet; make conformance makes one")
    return path.resolve()


def _last_campaign(root: Path) -> Path | None:
    return max((made(root) / "bench").glob("*.jsonl"), default=None)


def _shown(path: Path, root: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
