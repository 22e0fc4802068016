"""`tocsin simulate-faults`: what it prints, and how a broken promise is told."""

from __future__ import annotations

import json
from pathlib import Path

from app.conftest import Terminal
from simulation.test_checks import ForgetsTheNextStep, found
from tocsin.app.commands.simulate_faults import Tally, as_document, as_text
from tocsin.ports.words import Catalogs
from tocsin.simulation.nodes import Parts


def test_the_figures_are_one_document(tmp_path: Path) -> None:
    """With --json there is one document on the standard output and nothing else, not even progress, anywhere."""
    terminal = Terminal(folder=tmp_path, environment={})
    ended = terminal.run("simulate-faults", "--seed", "3", "--seeds", "2", "--days", "0.3", "--json")
    assert (ended.returncode, ended.stderr) == (0, "")
    figures = json.loads(ended.stdout)
    assert (figures["seeds"], figures["broken"]) == (2, None)
    assert figures["simulated_hours"] == 14.4
    assert figures["events"] > 0
    assert figures["calls"] > 0


def test_as_many_at_a_time_as_wanted_come_to_the_same(tmp_path: Path) -> None:
    """Two processes, each with an order of its own for what has none, find what one finds."""
    terminal = Terminal(folder=tmp_path, environment={})

    def figures(workers: str, hashes: str) -> dict[str, object]:
        words = ("simulate-faults", "--seed", "7", "--seeds", "4", "--days", "0.5", "--workers", workers, "--json")
        told: dict[str, object] = json.loads(terminal.run(*words, PYTHONHASHSEED=hashes).stdout)
        return {name: value for name, value in told.items() if name not in ("seconds", "hours_a_minute")}

    assert figures("1", "1") == figures("2", "2")


def test_the_figures_are_told(tmp_path: Path) -> None:
    """Without it there are four lines: how much and how fast, what went on, what went wrong, and the answer."""
    ended = Terminal(folder=tmp_path, environment={}).run("simulate-faults", "--seed", "3", "--days", "0.3")
    lines = ended.stdout.splitlines()
    assert ended.returncode == 0
    assert lines[0].startswith("1 seeds of 0.3 days: 7 simulated hours in ")
    assert lines[2].startswith("faults: ")
    assert lines[3] == "every promise was kept"


def test_a_broken_promise_is_told(catalogs: Catalogs) -> None:
    """The promise in a sentence, the seed, the script that breaks it, and how it ended."""
    outcome = found(Parts(books=ForgetsTheNextStep), catalogs)
    assert outcome.broken is not None
    tally = Tally(broken=outcome)
    tally.add(outcome)
    text = as_text(tally, 2.0)
    assert "A PROMISE WAS BROKEN" in text
    assert outcome.broken.sentence in text
    assert f"tocsin simulate-faults --seed {outcome.seed} --days 2" in text
    assert all(line.text in text for line in outcome.script)
    document = as_document(tally, 2.0)
    assert document["broken"]["promise"] == outcome.broken.promise
    assert document["broken"]["history"][-1].endswith(outcome.broken.sentence)
