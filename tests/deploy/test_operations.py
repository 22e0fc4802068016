"""What docs/operations.md says is so: commands, files, metrics and rules are those that there are."""

from __future__ import annotations

import re
import shlex
import signal
import sys
import time
import urllib.request
from collections.abc import Iterator

import pytest
import yaml

from deploy.conftest import DEPLOY, ROOT, program, said
from served import Served, Sink

TEXT = (ROOT / "docs" / "operations.md").read_text()
RULES = DEPLOY / "prometheus" / "tocsin.rules.yaml"


def commands() -> list[list[str]]:
    """Every `tocsin ...` in the blocks of code, without what is piped or set around it."""
    blocks = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
    lines = [re.split(r"\s[|>]|\s#", line)[0] for block in blocks for line in block.splitlines()]
    return [shlex.split(found[1]) for line in lines if (found := re.search(r"(?:^|[\s/])tocsin ((?:[a-z]).*)", line))]


def metrics_in(text: str) -> set[str]:
    """The names of metrics in a text."""
    return set(re.findall(r"\btocsin_[a-z_]+\b", text))


@pytest.fixture(scope="module")
def exposed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[set[str]]:
    """The metrics of a node that has looked around once."""
    sink = Sink()
    node = Served(tmp_path_factory.mktemp("metrics"), sink=sink.port)
    node.start()
    until = time.monotonic() + 30
    while "tocsin_open_alerts" not in (told := str(read(f"{node.url}/metrics"))) and time.monotonic() < until:
        time.sleep(0.2)
    yield set(re.findall(r"^# HELP (\w+)", told, re.MULTILINE))
    node.kill(signal.SIGTERM)
    sink.close()


def read(address: str) -> str:
    """What stands at an address."""
    with urllib.request.urlopen(address, timeout=10) as answer:
        return str(answer.read().decode())


def test_commands_are_those_of_the_program() -> None:
    """Each command that is shown exists, with the options that it is shown with."""
    shown = [words for words in commands() if words[0] in {"backup", "restore", "serve", "oncall", "doctor"}]
    assert {words[0] for words in shown} >= {"backup", "restore", "oncall", "doctor"}
    for name in {words[0] for words in shown}:
        code = f"import sys; sys.argv = ['tocsin', '{name}', '--help']; from tocsin.app.cli import main; main()"
        told = said(sys.executable, "-c", code)
        options = {word for words in shown if words[0] == name for word in words if word.startswith("--")}
        assert all(option in told for option in options), (name, options)


def test_links_lead_somewhere() -> None:
    """Every file that is linked from the page is there."""
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", TEXT)
    assert targets
    assert [target for target in targets if not (ROOT / "docs" / target).exists()] == []


def test_metrics_are_told_one_and_all(exposed: set[str]) -> None:
    """Every metric of a node stands in the table, and the table has no other."""
    assert metrics_in(TEXT) == exposed


def test_rules_are_about_what_there_is(exposed: set[str]) -> None:
    """A rule about a metric that nobody exposes would never fire; the table names every rule, and no other."""
    assert metrics_in(" ".join(rule["expr"] for rule in rules())) <= exposed
    assert {rule["alert"] for rule in rules()} == set(re.findall(r"`(Tocsin[A-Z]\w+)`", TEXT))


def rules() -> list[dict[str, str]]:
    """All of them."""
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


def test_rules_fire_as_promised() -> None:
    """Prometheus's own tool reads the rules, and tries the gravest on series made up."""
    promtool = program("promtool", "Debian: prometheus")
    assert "SUCCESS" in said(promtool, "check", "rules", RULES)
    assert "SUCCESS" in said(promtool, "test", "rules", RULES.with_name("tocsin.rules.test.yaml"))


@pytest.mark.parametrize("name", ["Caddyfile", "Caddyfile.nodes"])
def test_caddy_reads_its_file(name: str) -> None:
    """Caddy itself finds the example valid; the page shows the same."""
    caddy = program("caddy", "Debian: caddy")
    words = ("validate", "--adapter", "caddyfile", "--config", DEPLOY / "proxy" / name)
    assert "Valid configuration" in said(caddy, *words)
    lines = (DEPLOY / "proxy" / "Caddyfile").read_text().splitlines()
    assert "\n".join(line for line in lines if not line.lstrip().startswith("#")) in TEXT
