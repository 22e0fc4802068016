"""A condition on an event, written in CEL, compiled once.

The expression language is that of a kept library; which names it may use, and what a missing label
means, is decided here. Evaluation has no loops over anything but the event's own values.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping

import cel

from tocsin.core.errors import Refused

#: The names a condition may use, as `events.conditions_view` gives them.
NAMES = ("summary", "severity", "source", "service", "labels", "dedup_key", "description")
#: Longer conditions are refused: they belong into several routes.
LONGEST = 4_000

_POSITION = re.compile(r"ERROR: <input>:(\d+):(\d+): (?:Syntax error: )?([^\n]*)")


class Condition:
    """One compiled expression; equal to another of the same source."""

    __slots__ = ("_program", "source")

    def __init__(self, source: str) -> None:
        """Compile `source`.

        Raises:
            Refused: with line and column of the mistake, or with the nearest known name.
        """
        if len(source) > LONGEST:
            raise Refused(f"the condition is {len(source)} characters long", hint=f"at most {LONGEST}")
        self.source = source
        self._program = _compiled(source)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Condition) and other.source == self.source

    def __hash__(self) -> int:
        return hash(self.source)

    def __repr__(self) -> str:
        return f"Condition({self.source!r})"

    def matches(self, view: Mapping[str, object]) -> bool:
        """True when the event satisfies it. A label that is missing, or a value of another kind, does not match."""
        try:
            return self._program.execute(dict(view)) is True
        except (KeyError, TypeError, ValueError, RuntimeError):
            return False


def _compiled(source: str) -> cel.Program:
    try:
        program = cel.compile(source)
    except ValueError as mistake:
        raise _syntax_refusal(source, str(mistake)) from None
    for name in program.variables():
        if name not in NAMES:
            near = difflib.get_close_matches(name, NAMES, n=1)
            column = source.find(name) + 1
            hint = f"did you mean {near[0]!r}?" if near else f"known names: {', '.join(NAMES)}"
            raise Refused(f"unknown name {name!r} at column {column} of the condition {source!r}", hint=hint)
    return program


def _syntax_refusal(source: str, message: str) -> Refused:
    found = _POSITION.search(message)
    if found is None:
        return Refused(f"the condition {source!r} cannot be read: {message[:200]}")
    line, column, what = found.groups()
    return Refused(f"line {line}, column {column} of the condition {source!r}: {what[:160]}")
