"""Gaps: when a step, or a whole policy, reaches nobody, and why."""

from __future__ import annotations

import pytest

from configuration.written import draft
from tocsin.configuration.building import directory
from tocsin.core.insight.coverage import Gap, gaps
from tocsin.core.insight.findings import GapReason
from tocsin.core.vocabulary import Instant, Span, utc

#: Monday to Monday; the schedules below are in UTC.
WEEK = Span(utc(2026, 3, 2), utc(2026, 3, 9))

PEOPLE = """\
tocsin: 1
users:
  - {name: ada, contacts: [{name: mail, channel: email, address: ada@example.org}]}
  - {name: mute}
teams: [{name: all, members: [mute, ada]}, {name: silent, members: [mute]}, {name: none}]
schedules:
  - name: always
    time_zone: UTC
    layers: [{name: a, rotation: {every: 1 week, from: "2026-01-05T00:00", people: [ada]}}]
  - name: workdays
    time_zone: UTC
    layers:
      - name: a
        rotation: {every: 1 week, from: "2026-01-05T00:00", people: [ada]}
        only: [{days: [mon, tue, wed, thu, fri], between: ["00:00", "00:00"]}]
  - name: alternating
    time_zone: UTC
    layers: [{name: a, rotation: {every: 1 day, from: "2026-03-02T00:00", people: [ada, mute, nobody, [mute, ada]]}}]
  - {name: empty, time_zone: UTC}
"""


def found(policy: str, *, service: str = "{name: s, policy: p}", more: str = "") -> list[Gap]:
    """The gaps of one service with one policy, over the week."""
    text = f"{PEOPLE}services: [{service}]\npolicies: [{{name: p, {policy}}}]\n{more}\n"
    return list(gaps(directory(draft(text).documents), WEEK))


def of(gaps_found: list[Gap], step: str | None) -> list[tuple[Instant, Instant, GapReason]]:
    """The gaps of one step."""
    return [(gap.span.start, gap.span.end, gap.reason) for gap in gaps_found if gap.step == step]


def test_a_step_that_always_reaches_somebody_has_no_gap() -> None:
    """Somebody on call, or a person, or a team with at least one who has a contact."""
    resort = "last_resort: [{team: all}]"
    for target in ("schedule: always", "user: ada", "team: all"):
        assert found(f"steps: [{{page: [{{{target}}}]}}], {resort}") == []


def test_a_weekend_without_a_shift_is_a_gap() -> None:
    """The gap is told once, from its first to its last minute, not day by day."""
    gaps_found = found("steps: [{page: [{schedule: workdays}]}], last_resort: [{user: ada}]")
    assert gaps_found == [
        Gap(
            service=gaps_found[0].service,
            policy=gaps_found[0].policy,
            step="steps[0]",
            span=Span(utc(2026, 3, 7), utc(2026, 3, 9)),
            reason=GapReason.NOBODY_ON_CALL,
        )
    ]
    assert (gaps_found[0].service, gaps_found[0].policy, gaps_found[0].severe) == ("s", "p", False)


def test_who_is_on_call_without_a_contact_is_a_gap_of_another_kind() -> None:
    """Days of somebody who cannot be reached, and days of nobody, are told apart; one of two is enough."""
    gaps_found = found("steps: [{page: [{schedule: alternating}]}], last_resort: [{user: ada}]")
    assert of(gaps_found, "steps[0]") == [
        (utc(2026, 3, 3), utc(2026, 3, 4), GapReason.CANNOT_BE_REACHED),
        (utc(2026, 3, 4), utc(2026, 3, 5), GapReason.NOBODY_ON_CALL),
        (utc(2026, 3, 7), utc(2026, 3, 8), GapReason.CANNOT_BE_REACHED),
        (utc(2026, 3, 8), utc(2026, 3, 9), GapReason.NOBODY_ON_CALL),
    ]


def test_targets_of_a_step_fill_each_others_gaps() -> None:
    """What one target leaves open, another may cover."""
    assert found("steps: [{page: [{schedule: workdays}, {schedule: always}]}], last_resort: [{user: ada}]") == []


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("user: mute", GapReason.CANNOT_BE_REACHED),
        ("team: silent", GapReason.CANNOT_BE_REACHED),
        ("team: none", GapReason.CANNOT_BE_REACHED),
        ("schedule: empty", GapReason.NOBODY_ON_CALL),
    ],
)
def test_targets_that_never_reach_anybody(target: str, reason: GapReason) -> None:
    """The gap is the whole window."""
    gaps_found = found(f"steps: [{{page: [{{{target}}}]}}], last_resort: [{{user: ada}}]")
    assert of(gaps_found, "steps[0]") == [(WEEK.start, WEEK.end, reason)]
    assert of(gaps_found, None) == []


