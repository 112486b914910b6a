"""The soak itself: clients and chaos on all targets for a time, then the check."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from threading import Event, Semaphore

from conformance.soak import check
from conformance.soak.chaos import Chaos
from conformance.soak.clients import SoakClient
from conformance.soak.pace import Pace
from conformance.soak.site import Site

CLIENTS = 6  # a target
TICK_SECONDS = 0.5
TARGETS_AT_A_TIME = 4  # in the check


def run(sites: Sequence[Site], *, seconds: float, seed: int, pace: Pace, tick: Callable[[float], None]) -> None:
    """Let clients and chaos loose for some seconds; `tick` gets the seconds that are over. Faults have ended then.

    The same seed gives the same choices; when they meet is up to the machine.
    """
    stop = Event()
    starting = Semaphore(os.cpu_count() or 1)
    loose: list[Callable[[Event], None]] = []
    for site in sites:
        names = [f"{site.name} {number}" for number in range(1, CLIENTS + 1)]
        loose.append(Chaos(site, pace, f"{seed} {site.name}", starting).run)
        loose += [SoakClient(site, name, pace, f"{seed} {name}").run for name in names]
        site.begin()
    begun = time.monotonic()
    with ThreadPoolExecutor(len(loose)) as pool:
        try:
            futures = [pool.submit(each, stop) for each in loose]
            while (over := time.monotonic() - begun) < seconds:
                tick(over)
                for each in wait(futures, min(TICK_SECONDS, seconds - over), FIRST_EXCEPTION).done:
                    each.result()
        finally:
            stop.set()
        for each in futures:
            each.result()


def check_all(sites: Sequence[Site], progress: Callable[[], None]) -> None:
    """Hold all that was acknowledged against what is there."""
    stop = Event()

    def one(site: Site) -> None:
        check.wait_until_ready(site)
        check.check(site, progress, stop)

    with ThreadPoolExecutor(TARGETS_AT_A_TIME) as pool:
        futures = [pool.submit(one, site) for site in sites]
        try:
            for each in futures:
                each.result()
        except BaseException:
            stop.set()
            raise
