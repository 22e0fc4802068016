"""Holds a tree of values against the form it should have, and tells everything that differs, not only the first.

The form is the msgspec type itself, as `msgspec.inspect` shows it; there is no second description of it.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec
from msgspec import inspect

from tocsin.configuration.documents import KIND, Json, written
from tocsin.configuration.forms import Form
from tocsin.configuration.mistakes import QUOTED_MOST, Mistake, Place, below, meant, nearest, quoted
from tocsin.configuration.notation import Notation
from tocsin.configuration.source import Node, Unread, plain
from tocsin.core.errors import Refused
from tocsin.ports.state import Document

Marks = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A name that stands somewhere: given to something there, or referring to it."""

    kind: str
    name: str
    path: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Shaped:
    """What came of holding a value against its form."""

    #: Canonical JSON with defaults left out. None when there are mistakes.
    value: Mapping[str, Json] | None
    mistakes: tuple[Mistake, ...]
    references: tuple[Named, ...]
    #: Names that only the object itself may refer to.
    declared: tuple[Named, ...]


def shape(form: type[Form], node: Node, path: str) -> Shaped:
    """Hold the value at `path` against a form."""
    walk = _Walk()
    value = walk.value(_type_of(form), node, path)
    good = isinstance(value, dict) and not walk.mistakes and not walk.unread
    return Shaped(
        value=value if good and isinstance(value, dict) else None,
        mistakes=tuple(walk.mistakes),
        references=tuple(walk.references),
        declared=tuple(walk.declared),
    )


def references(kept: Document) -> tuple[Named, ...]:
    """Everything that a document refers to; of a document of an unknown kind, nothing."""
    kind = KIND.get(kept.kind)
    return () if kind is None else shape(kind.form, plain(written(kept)), "").references


def unknown_fields(node: Node, known: Iterable[str], path: str) -> list[Mistake]:
    """A mistake for each key of a mapping that is none of the known ones."""
    known = list(known)
    return [
        Mistake.at(place, below(path, key), "unknown field", meant(key, known, plural="fields"))
        for key, place in node.keys.items()
        if key not in known
    ]


def kind_of(node: Node) -> str:
    """What a value is, in words."""
    match node.value:
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case bool():
            return "a truth value"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case _:
            return "nothing"


@cache
def _type_of(form: type[Form]) -> inspect.Type:
    return inspect.type_info(form)


