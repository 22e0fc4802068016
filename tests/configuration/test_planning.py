"""A file that asks for a rota is read, and a proposal is written as schedules that say the same."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from textwrap import dedent
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.planning.small import tries
from tocsin.configuration.building import directory
from tocsin.configuration.mistakes import BadConfiguration
from tocsin.configuration.planning_building import Instead, Member, Wanted
from tocsin.configuration.planning_reading import read
from tocsin.configuration.planning_writing import LAYER, schedules, text
from tocsin.configuration.reading import read as read_files
from tocsin.core.directory import Directory
from tocsin.core.errors import Refused
from tocsin.core.planning import (
    Absence,
    Apart,
    Assignment,
    Avoids,
    During,
    DutyId,
    Gap,
    InARow,
    Limit,
    Load,
    Most,
    NotWith,
    Of,
    Per,
    Pin,
    Prefers,
    Rest,
    Wants,
    Which,
)
from tocsin.core.schedules import Region
from tocsin.core.vocabulary import PersonName, ScheduleName, Span, utc
from tocsin.ports.state import Document

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
ADA, GRACE, LINUS = PersonName("ada"), PersonName("grace"), PersonName("linus")

FULL = """
    tocsin: 1
    name: data
    team: data
    time_zone: Europe/Berlin
    duties:
      from: "2026-12-21T09:00"
      every: 1 week
      weeks: 4
      posts: [primary, {part: secondary, weight: 40, schedule: data-backup}]
    people:
      - name: ada
        holidays: DE-BE
        absences: [{from: "2026-12-21", to: "2027-01-03", note: skiing}]
        past: {shifts: 3, hours: 504, night_hours: 210, weekend_hours: 144, holiday_hours: 24}
        wishes:
          - {avoids: {days: [thu], between: ["17:00", "22:00"]}, name: choir, weight: 5, hard: true}
          - {wants: {dates: ["2027-01-04", "2027-01-10"]}}
      - name: grace
        time_zone: America/New_York
        share: 80
        parts: [secondary]
        wishes: [{prefers: nights}, {apart: 1 week}, {not_with: ada}]
      - {name: linus}
    limits:
      - {gap: 11 hours}
      - {rest: 35 hours, in_every: 7 days, name: weekly rest}
      - {most: 2, of: weekends, per: month, people: [ada, linus]}
      - {in_a_row: 1}
    pins:
      - {duty: "2026-12-21", person: linus}
      - {duty: "2026-12-30", part: secondary, not_person: linus}
"""

WEEKLY = """
    tocsin: 1
    name: data
    time_zone: Europe/Berlin
    duties: {from: "2026-12-21T09:00", every: 1 week, weeks: 4}
    people: [{name: ada}, {name: grace}]
