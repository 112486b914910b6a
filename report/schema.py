"""The JSON Schema of one line of a file of results. `python -m report.schema` writes it; a test keeps it fresh."""

from __future__ import annotations

from pathlib import Path

import msgspec

from conformance.results_file import Footer, Header, Line

PATH = Path(__file__).with_name("results.schema.json")


def schema() -> str:
    """Return the schema."""
    made = msgspec.json.schema(Header | Line | Footer)
    described = {"title": "A line of Same Session's results (JSON Lines)", **made}
    described["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return msgspec.json.format(msgspec.json.encode(described, order="sorted")).decode() + "\n"


if __name__ == "__main__":
    PATH.write_text(schema())
