"""`python -m report junit|markdown FILE` and `python -m report compare OLD NEW`, behind `make compare`.

Exit status: 0 where all is well, 1 where a comparison shows a regression or a broken target, 2 where a file is no good.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from report import compare, junit, markdown
from report.read import ResultsError, read

FORMATS = {"text": compare.as_text, "markdown": compare.as_markdown, "json": compare.as_json}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line."""
    options = _options(arguments)
    status = 0
    try:
        if options.verb == "compare":
            comparison = compare.compare(read(options.old), read(options.new))
            status, text = comparison.exit_status, FORMATS[options.format](comparison)
        else:
            text = {"junit": junit, "markdown": markdown}[options.verb].of(read(options.file))
        _write(text, options.output)
    except ResultsError as error:
        print(f"report: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # `| head` has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        print(f"report: {error.filename or options.output}: {error.strerror}", file=sys.stderr)
        return 2
    return status


def _write(text: str, path: Path | None) -> None:
    if path:
        path.write_text(text + "\n", encoding="utf-8")
    else:
        print(text, flush=True)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="report", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="junit|markdown|compare")
    for verb in ("junit", "markdown"):
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
