"""Writes a sequence as a bash script of curl commands, with a cookie jar for each client."""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from conformance.differential.model import Request
from conformance.differential.play import Player
from conformance.differential.steps import (
    DAMAGES,
    LOOKALIKE,
    Damaged,
    Handed,
    Invented,
    Neighbour,
    Plant,
    Source,
    Step,
    at,
)

LONG_BODY = 1024  # bytes; longer ones are one byte many times
# A jar is a file in curl's own format: host, with subdomains, path, TLS alone, expiry, name and value, apart by tabs.
HEAD = """\
cd "$(mktemp -d)"
url={url} name={name}
value() {{ awk -F '\\t' -v name="$name" '$6 == name {{ print $7 }}' "$1"; }}
plant() {{ printf '%s\\tFALSE\\t/\\tFALSE\\t0\\t%s\\t%s\\n' {host} "$name" "$2" >"$1"; }}
pair() {{ if grep -q "$name" "$1"; then echo "$name=$(value "$1")"; else echo absent; fi; }}
line() {{ local all= each; for each; do [ "$each" = absent ] || all="$all; $each"; done; echo "${{all#; }}"; }}
ask() {{ curl -sS -i --path-as-is "$@"; echo; }}
keep() {{ if grep -qi '^set-cookie:' head; then mv new "$1"; fi; }}"""


def script(player: Player, sequence: Sequence[Step], notes: Mapping[int, str]) -> str:
    """Return the script; `notes` are lines about a step, such as what was expected of it and what was seen."""
    snapshots = wanted(sequence)
    url = player.url.rstrip("/")
    lines = [
        HEAD.format(url=shlex.quote(url), name=shlex.quote(player.cookie_name), host=urlsplit(url).hostname),
        f"touch {' '.join(sorted(taken_part(sequence)))}",
    ]
    taken: defaultdict[str, int] = defaultdict(int)
    lines += [f"cp {client} {client}.0" for client, place in sorted(snapshots) if place == 0]
    for number, step in enumerate(sequence, 1):
        lines += ["", f"echo {shlex.quote(f'--- {number}. {describe(step)}')}"]
        lines += [f"#   {line}" for line in notes.get(number - 1, "").splitlines()]
        lines += commands(step, player, taken)
        taken[step.client] += 1
        if (step.client, taken[step.client]) in snapshots:
            lines.append(f"cp {step.client} {step.client}.{taken[step.client]}")
    return "\n".join(lines) + "\n"


def sources(step: Step) -> Iterator[Source]:
    """Give the cookies that a step names."""
    for each in [step.source] if isinstance(step, Plant) else [step.before, step.after]:
        if each is not None and not isinstance(each, Neighbour):
            yield each


def taken_part(sequence: Sequence[Step]) -> set[str]:
    """Return the clients that a sequence names."""
    others = {each.whose for step in sequence for each in sources(step) if not isinstance(each, Invented)}
    return others | {step.client for step in sequence}


def wanted(sequence: Sequence[Step]) -> set[tuple[str, int]]:
    """Return which client's jar is needed later as it is after how many of the client's steps."""
    needed = set()
    taken: defaultdict[str, int] = defaultdict(int)
    for step in sequence:
        for each in sources(step):
            if isinstance(each, Handed) and each.back:
                needed.add((each.whose, snapshot(each, taken)))
        taken[step.client] += 1
    return needed


def snapshot(source: Handed, taken: Mapping[str, int]) -> int:
    """Return how many steps the client had taken when it had that cookie."""
    return at(range(taken[source.whose] + 1), source.back)


def jar(source: Handed, taken: Mapping[str, int]) -> str:
    """Return the file that has the cookie."""
    return f"{source.whose}.{snapshot(source, taken)}" if source.back else source.whose


def commands(step: Step, player: Player, taken: Mapping[str, int]) -> list[str]:
    """Return the commands of a step."""
    if isinstance(step, Plant):
        if not isinstance(step.source, Handed):
            return [f"plant {step.client} {value(step.source, player)}"]
        file = jar(step.source, taken)
        return [] if file == step.client else [f"cp {file} {step.client}"]
    if step.before is None and step.after is None:
        return [f"ask -b {step.client} -c {step.client} {arguments(step.request)}"]
    parts = [part(step.before, player, taken), f'"$(pair {step.client})"', part(step.after, player, taken)]
    return [
        f"cookies=$(line {' '.join(filter(None, parts))})",
        f'ask -H "Cookie: $cookies" -c new -D head {arguments(step.request)}',
        f"keep {step.client}",
    ]


def part(extra: Neighbour | Source | None, player: Player, taken: Mapping[str, int]) -> str:
    """Return what stands beside the client's own cookie, as a word of bash."""
    match extra:
        case None:
            return ""
        case Neighbour(text):
            return shlex.quote(text.replace("{name}", player.cookie_name))
        case Handed():
            return f'"$(pair {jar(extra, taken)})"'
        case _:
            return f'"$name="{value(extra, player)}'


def value(source: Damaged | Invented, player: Player) -> str:
    """Return a value that nobody handed out, as a word of bash."""
    if isinstance(source, Damaged):
        return f'"$(v=$(value {source.whose}); echo "{DAMAGES[source.how][1]}")"'
    return shlex.quote(player.lookalike if source.value == LOOKALIKE else source.value)


def arguments(request: Request) -> str:
    """Return curl's arguments for a request."""
    words = {"GET": [], "HEAD": ["-I"]}.get(request.method, ["-X", request.method])
    fields = dict(request.headers)
    if request.method == "POST" or request.body:
        fields.setdefault("content-type", "")  # curl would make it a form
        words += ["--data-binary", body(request.body)]
    words += [f"-H {shlex.quote(f'{name}: {value}'.rstrip())}" for name, value in fields.items()]
    target = f"{request.path}?{request.query}" if request.query else request.path
    return " ".join([*words, f'"$url"{shlex.quote(target)}'])


def body(content: bytes) -> str:
    """Return a body as a word of bash."""
    if len(content) > LONG_BODY:
        return f"\"$(head -c {len(content)} /dev/zero | tr '\\0' {content[:1].decode()})\""
    if content.isascii() and content.decode().isprintable():
        return shlex.quote(content.decode())
    return "$'" + "".join(f"\\x{byte:02x}" for byte in content) + "'"


def describe(step: Step) -> str:
    """Say what a step does."""
    if isinstance(step, Plant):
        return f"{step.client}'s session cookie becomes {in_words(step.source)}"
    request = step.request
    words = f"{step.client}: {request.method} {request.path}{'?' if request.query else ''}{request.query}"
    words += "".join(f", {name}: {value}" for name, value in request.headers)
    if request.body:
        shown = request.body.decode("utf-8", "backslashreplace")
        words += f", {shown}" if len(request.body) <= LONG_BODY else f", {len(request.body)} bytes"
    for place, extra in (("before", step.before), ("after", step.after)):
        if extra is not None:
            words += f"; {place} the cookie {in_words(extra)}"
    return words


def in_words(extra: Neighbour | Source) -> str:
    """Say where a cookie comes from."""
    match extra:
        case Neighbour(text):
            return repr(text)
        case Handed(whose, 0):
            return f"{whose}'s session cookie"
        case Handed(whose, back):
            return f"{whose}'s session cookie of {back} steps before"
        case Damaged(whose, how):
            return f"{whose}'s session cookie, {how}"
        case Invented(invented):
            return f"the invented value {invented[:20]!r}"