def test_nobody_at_all_is_severe() -> None:
    """When no step and no last resort reaches anybody, an alert would ring nobody: that is marked."""
    gaps_found = found("steps: [{page: [{schedule: workdays}]}], last_resort: [{schedule: workdays}]")
    weekend = (utc(2026, 3, 7), utc(2026, 3, 9))
    assert of(gaps_found, "last_resort") == [(*weekend, GapReason.NOBODY_ON_CALL)]
    assert of(gaps_found, None) == [(*weekend, GapReason.NOBODY_AT_ALL)]
    assert [gap.severe for gap in gaps_found] == [False, False, True]


def test_a_policy_without_last_resort_falls_back() -> None:
    """Without a last resort it is the service's team and the administrators; without these it is a gap."""
    steps = "steps: [{page: [{user: ada}]}]"
    assert found(steps, service="{name: s, policy: p, team: all}") == []
    gaps_found = found(steps)
    assert of(gaps_found, "last_resort") == [(WEEK.start, WEEK.end, GapReason.NOBODY_NAMED)]
    assert of(gaps_found, None) == []


def test_a_step_is_only_asked_for_when_it_is_taken() -> None:
    """A step for weekdays need not reach anybody at the weekend."""
    when = "when: {days: [mon, tue, wed, thu, fri], time_zone: UTC}"
    resort = "last_resort: [{user: ada}]"
    assert found(f"steps: [{{page: [{{schedule: workdays}}], {when}}}], {resort}") == []
    nights = 'when: {days: [fri], between: ["22:00", "06:00"], time_zone: UTC}'
    gaps_found = found(f"steps: [{{page: [{{schedule: workdays}}], {nights}}}], {resort}")
    assert of(gaps_found, "steps[0]") == [(utc(2026, 3, 7), utc(2026, 3, 7, 6), GapReason.NOBODY_ON_CALL)]


def test_a_severity_that_no_step_takes_rings_nobody() -> None:
    """It is enough that an alert of one severity would ring nobody."""
    steps = "steps: [{page: [{user: ada}], when: {severity: [critical]}}], last_resort: [{user: mute}]"
    assert of(found(steps), None) == [(WEEK.start, WEEK.end, GapReason.NOBODY_AT_ALL)]
    both = steps.replace("}}]", "}}, {page: [{user: ada}], when: {severity: [error, warning, info]}}]", 1)
    assert of(found(both), None) == []


def test_programs_are_no_people() -> None:
    """A step that calls programs only has no gap, but it does not count as reaching somebody."""
    program = 'page: [{webhook: "https://example.org"}]'
    gaps_found = found(f"steps: [{{{program}}}], last_resort: [{{user: mute}}]")
    assert of(gaps_found, "steps[0]") == []
    assert of(gaps_found, None) == [(WEEK.start, WEEK.end, GapReason.NOBODY_AT_ALL)]


def test_a_service_without_a_policy_is_told() -> None:
    """Its alerts page the administrators; without one they page nobody."""
    gaps_found = found("steps: [{page: [{user: ada}]}]", service="{name: s}")
    assert [gap.reason for gap in gaps_found] == [
        GapReason.NO_POLICY,
        GapReason.NOBODY_NAMED,
        GapReason.NOBODY_AT_ALL,
    ]
    assert {gap.policy for gap in gaps_found} == {"administrators"}


def test_policies_that_routes_name_are_looked_at() -> None:
    """A route may choose a policy that no service has."""
    service, route = "{name: s, policy: p, team: all}", "{policy: q, service: s}"
    more = f"routes: [{route}, {route}]\n"
    text = f"{PEOPLE}services: [{service}]\n{more}policies:\n  - {{name: p, steps: [{{page: [{{user: ada}}]}}]}}\n"
    text += "  - {name: q, steps: [{page: [{user: mute}]}]}\n"
    (gap,) = gaps(directory(draft(text).documents), WEEK)
    assert (gap.service, gap.policy, gap.step) == ("s", "q", "steps[0]")


def test_an_empty_window_has_no_gap() -> None:
    """Nothing is asked, nothing is missing."""
    known = directory(draft(PEOPLE + "services: [{name: s}]\n").documents)
    assert gaps(known, Span(WEEK.end, WEEK.start)) == ()
