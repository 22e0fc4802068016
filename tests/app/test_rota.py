"""`tocsin rota propose` as somebody types it: a rota, why there is none, and schedules that may be applied."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from app.conftest import ROOT, Terminal, ended

Typed = Callable[..., subprocess.CompletedProcess[str]]

WISH = """
tocsin: 1
name: data
time_zone: Europe/Berlin
duties: {from: "2026-12-21T09:00", every: 1 week, weeks: 6, posts: [primary, secondary]}
people:
  - {name: ada, holidays: DE-BE, wishes: [{avoids: {days: [thu]}, weight: 2}, {apart: 1 week}]}
  - {name: grace, time_zone: America/New_York, absences: [{from: "2027-01-04", to: "2027-01-10", note: skiing}]}
  - {name: linus, wishes: [{not_with: ada}]}
  - {name: mary}
"""

CLASH = """
tocsin: 1
name: data
time_zone: Europe/Berlin
duties: {from: "2026-12-21T09:00", every: 1 week, weeks: 2}
people:
  - {name: ada, absences: [{from: "2026-12-21", to: "2027-01-03", note: skiing}]}
  - {name: grace, wishes: [{avoids: {days: [thu]}, hard: true}]}
  - {name: linus}
limits: [{gap: 11 hours}]
"""

TEAM = """
tocsin: 1
users:
  - {name: ada, time_zone: Europe/Berlin, holidays: DE, absences: [{from: "2026-12-21", to: "2027-01-03"}]}
  - {name: grace, time_zone: Europe/Berlin}
  - {name: linus, time_zone: America/New_York}
  - {name: mary}
teams: [{name: data, members: [ada, grace, linus]}, {name: empty}]
schedules:
  - name: data-primary
    team: data
    time_zone: Europe/Berlin
    layers: [{name: weekly, rotation: {every: 1 week, from: "2026-01-05T09:00", people: [ada, grace, linus]}}]
