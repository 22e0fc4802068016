"""A file that asks for a rota -> the problem of it, or every mistake with its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from tocsin.configuration.mistakes import BadConfiguration, Mistake, Place, meant, quoted
from tocsin.configuration.planning_building import Instead, Member, Wanted, wanted
from tocsin.configuration.planning_forms import Asked
from tocsin.configuration.shape import Shaped, shape
from tocsin.configuration.source import tree
from tocsin.core.errors import Refused


def read(
    file: str, text: str, *, environment: Mapping[str, str], members: Sequence[Member], instead: Instead
) -> Wanted:
    """What a file asks for. `members`: who takes part whether the file names them or not.

    Raises:
        BadConfiguration: with all mistakes of form; when there are none, with the first thing that cannot be meant.
        Refused: an option that counts more than the file is wrong.
    """
    source = tree(file, text, environment)
    if source.root is None:
        nothing = Mistake.at(Place(file=file), "", "there is nothing in this file", "it begins with tocsin: 1")
        raise BadConfiguration(source.mistakes or (nothing,))
    shaped = shape(Asked, source.root, "")
    mistakes = [*source.mistakes, *shaped.mistakes, *_unknown(shaped, members)]
    if mistakes or shaped.value is None:
        raise BadConfiguration(sorted(mistakes, key=lambda mistake: (mistake.line, mistake.column)))
    try:
        return wanted(msgspec.convert(shaped.value, Asked), members, instead)
    except Refused as refusal:
        if refusal.field is None or refusal.field.startswith("--"):
            raise
        place = source.root.below(refusal.field).place
        raise BadConfiguration([Mistake.at(place, refusal.field, refusal.detail, refusal.hint)]) from None


def _unknown(shaped: Shaped, members: Sequence[Member]) -> Iterator[Mistake]:
    """People who are spoken of and take no part."""
    names = {*(member.name for member in members), *(each.name for each in shaped.declared)}
    for each in shaped.references:
        if each.kind == "person" and each.name not in names:
            hint = meant(each.name, names, plural="people")
            yield Mistake.at(each.place, each.path, f"unknown person {quoted(each.name)}", hint)
