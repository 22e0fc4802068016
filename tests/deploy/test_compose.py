"""The compose files: what they promise of a node, and what Docker Compose itself makes of them."""

from __future__ import annotations

import os
import subprocess
from typing import Any

import pytest
import yaml

from deploy.conftest import DEPLOY, ROOT, program

FILES = ("compose.yaml", "compose.nodes.yaml")
SECRETS = {"POSTGRES_PASSWORD": "p" * 16, "TOCSIN_SECRET_KEY": "k" * 43}


def nodes(name: str) -> dict[str, dict[str, Any]]:
    """The services of a file that are Tocsin."""
    services: dict[str, dict[str, Any]] = yaml.safe_load((DEPLOY / name).read_text())["services"]
    return {service: told for service, told in services.items() if service.startswith("tocsin")}


@pytest.mark.parametrize("name", FILES)
def test_nodes_are_built_here_and_closed(name: str) -> None:
    """Every node comes from the Containerfile, comes back by itself, may write only its data, and may do little."""
    for node in nodes(name).values():
        assert (DEPLOY / node["build"]["context"]).resolve() == ROOT
        assert (ROOT / node["build"]["dockerfile"]).is_file()
        assert node["restart"] == "unless-stopped"
        assert (node["read_only"], node["cap_drop"]) == (True, ["ALL"])
        places = [place.split(":")[-1 if "volumes" in node else 0] for place in node.get("volumes", node["tmpfs"])]
        assert "/data" in places
        assert int(node["stop_grace_period"].removesuffix("s")) >= 45


def test_nodes_are_equal() -> None:
    """Two nodes with the same key on the same database."""
    assert len({str(node) for node in nodes("compose.nodes.yaml").values()}) == 1
    assert len(nodes("compose.nodes.yaml")) == 2


def test_proxy_knows_every_node() -> None:
    """The proxy's file names each node and asks it whether it is ready."""
    told = (DEPLOY / "proxy" / "Caddyfile.nodes").read_text()
    assert all(f"{name}:8080" in told for name in nodes("compose.nodes.yaml"))
    assert "health_uri /readyz" in told


@pytest.mark.parametrize("name", FILES)
def test_compose_understands_it(name: str) -> None:
    """Docker Compose reads the file without a complaint, and refuses the nodes without their secrets."""
    compose = program("docker-compose", "Debian: docker-compose")
    command = [compose, "-f", DEPLOY / name, "config"]
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    answer = subprocess.run(command, env=environment | SECRETS, capture_output=True, text=True, timeout=60, check=False)
    assert (answer.returncode, answer.stderr) == (0, "")
    bare = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (bare.returncode == 0) is (name == "compose.yaml")
