"""Gathers what the file of results tells about a run: the suite, the host, the targets, and each result, redacted."""

from __future__ import annotations

import hashlib
import os
import platform
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import msgspec

from conformance import curl, decoded
from conformance.catalogue import catalogue
from conformance.clause import Clause
from conformance.client import Client, Exchange, NoAnswer, Response
from conformance.outcomes import Outcome
from conformance.redact import cookie_values, cookies_handed_out, cookies_sent, redact, request_text
from conformance.results import Result
from conformance.results_file import (
    FORMAT,
    ClauseFacts,
    Header,
    Host,
    Line,
    Part,
    Reply,
    Step,
    Suite,
    TargetFacts,
    WrittenDeviation,
)
from targets.manifest import Target
from targets.runtime import Runtime

ROOT = Path(__file__).parent.parent
ABOUT_TIMEOUT_SECONDS = 3.0
LONGEST_TEXT = 2000  # characters that are kept of a body or a field


def header(engine: Runtime, targets: Sequence[Target], urls: Mapping[str, str], clauses: Iterable[Clause]) -> Header:
    """Say what runs; asks each target that runs for its versions."""
    begun = datetime.now(UTC)
    return Header(
        format=FORMAT,
        run=f"{begun:%Y%m%dT%H%M%SZ}-{os.getpid()}",
        begun=begun,
        suite=suite(),
        host=Host(
            os.cpu_count() or 0,
            f"{platform.system()} {platform.release()}",
            platform.machine(),
            platform.python_version(),
        ),
        runtime=engine.name,
        targets=[_target(engine, target, urls.get(target.name, "")) for target in targets],
        clauses=[ClauseFacts(each.id, each.level, each.text, each.why, list(each.sources)) for each in clauses],
    )


def suite() -> Suite:
    """Name the suite by its version and by what it requires."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    requires = [[each.id, each.level, each.text] for each in catalogue().values()]
    return Suite(version, hashlib.sha256(msgspec.json.encode(sorted(requires))).hexdigest()[:16])


def line(run: str, url: str, result: Result, secrets: Sequence[str]) -> Line:
    """Write a result down without the ids and secrets in it."""
    record, deviation = result.record, result.declared.deviation
    values = {*secrets, *cookie_values(record.exchanges)}
    shown = [] if result.outcome is Outcome.PASS else record.exchanges

    @cache  # most lines of a request are those of the one before it
    def clean(text: str) -> str:
        kept = redact(text[: 2 * LONGEST_TEXT], values)  # what is cut off by this is not among what is kept
        return kept if len(kept) <= LONGEST_TEXT else f"{kept[:LONGEST_TEXT]}… ({len(text)} characters)"

    return Line(
        run=run,
        target=result.target.name,
        clause=result.clause.id,
        level=result.clause.level,
        area=result.clause.area,
        outcome=result.outcome,
        seen=record.seen,
        seconds=round(record.seconds, 4),
        detail=redact(record.detail, values),
        blocked_by=result.blocked_by,
        absent=sorted(result.declared.absent),
        deviation=WrittenDeviation(deviation.clause, deviation.reason, deviation.source) if deviation else None,
        steps=[_step(exchange, clean) for exchange in shown],
        curl=curl.script(shown, url) if shown and not result.clause.hand else "",
    )


def _step(exchange: Exchange, clean: Callable[[str], str]) -> Step:
    head, _, body = request_text(exchange).partition("\r\n\r\n")
    cookies = dict([*cookies_sent(exchange), *cookies_handed_out(exchange)])
    return Step(
        step=exchange.step,
        request=[clean(each) for each in head.split("\r\n")],
        body=clean(body),
        reply=_reply(exchange.response, clean) if exchange.response else None,
        problem=clean(exchange.problem),
        cookies={name: clean(text) for name, value in cookies.items() if (text := decoded.payload(value))},
    )


def _reply(response: Response, clean: Callable[[str], str]) -> Reply:
    return Reply(response.status, [(name, clean(value)) for name, value in response.headers], clean(response.text))


def _target(engine: Runtime, target: Target, url: str) -> TargetFacts:
    return TargetFacts(
        name=target.name,
        implementation=target.implementation,
        store=target.store,
        edition=target.edition,
        absent=sorted(target.absent),
        manifest=str(target.manifest.relative_to(ROOT)) if target.manifest.is_relative_to(ROOT) else "",
        url=url,
        about=_about(url) if url else None,
        image=engine.image(target.name),
    )


def _about(url: str) -> dict[str, Part] | None:
    try:
        response = Client(url, timeout=ABOUT_TIMEOUT_SECONDS).get("/about")
        return msgspec.json.decode(response.body, type=dict[str, Part])
    except (NoAnswer, msgspec.DecodeError):
        return None
