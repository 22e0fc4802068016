"""Everything that is found before it happens: gaps, people in two places, people who are gone or cannot be rung."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.insight.installation import (
    WEEK,
    absence,
    at,
    installation,
    layer,
    mute,
    only_low,
    override,
    policy,
    schedule,
    span,
)
from tocsin.core.directory import Directory
from tocsin.core.escalation import Condition
from tocsin.core.insight.findings import Finding, FindingKind, FindingSeverity
from tocsin.core.insight.inspection import findings
from tocsin.core.schedules import (
    Booking,
    Change,
    Circumstances,
    Follow,
    Imported,
    Layer,
    NobodyReason,
    Part,
    Restriction,
    Schedule,
    Weekday,
)
from tocsin.core.vocabulary import Span

ERROR, WARNING = FindingSeverity.ERROR, FindingSeverity.WARNING
WORKDAYS = frozenset(tuple(Weekday)[:5])


def of(known: Directory, kind: FindingKind, window: Span = WEEK) -> list[Finding]:
    """The findings of one kind."""
    return [found for found in findings(known, window) if found.kind is kind]


def told(found: Finding) -> tuple[FindingSeverity, str, str]:
    """How bad, who, and when."""
    return found.severity, "+".join(found.people), f"{found.span.start:%m-%d %H:%M} > {found.span.end:%m-%d %H:%M}"


WHOLE = "03-02 00:00 > 03-09 00:00"


def test_a_good_rota_has_no_finding() -> None:
    """A primary, a secondary one turn behind, and a team: nothing is to be said."""
    primary = schedule("primary", layer("1 days", "ada", "grace"), team="ops")
    secondary = schedule("secondary", layer("1 days", "grace", "ada"), team="ops", part=Part.SECONDARY)
    climb = policy("climb", "schedule primary", "schedule secondary", "team ops")
    teams = {"ops": ("ada", "grace")}
    assert findings(installation(primary, secondary, policies=(climb,), teams=teams), WEEK) == ()


def test_an_empty_window_has_no_finding() -> None:
    """Nothing is asked, nothing is wrong."""
    assert findings(installation(schedule("office")), Span(WEEK.end, WEEK.start)) == ()


def test_gaps_of_steps_are_errors() -> None:
    """What `gaps` finds is among the findings, with service, policy, step and reason."""
    office = schedule("office", layer("1 weeks", "ada", only=(Restriction(days=WORKDAYS),)))
    (found,) = of(installation(office, policies=(policy("climb", "schedule office"),)), FindingKind.STEP_GAP)
    assert told(found) == (ERROR, "", "03-07 00:00 > 03-09 00:00")
    assert (found.service, found.policy, found.step, found.reason) == ("climb", "climb", "steps[0]", "nobody_on_call")


def test_gaps_of_schedules_are_told_with_their_reason() -> None:
    """Also of a schedule that no policy asks; neighbours with other reasons are told apart."""
    office = schedule(
        "office",
        layer("1 weeks", "ada", only=(Restriction(days=WORKDAYS),)),
        overrides=(override("", "2026-03-06T12:00", "2026-03-07T12:00"),),
    )
    found = of(installation(office), FindingKind.SCHEDULE_GAP)
    assert [(told(each), each.reason) for each in found] == [
        ((WARNING, "", "03-06 12:00 > 03-07 12:00"), NobodyReason.OVERRIDE_SAYS_NOBODY),
        ((WARNING, "", "03-07 12:00 > 03-09 00:00"), NobodyReason.NO_LAYER),
    ]


def climbing(later: str, *steps: str, **more: object) -> Directory:
    """A primary schedule of ada and grace by days, a secondary one, and a policy that asks both."""
    primary = schedule("primary", layer("1 days", "ada", "grace"))
    secondary = schedule("secondary", layer("1 days", *later.split(", ")), part=Part.SECONDARY, **more)
    steps = steps or ("schedule primary", "schedule secondary")
    return installation(primary, secondary, policies=(policy("climb", *steps),))


def test_a_second_step_that_wakes_nobody_else_is_an_error() -> None:
    """While the secondary is the primary, the second step rings who did not answer the first."""
    found = of(climbing("ada, linus"), FindingKind.NOBODY_NEW)
    assert [told(each) for each in found] == [
        (ERROR, "ada", f"03-0{day} 00:00 > 03-0{day + 1} 00:00") for day in (2, 4, 6, 8)
    ]
    assert {(each.policy, each.step, each.schedule, each.others) for each in found} == {
        ("climb", "steps[1]", "secondary", ("primary",))
    }
    assert not of(climbing("ada, linus"), FindingKind.IN_TWO_PLACES)


@pytest.mark.parametrize(
    ("later", "steps"),
    [
        ("grace, ada", ()),  # always the other one
        ("ada+linus, grace+linus", ()),  # somebody new is among them
        ("ada, linus", ("schedule primary", "schedule primary")),  # the same target rings again
        ("ada, linus", ("schedule primary", "team ops")),  # a team is another way of escalating
        ("ada, linus", ("team ops", "schedule secondary")),
    ],
)
def test_a_second_step_with_somebody_new_is_fine(later: str, steps: tuple[str, ...]) -> None:
    """Nothing is said where another is woken, or where ringing the same again is the point."""
    assert not of(climbing(later, *steps), FindingKind.NOBODY_NEW)


def test_a_named_person_after_their_own_shift_is_a_warning() -> None:
    """As in a policy that rings the lead in the end: on some days the lead is on call."""
    found = of(climbing("linus", "schedule primary", "user ada"), FindingKind.NOBODY_NEW)
    assert {told(each)[:2] for each in found} == {(WARNING, "ada")}
    assert (len(found), found[0].schedule, found[0].others) == (4, None, ("primary",))


def test_a_secondary_that_may_repeat_is_a_warning() -> None:
    """Somebody has said that it may be the same person: it is worth a look, and no error."""
    follows = Follow(schedule="primary", behind=0, may_repeat=True)
    found = of(climbing("ada, linus", follows=follows), FindingKind.NOBODY_NEW)
    assert {each.severity for each in found} == {WARNING}


def test_steps_that_are_never_taken_together_do_not_matter() -> None:
    """A step for weekdays and one for weekends, or for other severities, do not repeat each other."""
    known = climbing("ada, grace")
    climb = known.policies["climb"]
    first, second = climb.steps
    weekdays = replace(first, when=Condition(weekdays=frozenset(range(5))))
    for other in (Condition(weekdays=frozenset({5, 6})), Condition(weekdays=frozenset({0}))):
        steps = (weekdays, replace(second, when=other))
        changed = replace(known, policies={"climb": replace(climb, steps=steps)})
        days = {each.span.start.weekday() for each in of(changed, FindingKind.NOBODY_NEW)}
        assert days == set(range(5)) & set(other.weekdays)
    severe, mild = (Condition(severities=frozenset({one})) for one in ("critical", "info"))
    steps = (replace(first, when=severe), replace(second, when=mild))
    changed = replace(known, policies={"climb": replace(climb, steps=steps)})
    assert not of(changed, FindingKind.NOBODY_NEW)


def test_the_primary_of_two_rotas_is_a_warning() -> None:
    """In two schedules that have nothing to do with each other, for the time of both; in three it is one finding."""
    one = schedule("one", layer("1 days", "ada", "grace"))
    two = schedule("two", layer("1 weeks", "ada"))
    three = schedule("three", layer("1 weeks", "ada"), part=Part.SECONDARY)
    found = of(installation(one, two, three), FindingKind.IN_TWO_PLACES)
    assert [told(each) for each in found] == [
        (WARNING, "ada", f"03-0{day} 00:00 > 03-0{day + 1} 00:00") for day in (2, 4, 6, 8)
    ]
    assert {(each.schedule, each.others) for each in found} == {("one", ("two",))}
    together = installation(one, two, replace(three, part=Part.PRIMARY))
    assert {(each.schedule, each.others) for each in of(together, FindingKind.IN_TWO_PLACES)} == {
        ("one", ("three", "two")),
        ("three", ("two",)),
    }


def test_behind_one_rota_and_in_front_of_another_is_fine() -> None:
    """Somebody may be the secondary elsewhere, or look on."""
    for part in (Part.SECONDARY, Part.SHADOW, Part.REVERSE_SHADOW):
        known = installation(
            schedule("one", layer("1 weeks", "ada")), schedule("two", layer("1 weeks", "ada"), part=part)
        )
        assert findings(known, WEEK) == ()


def test_whoever_follows_themselves_is_a_warning() -> None:
    """Schedules of which one follows the other, or is to be apart from it, should not have one person in both."""
    one = schedule("one", layer("1 weeks", "ada"))
    with_her = (override("ada", "2026-03-03", "2026-03-04"),)
    follows = Follow(schedule="one", behind=1)
    for more in ({"follows": follows}, {"apart_from": ("one",)}):
        two = schedule("two", layer("1 weeks", "grace"), part=Part.SECONDARY, overrides=with_her, **more)
        (found,) = of(installation(one, two), FindingKind.IN_TWO_PLACES)
        assert (told(found), found.schedule, found.others) == (
            (WARNING, "ada", "03-03 00:00 > 03-04 00:00"),
            "one",
            ("two",),
        )
        assert found.passes_at == at("2026-03-04")
    allowed = schedule("two", part=Part.SECONDARY, overrides=with_her, follows=replace(follows, may_repeat=True))
    assert not of(installation(one, allowed), FindingKind.IN_TWO_PLACES)


def test_an_override_that_books_somebody_twice_is_a_warning() -> None:
    """As the secondary of one rota while on call in another: nobody has planned that."""
    one = schedule("one", layer("1 weeks", "ada"))
    two = schedule(
        "two",
        layer("1 weeks", "grace"),
        part=Part.SECONDARY,
        overrides=(override("ada", "2026-03-03", "2026-03-04"),),
    )
    (found,) = of(installation(one, two), FindingKind.DOUBLE_BOOKED)
    assert (told(found)[:2], found.schedule, found.others) == ((WARNING, "ada"), "two", ("one",))
    shadow = replace(two, part=Part.SHADOW)
    assert findings(installation(one, shadow), WEEK) == ()


def test_overrides_of_two_hands_that_hide_each_other_are_told() -> None:
    """What stands in the schedule and what was entered at run time: the later one wins, for the time of both."""
    written = override("grace", "2026-03-03", "2026-03-05", made=1)
    entered = override("linus", "2026-03-04", "2026-03-06", made=2, name="cover")

    def hidden(*overrides: object) -> list[Finding]:
        return of(
            installation(schedule("one", layer("1 weeks", "ada"), overrides=overrides)), FindingKind.OVERRIDE_HIDDEN
        )

    (found,) = hidden(written, entered)
    assert told(found) == (WARNING, "grace", "03-04 00:00 > 03-05 00:00")
    assert told(*hidden(replace(written, made=3), entered))[1] == "linus"
    assert not hidden(written, replace(entered, people=("grace",)))
    assert not hidden(written, replace(entered, name=""))
    assert not hidden(written, replace(entered, instead_of="ada"))
    assert not hidden(written, replace(entered, span=span("2026-03-05", "2026-03-06")))


@pytest.mark.parametrize(
    ("broken", "kind"),
    [
        (mute("grace"), FindingKind.CANNOT_BE_REACHED),
        (only_low("grace"), FindingKind.NO_RULE_FOR_HIGH),
    ],
)
def test_who_cannot_be_reached_is_told(broken: object, kind: FindingKind) -> None:
    """For as long as they are on call without a break; an error only where an alert would find nobody else."""
    alone = schedule("alone", layer("1 days", "ada", "grace"), team="ops")
    teams = {"ops": ("ada", "grace")}
    unpaged = installation(alone, people=(broken,), teams=teams)
    paged = installation(alone, people=(broken,), teams=teams, policies=(policy("climb", "schedule alone"),))
    days = [f"03-0{day} 00:00 > 03-0{day + 1} 00:00" for day in (3, 5, 7)]
    assert [told(each) for each in of(unpaged, kind)] == [(WARNING, "grace", day) for day in days]
    severity = ERROR if kind is FindingKind.CANNOT_BE_REACHED else WARNING
    assert [told(each) for each in of(paged, kind)] == [(severity, "grace", day) for day in days]
    pair = schedule("alone", layer("1 days", "ada+grace"))
    beside = installation(pair, people=(broken,), policies=(policy("climb", "schedule alone"),))
    assert [told(each) for each in of(beside, kind)] == [(WARNING, "grace", WHOLE)]


def test_who_does_not_exist_any_more_is_told() -> None:
    """A name that nobody has: an error where an alert would ring them alone."""
    known = installation(schedule("alone", layer("1 weeks", "ada")), policies=(policy("climb", "schedule alone"),))
    gone = replace(known, people={})
    assert [told(each) for each in of(gone, FindingKind.UNKNOWN_PERSON)] == [(ERROR, "ada", WHOLE)]
    assert not of(gone, FindingKind.LEFT_TEAM)


def test_who_has_left_the_team_is_told() -> None:
    """Somebody whom the rota names and the team does not; a guest by an override has not left."""
    rota = schedule("rota", layer("1 days", "ada", "grace"), team="ops")
    rota = replace(rota, overrides=(override("linus", "2026-03-04", "2026-03-06"),))
    found = of(installation(rota, teams={"ops": ("ada",)}), FindingKind.LEFT_TEAM)
    assert [told(each)[1:] for each in found] == [
        ("grace", "03-03 00:00 > 03-04 00:00"),
        ("grace", "03-07 00:00 > 03-08 00:00"),
    ]
    assert {each.team for each in found} == {"ops"}
    assert not of(installation(rota), FindingKind.LEFT_TEAM)


def test_people_of_another_team_who_stand_in_together_have_not_left() -> None:
    """A layer of several people of one other team is an arrangement; one of them alone, or next to a member, is not."""
    teams = {"ops": ("ada",), "other": ("grace", "linus")}
    found = {
        names: {each.people for each in of(installation(_guests(*names), teams=teams), FindingKind.LEFT_TEAM)}
        for names in (("grace", "linus"), ("grace",), ("grace", "ada"))
    }
    assert found == {("grace", "linus"): set(), ("grace",): {("grace",)}, ("grace", "ada"): {("grace",)}}


def _guests(*names: str) -> Schedule:
    return schedule("rota", layer("1 weeks", "ada"), layer("1 days", *names, name="guests"), team="ops")


def test_a_rotation_whose_people_are_all_away_is_told() -> None:
    """Where another layer has somebody, so that there is no gap; only in hours in which one of them would serve."""
    nights = Restriction(begins=at("2026-01-01T22:00").time(), ends=at("2026-01-01T06:00").time())
    rota = schedule(
        "rota", layer("1 weeks", "ada"), layer("1 days", "grace", "linus", "", name="nights", only=(nights,))
    )
    missing = (absence("grace", "2026-03-03", "2026-03-06"), absence("linus", "2026-03-04T12:00", "2026-03-09"))
    known = installation(rota, circumstances=Circumstances(absences=missing))
    found = of(known, FindingKind.EVERYBODY_AWAY, Span(WEEK.start, WEEK.end))
    assert {each.layer for each in found} == {"nights"}
    assert {each.people for each in found} == {("grace", "linus")}
    served = [hour for hour in range(7 * 24) if any(WEEK.start + timedelta(hours=hour) in each.span for each in found)]
    # Both are away from Wednesday noon to Friday midnight; the nights of nobody (every third) are not theirs.
    assert all(60 <= hour < 96 and not 6 <= hour % 24 < 22 for hour in served)
    assert served


def test_a_calendar_without_bookings_is_told() -> None:
    """Nothing is booked from now on, or there is no such calendar; a booking ahead is enough."""
    rota = schedule("rota", layer("1 weeks", "ada"), Layer(name="feed", rotation=Imported(calendar="duty")))
    for booked, count in ((span("2026-02-01", "2026-03-01"), 1), (span("2026-03-08", "2026-03-10"), 0)):
        calendars = {"duty": (Booking(people=("grace",), span=booked),)}
        found = of(installation(rota, circumstances=Circumstances(calendars=calendars)), FindingKind.CALENDAR_EMPTY)
        assert [each.layer for each in found] == ["feed"] * count
    assert [told(each) for each in of(installation(rota), FindingKind.CALENDAR_EMPTY)] == [(WARNING, "", WHOLE)]


def test_a_planned_change_is_looked_at() -> None:
    """A layer that comes later counts from its instant on."""
    change = Change(at=at("2026-03-05"), layers=(Layer(name="feed", rotation=Imported(calendar="duty")),))
    rota = schedule("rota", layer("1 weeks", "ada"), changes=(change,))
    (found,) = of(installation(rota), FindingKind.CALENDAR_EMPTY)
    assert found.span == span("2026-03-05", "2026-03-09")


def test_errors_come_first_then_time() -> None:
    """The order of the list is the order in which it is read."""
    known = climbing("ada, linus", overrides=(override("", "2026-03-02", "2026-03-02T12:00"),))
    found = findings(known, WEEK)
    assert [each.severity for each in found] == sorted(each.severity for each in found)
    errors = [each.span for each in found if each.severity is ERROR]
    assert errors == sorted(errors)


def test_what_comes_back_has_one_key() -> None:
    """A gap of every weekend is one thing, whenever it is looked for; what passes is one thing each time."""
    office = schedule("office", layer("1 weeks", "ada", only=(Restriction(days=WORKDAYS),)))
    known = installation(office)
    later = Span(WEEK.start + timedelta(days=20), WEEK.end + timedelta(days=40))
    assert len({each.key for window in (WEEK, later) for each in findings(known, window)}) == 1
    overrides = (override("", "2026-03-03", "2026-03-04"), override("", "2026-03-05", "2026-03-06"))
    passing = installation(replace(office, overrides=overrides))
    keys = {each.key for each in findings(passing, WEEK)}
    under_way = {each.key for each in findings(passing, Span(at("2026-03-03T12:00"), WEEK.end))}
    assert len(keys) == 3
    assert under_way == keys


def test_a_passing_gap_of_a_step_has_a_key_of_its_own() -> None:
    """Said about one occasion, a step's gap is said again about the next."""
    overrides = (override("", "2026-03-03", "2026-03-04"), override("", "2026-03-05", "2026-03-06"))
    rota = schedule("rota", layer("1 weeks", "ada"), overrides=overrides)
    found = of(installation(rota, policies=(policy("climb", "schedule rota"),)), FindingKind.STEP_GAP)
    assert [each.passes_at for each in found] == [at("2026-03-04"), at("2026-03-06")]
    assert len({each.key for each in found}) == 2


def test_keys_tell_names_apart() -> None:
    """What divides the parts of a key divides nothing inside a name."""
    one = Finding(kind=FindingKind.LEFT_TEAM, severity=WARNING, span=WEEK, schedule="a/b", people=("c", "d"))
    assert one.key != replace(one, schedule="a", team="b").key
    assert one.key != replace(one, people=("c+d",)).key
    assert one.key == replace(one, span=span("2026-04-01", "2026-04-02")).key
