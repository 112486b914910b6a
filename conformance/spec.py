"""What the suite and SPEC.md share: the page as it is written there, and the table of clauses that goes in there.

`python -m conformance.spec` writes the table; a test keeps it fresh.
"""

from __future__ import annotations

import re
from pathlib import Path

from conformance.catalogue import catalogue

SPEC = Path(__file__).parent.parent / "SPEC.md"
ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;"})


def expected_page(count: int, username: str | None) -> str:
    """Return the page as SPEC.md has it, for a count and a name."""
    page, log_in = re.findall(r"```html\n(.*?)\n```", SPEC.read_text(), re.DOTALL)
    if username is None:
        page = page.replace("Hello, NAME", "Hello")
        page = re.sub(r'<form method="post" action="/logout">.*</form>', lambda _: log_in, page)
    return str(page.replace("COUNT", str(count)).replace("NAME", (username or "").translate(ESCAPES)))


def clause_table() -> str:
    """Return the clauses as Markdown, a table an area."""
    lines = []
    area = ""
    for clause in catalogue().values():
        if clause.area != area:
            area = clause.area
            lines += [
                "",
                f"### {area}",
                "",
                "| clause | level | requirement | needs | sources |",
                "| --- | --- | --- | --- | --- |",
            ]
        needs = ", ".join([*sorted(clause.needs), *(["own instances"] if clause.hand else [])])
        lines.append(
            f"| `{clause.id}` | {clause.level} | {clause.text} *{clause.why}* | {needs} | {'; '.join(clause.sources)} |"
        )
    return "\n".join(lines[1:]) + "\n"


def with_table(spec: str) -> str:
    """Return SPEC.md's text with a fresh table at its end."""
    head, heading, _ = spec.partition("## Clauses\n")
    return f"{head}{heading}\nMade from the suite by `python -m conformance.spec`: do not edit.\n\n{clause_table()}"


if __name__ == "__main__":
    SPEC.write_text(with_table(SPEC.read_text()))
