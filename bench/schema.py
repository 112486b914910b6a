"""The JSON Schema of one line of a campaign's file. `python -m bench.schema` writes it; a test keeps it fresh."""

from __future__ import annotations

from pathlib import Path

import msgspec

from bench.records import Line

PATH = Path(__file__).with_name("campaign.schema.json")


def schema() -> str:
    """Return the schema."""
    made = msgspec.json.schema(Line)
    described = {"title": "A line of Same Session's campaigns (JSON Lines)", **made}
    described["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return msgspec.json.format(msgspec.json.encode(described, order="sorted")).decode() + "\n"


if __name__ == "__main__":
    PATH.write_text(schema())
