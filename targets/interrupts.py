"""Ctrl-C and SIGTERM: both unwind the stack, so that `with` blocks stop what they started; neither cuts that short."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

Handler = Callable[[int, FrameType | None], object]


@contextmanager
def terminate_as_interrupt() -> Iterator[None]:
    """Raise KeyboardInterrupt in the main thread for SIGTERM too."""
    with _handling([signal.SIGTERM], signal.default_int_handler):
        yield


@contextmanager
def held() -> Iterator[None]:
    """Ignore both signals meanwhile, by a handler of our own: SIG_IGN would be inherited by programs started here."""
    with _handling([signal.SIGINT, signal.SIGTERM], lambda _signal, _frame: None):
        yield


@contextmanager
def _handling(signals: list[signal.Signals], handler: Handler) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():  # only that one gets signals
        yield
        return
    before = {each: signal.signal(each, handler) for each in signals}
    try:
        yield
    finally:
        for each, old in before.items():
            signal.signal(each, old)
