"""`tocsin plan`, `tocsin fairness` and `tocsin share`, as somebody types them and reads them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from app.conftest import Terminal
from tocsin.app.changing import Planned, as_document, as_text
from tocsin.configuration.difference import Plan
from tocsin.core.insight.moves import Move, Moves, PersonMoves, ScheduleMoves, Stretch
from tocsin.core.vocabulary import Span, utc

WINDOW = Span(utc(2026, 3, 2), utc(2026, 5, 31))
NIGHT = Span(utc(2026, 3, 2, 20), utc(2026, 3, 3, 6, 30))

ROTA = """
tocsin: 1
users:
  - {name: ada, role: admin, time_zone: UTC, contacts: [{name: hook, channel: webhook, address: "http://127.0.0.1:9/a"}]}
  - {name: grace, time_zone: UTC, contacts: [{name: hook, channel: webhook, address: "http://127.0.0.1:9/g"}]}
teams: [{name: ops, members: [ada, grace]}]
schedules:
  - name: office
    team: ops
    time_zone: UTC
    layers: [{name: daily, rotation: {every: 1 day, from: "2026-01-05T00:00", people: [ada, grace]}}]
"""


def person(name: str, *, gained: int = 0, lost: int = 0) -> PersonMoves:
    """Somebody who gains and loses so many nights."""
    stretch = Stretch(schedule="office", span=NIGHT)
    return PersonMoves(
        person=name,
        gained=(stretch,) * gained,
        lost=(stretch,) * lost,
        nights_gained=gained,
        nights_lost=lost,
        weekends_gained=0,
        weekends_lost=min(lost, 1),
    )


def planned(*people: PersonMoves, moves: int = 1) -> Planned:
    """A plan without changes, in which one schedule moves."""
    move = Move(span=NIGHT, before=("ada",), after=())
    office = ScheduleMoves(schedule="office", moves=(move,) * moves, opened=(NIGHT,), closed=())
    return Planned(plan=Plan(changes=()), moves=Moves(window=WINDOW, schedules=(office,), people=people))


def said(answer: Any) -> Any:
    """The one JSON document that a command has printed."""
    assert answer.returncode == 0, answer
    return json.loads(answer.stdout)


def test_what_moves_is_told_by_person_and_by_schedule() -> None:
    """Who loses and gains how much, then each stretch with whom before and after, then gaps."""
    lines = as_text(planned(person("ada", lost=2, gained=1), person("linus", gained=1))).splitlines()
    assert lines[1:] == [
        "",
        "Shifts that move in the next 90 days",
        "  ada    loses 2 shifts, 2 nights, 1 weekend (21 hours)",
        "         gains 1 shift, 1 night (10.5 hours)",
        "  linus  gains 1 shift, 1 night (10.5 hours)",
        "  office",
        "    2026-03-02 20:00 to 2026-03-03 06:30 UTC: ada -> nobody",
        "    2026-03-02 20:00 to 2026-03-03 06:30 UTC: nobody is on call any more",
    ]
    assert all(len(line) <= 80 for line in lines)


def test_a_long_list_is_cut() -> None:
    """A reader sees the first few, and how many more there are; programs get all."""
    many = planned(*(person(f"p{number}", lost=1) for number in range(14)), moves=9)
    lines = as_text(many).splitlines()
    assert "    ... and 4 people more: --json lists them all" in lines
    assert "    ... and 6 moves more: --json lists them all" in lines
    document = as_document(many)["moves"]
    assert (len(document["people"]), len(document["schedules"][0]["moves"])) == (14, 9)


def test_plan_shows_whose_shifts_move(terminal: Terminal) -> None:
    """Before and after an edit of a rota that is in force; without one nothing moves."""
    terminal.write("rota.yaml", ROTA)
    assert terminal.run("apply", "rota.yaml").returncode == 0
    same = said(terminal.run("plan", "rota.yaml", "--json"))
    assert (same["changes"], same["moves"]["schedules"], same["moves"]["people"]) == ([], [], [])
    terminal.write("rota.yaml", ROTA.replace("people: [ada, grace]", "people: [grace, ada]"))
    moves = said(terminal.run("plan", "rota.yaml", "--json"))["moves"]
    assert [one["person"] for one in moves["people"]] == ["ada", "grace"]
    assert len(moves["schedules"][0]["moves"]) in (90, 91)
    told = terminal.run("plan", "rota.yaml").stdout
    assert "1 change to make" in told
    assert "Shifts that move in the next 90 days\n  ada    loses 45 shifts" in told


def test_fairness_of_files(terminal: Terminal) -> None:
    """Each team with its people; every hour of the window is somebody's."""
    terminal.write("rota.yaml", ROTA)
    words = ("--from", "2026-03-02", "--to", "2026-03-05")
    document = said(terminal.run("fairness", "rota.yaml", "--team", "ops", *words, "--json"))
    (ops,) = document["items"]
    assert (document["from"], document["to"]) == ("2026-03-02T00:00:00Z", "2026-03-05T00:00:00Z")
    assert [(one["person"], one["hours"], one["woken"]) for one in ops["people"]] == [
        ("ada", 48, None),
        ("grace", 24, None),
    ]
    lines = terminal.run("fairness", "rota.yaml", *words).stdout.splitlines()
    assert lines == [
        "2026-03-02 00:00 to 2026-03-05 00:00 UTC",
        "",
        "team ops: 83 of 100",
        "  ada carries most, grace least: 12 hours more than an even share.",
        "  person  hours  night  weekend  holiday  shifts  share  score  differs",
        "  ada        48     20        0        0       2   133%     75  +12 h",
        "  grace      24     10        0        0       1    67%     67  -12 h",
    ]


def test_share_of_the_installation(terminal: Terminal) -> None:
    """Without files it is what is in force; one of two is on duty at each time."""
    terminal.write("rota.yaml", ROTA)
    assert terminal.run("apply", "rota.yaml").returncode == 0
    words = ("--from", "2026-03-02", "--to", "2026-03-16")
    (ops,) = said(terminal.run("share", *words, "--json"))["items"]
    assert (ops["team"], ops["operations"], ops["working_hours"]) == ("ops", 0.5, 160)
    lines = terminal.run("share", *words).stdout.splitlines()
    assert lines[2:] == [
        "team ops: 50.0% operations, 50.0% development",
        "  person  working hours  on duty  share",
        "  ada     80             40       50%",
        "  grace   80             40       50%",
    ]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("fairness", "--team", "opps"), "did you mean 'ops'?"),
        (("fairness", "--schedule", "offices"), "did you mean 'office'?"),
        (("fairness", "--team", "ops", "--schedule", "office"), "at once"),
        (("share", "--team", "opps"), "did you mean 'ops'?"),
        (("fairness", "--from", "soon"), "no date and no instant"),
        (("share", "--from", "2026-03-02", "--to", "2026-03-02"), "later than --from"),
    ],
)
def test_a_wrong_question_is_told(terminal: Terminal, words: tuple[str, ...], told: str) -> None:
    """An unknown name with the nearest one, a window that is none: exit 2."""
    terminal.write("rota.yaml", ROTA)
    answer = terminal.run(words[0], "rota.yaml", *words[1:])
    assert (answer.returncode, answer.stdout) == (2, "")
    assert told in answer.stderr


def test_the_window_is_the_one_that_was_asked_for() -> None:
    """The document of moves says which time was compared."""
    document = as_document(planned())["moves"]
    assert (document["from"], document["to"]) == ("2026-03-02T00:00:00Z", "2026-05-31T00:00:00Z")
    assert WINDOW.end - WINDOW.start == timedelta(days=90)
