"""Addresses in configuration files that would never be called: those that name a closed one by its figures.

What a name leads to is not asked here; that is looked at when it is called, every time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from tocsin.configuration.documents import Json
from tocsin.configuration.mistakes import Mistake
from tocsin.configuration.objects import Found
from tocsin.ports.outgoing import Outgoing, literal_of

#: The fields with addresses that Tocsin calls by itself.
_CALLED = frozenset({"address", "webhook", "url", "dead_man_url", "tell"})
_SCHEMES = ("http://", "https://", "webcal://")


def closed_addresses(objects: Iterable[Found], outgoing: Outgoing) -> Iterator[Mistake]:
    """A mistake for each of them."""
    for found in objects:
        for path, address in _addresses(found.value, ""):
            literal = literal_of(address)
            why = outgoing.refusal(literal) if literal is not None else None
            if why is not None:
                yield Mistake.at(found.place(path), f"{found.path}.{path}", why)


def _addresses(value: Json | Mapping[str, Json], path: str) -> Iterator[tuple[str, str]]:
    """The addresses below a value, each with its place."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            below = f"{path}.{name}" if path else name
            if isinstance(inner, str) and name in _CALLED and inner.startswith(_SCHEMES):
                yield below, inner
            else:
                yield from _addresses(inner, below)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _addresses(inner, f"{path}[{place}]")
