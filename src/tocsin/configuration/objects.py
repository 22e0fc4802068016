"""The objects of one file: each held against its form, with what stands around them at the top of the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tocsin.configuration.documents import FORM, KINDS, SETTINGS, Json, Kind
from tocsin.configuration.mistakes import Mistake, Place, meant, quoted
from tocsin.configuration.shape import Named, kind_of, shape, unknown_fields
from tocsin.configuration.source import Node, Tree, Unread

_TOP = ("tocsin", *(kind.plural for kind in (*KINDS, SETTINGS)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One object of a file, good or not."""

    kind: Kind
    #: Empty when it has none, or none that can be read.
    name: str
    #: Where it stands in its file: `policies[0]`.
    path: str
    node: Node
    #: Canonical JSON; None when the object has mistakes.
    value: Mapping[str, Json] | None
    mistakes: tuple[Mistake, ...]
    references: tuple[Named, ...]

    def place(self, path: str) -> Place:
        """Where the field at a path inside the object stands."""
        return self.node.below(path).place


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """Everything in one file, in its order."""

    objects: tuple[Found, ...]
    #: Mistakes outside of any object.
    mistakes: tuple[Mistake, ...]
    #: False when objects may have been overlooked, so that nobody can say what is unknown.
    is_whole: bool


def contents(file: str, read: Tree, *, routes_before: int) -> Contents:
    """Take a file apart. `routes_before`: how many routes the files before it have, from which its own are named."""
    root = read.root
    if root is None or not isinstance(root.value, dict):
        wrong = _no_mapping(file, root)
        return Contents(objects=(), mistakes=read.mistakes or (wrong,), is_whole=False)
    misplaced = [*unknown_fields(root, _TOP, "")]
    objects: list[Found] = []
    for kind in KINDS:
        items = root.value.get(kind.plural)
        if items is None or items.value is None or isinstance(items.value, Unread):
            continue
        if isinstance(items.value, list):
            objects += _objects(kind, items.value, routes_before)
        else:
            message = f"must be a list, not {kind_of(items)}"
            misplaced.append(Mistake.at(items.place, kind.plural, message, "each object begins with a dash"))
    settings = root.value.get(SETTINGS.plural)
    if settings is not None and settings.value is not None:
        objects.append(_found(SETTINGS, settings, path=SETTINGS.plural, name=SETTINGS.name))
    mistakes = (*read.mistakes, *misplaced, *_form_mistakes(root, root.value))
    return Contents(objects=tuple(objects), mistakes=mistakes, is_whole=not misplaced)


def _no_mapping(file: str, root: Node | None) -> Mistake:
    hint = f"it begins with tocsin: {FORM}"
    if root is None or root.value is None:
        return Mistake.at(Place(file=file), "", "there is nothing in this file", hint)
    return Mistake.at(root.place, "", f"must be a mapping, not {kind_of(root)}", hint)


def _form_mistakes(root: Node, top: Mapping[str, Node]) -> Iterator[Mistake]:
    """`tocsin: 1` says which form the file has, so that a later one can tell it from its own."""
    given = top.get("tocsin")
    if given is None:
        yield Mistake.at(root.place, "tocsin", "is missing", f"the file begins with tocsin: {FORM}")
    elif given.value != FORM or isinstance(given.value, bool):
        yield Mistake.at(
            given.place, "tocsin", "this form is not known", f"this version of Tocsin reads tocsin: {FORM}"
        )


def _objects(kind: Kind, items: list[Node], routes_before: int) -> Iterator[Found]:
    for number, item in enumerate(items):
        name = f"{kind.name}-{routes_before + number + 1}" if kind.name == "route" else ""
        yield _found(kind, item, path=f"{kind.plural}[{number}]", name=name)


def _found(kind: Kind, node: Node, *, path: str, name: str) -> Found:
    """The object; `name` is for those that may leave theirs out."""
    if name and kind is not SETTINGS and isinstance(node.value, dict):
        node = _with_name(node, node.value, name)
    shaped = shape(kind.form, node, path)
    own = node.value.get("name") if isinstance(node.value, dict) else None
    written = own.value if own is not None and isinstance(own.value, str) else name
    local = {declared.name for declared in shaped.declared}
    local_mistakes = (*_twice(shaped.declared), *_unknown(shaped.references, local))
    good = not local_mistakes
    return Found(
        kind=kind,
        name=written,
        path=path,
        node=node,
        value=shaped.value if good else None,
        mistakes=(*shaped.mistakes, *local_mistakes),
        references=tuple(each for each in shaped.references if each.kind != "contact"),
    )


def _with_name(node: Node, fields: dict[str, Node], name: str) -> Node:
    own = fields.get("name")
    if own is not None and own.value is not None:
        return node
    named = {**fields, "name": Node(value=name, place=node.place, written=name)}
    return Node(value=named, place=node.place, keys=node.keys, size=node.size)


def _twice(declared: tuple[Named, ...]) -> Iterator[Mistake]:
    seen: dict[str, Named] = {}
    for each in declared:
        first = seen.setdefault(each.name, each)
        if first is not each:
            message = f"two of this user's {each.kind}s are called {quoted(each.name)}"
            yield Mistake.at(each.place, each.path, message, f"the first is on line {first.place.line}")


def _unknown(references: tuple[Named, ...], contacts: set[str]) -> Iterator[Mistake]:
    for each in references:
        if each.kind == "contact" and each.name not in contacts:
            hint = meant(each.name, contacts, plural="contacts")
            yield Mistake.at(each.place, each.path, f"unknown contact {quoted(each.name)}", hint)
