"""Finds and runs the benchmarks, which are programs of their own."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

from tocsin.core.errors import NotFound, Unavailable

#: In an installed package they lie beside the code, in a checkout at its root.
_PLACES = (Path(__file__).parents[1] / "bench", Path(__file__).parents[3] / "bench")


def listing() -> str:
    """Every benchmark with what it measures."""
    return "\n".join(f"{path.stem:<12} {_sentence(path)}" for path in _programs().values())


def run(name: str) -> int:
    """Run one in a process of its own; its exit code.

    Raises:
        NotFound: there is none of this name.
    """
    programs = _programs()
    if name not in programs:
        raise NotFound(f"there is no benchmark {name!r}", field="name", hint=f"there are: {', '.join(programs)}")
    return subprocess.run([sys.executable, str(programs[name])], check=False).returncode


def _programs() -> dict[str, Path]:
    folder = next((place for place in _PLACES if place.is_dir()), None)
    if folder is None:
        raise Unavailable("The benchmarks are not installed here: run them from a checkout.")
    return {path.stem: path for path in sorted(folder.glob("*.py")) if not path.stem.startswith("_")}


def _sentence(path: Path) -> str:
    told = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return told.splitlines()[0] if told else ""
