"""Arrows between modules: they stand at the top of a file, keep the contracts, and never come round in a circle."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest
from importlinter.cli import lint_imports

from architecture.house import ROOT, Module, house, listed, snippet

CONTRACTS = ("house", "faces", "testing", "core")


def buried_imports(module: Module) -> list[str]:
    """Imports inside a function; those for the type checker alone are free."""
    return [module.at(node, "imports inside a function") for node in _imports_in_functions(module.tree, inside=False)]


def circle(arrows: Mapping[str, set[str]]) -> list[str]:
    """One circle among the arrows, as the names along it, or nothing."""
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as error:
        return [str(name) for name in error.args[1]]
    return []


@cache
def arrows() -> dict[str, set[str]]:
    """Which module of the house imports which, those for the type checker included."""
    graph = grimp.build_graph("tocsin", cache_dir=None)
    return {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}


def test_imports_stand_at_the_top() -> None:
    """No function hides an arrow from the reader of the file."""
    findings = [finding for module in house() for finding in buried_imports(module)]
    assert not findings, listed(findings)


def test_no_circle() -> None:
    """No module imports itself by way of others."""
    found = circle(arrows())
    assert not found, " -> ".join(found)


def test_contracts_are_kept(capsys: pytest.CaptureFixture[str]) -> None:
    """Who may import whom holds as `pyproject.toml` says it."""
    status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True, no_logo=True)
    assert status == 0, capsys.readouterr().out


def test_contracts_have_no_ignores() -> None:
    """A contract with an exception is a different contract: none is ignored, and a new folder must find its place."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    contracts = {contract["id"]: contract for contract in settings["contracts"]}
    assert set(contracts) == set(CONTRACTS)
    assert all(contracts[name]["exhaustive"] for name in ("house", "core"))
    assert not [key for contract in contracts.values() for key in contract if "ignore" in key]


def test_the_fakes_take_memory_from_the_store() -> None:
    """Of the whole store, the fakes we ship may import its twin in memory alone."""
    taken = {name for name in arrows().get("tocsin.testing", set()) if name.startswith("tocsin.store")}
    assert taken <= {"tocsin.store.memory"}


@pytest.mark.parametrize(
    "text",
    [
        "def later():\n    import json",
        "async def later():\n    from json import loads",
        "class A:\n    def later(self):\n        if True:\n            import json",
        "def later():\n    if TYPE_CHECKING:\n        pass\n    else:\n        import json",
    ],
)
def test_a_buried_import_is_seen(text: str) -> None:
    """An import is found at any depth of any kind of function."""
    assert buried_imports(snippet(text))


@pytest.mark.parametrize("text", ["import json", "def later():\n    if typing.TYPE_CHECKING:\n        import json"])
def test_an_open_import_is_free(text: str) -> None:
    """The top of a file, and what only the type checker reads, are allowed."""
    assert not buried_imports(snippet(text))


def test_a_circle_is_seen() -> None:
    """Three modules in a ring are a circle, three in a row are none."""
    assert set(circle({"a": {"b"}, "b": {"c"}, "c": {"a"}})) == {"a", "b", "c"}
    assert not circle({"a": {"b"}, "b": {"c"}, "c": set()})


#: A house with a door to every room, and nothing in them.
BARE = ("core/vocabulary.py", "core/errors.py", "core/alerts.py", "core/paging.py", "store/memory.py", "web/pages.py")


@pytest.mark.parametrize(
    ("place", "arrow", "broken"),
    [
        ("web/pages.py", "tocsin.store.memory", ["faces"]),
        ("core/alerts.py", "tocsin.core.paging", ["core"]),
        ("core/errors.py", "tocsin.web.pages", ["house"]),
        ("testing.py", "tocsin.web", ["testing"]),
        ("attic.py", "tocsin.core", ["house"]),
        ("testing.py", "tocsin.store.memory", []),
    ],
)
def test_a_forbidden_arrow_is_seen(tmp_path: Path, place: str, arrow: str, broken: list[str]) -> None:
    """The contracts of `pyproject.toml` refuse an arrow that runs back, to a neighbour, or from an unknown room."""
    for name in {*BARE, place}:
        file = tmp_path / "tocsin" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
        (file.parent / "__init__.py").touch()
    (tmp_path / "tocsin" / "__init__.py").touch()
    (tmp_path / "tocsin" / place).write_text(f"import {arrow}\n", encoding="utf-8")
    assert [contract for contract in CONTRACTS if not _is_kept(contract, tmp_path)] == broken


def _is_kept(contract: str, folder: Path) -> bool:
    """Asked in a process of its own: this one has the real house on its path."""
    linter = str(Path(sys.executable).with_name("lint-imports"))
    command = [linter, "--config", str(ROOT / "pyproject.toml"), "--contract", contract, "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False).returncode == 0


def _imports_in_functions(node: ast.AST, *, inside: bool) -> Iterator[ast.stmt]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        if inside:
            yield node
        return
    inside = inside or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    for child in _children_that_run(node):
        yield from _imports_in_functions(child, inside=inside)


def _children_that_run(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        yield from node.orelse
    else:
        yield from ast.iter_child_nodes(node)
