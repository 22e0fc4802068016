"""The one place that reads the time of day: for requests and logs. What is decided goes by the store's clock.

How long something took is asked of another clock, which nobody sets.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

from tocsin.core.vocabulary import Instant

#: CLOCK_MONOTONIC stands still while a machine is suspended, and the leases of its claims do not.
_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def now() -> Instant:
    """This machine's idea of the present instant."""
    return datetime.now(UTC)


def elapsed() -> float:
    """Seconds, from anywhere, of a clock that nobody sets and that goes on while the machine sleeps."""
    return time.clock_gettime(_STEADY)