class _Walk:
    """One walk through a value and its type, side by side."""

    def __init__(self) -> None:
        self.mistakes: list[Mistake] = []
        self.references: list[Named] = []
        self.declared: list[Named] = []
        #: True when a value is missing whose mistake somebody else has told.
        self.unread = False

    def value(self, expected: inspect.Type, node: Node, path: str, marks: Marks | None = None) -> Json:
        """The canonical value; anything at all where there is a mistake."""
        marks = marks or {}
        if isinstance(node.value, Unread):
            self.unread = True
            return None
        match expected:
            case inspect.Metadata(type=inner, extra=extra):
                return self.value(inner, node, path, extra)
            case inspect.UnionType(types=types):
                return self.value(_alternative(types, node), node, path, marks)
            case inspect.StructType():
                return self.mapping(expected, node, path)
            case inspect.VarTupleType() | inspect.TupleType():
                return self.sequence(expected, node, path)
            case inspect.EnumType(cls=cls):
                return self.choice([member.value for member in cls], node, path)
            case inspect.LiteralType(values=values):
                return self.choice(list(values), node, path)
            case inspect.StrType():
                return self.text(expected, node, path, marks)
            case _:
                return self.figure(expected, node, path)

    def mapping(self, expected: inspect.StructType, node: Node, path: str) -> Json:
        form = expected.cls
        assert issubclass(form, Form)
        if form.short_for is not None and isinstance(node.value, str):
            node = Node(value={form.short_for: node}, place=node.place)
        fields = {field.encode_name: field for field in expected.fields}
        if not isinstance(node.value, dict):
            return self.wrong(node, path, "a mapping", f"fields: {', '.join(fields)}")
        self.mistakes += unknown_fields(node, (*fields, *form.also_called), path)
        made: dict[str, Json] = {}
        for name, field in fields.items():
            called = self.called(name, form, node, path)
            inner = node.value.get(called)
            if inner is None or inner.value is None:
                self.absent(field, inner or node, below(path, name))
                continue
            value = self.value(field.type, inner, below(path, called))
            if field.required or value != _default(field):
                made[name] = value
        if form.one_of and set(node.value) <= {*fields, *form.also_called}:
            self.exactly_one(form.one_of, node, path)
        return made

    def called(self, name: str, form: type[Form], node: Node, path: str) -> str:
        """By which of its names a field is written here."""
        assert isinstance(node.value, dict)
        others = [other for other, own in form.also_called.items() if own == name and other in node.value]
        if others and name in node.value:
            place = node.keys.get(others[0], node.place)
            message = f"{others[0]} is another name for {name}, which is given too"
            self.mistakes.append(Mistake.at(place, below(path, others[0]), message, "one of them"))
            return name
        return others[0] if others else name

    def absent(self, field: inspect.Field, node: Node, path: str) -> None:
        if field.required:
            self.tell(node, path, "is missing", _example(field.type))

    def exactly_one(self, names: tuple[str, ...], node: Node, path: str) -> None:
        assert isinstance(node.value, dict)
        given = [name for name in names if name in node.value and node.value[name].value is not None]
        if len(given) != 1:
            what = f"has {' and '.join(given)}" if given else "names none"
            self.tell(node, path, what, f"exactly one of {', '.join(names)}")

    def sequence(self, expected: inspect.VarTupleType | inspect.TupleType, node: Node, path: str) -> Json:
        items = node.value
        if not isinstance(items, list):
            hint = f"[{node.written}]" if isinstance(items, str | int) and len(node.written) <= QUOTED_MOST else None
            return self.wrong(node, path, "a list", hint)
        if isinstance(expected, inspect.TupleType):
            types = expected.item_types
            if len(types) != len(items):
                self.tell(node, path, f"must have {len(types)} values, not {len(items)}", _example(types[0]))
        else:
            types = (expected.item_type,) * len(items)
            if len(items) < (expected.min_length or 0):
                self.tell(node, path, "must not be empty")
        pairs = enumerate(zip(types, items, strict=False))
        return [self.value(inner, item, f"{path}[{number}]") for number, (inner, item) in pairs]

    def choice(self, values: list[Any], node: Node, path: str) -> Json:
        for value in values:
            if node.value == value and isinstance(node.value, bool) == isinstance(value, bool):
                return value  # type: ignore[no-any-return]
        words = [str(value).lower() if isinstance(value, bool) else str(value) for value in values]
        near = nearest(node.written, words)
        shown = quoted(node.written) if node.written else kind_of(node)
        self.tell(node, path, f"{shown} is none of {', '.join(words)}", f"did you mean {near!r}?" if near else None)
        return None

    def text(self, expected: inspect.StrType, node: Node, path: str, marks: Marks) -> Json:
        notation: Notation[object] | None = marks.get("notation")
        if not isinstance(node.value, str):
            what = notation.what if notation else "a name" if "refers" in marks else "text"
            return self.wrong(node, path, what, notation.example if notation else None)
        if not node.value and (expected.min_length or "refers" in marks):
            self.tell(node, path, "must not be empty")
            return node.value
        if "refers" in marks and node.value not in marks.get("besides", ()):
            self.references.append(Named(kind=marks["refers"], name=node.value, path=path, place=node.place))
        if "declares" in marks:
            self.declared.append(Named(kind=marks["declares"], name=node.value, path=path, place=node.place))
        return self.canonical(notation, node, path) if notation else node.value

    def canonical(self, notation: Notation[object], node: Node, path: str) -> Json:
        """The text in its one way of writing. What came from the environment is never shown: it may be a secret."""
        assert isinstance(node.value, str)
        try:
            return notation.canonical(node.written if notation.as_written and node.written else node.value)
        except Refused as refusal:
            from_environment = node.written not in ("", node.value)
            shown = f"{quoted(node.written)} does not come to {notation.what}"
            self.tell(node, path, shown if from_environment else refusal.detail, refusal.hint)
            return None

    def figure(self, expected: inspect.Type, node: Node, path: str) -> Json:
        """A whole number, or a truth value."""
        if isinstance(expected, inspect.BoolType):
            return node.value if isinstance(node.value, bool) else self.wrong(node, path, "true or false", None)
        assert isinstance(expected, inspect.IntType)
        value = node.value
        if isinstance(value, bool) or not isinstance(value, int):
            return self.wrong(node, path, "a whole number", None)
        least, most = expected.ge, expected.le
        if (least is not None and value < least) or (most is not None and value > most):
            self.tell(node, path, f"{value} is out of range", f"from {least} to {most}")
        return value

    def wrong(self, node: Node, path: str, what: str, hint: str | None) -> Json:
        self.tell(node, path, f"must be {what}, not {kind_of(node)}", hint)
        return None

    def tell(self, node: Node, path: str, message: str, hint: str | None = None) -> None:
        self.mistakes.append(Mistake.at(node.place, path, message, hint or None))


def _alternative(types: tuple[inspect.Type, ...], node: Node) -> inspect.Type:
    """The type of a union that a value was probably meant for: the list where it is one, else the first."""
    real = [one for one in types if not isinstance(one, inspect.NoneType)]
    lists = [one for one in real if isinstance(_bare(one), inspect.VarTupleType | inspect.TupleType)]
    return lists[0] if lists and isinstance(node.value, list) else real[0]


def _bare(one: inspect.Type) -> inspect.Type:
    return one.type if isinstance(one, inspect.Metadata) else one


def _default(field: inspect.Field) -> Json:
    """The default as canonical JSON."""
    default = field.default
    if isinstance(default, enum.Enum):
        return default.value  # type: ignore[no-any-return]
    if isinstance(default, tuple):
        return list(default)
    return msgspec.to_builtins(default)  # type: ignore[no-any-return]


def _example(expected: inspect.Type) -> str | None:
    if isinstance(expected, inspect.Metadata) and expected.extra:
        notation: Notation[object] | None = expected.extra.get("notation")
        return f"{notation.what}, {notation.example}" if notation else None
    return None
