"""`tocsin schedule` and `tocsin oncall`: every form, out of files and out of what is in force."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from app.conftest import ROOT, Terminal
from served import Served, Sink

Typed = Callable[..., subprocess.CompletedProcess[str]]

MINIMAL = str(ROOT / "examples" / "minimal.yaml")
KEYS = {f"TOCSIN_KEY_{name}": f"key-{name}-{'0' * 16}" for name in ("NATIVE", "OPSGENIE", "PAGERDUTY", "PROMETHEUS")}
SVG = "{http://www.w3.org/2000/svg}"

TWO = """
tocsin: 1
users:
  - name: ada
    full_name: Ada Byron
    role: admin
    time_zone: Asia/Tokyo
    contacts: [{name: hook, channel: webhook, address: "http://127.0.0.1:9/a"}]
  - {name: bo, full_name: Bo Ek}
teams: [{name: ops, members: [ada, bo]}]
schedules:
  - name: day
    time_zone: Europe/Berlin
    layers:
      - name: office
        rotation: {every: 1 day, from: "2026-01-05T09:00", people: [ada, bo]}
        only: [{between: ["09:00", "17:00"]}]
  - name: night
    time_zone: Europe/Berlin
    layers:
      - name: late
        rotation: {every: 1 week, from: "2026-01-05T17:00", people: [bo]}
        only: [{between: ["17:00", "09:00"]}]
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """A terminal beside a running server with two schedules."""
    sink = Sink()
    server = Served(tmp_path_factory.mktemp("served"), sink=sink.port)
    server.start()
    environment = {"TOCSIN_DATA": "data", "TOCSIN_SECRET_KEY": "k" * 43, **KEYS}
    terminal = Terminal(folder=server.folder, environment=environment)
    terminal.write("two.yaml", TWO)
    applied = terminal.run("apply", "two.yaml")
    assert applied.returncode == 0, applied
    yield terminal
    server.kill(15)
    sink.close()


@pytest.fixture
def render(typed: Typed) -> Callable[..., str]:
    """Renders the contract's schedule out of its file."""

    def run(form: str, *more: str, begins: str = "2026-01-05", ends: str = "2026-01-06") -> str:
        words = ("schedule", "render", MINIMAL, "--schedule", "data-primary", "--from", begins, "--to", ends)
        answer = typed(*words, "--format", form, *more)
        assert (answer.returncode, answer.stderr) == (0, ""), answer
        return answer.stdout

    return run


def document(answer: subprocess.CompletedProcess[str]) -> Any:
    """The one JSON document that a command has printed."""
    assert answer.returncode == 0, answer
    return json.loads(answer.stdout)


def test_a_picture_is_rendered_offline(render: Callable[..., str]) -> None:
    """One SVG and nothing else, with full names, as wide as asked, now where it was said to be."""
    picture = ET.fromstring(render("svg", "--width", "800", "--now", "2026-01-05T12:00:00Z"))
    written = [one.text for one in picture.iter(f"{SVG}text")]
    assert (picture.tag, picture.attrib["width"]) == (f"{SVG}svg", "800")
    assert {"Ada Byron, 13 h", "Linus Pauling, 2 h", "nobody, 9 h", "now, Mon 13:00"} <= set(written)


def test_a_timeline_is_rendered_offline(render: Callable[..., str]) -> None:
    """The day as a row of its hours."""
    assert "Mon  5 nobody░░░░░░░░░░░░░░░░░░░░░│ada──" in render("timeline")


@pytest.mark.parametrize("form", ["text", "timeline", "svg", "ics"])
def test_the_zone_can_be_chosen(render: Callable[..., str], form: str) -> None:
    """Dates are read, and times are shown, on the clock that was named."""
    shown = render(form, "--zone", "Asia/Shanghai")
    assert "Asia/Shanghai" in shown
    assert "Europe/Berlin" not in shown


def test_a_date_is_midnight_in_the_zone_that_is_shown(render: Callable[..., str]) -> None:
    """The window of a JSON document begins where the day does."""
    assert json.loads(render("json", "--zone", "Asia/Shanghai"))["from"] == "2026-01-04T16:00:00Z"
    assert json.loads(render("json", begins="2026-03-29T02:30", ends="2026-04-01"))["from"] == "2026-03-29T01:00:00Z"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--format", "csv"), "json, ics, text, timeline, svg"),
        (("--zone", "Europe/Berln"), "Europe/Berlin"),
        (("--now", "noon"), "2026-11-22T03:00:00Z"),
        (("--width", "10"), "320"),
        (("--schedule", "data-primry"), "did you mean 'data-primary'?"),
        (("--to", "9999-12-31"), "at most ten years"),
        (("--from", "0001-01-01", "--zone", "Asia/Tokyo"), "write 2026-"),
    ],
)
def test_what_cannot_be_shown_is_told(typed: Typed, words: tuple[str, ...], told: str) -> None:
    """A wrong form, zone, instant, width or name ends with 2 and what to write instead."""
    asked = ("schedule", "render", MINIMAL, "--schedule", "data-primary", "--from", "2026-01-05", "--to", "2026-01-06")
    answer = typed(*asked, *words)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert told in answer.stderr
    assert "Traceback" not in answer.stderr


