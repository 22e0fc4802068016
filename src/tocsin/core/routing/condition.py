"""A condition on an event, written in CEL, compiled once.

The expression language is that of a kept library; which names and functions it may use, and what a missing label
means, is decided here. So is what it may cost: loops go over the event's own values, never one inside another, and
patterns are written out, so that no sender can bring a costly one. What is wrong is refused when it is compiled.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import cel

from tocsin.core.errors import Refused
from tocsin.core.routing.cost import IN_A_LOOP, cost_of

#: The names a condition may use, as `events.conditions_view` gives them.
NAMES = ("summary", "severity", "source", "service", "labels", "dedup_key", "description")
#: The functions it may use. Those for times and durations are left out: an event has texts only.
FUNCTIONS = ("contains", "endsWith", "matches", "size", "startsWith", "string", "int", "double")
#: What goes over all labels, or over a list that is written out. `map` is not among them: it can grow without bounds.
LOOPS = ("all", "exists", "exists_one", "filter")
#: Longer conditions are refused: they belong into several routes.
LONGEST = 4_000
#: More patterns are refused: each costs its length times that of the text.
MOST_PATTERNS = 16

_POSITION = re.compile(r"ERROR: <input>:(\d+):(\d+): (?:Syntax error: )?([^\n]*)")
#: Texts and comments: what looks like a name in there is none.
_LITERAL = re.compile(
    r'''(?:[rR][bB]?|[bB][rR])(?:"""[\s\S]*?"""|\'\'\'[\s\S]*?\'\'\'|"[^"\n]*"|'[^'\n]*')'''
    r'''|[bB]?(?:"""(?:\\[\s\S]|[^\\])*?"""|\'\'\'(?:\\[\s\S]|[^\\])*?\'\'\'|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')'''
    r"""|//[^\n]*"""
)
_LOOP = re.compile(r"\.\s*(all|exists|exists_one|existsOne|filter|map)\s*\(\s*([A-Za-z_]\w*)\s*,")
_PATTERN = re.compile(r"\bmatches\s*\(\s*")
_FUNCTION = re.compile(r"[A-Za-z]\w*")


