"""The pytest plugin that runs inside the workers: targets and clauses as parameters, and what was seen as a report.

pytest itself calls every check passed; the verdict is derived later, by `outcomes.outcome`, from what is recorded here.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from typing import cast

import pytest

from conformance.clause import Clause
from conformance.client import Client, NoAnswer, NotSetUp, Transcript
from conformance.outcomes import Seen
from conformance.record import PROPERTY, Record, encode
from conformance.visitor import Visitor

HEALTH_TIMEOUT_SECONDS = 3.0


def pytest_configure(config: pytest.Config) -> None:
    """Take what the controller sent: URLs of targets, ids of clauses (see `run.Controller`)."""
    if not hasattr(config, "workerinput"):  # the controller has no checks to run
        return
    task = json.loads(config.workerinput["same_session"])
    config.pluginmanager.register(Worker(task["urls"], set(task["clauses"]), task["shuffle"], task["suspects"]))


class Worker:
    """Runs the checks that this worker is given. A target that broke once is not asked again."""

    def __init__(
        self, urls: dict[str, str], clauses: set[str], shuffle: int | None, suspects: dict[str, list[str]]
    ) -> None:
        self.urls = urls
        self.clauses = clauses
        self.shuffle = shuffle
        self.suspects = suspects
        self.broken: dict[str, str] = {}

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Give every check every target."""
        metafunc.parametrize("target", list(self.urls))

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the selected clauses, in the order that was asked for: the same one in every worker."""
        items[:] = [item for item in items if _clause(item).id in self.clauses]
        if self.shuffle is not None:
            random.Random(self.shuffle).shuffle(items)  # noqa: S311 (an order is no secret)

    @pytest.fixture
    def transcript(self) -> Transcript:
        """What goes over the wire."""
        return Transcript()

    @pytest.fixture
    def client(self, target: str, transcript: Transcript) -> Client:
        """A client that sends exactly what it is told to."""
        return Client(self.urls[target], transcript)

    @pytest.fixture
    def new_visitor(self, client: Client) -> Callable[[], Visitor]:
        """Makes visitors."""
        return lambda: Visitor(client)

    @pytest.fixture
    def visitor(self, client: Client) -> Visitor:
        """A visitor without a cookie."""
        return Visitor(client)

    @pytest.fixture
    def step(self, transcript: Transcript) -> Callable[[str], None]:
        """Names and numbers the step that comes next; failures show it."""
        steps: list[str] = []

        def begin(text: str) -> None:
            steps.append(text)
            transcript.step = f"{len(steps)}. {text}"

        return begin

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool:
        """Run the check and record what was seen."""
        arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}  # noqa: SLF001 (as pytest calls it)
        target = str(pyfuncitem.callspec.params["target"])
        transcript = cast("Transcript", pyfuncitem.funcargs["transcript"])
        begun = time.perf_counter()
        seen, detail = self._run(target, lambda: pyfuncitem.obj(**arguments))
        if transcript.step and seen not in {Seen.HELD, Seen.BROKEN}:
            detail = f"step {transcript.step}: {detail}"
        clause = _clause(pyfuncitem).id
        green = seen is Seen.HELD and clause not in self.suspects.get(target, [])
        record = Record(
            target=target,
            clause=clause,
            seen=seen,
            detail=detail,
            seconds=time.perf_counter() - begun,
            exchanges=[] if green else transcript.exchanges,
        )
        pyfuncitem.user_properties.append((PROPERTY, encode(record)))
        return True

    def _run(self, target: str, check: Callable[[], object]) -> tuple[Seen, str]:
        if target in self.broken:
            return Seen.BROKEN, self.broken[target]
        try:
            value = check()
        except NotSetUp as error:
            return Seen.NOT_SET_UP, str(error)
        except AssertionError as error:
            return Seen.NOT_HELD, str(error).partition("\nassert ")[0]
        except NoAnswer as error:
            if alive(self.urls[target]):  # only this request has no answer
                return Seen.NOT_HELD, str(error)
            self.broken[target] = str(error)
            return Seen.BROKEN, str(error)
        return Seen.HELD, "" if value is None else str(value)


def _clause(item: pytest.Item) -> Clause:
    return cast("Clause", item.function.clause)  # type: ignore[attr-defined]


def alive(url: str) -> bool:
    """Tell whether the target still answers at all."""
    try:
        Client(url, timeout=HEALTH_TIMEOUT_SECONDS).get("/healthz")
    except NoAnswer:
        return False
    return True
