"""The Containerfile, instruction by instruction: what it copies is there, and what it starts is a healthy node."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
from importlib.metadata import requires
from pathlib import Path

import pytest

from deploy.conftest import DEPLOY, ROOT, said
from deploy.test_systemd import answered
from served import free_port

Instruction = tuple[str, str]


def instructions() -> list[list[Instruction]]:
    """The instructions of each stage; what stands before the first one is the first list."""
    text = "\n".join(line for line in (DEPLOY / "Containerfile").read_text().splitlines() if not line.startswith("#"))
    stages: list[list[Instruction]] = [[]]
    for line in re.sub(r"\\\n\s*", "", text).splitlines():
        word, _, rest = line.partition(" ")
        if word == "FROM":
            stages.append([])
        if word:
            stages[-1].append((word, rest.strip()))
    return stages


def values(stage: list[Instruction], word: str) -> list[str]:
    """What stands after each instruction of this kind."""
    return [rest for each, rest in stage if each == word]


def environment() -> dict[str, str]:
    """What the image sets."""
    _, _, last = instructions()
    return dict(pair.split("=", 1) for line in values(last, "ENV") for pair in line.split())


def test_two_stages_of_one_base() -> None:
    """Built and run on the same Debian Python, whose digest may be given."""
    first, build, last = instructions()
    assert values(first, "ARG")[0].startswith("PYTHON=docker.io/library/python:3.11-slim-")
    assert values(build, "FROM") == ["${PYTHON} AS build"]
    assert values(last, "FROM") == ["${PYTHON}"]


def test_what_is_copied_is_there_and_not_ignored() -> None:
    """Every path that is copied exists in the repository, and the ignore file lets it through."""
    let_in = {
        line[1:] for line in (DEPLOY / "Containerfile.dockerignore").read_text().splitlines() if line.startswith("!")
    }
    _, build, last = instructions()
    copied = [path for line in values(build, "COPY") for path in line.split()[:-1]]
    assert all((ROOT / path).exists() for path in copied)
    assert set(copied) == let_in
    assert [line.split()[0] for line in values(last, "COPY")] == ["--from=build"]


def test_nothing_runs_as_root() -> None:
    """The user is a number, so that a cluster can see that it is not root; the data folder is that user's."""
    _, _, last = instructions()
    assert values(last, "USER") == ["10001:10001"]
    [made] = values(last, "RUN")
    assert "--uid 10001" in made
    assert f"install -d -o tocsin -g tocsin -m 0700 {environment()['TOCSIN_DATA']}" in made
    assert json.loads(values(last, "VOLUME")[0]) == [environment()["TOCSIN_DATA"]]
    names = [word for word, _ in last]
    assert names.index("RUN") < names.index("USER")


def test_programs_of_the_base_are_those_of_debian() -> None:
    """`setpriv` comes with Debian's util-linux, which no image is without."""
    query = shutil.which("dpkg-query")
    if query is None:
        pytest.skip("NOT TESTED: this is no Debian")
    assert said(query, "-W", "-f", "${Essential}", "util-linux") == "yes"
    assert "util-linux" in said(query, "-S", "*bin/setpriv")


def test_wheel_is_the_same_each_time(tmp_path: Path) -> None:
    """From one source, at whatever time, comes one wheel, byte for byte."""
    _, build, _ = instructions()
    epoch = re.search(r"SOURCE_DATE_EPOCH=(\d+)", values(build, "ENV")[0])
    assert epoch
    found = []
    for name in ("first", "second"):
        source = tmp_path / name
        shutil.copytree(ROOT / "src", source / "src", ignore=shutil.ignore_patterns("__pycache__"))
        for path in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copyfile(ROOT / path, source / path)
        words = [sys.executable, "-m", "pip", "--quiet", "wheel", "--no-deps", "--wheel-dir", "out", "."]
        said(*words, folder=source, SOURCE_DATE_EPOCH=epoch[1])
        [wheel] = (source / "out").iterdir()
        found.append((wheel.name, wheel.read_bytes()))
    assert found[0] == found[1]


def test_every_package_is_pinned() -> None:
    """What Tocsin depends on is named in the constraints with one version, which its own demands allow."""
    lines = [line for line in (DEPLOY / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    pinned = dict(line.split("==") for line in lines)
    needed = {re.split(r"[^\w.-]", text)[0].lower() for text in requires("tocsin") or [] if "extra ==" not in text}
    assert needed <= {name.lower().replace("_", "-") for name in pinned}


def test_image_would_start_a_healthy_node(tmp_path: Path, installed: Path) -> None:
    """ENTRYPOINT and CMD in the image's environment are a node, and HEALTHCHECK finds it well, and not without it."""
    _, _, last = instructions()
    start = [*json.loads(values(last, "ENTRYPOINT")[0]), *json.loads(values(last, "CMD")[0])]
    check = json.loads(values(last, "HEALTHCHECK")[0].partition("CMD ")[2])
    assert {"TOCSIN_HOST": "0.0.0.0", "TOCSIN_PORT": values(last, "EXPOSE")[0]}.items() <= environment().items()
    path = environment()["PATH"].replace("/opt/tocsin/bin", str(installed)).replace("$PATH", "/usr/bin:/bin")
    inside = environment() | {"PATH": path, "TOCSIN_DATA": str(tmp_path / "data"), "TOCSIN_PORT": str(free_port())}
    with (tmp_path / "log").open("wb") as log:
        node = subprocess.Popen(["env", *start], cwd=tmp_path, env=inside, stdout=log, stderr=log)
    try:
        answered(node, f"http://127.0.0.1:{inside['TOCSIN_PORT']}/readyz")
        healthy = subprocess.run(["env", *check], env=inside, capture_output=True, timeout=30, check=False)
        assert healthy.returncode == 0, healthy
        node.send_signal(getattr(signal, values(last, "STOPSIGNAL")[0]))
        assert node.wait(90) == 0
        unhealthy = subprocess.run(["env", *check], env=inside, capture_output=True, timeout=30, check=False)
        assert unhealthy.returncode == 1
    finally:
        if node.poll() is None:
            node.kill()
            node.wait()