"""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with a file for each case."""
    for name, text in (("wish.yaml", WISH), ("clash.yaml", CLASH), ("team.yaml", TEAM)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def document(answer: subprocess.CompletedProcess[str], code: int = 0) -> dict[str, object]:
    """The one JSON document that was printed."""
    assert answer.returncode == code, answer
    found = json.loads(answer.stdout)
    assert isinstance(found, dict)
    return found


def holders(found: dict[str, object]) -> dict[str, str]:
    """Who has which duty."""
    duties = found["duties"]
    assert isinstance(duties, list)
    return {duty["id"]: duty["person"] for duty in duties}


def test_a_rota_is_proposed(files: Path, typed: Typed) -> None:
    """Week by week who has it, what everybody carries, what it costs and what is not fulfilled, in eighty columns."""
    answer = typed("rota", "propose", "wish.yaml")
    assert answer.returncode == 0, answer
    lines = answer.stdout.splitlines()
    assert lines[0] == "data: 6 weeks from Mon 2026-12-21 09:00, Europe/Berlin"
    assert lines[1].startswith("Proven optimal: no rota costs less (OR-Tools CP-SAT, ")
    assert sum(line.startswith("Mon 202") for line in lines) == 6
    assert all(len(line) <= 80 for line in lines)
    assert any(line.startswith("It costs ") for line in lines)
    assert "  ada: no Thursdays" in answer.stdout


def test_as_json_it_is_one_document(files: Path, typed: Typed) -> None:
    """Programs read who has which duty from when to when, the cost and its proof, and what is missed."""
    found = document(typed("rota", "propose", "wish.yaml", "--json"))
    assert found["status"] == "optimal"
    assert found["gap"] == 0
    assert len(holders(found)) == 12
    assert holders(found).keys() >= {"primary 2026-12-21", "secondary 2027-01-25"}
    assert "grace" not in (holders(found)[f"{role} 2027-01-04"] for role in ("primary", "secondary"))


def test_a_pin_is_kept(files: Path, typed: Typed) -> None:
    """A person decides some duties, and the rest is solved again."""
    pins = ("--pin", "2026-12-21=mary", "--pin", "secondary 2026-12-28=mary", "--pin", "2027-01-11!=mary")
    found = holders(document(typed("rota", "propose", "wish.yaml", "--json", *pins)))
    assert (found["primary 2026-12-21"], found["secondary 2026-12-28"]) == ("mary", "mary")
    assert found["primary 2027-01-11"] != "mary"
    assert "mary *" in typed("rota", "propose", "wish.yaml", *pins).stdout


def test_why_there_is_no_rota(files: Path, typed: Typed) -> None:
    """What clashes is named in the words of the file, and the exit code says no."""
    answer = typed("rota", "propose", "clash.yaml")
    assert answer.returncode == 1
    told = [
        "These clash, and no smaller set does:",
        "  ada: away 2026-12-21 to 2027-01-03 (skiing)",
        "  grace: no Thursdays (hard)",
        "  limit: 11 h between duties",
        "They leave nobody for: primary 2026-12-21, primary 2026-12-28.",
    ]
    assert [line for line in answer.stdout.splitlines() if line in told] == told
    found = document(typed("rota", "propose", "clash.yaml", "--json"), code=1)
    assert (found["status"], found["smallest"]) == ("clash", True)


def test_the_search_by_swaps_proves_nothing(files: Path, typed: Typed) -> None:
    """Without the solver a rota is found and not proven, and where none is found that is said."""
    found = document(typed("rota", "propose", "wish.yaml", "--swaps", "--seconds", "0.5", "--json"))
    assert (found["status"], found["bound"]) == ("found", None)
    answer = typed("rota", "propose", "clash.yaml", "--swaps", "--seconds", "0.2")
    assert answer.returncode == 1
    assert "which does not prove that there is" in answer.stdout


def test_why_a_wish_is_missed(files: Path, typed: Typed) -> None:
    """What keeping a missed wish would cost elsewhere is told beside it."""
    answer = typed("rota", "propose", "wish.yaml", "--why")
    assert answer.returncode == 0
    assert "    to keep it would cost " in answer.stdout


def test_what_is_written_may_be_rendered(files: Path, typed: Typed) -> None:
    """The schedules of `--out`, beside the people, serve as proposed."""
    answer = typed("rota", "propose", "wish.yaml", "--json", "--out", "proposed.yaml")
    found = holders(document(answer))
    assert "Written to proposed.yaml" in answer.stderr
    people = "".join(f"  - {{name: {name}}}\n" for name in ("ada", "grace", "linus", "mary"))
    whole = (files / "proposed.yaml").read_text() + f"users:\n{people}"
    (files / "whole.yaml").write_text(whole, encoding="utf-8")
    window = ("--from", "2026-12-21T08:00:00Z", "--to", "2027-02-01T08:00:00Z", "--format", "json")
    for role in ("primary", "secondary"):
        shown = document(typed("schedule", "render", "whole.yaml", "--schedule", f"data-{role}", *window))
        shifts = shown["shifts"]
        assert isinstance(shifts, list)
        proposed = [name for duty, name in found.items() if duty.startswith(f"{role} ")]
        joined = [name for number, name in enumerate(proposed) if number == 0 or proposed[number - 1] != name]
        assert [shift["people"] for shift in shifts] == [[name] for name in joined]
        assert not shown["gaps"]


def test_a_team_is_known_from_its_configuration(files: Path, typed: Typed) -> None:
    """Weeks of primary and secondary by default, with the team's zones and absences, from next Monday or as said."""
    team = ("--team", "data", "--config", "team.yaml", "--from", "2026-12-21", "--weeks", "4")
    found = document(typed("rota", "propose", *team, "--json"))
    duties = holders(found)
    assert set(duties.values()) == {"ada", "grace", "linus"}
    assert "ada" not in {
        duties[f"{role} {day}"] for role in ("primary", "secondary") for day in ("2026-12-21", "2026-12-28")
    }
    answer = typed("rota", "propose", *team, "--past", "26 weeks", "--out", "proposed.yaml")
    assert answer.returncode == 0
    written = (files / "proposed.yaml").read_text()
    assert "name: weekly" in written
    assert "changes:" in written


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "nothing says what is to be proposed"),
        (("nowhere.yaml",), "nowhere.yaml cannot be read"),
        (("wish.yaml", "--pin", "2026-12-21=mry"), "did you mean 'mary'?"),
        (("wish.yaml", "--from", "Monday"), "'Monday' is not a date"),
        (("wish.yaml", "--past", "long"), "'long' is not a"),
        (("team.yaml",), "team.yaml:2:1: name: is missing"),
        (("--team", "dat", "--config", "team.yaml"), "did you mean 'data'?"),
        (("--team", "empty", "--config", "team.yaml"), "nobody is in the team 'empty'"),
    ],
)
def test_a_wrong_order_is_refused(files: Path, typed: Typed, words: tuple[str, ...], told: str) -> None:
    """What is wrong is told with what to write instead, and nothing is proposed."""
    answer = typed("rota", "propose", *words)
    assert answer.returncode == 2
    assert not answer.stdout
    assert told in answer.stderr


def test_a_folder_that_is_not_there_is_told(files: Path, typed: Typed) -> None:
    """A proposal that cannot be written is shown all the same."""
    answer = typed("rota", "propose", "wish.yaml", "--out", "nowhere/proposed.yaml")
    assert answer.returncode == 3
    assert "Proven optimal" in answer.stdout
    assert "cannot be written" in answer.stderr


def test_it_ends_when_it_is_asked_to(terminal: Terminal) -> None:
    """Whoever changes their mind is not kept waiting for a solver that has minutes."""
    hard = WISH.replace("every: 1 week, weeks: 6", "every: 12 hours, weeks: 26")
    process = terminal.start("rota", "propose", terminal.write("wish.yaml", hard), "--seconds", "600")
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(4)
    code, said, _ = ended(process)
    assert code in (143, -15)  # by the program, or by the system while the program was still being read
    assert not said


def test_the_example_in_the_documentation_is_proposed(tmp_path: Path, typed: Typed) -> None:
    """Whoever copies the file out of the documentation gets a rota."""
    page = (ROOT / "docs" / "rota.md").read_text(encoding="utf-8")
    (tmp_path / "wish.yaml").write_text(dedent(page.split("```yaml\n")[1].split("```")[0]), encoding="utf-8")
    found = document(typed("rota", "propose", "wish.yaml", "--json"))
    assert found["status"] == "optimal"
