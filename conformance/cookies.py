"""`Set-Cookie` as RFC 6265bis writes and reads it. Used by the visitor and by the clauses about cookies."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"  # noqa: S105 (RFC 9110's word, no secret)
OCTET = r"[\x21\x23-\x2B\x2D-\x3A\x3C-\x5B\x5D-\x7E]"
AV_OCTET = r"[\x20-\x3A\x3C-\x7E]"
GRAMMAR = re.compile(rf'{TOKEN}=(?:{OCTET}*|"{OCTET}*")(?:; {AV_OCTET}+)*')
IMF_FIXDATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d "
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT"
)


@dataclass(frozen=True)
class SetCookie:
    """One `Set-Cookie` line, read as a browser reads it (RFC 6265bis, 5.6): attribute names in lower case."""

    line: str
    name: str
    value: str
    attributes: dict[str, str]

    @property
    def lifetime(self) -> float | None:
        """Seconds from now until the cookie is gone, or None for the browser's session; Max-Age wins over Expires."""
        max_age = self.attributes.get("max-age")
        if max_age is not None and re.fullmatch(r"-?\d+", max_age):
            return int(max_age)
        expires = self.attributes.get("expires")
        if not expires:
            return None
        try:
            return (parsedate_to_datetime(expires) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return None

    @property
    def deletes(self) -> bool:
        """Whether a browser drops the cookie on reading this line."""
        return self.lifetime is not None and self.lifetime <= 0


def parse(line: str) -> SetCookie:
    """Read a line; of an attribute that stands twice the last one counts."""
    pair, *rest = line.split(";")
    name, _, value = pair.partition("=")
    attributes = {}
    for each in rest:
        key, _, content = each.partition("=")
        attributes[key.strip().lower()] = content.strip()
    return SetCookie(line, name.strip(), value.strip(), attributes)


def grammar_errors(line: str) -> list[str]:
    """Say what in a line is not as a server must write it (RFC 6265bis, 4.1.1)."""
    errors = []
    if not GRAMMAR.fullmatch(line):
        errors.append("not of the form name=value; attribute; …, in the allowed characters")
    names = [each.partition("=")[0].strip().lower() for each in line.split(";")[1:]]
    errors += [f"{name} stands more than once" for name in sorted(set(names)) if names.count(name) > 1]
    return errors
