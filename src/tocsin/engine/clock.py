"""The one place that reads the time of day: for requests and logs. What is decided goes by the store's clock."""

from __future__ import annotations

from datetime import UTC, datetime

from tocsin.core.vocabulary import Instant


def now() -> Instant:
    """This machine's idea of the present instant."""
    return datetime.now(UTC)
