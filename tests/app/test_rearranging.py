"""The command line changes the rota of an installation, as a person at a terminal does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from app.conftest import Terminal
from served import Served, Sink

ROTA = """
tocsin: 1
users:
  - {name: ada, time_zone: Europe/Berlin, contacts: [{name: mail, channel: email, address: ada@example.org}]}
  - {name: grace, contacts: [{name: mail, channel: email, address: grace@example.org}]}
teams: [{name: data, members: [ada, grace]}]
schedules:
  - name: rota
    team: data
    time_zone: Europe/Berlin
    layers: [{name: always, rotation: {every: 100 weeks, from: "2026-01-05T09:00", people: [ada]}}]
"""


@dataclass(kw_only=True)
class Typist(Terminal):
    """Types commands beside a server, which keeps the data open."""

    def __call__(self, *words: str) -> tuple[int, str]:
        """Exit code, and what was printed: on the standard output, or on the standard error when that is empty."""
        done = self.run(*words, TOCSIN_DATA="data", TOCSIN_SECRET_KEY="k" * 43)
        return done.returncode, done.stdout.strip() or done.stderr.strip()


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Typist]:
    """A terminal, with the rota applied."""
    sink = Sink()
    served = Served(tmp_path_factory.mktemp("typist"), sink=sink.port)
    served.start()
    made = Typist(folder=served.folder)
    code, said = made("apply", made.write("rota.yaml", ROTA))
    assert code == 0, said
    yield made
    served.kill(15)
    sink.close()


@pytest.mark.postgres
def test_a_day_at_the_terminal(terminal: Typist) -> None:
    """Override, cover, absence and swap: each is made, listed for people and programs, in force, and ended."""
    code, made = terminal("override", "add", "rota", "grace", "--for", "2h", "--note", "dentist")
    assert (code, "grace" in made, "dentist" in made) == (0, True, True)
    assert json.loads(terminal("oncall", "rota", "--json")[1])["schedules"][0]["people"] == ["grace"]
    [override] = json.loads(terminal("override", "list", "--json")[1])["overrides"]
    assert terminal("override", "end", override["name"]) == (0, "Ended.")
    assert json.loads(terminal("oncall", "rota", "--json")[1])["schedules"][0]["people"] == ["ada"]

    code, asked = terminal("cover", "ada", "--for", "2h")
    assert (code, "open" in asked) == (0, True)
    [offer] = json.loads(terminal("swap", "list", "rota", "--json")[1])["swaps"]
    assert (offer["person"], offer["offered_to"]) == ("ada", ["grace"])
    code, taken = terminal("swap", "take", offer["id"], "grace")
    assert (code, "taken" in taken) == (0, True)
    assert json.loads(terminal("oncall", "rota", "--json")[1])["schedules"][0]["people"] == ["grace"]

    code, made = terminal("absence", "add", "grace", "--from", "2030-01-01", "--to", "2030-01-08", "--note", "ski")
    assert code == 2
    code, made = terminal("absence", "add", "grace", "--for", "3 days", "--note", "ski")
    assert (code, "3d" in made, "ski" in made) == (0, True, True)
    [absence] = json.loads(terminal("absence", "list", "grace", "--json")[1])["absences"]
    assert terminal("absence", "end", absence["name"]) == (0, "Ended.")
    assert terminal("absence", "list") == (0, "Nobody is away.")

    assert terminal("handoff", "rota", "db-1 is slow", "--by", "ada")[0] == 0
    assert "ada: db-1 is slow" in terminal("handoff", "rota")[1]


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("override", "add", "rot", "grace", "--for", "2h"), "did you mean 'rota'?"),
        (("override", "add", "rota", "grace"), "give one of --to, --for"),
        (("override", "add", "rota", "grac", "--for", "2h"), "there is nobody named 'grac'"),
        (("override", "add", "rota", "grace", "--from", "tomorrow", "--for", "2h"), "'tomorrow' is no date"),
        (("override", "end", "gone"), "there is no override 'gone'"),
        (("cover", "zoe", "--for", "2h"), "there is nobody named 'zoe'"),
        (("cover", "ada", "--for", "long"), "'long' is not a duration"),
        (("swap", "take", "gone", "grace"), "there is no swap 'gone'"),
    ],
)
def test_mistakes_at_the_terminal(terminal: Typist, words: tuple[str, ...], told: str) -> None:
    """Exit 2, with what is wrong and how to mend it."""
    code, said = terminal(*words)
    assert (code, told in said) == (2, True), said
