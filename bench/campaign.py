"""A campaign: in each round every slot takes its turn, in an order of that round; a turn is a start and its cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace

from bench import open_driver, plan, sessions, validity, wrk
from bench.meter import Meter, PeakMemory
from bench.plan import Planned
from bench.records import NULL, Cell, Counts, Header, Latency, Load, Slot, Start, Writer
from bench.scenarios import Scenario
from bench.sessions import NoSession, Session
from bench.wrk import Generated, GeneratorError
from targets.measured import Measured
from targets.running import CannotStart

SESSIONS = 256
ATTEMPTS = 2
WARM_UP = [Planned(each, Load(connections=plan.USUAL_CONNECTIONS)) for each in (Scenario.FLOW, Scenario.READ)]
WARM_UP_SECONDS = 1.0  # of each, beyond that of a cell: after a start a request takes Node.js twice the CPU time
NOTHING = Generated(1.0, Counts(good=0), 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Contender:
    """Who takes a slot's turn; `may_lose` where lost counts are a result, and no reason to doubt the measurement."""

    slot: Slot
    target: Measured
    may_lose: bool


@dataclass
class _Turn:
    """A turn of a slot."""

    number: int
    contender: Contender
    sessions: list[Session]
    capacity: dict[Scenario, float] = field(default_factory=dict)


class Campaign:
    """Measures; `tick` hears of each cell that is done, and whose it was."""

    def __init__(
        self,
        header: Header,
        contenders: Mapping[str, Contender],
        file: Writer,
        folder: Path,
        tick: Callable[[int, str], None],
    ) -> None:
        self._header = header
        self._contenders = contenders
        self._file = file
        self._folder = folder
        self._tick = tick
        self._ceiling: dict[tuple[bool, int], float] = {}

    def round(self, number: int) -> None:
        """Do a round: first the null application, which tells what the others are compared with."""
        others = [name for name in self._contenders if name != NULL]
        for name in [NULL, *plan.order(others, self._header.seed, number)]:
            self._turn(number, self._contenders[name])

    def _turn(self, number: int, contender: Contender) -> None:
        name, target = contender.slot.name, contender.target
        try:
            seconds = target.start(self._header.machine.app_cpus)
            idle = target.app.memory_bytes()
            with PeakMemory(target.app) as memory:
                self._measure(number, contender)
        except (CannotStart, NoSession) as error:
            self._file.write(self._start(number, name, problem=f"{name}: {error}"))
            self._tick(number, f"{name}: {error}")
        else:
            self._file.write(self._start(number, name, seconds=seconds, idle=idle, peak=memory.bytes))
        finally:
            target.stop()

    def _start(
        self, number: int, name: str, *, seconds: float = 0.0, idle: int = 0, peak: int = 0, problem: str = ""
    ) -> Start:
        return Start(
            campaign=self._header.campaign,
            round=number,
            slot=name,
            seconds=seconds,
            idle_bytes=idle,
            peak_bytes=peak,
            problem=problem,
        )

    def _measure(self, number: int, contender: Contender) -> None:
        name, target = contender.slot.name, contender.target
        if name == NULL:
            turn = _Turn(number, contender, [Session("", f"user-{each}") for each in range(SESSIONS)])
            for planned in plan.ceiling(self._header.scenarios):
                self._cell(turn, planned)
            return
        target.empty_store()
        turn = _Turn(number, contender, sessions.make(target.url, SESSIONS))
        for planned in WARM_UP:
            self._generate(turn, planned, WARM_UP_SECONDS)
        first, then = plan.closed(self._header.scenarios), plan.opened(self._header.scenarios)
        for cells in (first, then):
            for planned in plan.shuffled(cells, self._header.seed, number, name):
                self._cell(turn, planned)

    def _cell(self, turn: _Turn, planned: Planned) -> None:
        scenario, load = planned.scenario, planned.load
        if load.share:
            load = replace(load, rate=load.share * turn.capacity.get(scenario, 0.0))
        for attempt in range(1, ATTEMPTS + 1):
            cell = self._attempt(turn, Planned(scenario, load), attempt)
            self._file.write(cell)
            if not cell.invalid:
                break
        if turn.contender.slot.name == NULL:
            self._ceiling[scenario is Scenario.NO_SESSION, load.connections] = cell.rate
        elif not load.open:
            turn.capacity[scenario] = max(turn.capacity.get(scenario, 0.0), cell.rate)
        self._tick(turn.number, turn.contender.slot.name)

    def _attempt(self, turn: _Turn, planned: Planned, attempt: int) -> Cell:
        contender, scenario, load = turn.contender, planned.scenario, planned.load
        meter = Meter(contender.target)
        seen, latency, lost, problems = NOTHING, None, 0, []
        try:
            seen, latency = self._generate(turn, planned, self._header.seconds, meter)
            if scenario.counts:
                lost = sessions.lost(contender.target.url, turn.sessions)
        except (GeneratorError, NoSession) as error:
            problems = [str(error)]
        ceiling = self._ceiling.get((scenario is Scenario.NO_SESSION, load.connections))
        is_null = contender.slot.name == NULL
        found = validity.reasons(
            load, seen, lost, None if is_null else ceiling, may_lose=contender.may_lose, is_null=is_null
        )
        return Cell(
            campaign=self._header.campaign,
            round=turn.number,
            slot=contender.slot.name,
            scenario=scenario,
            load=load,
            attempt=attempt,
            seconds=seen.seconds,
            counts=replace(seen.counts, lost=lost),
            cpu=meter.cpu(seen.cpu),
            p50=seen.p50,
            p99=seen.p99,
            latency=latency,
            invalid=problems or found,
        )

    def _generate(
        self, turn: _Turn, planned: Planned, seconds: float, meter: Meter | None = None
    ) -> tuple[Generated, Latency | None]:
        """Let the generator run that the load needs. A flow's sessions are its own, and end with it."""
        url, scenario, load = turn.contender.target.url, planned.scenario, planned.load
        meter = meter or Meter(turn.contender.target)
        if load.open:
            return open_driver.run(url, scenario, load, turn.sessions, seconds=seconds, window=meter)
        using: Sequence[Session] = deepcopy(turn.sessions) if scenario is Scenario.FLOW else turn.sessions
        seen = wrk.run(url, scenario, load, using, seconds=seconds, window=meter, folder=self._folder)
        return seen, None
