"""The real command line in processes of its own, in a folder of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from served import free_port
from tocsin.app.cli import main

PROGRAM = (sys.executable, "-c", "from tocsin.app.cli import main; main()")
ROOT = Path(__file__).parents[2]


@dataclass(kw_only=True)
class Terminal:
    """A folder in which somebody types commands, with no setting of ours in the environment."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Type a command and wait for its end."""
        return subprocess.run(
            [*PROGRAM, *words],
            cwd=self.folder,
            env=self._all(variables),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def start(self, *words: str, **variables: str) -> subprocess.Popen[str]:
        """Type a command that stays."""
        return subprocess.Popen(
            [*PROGRAM, *words],
            cwd=self.folder,
            env=self._all(variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def write(self, name: str, text: str) -> str:
        """Put a file into the folder; its name."""
        (self.folder / name).write_text(text, encoding="utf-8")
        return name

    def _all(self, variables: dict[str, str]) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
        return kept | self.environment | variables


def ended(process: subprocess.Popen[str], number: int = signal.SIGTERM) -> tuple[int, str, str]:
    """Send a signal; the exit code, and what was said."""
    process.send_signal(number)
    said, complained = process.communicate(timeout=30)
    return process.returncode, said, complained


def line_with(process: subprocess.Popen[str], word: str, *, stream: str = "stderr", seconds: float = 20) -> str:
    """The first line of a stream that holds a word."""
    until = time.monotonic() + seconds
    for line in getattr(process, stream):
        if word in line:
            return str(line)
        assert time.monotonic() < until, f"no {word!r} in {seconds} s"
    raise AssertionError(f"ended with {process.wait()} before it said {word!r}")


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """A terminal in an empty folder."""
    return Terminal(folder=tmp_path)


@pytest.fixture
def starting() -> Iterator[Callable[[subprocess.Popen[str]], subprocess.Popen[str]]]:
    """Ends what a test has started and left running."""
    started: list[subprocess.Popen[str]] = []

    def keep(process: subprocess.Popen[str]) -> subprocess.Popen[str]:
        started.append(process)
        return process

    yield keep
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=30)


@pytest.fixture
def typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Types a command in this very process: quicker, for commands that neither log nor open a store."""
    monkeypatch.chdir(tmp_path)

    def type_in(*words: str) -> subprocess.CompletedProcess[str]:
        monkeypatch.setattr(sys, "argv", ["tocsin", *words])
        with pytest.raises(SystemExit) as end:
            main()
        said = capsys.readouterr()
        assert isinstance(end.value.code, int)
        return subprocess.CompletedProcess(words, end.value.code, said.out, said.err)

    return type_in


@pytest.fixture
def port() -> str:
    """A free port, as one types it."""
    return str(free_port())
