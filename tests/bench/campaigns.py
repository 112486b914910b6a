"""Campaigns made by hand, for the tests of what is computed from them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.records import FORMAT, Cell, Counts, Cpu, Footer, Header, Line, Load, Machine, Slot, Start, Writer
from bench.scenarios import Scenario

NAME = "20261121T000000Z-1"
BASELINE = "express-redis-stock"
USUAL = Load(connections=16)


def header(*targets: str, rounds: int = 10) -> Header:
    machine = Machine(
        cpus=2, model="a CPU", system="Linux", memory_bytes=1 << 34, app_cpus=[0], generator_cpus=[1], store_cpus=[1]
    )
    names = [BASELINE, f"{BASELINE}-again", *targets]
    return Header(
        format=FORMAT,
        campaign=NAME,
        begun=datetime(2026, 11, 21, tzinfo=UTC),
        seed=1,
        rounds=rounds,
        seconds=1.0,
        runtime="docker",
        commit="abc",
        generators=["wrk 4.1.0"],
        machine=machine,
        baseline=BASELINE,
        slots=[Slot(name=each, target=each, store="redis", edition="hardened", parts=[], image="") for each in names],
        scenarios=[Scenario.READ, Scenario.NO_SESSION],
    )


def cell(
    number: int,
    slot: str,
    *,
    rate: float = 1000,
    cpu: float = 0.5,
    scenario: Scenario = Scenario.READ,
    load: Load = USUAL,
    attempt: int = 1,
    invalid: Sequence[str] = (),
    lost: int = 0,
) -> Cell:
    return Cell(
        campaign=NAME,
        round=number,
        slot=slot,
        scenario=scenario,
        load=load,
        attempt=attempt,
        seconds=1.0,
        counts=Counts(good=int(rate), acknowledged=int(rate), lost=lost),
        cpu=Cpu(app=cpu, store=0.1, generator=0.2, stolen=0.0),
        p50=0.001,
        p99=0.01,
        latency=None,
        invalid=list(invalid),
    )


def start(number: int, slot: str, problem: str = "") -> Start:
    return Start(
        campaign=NAME,
        round=number,
        slot=slot,
        seconds=0.5,
        idle_bytes=40 << 20,
        peak_bytes=(50 + number) << 20,
        problem=problem,
    )


def write(path: Path, lines: Sequence[Line], rounds: int | None = None) -> Path:
    with Writer(path) as file:
        for line in lines:
            file.write(line)
        if rounds is not None:
            file.write(Footer(campaign=NAME, ended=datetime(2026, 11, 21, 1, tzinfo=UTC), rounds=rounds))
    return path
