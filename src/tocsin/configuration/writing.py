"""Documents -> files that people like to read and that, read again, say the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import yaml

from tocsin.configuration.documents import FORM, KIND, KINDS, SETTINGS, Json, Kind, form, position
from tocsin.core.errors import Broken
from tocsin.ports.state import Document

#: The file that has everything, where one is wanted.
SINGLE = "tocsin.yaml"

#: What fits into so many columns is written on one line.
_ONE_LINE = 100

#: What is nested deeper is not.
_DEEPEST = 3


def export(documents: Iterable[Document], *, single: bool = False) -> dict[str, str]:
    """Texts by file name: one file for each kind, or a single one.

    Keys are written as their hashes, which `read` accepts.

    Raises:
        Broken: a document cannot be read.
    """
    kept = sorted(documents, key=position)
    tops = {kind.plural: written for kind in (*KINDS, SETTINGS) if (written := _written(kept, kind))}
    if single:
        return {SINGLE: _text(tops)}
    return {f"{plural}.yaml": _text({plural: written}) for plural, written in tops.items()}


class _Representer(yaml.representer.SafeRepresenter):
    """Represents every value where it stands, without anchors, in its own order."""

    def __init__(self) -> None:
        super().__init__(sort_keys=False)

    def ignore_aliases(self, data: object) -> bool:
        return True


def _written(kept: list[Document], kind: Kind) -> Json:
    """Everything of one kind as it stands under its key; empty when there is nothing."""
    objects = [_object(each) for each in kept if each.kind == kind.name]
    if kind is SETTINGS:
        return objects[0] if objects else {}
    for number, made in enumerate(objects, start=1):
        if kind.name == "route" and made.get("name") == f"route-{number}":
            del made["name"]  # it would be made from the position again
    return objects


def _object(kept: Document) -> dict[str, Json]:
    """The object as its form orders the fields."""
    try:
        made = msgspec.to_builtins(form(kept, KIND[kept.kind].form))
    except msgspec.ValidationError as error:
        raise Broken(f"stored {kept.kind} {kept.name!r} cannot be read: {error}") from error
    return {key: _escaped(value) for key, value in made.items()}


def _escaped(value: Any) -> Json:
    """The value with `$${` where it says `${`, which would be read from the environment."""
    match value:
        case str():
            return value.replace("${", "$${")
        case list() | tuple():
            return [_escaped(inner) for inner in value]
        case dict():
            return {key: _escaped(inner) for key, inner in value.items()}
        case _:
            return value  # type: ignore[no-any-return]


def _text(tops: Mapping[str, Json]) -> str:
    root = _Representer().represent_dict({"tocsin": FORM, **tops})
    for _, top in root.value:
        _lay_out(top)
        top.flow_style = False
    root.flow_style = False
    text: str = yaml.serialize(root, Dumper=yaml.SafeDumper, allow_unicode=True, width=10_000)
    return text


def _lay_out(node: yaml.Node) -> tuple[int, int]:
    """Put on one line what fits and is not nested deep. Returns how wide it is and how deep."""
    if isinstance(node, yaml.ScalarNode):
        if not node.value.isprintable():
            node.style = (
                '"'  # in other styles PyYAML leaves U+0085 and its like as they are, and they are read as blanks
            )
        return len(node.value) + 2, 0
    assert isinstance(node, yaml.CollectionNode)
    is_mapping = isinstance(node, yaml.MappingNode)
    inner = [_lay_out(item) for each in node.value for item in (each if is_mapping else (each,))]
    width, depth = sum(each[0] for each in inner) + 2, 1 + max((each[1] for each in inner), default=0)
    node.flow_style = width <= _ONE_LINE and depth <= _DEEPEST
    return width, depth
