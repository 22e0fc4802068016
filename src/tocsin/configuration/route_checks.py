"""What is wrong with routes and silences that can be read: patterns that would cost every event too much."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tocsin.configuration.documents import KIND
from tocsin.configuration.mistakes import Mistake
from tocsin.configuration.objects import Found
from tocsin.core.alerts.quiet import matcher_of
from tocsin.core.routing import Condition
from tocsin.core.routing.cost import HINT, cost_of, too_costly


def costly_patterns(objects: Iterable[Found]) -> Iterator[Mistake]:
    """A mistake for each pattern that has too many places, its counted repeats written out."""
    for found in objects:
        for path, cost in _costs(found):
            why = too_costly(cost)
            if why is not None:
                yield Mistake.at(found.place(path), f"{found.path}.{path}", f"a pattern is too large: {why}", HINT)


def _costs(found: Found) -> Iterator[tuple[str, int]]:
    """What the patterns of an object cost, each with its place."""
    value = found.value or {}
    when, matchers = value.get("when"), value.get("match")
    if found.kind is KIND["route"] and isinstance(when, str):
        yield "when", Condition(when).cost
    if found.kind is KIND["silence"] and isinstance(matchers, list):
        for place, text in enumerate(matchers):
            matcher = matcher_of(str(text))
            yield f"match[{place}]", cost_of(matcher.value) if matcher.has_pattern else 0
