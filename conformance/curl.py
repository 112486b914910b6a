"""The same requests as a script of curl commands (bash), so that a failure can be seen without this suite.

A cookie that the target handed out is taken from its answer while the script runs: no id of this run is in it.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from itertools import pairwise
from urllib.parse import urlsplit

from conformance.client import FORM, Exchange
from conformance.forge import lookalike
from conformance.redact import LONG, redact, shared

TAKE = (
    r"""cookie() { tee /dev/stderr | tr -d '\r' | sed -n "s/^[Ss]et-[Cc]ookie: *$1=\([^;]*\).*/\1/p" | tail -n 1; }"""
)
RUN = re.compile(r"(.)\1{79,}", re.DOTALL)  # a long run of one character
UNSAFE = re.compile(r"[^ -~]")
SLOW = "/_probe/slow-"
READ = "GET", "/"
READS_MEANWHILE = 3  # clauses.race.Meanwhile reads so often until the slow request is under way


def script(exchanges: Sequence[Exchange], url: str) -> str:
    """Return the script; `url` is where the target was, and may be given anew as the variable URL."""
    cookies = _Cookies(exchanges)
    commands = [_command(exchange, cookies, url) for exchange in exchanges]
    take = [TAKE] if any(" | cookie " in each for each in commands) else []
    return "\n".join([f"URL=${{URL:-{url}}}", *take, *_at_once(exchanges, commands), ""])


class _Cookies:
    """The values that answers hand out and that later requests use, each with its shell variable."""

    def __init__(self, exchanges: Sequence[Exchange]) -> None:
        sent_last = {_headers(exchange).get("cookie", ""): number for number, exchange in enumerate(exchanges)}
        self.variables: dict[str, str] = {}
        self.made_up: dict[str, str] = {}
        for number, exchange in enumerate(exchanges):
            for _, value in _handed_out(exchange):
                later = (line for line, last in sent_last.items() if last > number)
                if value and value not in self.variables and any(_uses(line, value) for line in later):
                    self.variables[value] = f"COOKIE{len(self.variables) + 1}"
        self.taken: set[str] = set()

    def take(self, exchange: Exchange) -> tuple[str, str] | None:
        """Return variable and name of the cookie to be taken from this answer."""
        for name, value in _handed_out(exchange):
            if (variable := self.variables.get(value)) and variable not in self.taken:
                self.taken.add(variable)
                return variable, name
        return None

    def word(self, line: str) -> str:
        """Return a `Cookie` line as a shell word."""
        words = []
        for number, piece in enumerate(line.split(";")):
            name, equals, value = piece.partition("=")
            words.append(_quote(f"{';' if number else ''}{name}{equals}"))
            words += self._value(value)
        return "".join(words)

    def _value(self, value: str) -> Iterator[str]:
        for known, variable in self.variables.items():
            if value == known or (len(known) >= LONG and known in value):
                before, _, after = value.partition(known)
                yield from (*self._value(before), f'"${variable}"', *self._value(after))
                return
        for known, variable in self.variables.items():
            start = shared(known, value)
            end = shared(known[start:][::-1], value[start:][::-1])
            if start + end >= LONG:
                yield f'"${{{variable}:0:{start}}}"' if start else ""
                yield self._literal(value[start : len(value) - end])
                yield f'"${{{variable}: -{end}}}"' if end else ""
                return
        yield self._literal(value)

    def _literal(self, value: str) -> str:
        """Keep what is odd, and replace what may be an id by another of its form."""
        if redact(value) == value and not any(part in value for part in self._parts()):
            return _quote(value)
        return _quote(self.made_up.setdefault(value, lookalike(value)))

    def _parts(self) -> Iterator[str]:
        for value in self.variables:
            yield from (value[at : at + LONG] for at in range(0, len(value) - LONG + 1, LONG))


def _command(exchange: Exchange, cookies: _Cookies, url: str) -> str:
    path = exchange.request.path
    words = ["curl", *_method(exchange), *_fields(exchange, cookies, url), *_body(exchange)]
    words += ["-g"] * any(each in path for each in "[{") + ["--path-as-is"] * ("/." in path)
    command = " ".join([*words, f'"$URL"{_quote(path)}'])
    if b"\x00" in exchange.request.raw:
        return f"# there is a NUL byte in this one, which no argument of a command can have: {command}"
    if taken := cookies.take(exchange):
        return f"{taken[0]}=$({command} | cookie {_quote(taken[1])})"
    return command


def _method(exchange: Exchange) -> list[str]:
    match exchange.request.method:
        case "HEAD":
            return ["-sSI"]
        case "GET" | "POST":
            return ["-sSi"]
        case other:
            return ["-sSi", "-X", _quote(other)]


def _fields(exchange: Exchange, cookies: _Cookies, url: str) -> Iterator[str]:
    """Return the options for the fields that curl would not send of itself."""
    curls_own = {"host": urlsplit(url).netloc, "accept": "*/*", "content-type": FORM}
    for name, value in _headers(exchange).items():
        if name == "cookie" and "=" in value:
            yield f"-b {cookies.word(value)}"
        elif name != "content-length" and value != curls_own.get(name):
            yield f"-H {_quote(f'{name}: {value}' if value else f'{name};')}"


def _body(exchange: Exchange) -> list[str]:
    body = exchange.request.raw.partition(b"\r\n\r\n")[2].decode("latin-1")
    if "chunked" in _headers(exchange).get("transfer-encoding", ""):
        body = _without_chunks(body)
    if body:
        return ["--data-raw", _quote(body)]
    return ["-d", "''"] if exchange.request.method == "POST" else []


def _at_once(exchanges: Sequence[Exchange], commands: list[str]) -> Iterator[str]:
    """Send slow requests into the background and wait for them where they were answered.

    The transcript has the order of the answers; a slow request was sent before the reads that waited for its beginning.
    """
    begins: dict[int, list[int]] = {}
    for at, exchange in enumerate(exchanges):
        if exchange.request.path.startswith(SLOW):
            begins.setdefault(_begun(exchanges, at), []).append(at)
    slow = {at for group in begins.values() for at in group}
    for at, command in enumerate(commands):
        for each in begins.get(at, []):
            yield f"{commands[each]} &"
        if at not in slow:
            yield command
        elif at + 1 not in slow:
            yield "wait"


def _begun(exchanges: Sequence[Exchange], answered: int) -> int:
    first = answered
    while exchanges[first - 1].request.path.startswith(SLOW) and first:
        first -= 1
    for at in range(first - READS_MEANWHILE, -1, -1):
        reads = [(each.request.method, each.request.path) for each in exchanges[at : at + READS_MEANWHILE]]
        if all(each == READ for each in reads):
            return at
    return first


def _headers(exchange: Exchange) -> dict[str, str]:
    head = exchange.request.raw.partition(b"\r\n\r\n")[0].decode("latin-1")
    fields = (line.partition(":") for line in head.split("\r\n")[1:])
    return {name: value[1:] for name, _, value in fields}


def _handed_out(exchange: Exchange) -> Iterator[tuple[str, str]]:
    for line in exchange.response.set_cookies if exchange.response else []:
        name, _, value = line.partition(";")[0].partition("=")
        yield name.strip(), value.strip()


def _uses(line: str, value: str) -> bool:
    """Tell whether a `Cookie` line has a value, or a part of it that is long enough to be no accident."""
    if len(value) < LONG:
        return any(piece.partition("=")[2] == value for piece in line.split(";"))
    return any(value[at : at + LONG] in line for at in range(len(value) - LONG + 1))


def _without_chunks(body: str) -> str:
    """Return a body of chunks as one: curl makes chunks of its own."""
    text = ""
    while body:
        size, _, rest = body.partition("\r\n")
        length = int(size, 16)
        text, body = text + rest[:length], rest[length + 2 :] if length else ""
    return text


def _quote(text: str) -> str:
    """Quote for bash; each character of `text` is a byte."""
    if not text:
        return ""
    ends = [0, *(end for run in RUN.finditer(text) for end in run.span()), len(text)]
    return "".join(_quote_part(text[start:end]) for start, end in pairwise(ends) if start < end)


def _quote_part(part: str) -> str:
    if RUN.fullmatch(part):
        return f"\"$(printf %{len(part)}s | tr ' ' {shlex.quote(part[0])})\""
    if not UNSAFE.search(part):
        return shlex.quote(part)
    escaped = part.replace("\\", "\\\\").replace("'", "\\'")
    return "$'" + UNSAFE.sub(lambda found: f"\\x{ord(found[0]):02x}", escaped) + "'"