def test_several_schedules_are_shown_together(typed: Typed, tmp_path: Path) -> None:
    """In a picture, a timeline and tables; a form of one schedule says that it is one."""
    (tmp_path / "two.yaml").write_text(TWO)
    asked = ("schedule", "render", "two.yaml", "--schedule", "day", "--schedule", "night", "--from", "2026-01-05")
    asked = (*asked, "--to", "2026-01-12")
    picture = ET.fromstring(typed(*asked, "--format", "svg").stdout)
    assert [one.get("aria-label") for one in picture.iter(f"{SVG}g") if one.get("role") == "group"] == ["day", "night"]
    for form in ("text", "timeline"):
        lines = typed(*asked, "--format", form).stdout.splitlines()
        assert [line.split(",")[0] for line in lines if "Berlin" in line] == ["day", "night"]
    for form in ("json", "ics"):
        refused = typed(*asked, "--format", form)
        assert (refused.returncode, f"the format {form} shows one schedule" in refused.stderr) == (2, True)


def test_what_is_in_force_is_shown(installed: Terminal) -> None:
    """All schedules from today on, or some of them from a day on, in any form."""
    everything = installed.run("schedule", "show")
    assert everything.returncode == 0, everything
    assert {"day", "night", "▲"} <= {word.strip(",") for word in everything.stdout.split()}
    week = installed.run("schedule", "show", "day", "--from", "2026-01-05", "--days", "7", "--format", "json")
    found = document(week)
    assert (found["schedule"], found["from"], found["to"]) == ("day", "2026-01-04T23:00:00Z", "2026-01-11T23:00:00Z")
    assert len(found["shifts"]) == 7
    svg = installed.run("schedule", "show", "day", "night", "--format", "svg").stdout
    assert "Ada Byron" in "".join(ET.fromstring(svg).itertext())


def test_days_are_days_of_the_clock(installed: Terminal) -> None:
    """Over a clock change the window still ends at midnight."""
    asked = ("schedule", "show", "day", "--from", "2026-03-23", "--days", "7", "--format", "json")
    assert document(installed.run(*asked))["to"] == "2026-03-29T22:00:00Z"


def test_oncall_says_who_is_next_and_how_long(installed: Terminal) -> None:
    """In the time of the schedule, with its offset; a gap with its reason; then who, and from when."""
    answer = installed.run("oncall", "day", "--at", "2026-01-05T10:40:00Z")
    assert answer.stdout.splitlines() == [
        "day  ada (office), until Mon 2026-01-05 17:00 +01:00, for another 5 h 20 min",
        "     then bo from Tue 2026-01-06 09:00 +01:00",
    ]
    nobody = installed.run("oncall", "day", "--at", "2026-01-05T17:00:00Z")
    assert nobody.returncode == 1
    assert nobody.stdout.splitlines() == [
        "day  nobody (no layer covers it), until Tue 2026-01-06 09:00 +01:00, for another 15 h",
        "     then bo from Tue 2026-01-06 09:00 +01:00",
    ]


def test_oncall_tells_programs_the_same(installed: Terminal) -> None:
    """Who is next, and from when, stands beside what the contract names; nobody else is null."""
    found = document(installed.run("oncall", "--at", "2026-01-05T10:40:00Z", "--json"))
    day, night = found["schedules"]
    assert day["next"] == {"people": ["bo"], "from": "2026-01-06T08:00:00Z"}
    assert day["reason"] is None
    assert (night["people"], night["reason"]) == ([], "no_layer")
    later = document(installed.run("oncall", "night", "--at", "2026-01-05T18:00:00Z", "--json"))
    assert later["schedules"][0]["next"] is None


def test_a_person_sees_their_shifts(installed: Terminal) -> None:
    """Over all schedules or in one, in their own time, in order."""
    words = ("oncall", "--person", "bo", "--at", "2026-01-05T12:00:00Z", "--days", "2")
    assert installed.run(*words).stdout.splitlines() == [
        "bo, Mon 2026-01-05 12:00 +00:00 to Wed 2026-01-07 12:00 +00:00, UTC",
        "",
        "from                         to                           for  schedule  source  with",
        "Mon 2026-01-05 16:00 +00:00  Tue 2026-01-06 08:00 +00:00  16h  night     late",
        "Tue 2026-01-06 08:00 +00:00  Tue 2026-01-06 16:00 +00:00  8h   day       office",
        "Tue 2026-01-06 16:00 +00:00  Wed 2026-01-07 08:00 +00:00  16h  night     late",
    ]
    found = document(installed.run(*words, "--json"))
    assert (found["person"], found["from"]) == ("bo", "2026-01-05T12:00:00Z")
    assert [one["schedule"] for one in found["shifts"]] == ["night", "day", "night"]
    assert {one["schedule"] for one in document(installed.run(*words, "day", "--json"))["shifts"]} == {"day"}
    ada = installed.run("oncall", "--person", "ada", "night").stdout
    assert ada.splitlines()[-1] == "Not on call."
    assert "Asia/Tokyo" in ada


def test_an_unknown_person_is_told(installed: Terminal) -> None:
    """The nearest name is offered."""
    answer = installed.run("oncall", "--person", "adda")
    assert (answer.returncode, "did you mean 'ada'?" in answer.stderr) == (2, True)
