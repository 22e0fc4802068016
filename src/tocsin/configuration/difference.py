"""What applying a draft would change: a plan of changes, field by field, and its text for a terminal.

The files own what they have made: an object that came from files and is in them no longer is deleted. What was made by
other ways stays, until a file names it and takes it over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest

from tocsin.configuration.documents import KIND, Json
from tocsin.configuration.mistakes import below
from tocsin.configuration.reading import Draft
from tocsin.configuration.shape import references
from tocsin.core.errors import Refused
from tocsin.ports.state import Document

#: Fields whose values are shown to nobody: as they are called in a body, and in a file.
_SECRET = {"key_hash": "key", "url": "url"}
#: What stands in their place.
_HIDDEN = "(hidden)"

#: Kinds that never keep what they name from being deleted: most of them are made at run time, and over long ago when
#: somebody leaves. Whoever is gone is left out of them when they are read.
_HOLDS_NOTHING = frozenset({"override", "absence"})

_SIGNS = {"create": "+", "change": "~", "delete": "-"}
_RANK = {kind: number for number, kind in enumerate(KIND)}


class Verb(StrEnum):
    """What happens to an object."""

    CREATE = "create"
    CHANGE = "change"
    DELETE = "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field that will be another. None: it is not there."""

    #: From the object down: `steps[1].after`. `origin`: the files take the object over.
    path: str
    before: Json
    after: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One object that will be another."""

    kind: str
    name: str
    verb: Verb
    #: Of a change only.
    fields: tuple[FieldChange, ...] = ()
    #: What is to be stored; None: it is deleted.
    document: Document | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All changes: what is referred to is made first and deleted last. Empty when nothing is to be done."""

    changes: tuple[Change, ...]

    def __bool__(self) -> bool:
        return bool(self.changes)


def difference(stored: Iterable[Document], draft: Draft) -> Plan:
    """What has to be done so that the store says what the files say.

    Raises:
        Refused: something would be deleted that others, which stay, refer to.
    """
    before = {(kept.kind, kept.name): kept for kept in stored}
    after = {(each.kind, each.name): each for each in draft.documents}
    gone = [kept for key, kept in before.items() if kept.origin == "file" and key not in after]
    _refuse_holes(gone, _staying(before.values(), draft))
    made = [change for key, each in after.items() if (change := _change(before.get(key), each)) is not None]
    deleted = [Change(kind=kept.kind, name=kept.name, verb=Verb.DELETE) for kept in gone]
    made.sort(key=lambda change: _rank(change.kind))
    deleted.sort(key=lambda change: (-_rank(change.kind), change.name))
    return Plan(changes=(*made, *deleted))


def applied(stored: Iterable[Document], plan: Plan) -> tuple[Document, ...]:
    """What will be there when the plan is done."""
    kept = {(each.kind, each.name): each for each in stored}
    for change in plan.changes:
        kept.pop((change.kind, change.name), None)
        if change.document is not None:
            kept[change.kind, change.name] = change.document
    return tuple(kept.values())


def changed_fields(before: Mapping[str, Json], after: Mapping[str, Json]) -> tuple[FieldChange, ...]:
    """What is not the same in two bodies, field by field; secrets are hidden."""
    return tuple(_fields(before, after, ""))


def as_text(plan: Plan) -> str:
    """The plan as a terminal shows it: a line for each object, `+` made, `~` changed, `-` deleted. Empty: no change."""
    return "".join(f"{_line(change)}\n" for change in plan.changes)


def field_text(path: str, before: Json, after: Json) -> str:
    """One changed field on one line, with nothing that a terminal would obey."""
    if before == after == _HIDDEN:
        return f"{path} changed"
    if before is None:
        return f"{path} added {_shown(after)}"
    if after is None:
        return f"{path} {_shown(before)} removed"
    return f"{path} {_shown(before)} -> {_shown(after)}"


def _change(before: Document | None, after: Document) -> Change | None:
    if before is None:
        return Change(kind=after.kind, name=after.name, verb=Verb.CREATE, document=after)
    fields = [*_fields(before.body, after.body, "")]
    if before.origin != after.origin:
        fields.append(FieldChange(path="origin", before=before.origin, after=after.origin))
    if not fields:
        return None
    return Change(kind=after.kind, name=after.name, verb=Verb.CHANGE, fields=tuple(fields), document=after)


def _fields(before: Json, after: Json, path: str) -> Iterator[FieldChange]:
    if before == after and type(before) is type(after):
        return
    if path in _SECRET:
        yield FieldChange(path=_SECRET[path], before=_hidden(before), after=_hidden(after))
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys((*before, *after)):
            yield from _fields(before.get(key), after.get(key), below(path, key))
    elif isinstance(before, list) and isinstance(after, list) and _has_parts(before) and _has_parts(after):
        for number, (one, other) in enumerate(zip_longest(before, after)):
            yield from _fields(one, other, f"{path}[{number}]")
    else:
        yield FieldChange(path=path, before=before, after=after)


def _hidden(value: Json) -> Json:
    return None if value is None else _HIDDEN


def _has_parts(values: Sequence[Json]) -> bool:
    """True when a list is compared item by item; lists of words are shown whole."""
    return any(isinstance(value, Mapping) for value in values)


def _staying(stored: Iterable[Document], draft: Draft) -> tuple[Document, ...]:
    anew = {(each.kind, each.name) for each in draft.documents}
    return (*draft.documents, *(kept for kept in stored if kept.origin == "api" and (kept.kind, kept.name) not in anew))


def _refuse_holes(gone: Iterable[Document], staying: Iterable[Document]) -> None:
    missing = {(kept.kind, kept.name) for kept in gone}
    held = [
        f"{kind} {name!r} cannot be deleted: {kept.kind} {kept.name!r} refers to it ({path})"
        for kept in staying
        if kept.kind not in _HOLDS_NOTHING
        for kind, name, path in ((each.kind, each.name, each.path) for each in references(kept))
        if (kind, name) in missing
    ]
    if held:
        raise Refused("\n".join(held), hint="keep it in the files, or change first what refers to it")


def _rank(kind: str) -> int:
    return _RANK.get(kind, len(_RANK))


def _line(change: Change) -> str:
    subject = f"{_SIGNS[change.verb]} {change.kind} {_shown(change.name)}"
    if not change.fields:
        return subject
    return f"{subject}: {'; '.join(field_text(each.path, each.before, each.after) for each in change.fields)}"


def _shown(value: Json) -> str:
    """A value on one line, with nothing that a terminal would obey."""
    match value:
        case str():
            return value if value.isprintable() and value else repr(value)
        case bool():
            return str(value).lower()
        case list():
            return f"[{', '.join(map(_shown, value))}]"
        case Mapping():
            return "{" + ", ".join(f"{_shown(key)}: {_shown(inner)}" for key, inner in value.items()) + "}"
        case _:
            return str(value)
