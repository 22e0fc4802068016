"""Logs: events with fields, as lines of JSON, or readable where somebody looks on. They carry no secrets.

Every line is gone over when it is whole, whoever wrote it: what is known to be a secret is taken out by its value, and
what looks like one by its shape. Of an address its host is left, for its path is often the key to it.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterable
from typing import Any, TextIO, cast
from urllib.parse import unquote, urlsplit

import structlog

from tocsin.ports.outgoing import hosts_alone

_HIDDEN = "(secret)"
#: A shorter value is no secret worth the name, and would be found everywhere.
_SHORTEST = 6
#: What a secret ends with: a blank, a quote, the backslash of an escape, the colours of a terminal.
_REST = r"[^\s\"'\\,;&<>\x1b]+"
_SHAPES = (
    re.compile(r"(/(?:in|a|sign-in|calendars)/)[^\s\"'\\,;&<>/?\x1b]+"),
    re.compile(rf"([?&](?:key|api_?key|token|secret|password|code|signature)=){_REST}", re.IGNORECASE),
    re.compile(r"(\b(?:[Bb]earer|Basic|GenieKey|[Tt]oken) +|[Tt]oken ?[=:] ?)[\w+/=.~-]{8,}"),
    re.compile(rf"(\btocsin_\w+=){_REST}"),
    re.compile(rf"(\bxox[a-z]-){_REST}"),
)
_known: set[str] = set()


def hide(secrets: Iterable[str]) -> None:
    """Let these values, and the passwords in those that are addresses, stand in no line from now on."""
    for secret in secrets:
        written = {secret, json.dumps(secret)[1:-1], *_passwords(secret)}
        _known.update(one for one in written if len(one) >= _SHORTEST)


def without_known(text: str) -> str:
    """A text for people without the values that were hidden."""
    for secret in sorted(_known, key=len, reverse=True):
        if secret in text:
            text = text.replace(secret, _HIDDEN)
    return text


def without_secrets(text: str) -> str:
    """A line of a log without what is a secret, or looks like one."""
    text = hosts_alone(without_known(text))
    for shape in _SHAPES:
        text = shape.sub(rf"\1{_HIDDEN}", text)
    return text


def set_up_logs(*, quiet: bool = False) -> None:
    """Log to the standard error; `quiet`: warnings and worse only."""
    level = logging.WARNING if quiet else logging.INFO
    handler = logging.StreamHandler(cast(TextIO, _StandardError()))
    handler.setFormatter(_Formatter("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    # Whoever sends what is no HTTP is answered 400; a line for each would let strangers fill the disk.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    readable = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _told_exceptions() if not readable else structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer() if readable else structlog.processors.JSONRenderer(),
            _line,
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


class _Formatter(logging.Formatter):
    """Lines of the libraries."""

    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(super().format(record))


def _line(_logger: Any, _name: str, line: Any) -> str:
    """The last of the processors: what it is given is the line itself."""
    return without_secrets(str(line))


def _told_exceptions() -> structlog.typing.Processor:
    """Exceptions without the values of local variables: these may hold what people wrote, and keys."""
    return structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))


def _passwords(secret: str) -> tuple[str, ...]:
    try:
        password = urlsplit(secret).password or ""
    except ValueError:
        return ()
    return (password, unquote(password))
