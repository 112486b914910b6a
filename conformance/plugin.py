"""The pytest plugin that runs inside the workers: targets and clauses as parameters, and what was seen as a report.

pytest itself calls every check passed; the verdict is derived later, by `outcomes.outcome`, from what is recorded here.
"""

from __future__ import annotations

import importlib
import json
import random
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any, cast

import pytest

from conformance.clause import Clause
from conformance.client import Client, NoAnswer, NotSetUp, Transcript
from conformance.outcomes import Seen
from conformance.own import Own, Shared
from conformance.record import PROPERTY, Record, encode
from conformance.scheduling import waits
from conformance.tour import Tours
from conformance.visitor import Visitor
from targets.control import Control, OutOfReach

HEALTH_TIMEOUT_SECONDS = 3.0
MOST_WAITING = 64  # threads that do nothing but sleep


def pytest_configure(config: pytest.Config) -> None:
    """Take what the controller sent: URLs of targets, ids of clauses (see `run.Controller`)."""
    if not hasattr(config, "workerinput"):  # the controller has no checks to run
        return
    task = json.loads(config.workerinput["same_session"])
    module, _, name = task["attach"].partition(":")
    attach = partial(getattr(importlib.import_module(module), name), task["runtime"], task["where"])
    worker = Worker(task["urls"], set(task["clauses"]), task["shuffle"], task["suspects"], attach)
    config.pluginmanager.register(worker)


class Worker:
    """Runs the checks that this worker is given. A target that broke once is not asked again."""

    def __init__(
        self,
        urls: dict[str, str],
        clauses: set[str],
        shuffle: int | None,
        suspects: dict[str, list[str]],
        attach: Callable[[str], Control],
    ) -> None:
        self.urls = urls
        self.clauses = clauses
        self.shuffle = shuffle
        self.suspects = suspects
        self.broken: dict[str, str] = {}
        self.shared = {name: Shared(partial(attach, name)) for name in urls}
        self.undisturbed = {
            name: Shared(partial(_lent, shared), undisturbed=True) for name, shared in self.shared.items()
        }
        self.tours = Tours()
        self.waiting: list[Future[Record]] = []
        self.pool = ThreadPoolExecutor(MOST_WAITING)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Give every check every target."""
        metafunc.parametrize("target", list(self.urls))

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the selected clauses, in the order that was asked for: the same one in every worker."""
        items[:] = [item for item in items if _clause(item).id in self.clauses]
        if self.shuffle is not None:
            random.Random(self.shuffle).shuffle(items)  # noqa: S311 (an order is no secret)
        items.sort(key=lambda item: not waits(item.nodeid))  # those that wait begin first, and end last

    def pytest_sessionfinish(self) -> None:
        """End what the checks had for themselves, also where the run is stopped in the middle."""
        for target in self.urls:
            self._end(target)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Function, nextitem: pytest.Function | None) -> bool:
        """Run a check and report what was seen, in one report: there is nothing to set up or to tear down.

        pytest's own protocol makes three, and what it does around each of them took a sixth of a worker's time.
        """
        call = pytest.CallInfo.from_call(partial(self._check, item, nextitem), "call", reraise=(KeyboardInterrupt,))
        item.ihook.pytest_runtest_logreport(report=pytest.TestReport.from_item_and_call(item, call))
        return True

    @pytest.fixture(autouse=True)
    def _on_target(self, target: str) -> None:
        """Let every check be there once for each target, though few ask for its name."""

    def _arguments(self, target: str, transcript: Transcript, *, waits: bool) -> dict[str, Any]:
        """Return what checks may ask for: made when a check begins, and anew where it begins again.

        - `client` sends exactly what it is told to.
        - `own` is what a check has for itself: instances, and a store that it may stop.
        - `new_visitor` makes visitors; `visitor` is one without a cookie.
        - `step` names and numbers the step that comes next; failures show it.
        - `tour` returns the answers to a tour of all routes by a new visitor.
        """
        client = Client(self.urls[target], transcript)
        steps: list[str] = []

        def step(text: str) -> None:
            steps.append(text)
            transcript.step = f"{len(steps)}. {text}"

        return {
            "target": target,
            "client": client,
            "own": Own((self.undisturbed if waits else self.shared)[target], transcript),
            "new_visitor": lambda: Visitor(client),
            "visitor": Visitor(client),
            "step": step,
            "tour": partial(self.tours.answers, client),
        }

    def _check(self, item: pytest.Function, nextitem: pytest.Function | None) -> None:
        """Run the check.

        One that waits runs beside those that come after it on the target, and reports with one of them.
        """
        target = _target(item)
        beside = waits(item.nodeid)
        names = item._fixtureinfo.argnames  # noqa: SLF001 (as pytest calls it)

        def begin() -> tuple[Transcript, Callable[[], object]]:
            transcript = Transcript()
            arguments = self._arguments(target, transcript, waits=beside)
            return transcript, partial(item.obj, **{name: arguments[name] for name in names})

        check = partial(self._record, target, _clause(item).id, begin)
        if beside:
            self.waiting.append(self.pool.submit(check))
        records = [] if beside else [check()]
        last = nextitem is None or _target(nextitem) != target
        records += self._waited_for(all_of_them=last)
        item.user_properties += [(PROPERTY, encode(record)) for record in records]
        if last:
            self._end(target)

    def _waited_for(self, *, all_of_them: bool) -> list[Record]:
        """Return the records of the checks that have come to their end."""
        done = [each for each in self.waiting if all_of_them or each.done()]
        self.waiting = [each for each in self.waiting if each not in done]
        return [each.result() for each in done]

    def _end(self, target: str) -> None:
        """End what the checks of a target had for themselves."""
        self.undisturbed[target].close()
        self.shared[target].close()

    def _record(self, target: str, clause: str, begin: Callable[[], tuple[Transcript, Callable[[], object]]]) -> Record:
        """Run a check; one that could not be set up gets a second chance, since the machine may have been busy."""
        begun = time.perf_counter()
        for _ in range(2):
            transcript, check = begin()
            seen, detail = self._run(target, check)
            if seen is not Seen.NOT_SET_UP:
                break
        if transcript.step and seen not in {Seen.HELD, Seen.BROKEN, Seen.OUT_OF_REACH}:
            detail = f"step {transcript.step}: {detail}"
        green = seen in {Seen.HELD, Seen.OUT_OF_REACH} and clause not in self.suspects.get(target, [])
        return Record(
            target=target,
            clause=clause,
            seen=seen,
            detail=detail,
            seconds=time.perf_counter() - begun,
            exchanges=[] if green else transcript.exchanges,
        )

    def _run(self, target: str, check: Callable[[], object]) -> tuple[Seen, str]:  # noqa: PLR0911 (a way to end each)
        if target in self.broken:
            return Seen.BROKEN, self.broken[target]
        try:
            value = check()
        except OutOfReach as error:
            return Seen.OUT_OF_REACH, str(error)
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


def _lent(shared: Shared) -> AbstractContextManager[Control]:
    """Return the control of a target for another store under it; to end it is left to who has it."""
    return nullcontext(shared.control)


def _target(item: pytest.Function) -> str:
    return str(item.callspec.params["target"])


def _clause(item: pytest.Item) -> Clause:
    return cast("Clause", item.function.clause)  # type: ignore[attr-defined] # set by `clause`


def alive(url: str) -> bool:
    """Tell whether the target still answers at all."""
    try:
        Client(url, timeout=HEALTH_TIMEOUT_SECONDS).get("/healthz")
    except NoAnswer:
        return False
    return True
