"""What `tocsin check` says: errors and warnings apart, what comes back told once, every occasion for programs."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from app.conftest import Terminal
from tocsin.app.checking import Checked, as_document, as_text, in_short
from tocsin.core.insight.findings import Finding, FindingKind, FindingSeverity, GapReason
from tocsin.core.schedules import NobodyReason
from tocsin.core.vocabulary import Span, utc

WINDOW = Span(utc(2026, 3, 2), utc(2026, 5, 31))
GAP = Finding(
    kind=FindingKind.STEP_GAP,
    severity=FindingSeverity.ERROR,
    span=Span(utc(2026, 3, 7), utc(2026, 3, 9)),
    service="web",
    policy="climb",
    step="steps[0]",
    reason=GapReason.NOBODY_ON_CALL,
)
LEFT = Finding(
    kind=FindingKind.LEFT_TEAM,
    severity=FindingSeverity.WARNING,
    span=WINDOW,
    schedule="office",
    people=("grace",),
    team="ops",
)

ROTA = """
tocsin: 1
users:
  - {name: ada, role: admin, contacts: [{name: hook, channel: webhook, address: "http://127.0.0.1:9/a"}]}
  - {name: mute}
teams: [{name: ops, members: [ada]}]
schedules:
  - name: office
    team: ops
    time_zone: UTC
    layers: [{name: daily, rotation: {every: 1 day, from: "2026-01-05T00:00", people: [ada, WHO]}}]
policies: [{name: climb, steps: [{page: [{schedule: office}]}]}]
services: [{name: web, team: ops, policy: climb}]
"""


def checked(*found: Finding) -> Checked:
    """What was found in the window."""
    return Checked(window=WINDOW, findings=found)


def weekly(found: Finding, times: int) -> list[Finding]:
    """The same trouble every week."""
    spans = (Span(found.span.start + week, found.span.end + week) for week in map(_weeks, range(times)))
    return [replace(found, span=span) for span in spans]


def _weeks(count: int) -> timedelta:
    return timedelta(weeks=count)


def test_a_sound_rota_is_one_sentence() -> None:
    """Nothing found is said in one line that names the days."""
    good = checked()
    assert as_text(good) == "Every step of every service reaches somebody, at every minute of the next 90 days."
    assert (in_short(good), good.is_well) == (as_text(good), True)


def test_what_comes_back_is_told_once() -> None:
    """A gap of every weekend is one entry with its count, its first two times, and all hours."""
    assert as_text(checked(*weekly(GAP, 13))).splitlines() == [
        "Somebody may not be woken",
        "",
        "  service web, step 1 of policy climb: nobody is on call",
        "      13 times, 624 hours in all: 2026-03-07 00:00 to 2026-03-09 00:00,",
        "        2026-03-14 00:00 to 2026-03-16 00:00 UTC, ...",
    ]
    twice = as_text(checked(*weekly(GAP, 2)))
    assert "2026-03-07 00:00 to 2026-03-09 00:00, 2026-03-14" in " ".join(twice.split())
    assert "times" not in twice


def test_warnings_are_no_reason_to_say_no() -> None:
    """What is worth a look stands behind the good news, and behind the bad."""
    mild = checked(LEFT)
    assert (mild.is_well, as_text(mild).splitlines()[1:]) == (
        True,
        [
            "",
            "Worth a look",
            "",
            "  schedule office: grace is on call, and no member of team ops",
            "      all the time",
        ],
    )
    both = checked(GAP, LEFT)
    assert not both.is_well
    assert as_text(both).index("may not be woken") < as_text(both).index("Worth a look")
    assert in_short(both) == "1 error and 1 warning in the next 90 days: `tocsin check` tells them"


def test_every_kind_is_told_in_words() -> None:
    """No kind of finding is left without a sentence that names its subjects, within 80 columns."""
    subjects = {"schedule": "office", "people": ("ada", "grace"), "policy": "climb", "layer": "daily", "team": "ops"}
    for kind in FindingKind:
        for others in ((), ("desk", "night")):
            for reason in (None, *GapReason) if kind is FindingKind.STEP_GAP else (NobodyReason.EVERYBODY_IS_AWAY,):
                found = Finding(
                    kind=kind,
                    severity=FindingSeverity.WARNING,
                    span=WINDOW,
                    others=others,
                    reason=reason,
                    **subjects,
                )
                lines = as_text(checked(found)).splitlines()[1:]
                assert all(len(line) <= 80 for line in lines)
                told = " ".join(lines)
                assert any(name in told for name in ("office", "climb"))
                assert "None" not in told


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("steps[2]", "step 3 of policy climb"),
        ("last_resort", "last resort of policy climb"),
        (None, "web, policy climb"),
    ],
)
def test_steps_are_counted_as_people_do(step: str | None, said: str) -> None:
    """The first step is step 1; the last resort and the whole policy have their own words."""
    assert said in as_text(checked(replace(GAP, step=step)))


def test_programs_get_every_occasion() -> None:
    """The gaps as the contract has them, and all findings with their keys; the keys of one trouble are one."""
    found = as_document(checked(*weekly(GAP, 3), LEFT))
    assert found["gaps"][0] == {
        "service": "web",
        "policy": "climb",
        "step": "steps[0]",
        "from": "2026-03-07T00:00:00Z",
        "to": "2026-03-09T00:00:00Z",
        "reason": "nobody_on_call",
        "severe": False,
    }
    assert [one["kind"] for one in found["findings"]] == ["step_gap"] * 3 + ["left_team"]
    assert len({one["key"] for one in found["findings"]}) == 2
    assert json.loads(json.dumps(found)) == found
    severe = as_document(checked(replace(GAP, reason=GapReason.NOBODY_AT_ALL)))
    assert severe["gaps"][0]["severe"]


def test_check_ends_with_its_verdict(terminal: Terminal) -> None:
    """A person without a contact is an error and exit 1; one who has left the team is a warning and exit 0."""
    terminal.write("mute.yaml", ROTA.replace("WHO", "mute"))
    answer = terminal.run("check", "mute.yaml", "--days", "8")
    assert answer.returncode == 1, answer
    assert "mute is on call, and has no contact" in answer.stdout
    guest = ROTA.replace("WHO", "eve").replace(
        "{name: mute}", '{name: eve, contacts: [{name: hook, channel: webhook, address: "http://127.0.0.1:9/e"}]}'
    )
    terminal.write("guest.yaml", guest)
    answer = terminal.run("check", "guest.yaml", "--days", "8", "--json")
    assert answer.returncode == 0, answer
    assert {one["kind"] for one in json.loads(answer.stdout)["findings"]} == {"left_team"}


def test_nothing_to_check_is_told(terminal: Terminal) -> None:
    """Without services and schedules there is no verdict."""
    terminal.write("empty.yaml", "tocsin: 1\nusers: [{name: ada}]\n")
    answer = terminal.run("check", "empty.yaml")
    assert (answer.returncode, "no service" in answer.stderr) == (2, True)
