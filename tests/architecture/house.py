"""The house as its tests see it: every file found, read and parsed once, and the questions they all ask of it.

A rule is a function from a `Module` to findings, so that each is tried on a bad snippet beside its test:
`snippet()` makes a module out of text as if it stood at a path of the house.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src"
HOUSE = SOURCE / "tocsin"
TESTS = ROOT / "tests"

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One Python file: where it stands under the folder that is looked at, what it says, and its tree."""

    #: The path below `src/tocsin` or `tests`, with forward slashes: `core/events.py`.
    place: str
    text: str
    tree: ast.Module

    @property
    def room(self) -> str:
        """The first part of the place: `core`, `web`, `ports.py`."""
        return self.place.split("/", 1)[0]

    def at(self, node: ast.AST, finding: str) -> str:
        """A finding as an editor can follow it: place, line, what is wrong."""
        return f"{self.place}:{getattr(node, 'lineno', 1)}: {finding}"


@cache
def house() -> tuple[Module, ...]:
    """Every Python file of the package."""
    return tuple(_modules_below(HOUSE))


@cache
def every_test_file() -> tuple[Module, ...]:
    """Every Python file of the tests."""
    return tuple(_modules_below(TESTS))


def everything() -> tuple[Module, ...]:
    """The package and its tests."""
    return (*house(), *every_test_file())


def snippet(text: str, place: str = "core/example.py") -> Module:
    """A module out of text, as if it stood at `place`."""
    return Module(place=place, text=text, tree=ast.parse(text))


def functions(tree: ast.AST) -> Iterator[Function]:
    """Every function and method, nested ones too, in the order of the file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def origins(tree: ast.Module) -> dict[str, str]:
    """What each imported name stands for: `{"dt": "datetime.datetime"}` for `from datetime import datetime as dt`."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                first = name.name.split(".", 1)[0]
                found[name.asname or first] = name.name if name.asname else first
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.update({name.asname or name.name: f"{node.module}.{name.name}" for name in node.names})
    return found


def references(tree: ast.Module) -> Iterator[tuple[ast.expr, str]]:
    """Every name used, spelled out from its import: `dt.now` as `datetime.datetime.now`. Called or handed on alike."""
    known = origins(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute | ast.Name) or not isinstance(node.ctx, ast.Load):
            continue
        if dotted := _dotted(node):
            first, _, rest = dotted.partition(".")
            start = known.get(first, first)
            yield node, f"{start}.{rest}" if rest else start


def imported(tree: ast.Module) -> Iterator[tuple[ast.stmt, str]]:
    """Every import, as the full name of what is imported: `os.path` and `urllib.parse.quote` alike."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from ((node, f"{node.module}.{name.name}") for name in node.names)


def listed(findings: list[str]) -> str:
    """Findings one under the other, as the message of a failed assertion."""
    return "\n" + "\n".join(findings)


def _modules_below(folder: Path) -> Iterator[Module]:
    for path in sorted(folder.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        yield Module(place=path.relative_to(folder).as_posix(), text=text, tree=ast.parse(text, filename=str(path)))


def _dotted(node: ast.expr) -> str | None:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None