class Condition:
    """One compiled expression; equal to another of the same source."""

    __slots__ = ("_program", "source")

    def __init__(self, source: str) -> None:
        """Compile `source`.

        Raises:
            Refused: with line and column of the mistake, and with the nearest known name.
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

    @property
    def cost(self) -> int:
        """How many steps its patterns take for each character of a text, at most; see `cost.LARGEST`."""
        bare = _bare(self.source)
        loops = tuple(_loops(bare))
        total = 0
        for at, written in _patterns(self.source, bare):
            texts = IN_A_LOOP if any(loop.start < at < loop.end for loop in loops) else 1
            total += texts * cost_of(str(cel.compile(written).execute({})))
        return total

    def matches(self, view: Mapping[str, object]) -> bool:
        """True when the event satisfies it. A label that is missing, or a value of another kind, does not match."""
        try:
            return self._program.execute(dict(view)) is True
        except (LookupError, TypeError, ValueError, ArithmeticError, RuntimeError):
            return False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loop:
    """One loop in a text: what it is called, the name it gives to each value, where it stands."""

    kind: str
    name: str
    start: int
    #: Where its last parenthesis closes.
    end: int


def _compiled(source: str) -> cel.Program:
    try:
        program = cel.compile(source)
    except ValueError as mistake:
        raise _syntax_refusal(source, str(mistake)) from None
    bare = _bare(source)
    loops = tuple(_loops(bare))
    _refuse_costly_loops(source, loops)
    _refuse_unknown_names(source, bare, program, loops)
    _refuse_unknown_functions(source, bare, program)
    _refuse_bad_patterns(source, bare)
    _refuse_other_kinds(source, program)
    return program


def _bare(source: str) -> str:
    """The source without its texts and comments; every place stays where it was."""
    return _LITERAL.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), source)


def _syntax_refusal(source: str, message: str) -> Refused:
    found = _POSITION.search(message)
    if found is None:
        return Refused(f"the condition {source!r} cannot be read: {message[:200]}")
    line, column, what = found.groups()
    return Refused(f"line {line}, column {column} of the condition {source!r}: {what[:160]}")


def _refusal(source: str, at: int, what: str, hint: str | None = None) -> Refused:
    line, column = source.count("\n", 0, at) + 1, at - source.rfind("\n", 0, at)
    place = f"column {column}" if line == 1 else f"line {line}, column {column}"
    return Refused(f"{what} at {place} of the condition {source!r}", hint=hint)


def _loops(bare: str) -> Iterator[_Loop]:
    for found in _LOOP.finditer(bare):
        depth, end = 0, found.end()
        for end in range(bare.index("(", found.start()), len(bare)):
            depth += (bare[end] == "(") - (bare[end] == ")")
            if depth == 0:
                break
        yield _Loop(kind=found[1], name=found[2], start=found.start(1), end=end)


def _refuse_costly_loops(source: str, loops: tuple[_Loop, ...]) -> None:
    for loop in loops:
        if loop.kind not in LOOPS:
            raise _refusal(source, loop.start, f"unknown loop {loop.kind!r}", f"known loops: {', '.join(LOOPS)}")
        if any(outer.start < loop.start < outer.end for outer in loops):
            raise _refusal(source, loop.start, "a loop inside another one", "loops side by side, or several routes")


def _refuse_unknown_names(source: str, bare: str, program: cel.Program, loops: tuple[_Loop, ...]) -> None:
    for name in program.variables():
        if name in NAMES:
            continue
        for found in re.finditer(rf"(?<![\w.]){re.escape(name)}(?!\w)", bare):
            if not any(loop.name == name and loop.start < found.start() < loop.end for loop in loops):
                raise _refusal(source, found.start(), f"unknown name {name!r}", _nearest(name, NAMES))
        if all(loop.name != name for loop in loops):
            raise _refusal(source, 0, f"unknown name {name!r}", _nearest(name, NAMES))


def _refuse_unknown_functions(source: str, bare: str, program: cel.Program) -> None:
    for name in program.functions():
        if _FUNCTION.fullmatch(name) is None or name in FUNCTIONS:
            continue
        found = re.search(rf"\b{re.escape(name)}\s*\(", bare)
        at = found.start() if found is not None else 0
        raise _refusal(source, at, f"unknown function {name!r}", _nearest(name, (*FUNCTIONS, *LOOPS)))


def _nearest(name: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"


def _refuse_bad_patterns(source: str, bare: str) -> None:
    calls = list(_patterns(source, bare))
    if len(calls) > MOST_PATTERNS:
        raise Refused(f"the condition has {len(calls)} patterns", hint=f"at most {MOST_PATTERNS}; `(a|b)` joins two")
    for at, written in calls:
        if not written:
            raise _refusal(source, at, "a pattern that is not written out", 'a text in quotes: matches("^db-[0-9]+$")')
        try:
            cel.compile(f'"".matches({written})').execute({})
        except (RuntimeError, TypeError, ValueError) as mistake:
            raise _refusal(source, at, "a pattern that cannot be read", _reason(mistake)) from None


def _patterns(source: str, bare: str) -> Iterator[tuple[int, str]]:
    """Every pattern with its place, as a text in quotes; empty when something else stands there."""
    for call in _PATTERN.finditer(bare):
        opened = _PATTERN.match(source, call.start())
        at = opened.end() if opened is not None else call.start()
        written = _LITERAL.match(source, at)
        is_alone = written is not None and bare[written.end() :].lstrip().startswith(")")
        yield at, written[0] if written is not None and is_alone else ""


def _reason(mistake: Exception) -> str:
    """The last line that says something: before it the library draws the pattern."""
    lines = str(mistake).split(". Check function")[0].splitlines()
    return next((line for line in reversed(lines) if line.strip(" ^")), "").removeprefix("error: ")


def _refuse_other_kinds(source: str, program: cel.Program) -> None:
    """Tried once on an event that says nothing: what is not a yes or no then, never is."""
    try:
        result = program.execute({**dict.fromkeys(NAMES, ""), "labels": {}})
    except TypeError as mistake:
        raise Refused(f"the condition {source!r} mixes kinds: {str(mistake).split('. ')[0]}") from None
    except (LookupError, ValueError, ArithmeticError, RuntimeError):
        return
    if not isinstance(result, bool):
        raise Refused(f"the condition {source!r} gives a {type(result).__name__}, not true or false")
