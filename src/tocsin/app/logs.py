"""Logs: events with fields, as lines of JSON, or readable where somebody looks on. They carry no secrets."""

from __future__ import annotations

import logging
import sys
from typing import TextIO, cast

import structlog


def set_up_logs(*, quiet: bool = False) -> None:
    """Log to the standard error; `quiet`: warnings and worse only."""
    level = logging.WARNING if quiet else logging.INFO
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    readable = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _told_exceptions() if not readable else structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer() if readable else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=cast(TextIO, _StandardError())),
        cache_logger_on_first_use=True,
    )


class _StandardError:
    """The standard error as it is when something is logged: loggers outlive whoever has replaced it for a while."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def _told_exceptions() -> structlog.typing.Processor:
    """Exceptions without the values of local variables: these may hold what people wrote, and keys."""
    return structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))
