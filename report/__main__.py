"""`python -m report`: `make` behind `make report`, `compare OLD NEW` behind `make compare`, `junit|markdown|csv FILE`.

`make` writes the report of a run, and of a campaign where there is one. `compare` takes two runs of the suite, or two
campaigns of benchmarks.

Exit status: 0 where all is well, 1 where a comparison shows a regression or a broken target, 2 where a file is no good.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from bench import compare as campaigns
from bench import records
from bench.records import CampaignError
from report import compare, csv_matrix, junit, markdown
from report.mends import MendsError
from report.read import ResultsError, read

FORMATS = {"text": compare.as_text, "markdown": compare.as_markdown, "json": compare.as_json}
PAGES = {"junit": junit, "markdown": markdown, "csv": csv_matrix}
OF_CAMPAIGNS = {"text": campaigns.as_text, "markdown": campaigns.as_markdown, "json": campaigns.as_json}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line."""
    options = _options(arguments)
    status = 0
    try:
        if options.verb == "make":
            from report import make  # noqa: PLC0415 -- matplotlib takes a second, which a comparison need not wait

            return make.make(options.results, options.campaign, into_readme=options.readme)
        if options.verb == "compare":
            status, text = _compare(options.old, options.new, options.format)
        else:
            text = PAGES[options.verb].of(read(options.file))
        _write(text, options.output)
    except (CampaignError, MendsError, ResultsError) as error:
        print(f"report: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # `| head` has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        print(f"report: {error.filename or options.output}: {error.strerror}", file=sys.stderr)
        return 2
    return status


def _compare(old: Path, new: Path, form: str) -> tuple[int, str]:
    if records.is_campaign(old) and records.is_campaign(new):
        found = campaigns.compare(records.read(old), records.read(new))
        return found.exit_status, OF_CAMPAIGNS[form](found)
    comparison = compare.compare(read(old), read(new))
    return comparison.exit_status, FORMATS[form](comparison)


def _write(text: str, path: Path | None) -> None:
    if path:
        path.write_text(text + "\n", encoding="utf-8")
    else:
        print(text, flush=True)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="report", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="make|compare|junit|markdown|csv")
    each = verbs.add_parser("make", help="the report as pages, with badges, Markdown and CSV beside them")
    each.add_argument("--results", type=Path, default=None, help="a run; default: the last one")
    each.add_argument(
        "--campaign", type=Path, default=None, help="a campaign; default: the last one, where there is one"
    )
    each.add_argument("--readme", action="store_true", help="make README's matrix and picture of it as well")
    for verb in PAGES:
        each = verbs.add_parser(verb, help=f"a run as {verb}")
        each.add_argument("file", type=Path, help="a file of results")
        each.add_argument("-o", "--output", type=Path, help="default: standard output")
    each = verbs.add_parser("compare", help="what became better and worse")
    each.add_argument("old", type=Path)
    each.add_argument("new", type=Path)
    each.add_argument("--format", choices=list(FORMATS), default="text")
    each.add_argument("-o", "--output", type=Path, help="default: standard output")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