"""


def asked(written: str, *, members: tuple[Member, ...] = (), instead: Instead | None = None) -> Wanted:
    """What a file asks for."""
    return read("wish.yaml", dedent(written), environment={}, members=members, instead=instead or Instead())


def mistakes(written: str) -> list[str]:
    """What is wrong with it, line by line."""
    with pytest.raises(BadConfiguration) as found:
        asked(written)
    return [f"{each.line} {each.field}: {each.message}" for each in found.value.mistakes]


def given_in_turn(wanted: Wanted, names: tuple[str, ...]) -> Assignment:
    """The duties, one after the other, to these people and again from the first."""
    return {duty.id: PersonName(names[number % len(names)]) for number, duty in enumerate(wanted.problem.duties)}


def in_force(written: str, names: tuple[str, ...]) -> Directory:
    """The installation that has applied these schedules."""
    users = "".join(f"  - {{name: {name}}}\n" for name in dict.fromkeys(names))
    files = (("people.yaml", f"tocsin: 1\nusers:\n{users}teams: [{{name: data}}]\n"), ("rota.yaml", written))
    draft = read_files(files, environment={}, channels=frozenset(), protocols=frozenset())
    return directory(draft.documents)


def served(known: Directory, schedule: str, window: Span) -> list[tuple[datetime, datetime, tuple[str, ...]]]:
    """Who is on call when, turn by turn."""
    rendered = known.rota.shifts(ScheduleName(schedule), window)
    return [(shift.span.start, shift.span.end, shift.people) for shift in rendered.shifts]


def test_everything_that_can_be_said_is_read() -> None:
    """Each field of the form comes to what it means."""
    wanted = asked(FULL)
    problem, (ada, grace, linus) = wanted.problem, wanted.problem.people
    assert [duty.id for duty in problem.duties][:2] == ["primary 2026-12-21", "secondary 2026-12-21"]
    assert [duty.weight for duty in problem.duties][:2] == [100, 40]
    assert [post.schedule for post in wanted.posts] == ["data-primary", "data-backup"]
    assert ada.absences == (Absence(span=Span(utc(2026, 12, 20, 23), utc(2027, 1, 3, 23)), note="skiing"),)
    assert date(2026, 12, 25) in ada.holidays
    assert ada.past == Load(shifts=3, hours=50_400, night_hours=21_000, weekend_hours=14_400, holiday_hours=2_400)
    assert (ada.time_zone, grace.time_zone, linus.time_zone) == (BERLIN, NEW_YORK, BERLIN)
    assert (grace.share, grace.roles) == (80, frozenset({"secondary"}))
    choir, week, nights, apart, not_with = problem.wishes
    assert isinstance(choir.kind, Avoids)
    assert (choir.person, choir.name, choir.weight, choir.hard) == (ADA, "choir", 5, True)
    assert choir.kind.which.weekdays == {3}
    assert week.kind == Wants(which=Which(first=date(2027, 1, 4), last=date(2027, 1, 10)))
    assert nights.kind == Prefers(which=Which(during=During.NIGHTS))
    assert apart.kind == Apart(by=timedelta(weeks=1))
    assert (not_with.kind, not_with.name, not_with.weight) == (NotWith(other=ADA), "not with ada", 3)
    assert problem.limits == (
        Limit(name="11 h between duties", rule=Gap(at_least=timedelta(hours=11))),
        Limit(name="weekly rest", rule=Rest(at_least=timedelta(hours=35), in_every=timedelta(days=7))),
        Limit(
            name="at most 2 weekends a month",
            rule=Most(count=2, of=Of.WEEKENDS, per=Per.MONTH),
            people=frozenset({ADA, LINUS}),
        ),
        Limit(name="at most 1 duty in a row", rule=InARow(most=1)),
    )
    assert problem.pins == (
        Pin(duty=DutyId("primary 2026-12-21"), person=LINUS),
        Pin(duty=DutyId("secondary 2026-12-28"), person=LINUS, holds=False),
    )


def test_what_is_said_beside_the_file_counts_more() -> None:
    """Another day to begin, another length and more pins, with the time of day of the file."""
    instead = Instead(begins=date(2027, 3, 1), weeks=2, pins=("2027-03-08=ada", "2027-03-03 != grace"))
    wanted = asked(WEEKLY, instead=instead)
    assert [duty.span.start for duty in wanted.problem.duties] == [utc(2027, 3, 1, 8), utc(2027, 3, 8, 8)]
    assert wanted.problem.pins == (
        Pin(duty=DutyId("primary 2027-03-08"), person=ADA),
        Pin(duty=DutyId("primary 2027-03-01"), person=GRACE, holds=False),
    )


def test_known_people_take_part_with_what_the_file_adds() -> None:
    """Whoever the installation knows comes first, with their zone and absences; the file may say more of them."""
    away = Absence(span=Span(utc(2026, 12, 24), utc(2026, 12, 27)))
    old = Absence(span=Span(utc(2020, 1, 1), utc(2020, 2, 1)))
    mary = Member(
        name=PersonName("mary"), time_zone=NEW_YORK, region=Region("US"), absences=(away, old), past=Load(hours=100)
    )
    grace = Member(name=GRACE, time_zone=NEW_YORK)
    wanted = asked(WEEKLY.replace("{name: grace}", "{name: grace, share: 50}"), members=(mary, grace))
    assert [(person.name, person.time_zone, person.share) for person in wanted.problem.people] == [
        ("mary", NEW_YORK, 100),
        ("grace", NEW_YORK, 50),
        ("ada", BERLIN, 100),
    ]
    assert wanted.problem.people[0].absences == (away,)
    assert wanted.problem.people[0].past == Load(hours=100)
    assert date(2026, 12, 25) in wanted.problem.people[0].holidays


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("Europe/Berlin", "Europe/Berln", "4 time_zone: unknown time zone 'Europe/Berln'"),
        ("1 week", "1 weak", "5 duties.every: '1 weak' is not a turn"),
        ("1 week", "1 month", "5 duties.every: turns of months are not equally long"),
        ("1 week", "36 hours", "5 duties.every: turns of 36 hours do not follow the clock"),
        ("weeks: 4", "weeks: 0", "5 duties.weeks: 0 is out of range"),
        ("weeks: 4", "idle: [1]", "5 duties.idle: nobody is needed in any turn"),
        ("weeks: 4", "idle: [3]", "5 duties.idle[0]: there is no turn 3: 1 of them repeat"),
        ("weeks: 4", "posts: [primary, primary]", "5 duties.posts[1].part: primary is there twice"),
        ("every: 1 week", 'change_at: ["mon 09:00"]', "5 duties.change_at: a rotation begins at one of"),
        ("every: 1 week", "weeks: 3", "5 duties: names none"),
        ("{name: ada}", "{name: grace}", "6 people[1].name: 'grace' is there twice"),
        ("{name: ada}", "{name: nobody}", "6 people[0].name: 'nobody' means that nobody is on call"),
        ("{name: ada}", "{name: ada, wishs: []}", "6 people[0].wishs: unknown field"),
        ("{name: ada}", "{name: ada, share: 120}", "6 people[0].share: 120 is out of range"),
        ("{name: ada}", "{name: ada, wishes: [{not_with: gracie}]}", "unknown person 'gracie'"),
        ("{name: ada}", "{name: ada, wishes: [{weight: 3}]}", "6 people[0].wishes[0]: names none"),
        ("{name: ada}", "{name: ada, wishes: [{apart: 1 day, avoids: nights}]}", "has avoids and apart"),
        ("{name: ada}", "{name: ada, absences: [{from: '2026-12-24', to: '2026-12-01'}]}", "ends before it starts"),
        ("people:", "pins: [{duty: '2028-01-01', person: ada}]\n    people:", "no duty of the plan is on 2028-01-01"),
        ("people:", "limits: [{gap: 11 h, most: 2}]\n    people:", "has gap and most"),
        ("people: [{name: ada}, {name: grace}]", "people: []", "there is nobody to take a duty"),
        ("    name: data\n", "", "name: is missing"),
        ("tocsin: 1", "tocsin: 2", "'2' is none of 1"),
    ],
)
def test_a_mistake_is_told_with_its_place(before: str, after: str, told: str) -> None:
    """Line, field and what is wrong, for what has no form and for what cannot be meant."""
    assert before in WEEKLY
    found = mistakes(WEEKLY.replace(before, after, 1))
    assert any(told in each for each in found), found


@pytest.mark.parametrize("written", ["", "- a list", "people: [unclosed"])
def test_a_file_that_says_nothing_is_told(written: str) -> None:
    """An empty file, a list and half a file are mistakes, not faults."""
    assert mistakes(written)


@pytest.mark.parametrize(
    ("pin", "told"),
    [
        ("ada", "is not a pin"),
        ("2026-12-21=adda", "unknown person 'adda'"),
        ("tertiary 2026-12-21=ada", "no part 'tertiary'"),
        ("2029-12-21=ada", "no duty of the plan is on 2029-12-21"),
        ("tomorrow=ada", "'tomorrow' is not a date"),
    ],
)
def test_a_wrong_pin_is_refused(pin: str, told: str) -> None:
    """An option is not a place in the file: what is wrong is said of the option."""
    with pytest.raises(Refused, match=told) as found:
        asked(WEEKLY, instead=Instead(pins=(pin,)))
    assert found.value.field == "--pin"


def test_a_day_with_several_duties_needs_a_time() -> None:
    """Of day and night the time says which is meant."""
    halves = WEEKLY.replace("every: 1 week", "every: 12 hours")
    with pytest.raises(Refused, match="several duties begin on 2026-12-22"):
        asked(halves, instead=Instead(pins=("2026-12-22=ada",)))
    (pin,) = asked(halves, instead=Instead(pins=("2026-12-22T21:00=ada",))).problem.pins
    assert pin.duty == "primary 2026-12-22T21:00"


CADENCES = (
    'from: "2026-12-21T09:00", every: 1 week',
    'from: "2026-12-25T17:00", change_at: ["mon 09:00", "fri 17:00"]',
    'from: "2027-03-27T02:30", every: 1 day',
    'from: "2027-03-24T21:00", every: 12 hours',
    'from: "2027-03-25T09:00", every: [8 hours, 16 hours], idle: [2]',
    'from: "2027-03-27T01:00", every: [1 hour, 1 hour, 22 hours]',
    'from: "2026-10-23T02:30", every: [2 days, 1 day 12 hours, 3 days 12 hours], idle: [3]',
)


@tries(40)
@given(
    st.sampled_from(CADENCES),
    st.integers(1, 5),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"]),
    st.lists(st.permutations(["ada", "grace", "linus"]), min_size=1, max_size=7),
)
def test_what_is_written_serves_as_proposed(cadence: str, weeks: int, zone: str, order: list[list[str]]) -> None:
    """The schedules that a proposal is written as, read and rendered, are the proposal: every duty, at clock changes
    too, and nobody where nobody is needed."""
    wanted = asked(
        f"""
        tocsin: 1
        name: data
        time_zone: {zone}
        duties: {{{cadence}, weeks: {weeks}, posts: [primary, secondary]}}
        people: [{{name: ada}}, {{name: grace}}, {{name: linus}}]
        """
    )
    assignment = given_in_turn(wanted, tuple(name for two in order for name in two[:2]))
    known = in_force(text(schedules(wanted, assignment, {}), told="proposed"), ("ada", "grace", "linus"))
    plan = Span(wanted.problem.duties[0].span.start, wanted.problem.duties[-1].span.end)
    for post in wanted.posts:
        expected = [
            (duty.span.start, duty.span.end, (assignment[duty.id],))
            for duty in wanted.problem.duties
            if duty.role == post.role
        ]
        pieces = [piece for start, end, _ in expected for piece in served(known, post.schedule, Span(start, end))]
        assert pieces == expected
        hours = sum(((end - start) for start, end, _ in served(known, post.schedule, plan)), timedelta())
        assert hours == sum(((end - start) for start, end, _ in expected), timedelta())


def test_what_is_written_is_readable() -> None:
    """A rotation of weeks names one person a week, in order; the secondary stays apart from the primary."""
    wanted = asked(WEEKLY.replace("weeks: 4", "weeks: 4, posts: [primary, secondary]"))
    written = text(schedules(wanted, given_in_turn(wanted, ("ada", "grace")), {}), told="Proposed.\nAsk anew.")
    assert written.startswith("# Proposed.\n# Ask anew.\ntocsin: 1\n")
    assert "people: [ada, ada, ada, ada]" in written
    assert "people: [grace, grace, grace, grace]" in written
    assert "every: 1 week" in written
    assert "apart_from: [data-primary]" in written


def documents(written: str) -> Mapping[ScheduleName, Document]:
    """Schedules that there are already."""
    files = (("rota.yaml", dedent(written)),)
    draft = read_files(files, environment={}, channels=frozenset(), protocols=frozenset())
    return {ScheduleName(each.name): each for each in draft.documents if each.kind == "schedule"}


def test_a_schedule_that_exists_stays_until_the_plan_begins() -> None:
    """The proposal becomes a planned change: before it the old layers serve, from it on the proposed one."""
    existing = documents(
        """
        tocsin: 1
        users: [{name: ada}, {name: grace}, {name: mary}]
        schedules:
          - name: data
            time_zone: America/New_York
            layers: [{name: old, rotation: {every: 1 week, from: "2026-01-05T09:00", people: [mary]}}]
            changes:
              - from: "2026-12-01T00:00"
                layers: [{name: december, rotation: {every: 1 day, from: "2026-12-01T00:00", people: [mary]}}]
              - {from: "2027-01-01T00:00", layers: []}
        """
    )
    wanted = asked(WEEKLY)
    written = text(schedules(wanted, given_in_turn(wanted, ("ada", "grace")), existing), told="proposed")
    known = in_force(written, ("ada", "grace", "mary"))
    window = Span(utc(2026, 12, 20, 8), utc(2027, 1, 11, 8))
    assert served(known, "data", window) == [
        (utc(2026, 12, 20, 8), utc(2026, 12, 21, 8), ("mary",)),
        (utc(2026, 12, 21, 8), utc(2026, 12, 28, 8), ("ada",)),
        (utc(2026, 12, 28, 8), utc(2027, 1, 4, 8), ("grace",)),
        (utc(2027, 1, 4, 8), utc(2027, 1, 11, 8), ("ada",)),
    ]
    sources = {shift.source for shift in known.rota.shifts(ScheduleName("data"), window).shifts}
    assert sources == {"december", LAYER}


def test_after_the_plan_the_list_begins_again() -> None:
    """Nobody who forgets to ask anew is left without a rota."""
    wanted = asked(WEEKLY)
    known = in_force(text(schedules(wanted, given_in_turn(wanted, ("ada", "grace")), {}), told="x"), ("ada", "grace"))
    later = datetime(2027, 6, 1, tzinfo=UTC)
    assert known.on_call(ScheduleName("data"), later) in (("ada",), ("grace",))
