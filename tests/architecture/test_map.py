"""The map in the package's docstring shows the house that stands."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from architecture.house import HOUSE

#: A line of the map: a folder or file at its beginning, and what it is for.
ENTRY = re.compile(r"^(?P<name>\w+(?:/|\.py))\s+\S", re.MULTILINE)

#: What Python itself asks for and nobody looks up on a map.
UNMAPPED = frozenset({"__init__.py", "__main__.py"})


def entries(docstring: str) -> list[str]:
    """The folders (`core/`) and files (`ports.py`) that a map names, in its order."""
    return [match["name"] for match in ENTRY.finditer(docstring)]


def rooms(folder: Path) -> set[str]:
    """The modules and the folders with code that stand in a package, as a map would name them."""
    files = {path.name for path in folder.glob("*.py")} - UNMAPPED
    return files | {f"{path.name}/" for path in folder.iterdir() if path.is_dir() and any(path.rglob("*.py"))}


def test_the_map_is_true() -> None:
    """Every room is on the map, and the map shows no room that is not there."""
    docstring = ast.get_docstring(ast.parse((HOUSE / "__init__.py").read_text(encoding="utf-8"))) or ""
    named = entries(docstring)
    assert len(named) == len(set(named))
    standing = rooms(HOUSE) | {name for name in named if name.endswith("/") and (HOUSE / name).is_dir()}
    assert set(named) == standing


def test_a_map_is_read() -> None:
    """Only lines that begin with a folder or a file are entries."""
    docstring = "Title: a/ b.\n\ncore/    decisions\nports.py promises\n    more\n"
    assert entries(docstring) == ["core/", "ports.py"]


def test_rooms_are_found(tmp_path: Path) -> None:
    """A folder without code, and what Python asks for, need no entry."""
    for name in ("__init__.py", "ports.py", "core/a/b.py", "locale/en.po"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert rooms(tmp_path) == {"ports.py", "core/"}
