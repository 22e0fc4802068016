"""A plug-in is one file and one line in a list: no file is forgotten, none goes without a fixture."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterable, Mapping, Sequence

import pytest

from architecture.house import HOUSE, TESTS, Module, house, listed, snippet

#: Folder, the name each plug-in defines, the list in the folder's `__init__.py`.
SHELVES = [("intake", "DOOR", "DOORS"), ("channels", "CHANNEL", "CHANNELS"), ("syncs", "SYNC", "SYNCS")]

STEPS = "core/escalation/steps"


def plugins(modules: Iterable[Module], folder: str, value: str) -> list[str]:
    """The files of a folder that define `value` at their top, by module name."""
    return [_stem(module) for module in _shelf(modules, folder) if value in _defined(module.tree)]


def astray(values: Mapping[str, object], listing: Sequence[object]) -> list[str]:
    """Plug-ins that no line lists, and lines that are listed twice or stand for no file."""
    orphans = [f"{name}.py is not in the list" for name, one in values.items() if one not in listing]
    strangers = [f"{one!r} has no file of its own" for one in listing if one not in values.values()]
    twice = [f"{one!r} is listed twice" for one in listing if listing.count(one) > 1]
    return orphans + strangers + twice


def unlisted_steps(modules: Iterable[Module]) -> list[str]:
    """Files of step kinds that the union's file does not import."""
    shelf = list(_shelf(modules, STEPS))
    union = next(module for module in shelf if module.place.endswith("/__init__.py"))
    named = {part for node in ast.walk(union.tree) for part in _import_parts(node)}
    return [_stem(module) for module in shelf if module is not union and _stem(module) not in named]


@pytest.mark.parametrize(("folder", "value", "list_name"), SHELVES)
def test_no_orphan_plugin(folder: str, value: str, list_name: str) -> None:
    """Whoever writes a plug-in and forgets its line in the list is told, and a line without a file is found."""
    names = plugins(house(), folder, value)
    assert names, f"no plug-in found in {folder}/"
    findings = astray(_values(folder, value, names), getattr(importlib.import_module(f"tocsin.{folder}"), list_name))
    assert not findings, f"{list_name}: {listed(findings)}"


@pytest.mark.parametrize(("folder", "value", "list_name"), SHELVES)
def test_every_plugin_has_a_fixture(folder: str, value: str, list_name: str) -> None:
    """A plug-in without a recorded case is a plug-in that nothing tests."""
    shelf = TESTS / folder / "fixtures"
    for stem, plugin in _values(folder, value, plugins(house(), folder, value)).items():
        folders = {shelf / stem, shelf / str(getattr(plugin, "name", stem))}
        assert any(list(one.glob("*.json")) for one in folders), f"{folder}/{stem}.py ({list_name}) has no fixture"


def test_no_orphan_step() -> None:
    """Every kind of step that has a file is in the union that the rest of the house matches on."""
    if not (HOUSE / STEPS).is_dir():
        pytest.skip("no step kind is written yet")
    orphans = [f"{STEPS}/{name}.py is not imported by its __init__" for name in unlisted_steps(house())]
    assert not orphans, listed(orphans)


def test_a_plugin_astray_is_seen() -> None:
    """A file without a line, a line without a file and a line written twice are three findings."""
    assert not astray({"a": "A", "b": "B"}, ("A", "B"))
    assert astray({"a": "A", "b": "B"}, ("A",)) == ["b.py is not in the list"]
    assert astray({"a": "A"}, ("A", "B")) == ["'B' has no file of its own"]
    assert astray({"a": "A"}, ("A", "A"))


def test_a_plugin_is_found_however_it_is_written() -> None:
    """An annotated definition counts as a plain one; a file without one is not a plug-in."""
    shelf = [
        snippet("DOOR = Door()", "intake/a.py"),
        snippet("DOOR: Final = Door()", "intake/b.py"),
        snippet("class Door: ...", "intake/door.py"),
        snippet("from .a import DOOR", "intake/__init__.py"),
        snippet("DOOR = 1", "channels/c.py"),
    ]
    assert plugins(shelf, "intake", "DOOR") == ["a", "b"]


@pytest.mark.parametrize("line", ["from tocsin.core.escalation.steps.user import User", "from . import user"])
def test_an_orphan_step_is_seen(line: str) -> None:
    """A step's file that the union does not import is found, however the others are imported."""
    union = snippet(line, f"{STEPS}/__init__.py")
    shelf = [union, snippet("class User: ...", f"{STEPS}/user.py"), snippet("class Team: ...", f"{STEPS}/team.py")]
    assert unlisted_steps(shelf) == ["team"]


def _values(folder: str, value: str, names: Iterable[str]) -> dict[str, object]:
    return {name: getattr(importlib.import_module(f"tocsin.{folder}.{name}"), value) for name in names}


def _shelf(modules: Iterable[Module], folder: str) -> list[Module]:
    return [module for module in modules if module.place.rpartition("/")[0] == folder]


def _stem(module: Module) -> str:
    return module.place.rpartition("/")[2].removesuffix(".py")


def _defined(tree: ast.Module) -> set[str]:
    assigned = [node.targets for node in tree.body if isinstance(node, ast.Assign)]
    annotated = [[node.target] for node in tree.body if isinstance(node, ast.AnnAssign)]
    return {target.id for targets in assigned + annotated for target in targets if isinstance(target, ast.Name)}


def _import_parts(node: ast.AST) -> set[str]:
    if isinstance(node, ast.ImportFrom):
        return {*(node.module or "").split("."), *(name.name for name in node.names)}
    return set()
