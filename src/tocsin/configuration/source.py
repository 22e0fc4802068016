"""YAML text -> a tree of values that know where they stand, with `${NAME}` read from an environment.

Built from the parser's events, so that depth and size have limits before anything recurses: libyaml's own composer
overruns the stack on a hundred thousand brackets, and a few aliases of aliases would fill the memory.

Plain scalars are read as YAML 1.2 does: `yes`, `on` and `22:00` are text, only `true` and `false` are truth values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import yaml

from tocsin.configuration.mistakes import Mistake, Place, below, nearest, quoted
from tocsin.core.errors import Refused

#: Nobody writes deeper by hand; ours is seven deep.
DEEPEST = 40

#: How many values one file may have, those that aliases repeat included.
MOST_VALUES = 500_000

_NULL = re.compile(r"~|null|Null|NULL|")
_TRUTH = {text: text.lower() == "true" for text in ("true", "True", "TRUE", "false", "False", "FALSE")}
_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_FRACTION = re.compile(r"[-+]?[0-9]{1,18}\.[0-9]{1,18}")
_VARIABLE = re.compile(r"\$\$\{|\$\{([^}]*)(\}?)")
_VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TEXT_TAGS = ("tag:yaml.org,2002:str", "!")
_USUAL_TAGS = ("!", *(f"tag:yaml.org,2002:{name}" for name in ("str", "int", "bool", "float", "null", "map", "seq")))


@dataclass(frozen=True, slots=True)
class Unread:
    """Stands for a value that could not be read; its mistake is already told."""


Value: TypeAlias = "dict[str, Node] | list[Node] | str | int | float | bool | Unread | None"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One value and where it stands."""

    value: Value
    place: Place
    #: A scalar as it was written, before variables were read: what messages may show.
    written: str = ""
    #: Where the keys of a mapping stand.
    keys: Mapping[str, Place] = field(default_factory=dict)
    #: How many values there are from here down.
    size: int = 1

    def below(self, path: str) -> Node:
        """The value at a path like `layers[0].rotation`, or the nearest one above it that is there."""
        found = self
        for step in re.findall(r"[^.\[\]]+", path):
            inner = found.value
            if isinstance(inner, dict) and step in inner:
                found = inner[step]
            elif isinstance(inner, list) and step.isdecimal() and int(step) < len(inner):
                found = inner[int(step)]
            else:
                break
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """What a file says, and what of it could not be read."""

    #: None: the file says nothing at all.
    root: Node | None
    mistakes: tuple[Mistake, ...]


def tree(file: str, text: str, environment: Mapping[str, str]) -> Tree:
    """Read one file. Mistakes of syntax end the reading, others leave an `Unread` value behind."""
    reading = _Reading(file, environment)
    try:
        text.encode()
        root = reading.document(yaml.parse(text, Loader=yaml.CSafeLoader))
    except _Stop as stop:
        return Tree(root=None, mistakes=(*reading.mistakes, stop.mistake))
    except yaml.YAMLError as error:
        return Tree(root=None, mistakes=(_syntax_mistake(file, text, error),))
    except UnicodeEncodeError as error:
        place = _place_in(file, text[: error.start])
        return Tree(root=None, mistakes=(Mistake.at(place, "", "half of a character that has two halves"),))
    return Tree(root=root, mistakes=tuple(reading.mistakes))


def plain(value: object) -> Node:
    """A tree of values that came from no file."""
    here = Place(file="")
    if isinstance(value, Mapping):
        return Node(value={str(key): plain(inner) for key, inner in value.items()}, place=here)
    if isinstance(value, list | tuple):
        return Node(value=[plain(inner) for inner in value], place=here)
    if value is None or isinstance(value, str | int | float):
        return Node(value=value, place=here, written=str(value))
    return Node(value=Unread(), place=here)


class _Mark(Protocol):
    """What both of PyYAML's parsers put on their events."""

    line: int
    column: int


class _Stop(Exception):
    """Reading this file on makes no sense."""

    def __init__(self, mistake: Mistake) -> None:
        super().__init__(str(mistake))
        self.mistake = mistake


