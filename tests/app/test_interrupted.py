"""Ctrl-C while the program is being loaded: quiet, and with the code that shells expect."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
import tomllib

import pytest

from app.conftest import ROOT, Terminal


@pytest.mark.parametrize("seconds", [0.05, 0.3, 0.8])
def test_early_interrupt_is_quiet(seconds: float, terminal: Terminal) -> None:
    """However early somebody changes their mind, no traceback is shown, and nothing is left behind."""
    script = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]["tocsin"]
    module, _, function = script.partition(":")
    code = f"print('here', flush=True); from {module} import {function}; {function}()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, "restore", "--check", "none.zip"],
        cwd=terminal.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "here\n"
    time.sleep(seconds)
    process.send_signal(signal.SIGINT)
    said, complained = process.communicate(timeout=60)
    assert process.returncode in (130, 3)
    assert "Traceback" not in said + complained
    assert list(terminal.folder.iterdir()) == []
