"""What is deployed with: programs that may be missing, and Tocsin itself as its wheel, installed in an empty place."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


def program(name: str, package: str) -> str:
    """Where a program is. Without it the test is skipped, and says what to install; CI may insist on it."""
    beside = str(Path(sys.executable).parent)
    found = shutil.which(name, path=os.pathsep.join((beside, os.environ["PATH"], "/usr/sbin")))
    if found is None:
        told = f"NOT TESTED: {name} is not installed ({package})"
        if os.environ.get(f"TOCSIN_REQUIRE_{name.upper().replace('-', '_')}"):
            pytest.fail(told)
        pytest.skip(told)
    return found


def said(*words: str | Path, folder: Path = ROOT, code: int = 0, **variables: str) -> str:
    """What a program says, on both of its streams; it must end with this code."""
    inside = os.environ | variables
    answer = subprocess.run(words, cwd=folder, env=inside, capture_output=True, text=True, timeout=110, check=False)
    assert answer.returncode == code, (words, answer.returncode, answer.stdout, answer.stderr)
    return answer.stdout + answer.stderr


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` of an environment that holds the wheel, and of this one only what Tocsin depends on."""
    folder = tmp_path_factory.mktemp("installed")
    made = venv.EnvBuilder(with_pip=False)
    made.create(folder / "tocsin")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    said(*pip, "wheel", "--no-deps", "--wheel-dir", folder, ".")
    [wheel] = folder.glob("tocsin-*.whl")
    said(*pip, "--python", folder / "tocsin" / "bin" / "python", "install", "--no-deps", wheel)
    [site] = (folder / "tocsin").glob("lib/python*/site-packages")
    # A folder named in a .pth file is looked into after the environment's own: the wheel goes before this work tree.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "tocsin" / "bin"
