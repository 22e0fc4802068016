"""The pictures in the documentation are what the commands beside them draw."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from app.conftest import ROOT

PICTURES = ROOT / "docs" / "pictures"
#: Each command of the page, with the file that it wrote.
COMMANDS = re.findall(
    r"^tocsin (.+?) > (\S+)$", (PICTURES / "README.md").read_text("utf-8").replace("\\\n", " "), re.MULTILINE
)


@pytest.mark.parametrize(("command", "file"), COMMANDS, ids=[file for _, file in COMMANDS])
def test_a_picture_is_what_its_command_draws(
    typed: Callable[..., subprocess.CompletedProcess[str]], monkeypatch: pytest.MonkeyPatch, command: str, file: str
) -> None:
    """Whoever types the command gets the picture that is shown."""
    monkeypatch.chdir(ROOT)
    answer = typed(*shlex.split(command))
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout == (ROOT / file).read_text("utf-8")


def test_every_picture_has_its_command() -> None:
    """No picture stands about of which nobody knows how it was made, and each is shown on the page."""
    made = {Path(file).name for _, file in COMMANDS}
    assert made == {path.name for path in PICTURES.glob("*.svg")}
    assert made == set(re.findall(r"\]\(([\w-]+\.svg)\)", (PICTURES / "README.md").read_text("utf-8")))