class _Reading:
    """One file while it is read."""

    def __init__(self, file: str, environment: Mapping[str, str]) -> None:
        self.file = file
        self.environment = environment
        self.mistakes: list[Mistake] = []
        self.anchors: dict[str, Node] = {}

    def document(self, events: Iterator[yaml.Event]) -> Node | None:
        root: Node | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    message = "a second document begins here"
                    raise _Stop(Mistake.at(self.place(event), "", message, "one file holds one document, without ---"))
                root = self.node(next(events), events, path="", depth=0)
        return root

    def node(self, event: yaml.Event, events: Iterator[yaml.Event], *, path: str, depth: int) -> Node:
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event, path)
        if depth > DEEPEST:
            raise _Stop(Mistake.at(self.place(event), "", f"more than {DEEPEST} levels deep"))
        if isinstance(event, yaml.ScalarEvent):
            made = self.scalar(event, path)
        elif isinstance(event, yaml.SequenceStartEvent):
            made = self.sequence(event, events, path=path, depth=depth)
        else:
            made = self.mapping(event, events, path=path, depth=depth)
        return self.kept(made, event, path)

    def kept(self, made: Node, event: yaml.Event, path: str) -> Node:
        """The node, unless it has a tag of its own or makes the file too large."""
        if made.size > MOST_VALUES:
            raise _Stop(Mistake.at(made.place, path, f"more than {MOST_VALUES:,} values"))
        tag: str | None = getattr(event, "tag", None)
        if tag is not None and tag not in _USUAL_TAGS:
            made = self.unread(made.place, path, f"the tag {quoted(tag)} means nothing here", "leave it out")
        anchor = getattr(event, "anchor", None)
        if anchor is not None:
            self.anchors[anchor] = made
        return made

    def alias(self, event: yaml.AliasEvent, path: str) -> Node:
        found = self.anchors.get(event.anchor or "")
        if found is None:
            return self.unread(self.place(event), path, f"the alias *{event.anchor} has no anchor before it")
        return found

    def sequence(self, start: yaml.Event, events: Iterator[yaml.Event], *, path: str, depth: int) -> Node:
        items: list[Node] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            items.append(self.node(event, events, path=f"{path}[{len(items)}]", depth=depth + 1))
        return Node(value=items, place=self.place(start), size=1 + sum(item.size for item in items))

    def mapping(self, start: yaml.Event, events: Iterator[yaml.Event], *, path: str, depth: int) -> Node:
        inner: dict[str, Node] = {}
        keys: dict[str, Place] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            if not isinstance(event, yaml.ScalarEvent):
                raise _Stop(Mistake.at(self.place(event), path, "a key must be a word"))
            key, place = event.value, self.place(event)
            if key in keys:
                message, hint = f"{quoted(key)} stands here twice", f"the first is on line {keys[key].line}"
                self.mistakes.append(Mistake.at(place, below(path, key), message, hint))
            inner[key] = self.node(next(events), events, path=below(path, key), depth=depth + 1)
            keys[key] = place
        size = 1 + sum(node.size for node in inner.values())
        return Node(value=inner, place=self.place(start), keys=keys, size=size)

    def scalar(self, event: yaml.ScalarEvent, path: str) -> Node:
        place = self.place(event)
        if "${" in event.value:
            return self.with_variables(event.value, place, path)
        is_plain = event.implicit[0] and event.tag not in _TEXT_TAGS
        return Node(value=_resolved(event.value) if is_plain else event.value, place=place, written=event.value)

    def with_variables(self, text: str, place: Place, path: str) -> Node:
        """The text with its variables read. What comes out is text, whatever it looks like."""
        try:
            value = _VARIABLE.sub(self.variable, text)
        except Refused as refusal:
            return self.unread(place, path, refusal.detail, refusal.hint)
        return Node(value=value, place=place, written=text)

    def variable(self, found: re.Match[str]) -> str:
        """What stands for `${NAME}`; `$${` stands for `${` itself."""
        name: str | None = found[1]
        if name is None:
            return "${"
        if not found[2] or _VARIABLE_NAME.fullmatch(name) is None:
            hint = "${NAME} with letters, digits and _; $${ stands for ${ itself"
            raise Refused(f"{quoted(found[0])} is not a variable", hint=hint)
        if name not in self.environment:
            near = nearest(name, self.environment)
            hint = f"did you mean {near!r}?" if near else f"set {name} before Tocsin is started"
            raise Refused(f"the environment variable {name} is not set", hint=hint)
        return self.environment[name]

    def unread(self, place: Place, path: str, message: str, hint: str | None = None) -> Node:
        self.mistakes.append(Mistake.at(place, path, message, hint))
        return Node(value=Unread(), place=place)

    def place(self, event: yaml.Event) -> Place:
        return _marked(self.file, event.start_mark)


def _resolved(text: str) -> str | int | float | bool | None:
    if _NULL.fullmatch(text):
        return None
    if text in _TRUTH:
        return _TRUTH[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _FRACTION.fullmatch(text) else text


def _syntax_mistake(file: str, text: str, error: yaml.YAMLError) -> Mistake:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        place = _marked(file, error.problem_mark)
        what = " ".join(part for part in (error.context, error.problem) if part)
        return Mistake.at(place, "", f"not YAML: {what}", _syntax_hint(what))
    if isinstance(error, yaml.reader.ReaderError):
        before = text.encode()[: error.position].decode(errors="ignore")
        return Mistake.at(_place_in(file, before), "", f"not YAML: {error.reason}")
    return Mistake.at(Place(file=file), "", f"not YAML: {quoted(str(error))}")


def _marked(file: str, mark: _Mark | None) -> Place:
    return Place(file=file) if mark is None else Place(file=file, line=mark.line + 1, column=mark.column + 1)


def _syntax_hint(what: str) -> str | None:
    if "mapping values are not allowed" in what:
        return "a value with a colon needs quotes, and fields of one object start in one column"
    if "tab character" in what:
        return "indent with blanks"
    if "start any token" in what:
        return "put values that begin with a special character in quotes"
    return None


def _place_in(file: str, before: str) -> Place:
    """The place that comes after the text `before`."""
    return Place(file=file, line=before.count("\n") + 1, column=len(before) - (before.rfind("\n") + 1) + 1)
