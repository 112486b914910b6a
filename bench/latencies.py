"""What a generator at a rate knows of its requests' times: three HdrHistograms, that can be merged."""

from __future__ import annotations

from hdrh.histogram import HdrHistogram

from bench.records import Latency

LONGEST_MICROSECONDS = 60_000_000
DIGITS = 3
MICROSECONDS = 1e6


class Latencies:
    """Times from when requests were due, from when they were sent, and by how much they were sent late."""

    def __init__(self) -> None:
        self.corrected, self.service, self.late = (HdrHistogram(1, LONGEST_MICROSECONDS, DIGITS) for _ in range(3))

    def record(self, due: float, sent: float, answered: float) -> None:
        """Record a request by three moments of one clock, in seconds."""
        self.corrected.record_value(_microseconds(answered - due))
        self.service.record_value(_microseconds(answered - sent))
        self.late.record_value(_microseconds(sent - due))

    def add(self, other: Latency) -> None:
        """Merge what another generator recorded."""
        self.corrected.decode_and_add(other.corrected)
        self.service.decode_and_add(other.service)
        self.late.decode_and_add(other.late)

    def encoded(self) -> Latency:
        """Return all three as text."""
        return Latency(corrected=_text(self.corrected), service=_text(self.service), late=_text(self.late))


def percentile(histogram: HdrHistogram, percent: float) -> float:
    """Return a percentile in seconds."""
    return float(histogram.get_value_at_percentile(percent)) / MICROSECONDS


def _text(histogram: HdrHistogram) -> str:
    return str(histogram.encode().decode())


def _microseconds(seconds: float) -> int:
    return min(LONGEST_MICROSECONDS, max(1, round(seconds * MICROSECONDS)))
