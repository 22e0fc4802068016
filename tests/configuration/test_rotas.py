"""The rotas in `examples/`: each is accepted alone, and keeps what its comments promise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from configuration.written import CHANNELS, EXAMPLES, PROTOCOLS
from tocsin.configuration.building import directory
from tocsin.configuration.reading import read
from tocsin.core.directory import Directory
from tocsin.core.schedules import Rendered, Shift
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Span, utc

NAMES = sorted(path.stem for path in EXAMPLES.glob("*.yaml") if path.stem not in ("minimal", "quickstart"))

#: Thirteen weeks with a clock change on either side of the Atlantic.
QUARTER = Span(utc(2026, 2, 2), utc(2026, 5, 4))

#: Schedules that promise somebody at every moment of the quarter.
ALWAYS = [
    ("data-team", "data"),
    ("follow-the-sun", "platform"),
    ("days-nights-weekends", "shop"),
    ("primary-secondary", "payments-primary"),
    ("primary-secondary", "payments-secondary"),
    ("two-countries", "munich"),
    ("two-countries", "shanghai"),
    ("pitman", "control-room"),
    ("duty-manager", "duty-manager"),
    ("duty-manager", "operations"),
    ("trainee", "search"),
    ("pair", "game"),
    ("pair", "game-lead"),
]


@cache
def rota(name: str) -> Directory:
    """The directory of one of the files, with nothing in the environment."""
    found = read(EXAMPLES / f"{name}.yaml", environment={}, channels=CHANNELS, protocols=PROTOCOLS)
    return directory(found.documents)


def rendered(name: str, schedule: str, window: Span = QUARTER) -> Rendered:
    """The final shifts and gaps."""
    return rota(name).rota.shifts(ScheduleName(schedule), window)


def on_call(name: str, schedule: str, at: Instant) -> tuple[PersonName, ...]:
    """Who is on call."""
    return rota(name).rota.on_call(ScheduleName(schedule), at).people


def every_hour(window: Span = QUARTER) -> Iterator[Instant]:
    """An instant in every hour of the window."""
    at = window.start + timedelta(minutes=30)
    while at < window.end:
        yield at
        at += timedelta(hours=1)


def on_the_clock(shift: Shift, zone: str) -> tuple[datetime, datetime]:
    """When a shift begins and ends on the clock of a zone."""
    begins, ends = (at.astimezone(ZoneInfo(zone)) for at in (shift.span.start, shift.span.end))
    return begins, ends


def hours_of(found: Rendered) -> Counter[PersonName]:
    """How many hours each person serves."""
    hours: Counter[PersonName] = Counter()
    for shift in found.shifts:
        for person in shift.people:
            hours[person] += (shift.span.end - shift.span.start) // timedelta(hours=1)
    return hours


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_whole(name: str) -> None:
    """Each file alone has people who can be reached, a team, a service with a policy that pages every schedule."""
    known = rota(name)
    assert all(known.is_reachable(person) for person in known.people)
    assert known.teams
    assert known.administrators
    assert all(service.policy in known.policies for service in known.services.values())
    paged = {target for policy in known.policies.values() for step in policy.steps for target in step.targets}
    assert {getattr(target, "schedule", None) for target in paged} - {None} == set(known.schedules)
    served = {person for schedule in known.schedules.values() for person in schedule.people}
    assert served == {person for team in known.teams.values() for person in team.members}


def test_there_are_ten() -> None:
    """Every example is looked at here, and is listed in the documentation."""
    assert len(NAMES) == 10
    listed = (EXAMPLES.parent / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert [name for name in NAMES if f"`{name}.yaml`" not in listed] == []


@pytest.mark.parametrize(("name", "schedule"), ALWAYS)
def test_there_is_no_gap(name: str, schedule: str) -> None:
    """Where the comment says so, there is somebody at every moment of the quarter, clock changes among them."""
    assert rendered(name, schedule).gaps == ()


def test_a_data_team_of_five() -> None:
    """One person a week, each in five; who is away is stood in for, and takes a turn of the stand-in's instead."""
    weeks = [utc(2026, 1, 5, 12) + timedelta(weeks=number) for number in range(10)]
    assert [on_call("data-team", "data", week) for week in weeks] == [
        ("ada",),
        ("grace",),
        ("linus",),
        ("rosalind",),
        ("edsger",),
        ("ada",),
        ("linus",),
        ("grace",),
        ("rosalind",),
        ("edsger",),
    ]
    begins = {on_the_clock(shift, "Europe/Berlin")[0] for shift in rendered("data-team", "data").shifts[1:]}
    assert {(each.weekday(), each.time()) for each in begins} == {(0, time(10))}


def test_the_sun_is_followed() -> None:
    """Everybody serves between seven and five of their own day, and all of them serve."""
    known = rota("follow-the-sun")
    found = rendered("follow-the-sun", "platform")
    for shift in found.shifts[1:-1]:
        (person,) = shift.people
        begins, ends = on_the_clock(shift, known.people[person].time_zone.key)
        assert time(7) <= begins.time() < ends.time() <= time(17)
        assert begins.date() == ends.date()
    assert set(hours_of(found)) == set(known.people)
    assert on_call("follow-the-sun", "platform", utc(2026, 2, 3, 4)) == ("wei",)
    assert {shift.source for shift in found.shifts} == {"shanghai", "berlin", "san-francisco"}


def test_days_nights_and_weekends() -> None:
    """Three different people share each week, in shifts that belong together."""
    wednesday = [utc(2026, 1, 7, 12), utc(2026, 1, 7, 22), utc(2026, 1, 10, 12)]
    assert [on_call("days-nights-weekends", "shop", at) for at in wednesday] == [("amina",), ("chloe",), ("elise",)]
    for number in range(12):
        monday = utc(2026, 2, 2, 8) + timedelta(weeks=number)
        found = rendered("days-nights-weekends", "shop", Span(monday, monday + timedelta(days=6, hours=12)))
        people = {
            source: {s.people for s in found.shifts if s.source == source} for source in ("days", "nights", "weekends")
        }
        assert [len(each) for each in people.values()] == [1, 1, 1]
        assert len(set.union(*people.values())) == 3


def test_the_secondary_is_last_weeks_primary() -> None:
    """The two are never one person; where nobody is away, the one has been the other a week before."""
    name, zone = "primary-secondary", ZoneInfo("Europe/Warsaw")
    for at in every_hour():
        primary, secondary = on_call(name, "payments-primary", at), on_call(name, "payments-secondary", at)
        assert len(primary) == len(secondary) == 1
        assert primary != secondary
        if not utc(2026, 2, 16) <= at < utc(2026, 3, 10):
            before = (at.astimezone(zone) - timedelta(weeks=1)).astimezone(UTC)  # on the clock: it may have changed
            assert secondary == on_call(name, "payments-primary", before)
        if utc(2026, 2, 16) <= at < utc(2026, 2, 22):
            assert "quentin" not in (*primary, *secondary)


def test_two_countries_cover_each_others_holidays() -> None:
    """Shanghai serves on Epiphany in Munich, Munich at the Spring Festival in Shanghai; the first of May is both's."""
    name = "two-countries"
    known = rota(name).teams
    bavarian = [utc(2026, 1, 6, 12), utc(2026, 4, 3, 12), utc(2026, 5, 14, 12), utc(2026, 5, 25, 12)]
    assert [on_call(name, "munich", at) for at in bavarian] == [("hua",), ("jing",), ("ming",), ("hua",)]
    chinese = [utc(2026, 2, day, 4) for day in (16, 17, 18, 19, 20, 23)]
    served = ["anton", "barbara", "cornelia", "anton", "barbara", "cornelia"]
    assert [on_call(name, "shanghai", at)[0] for at in chinese] == served
    for schedule, team in known.items():
        for at in (utc(2026, 5, 1, 12), utc(2026, 1, 7, 12)):
            assert set(on_call(name, schedule, at)) <= set(team.members)


def test_the_pitman_rota() -> None:
    """Seven shifts of twelve hours in two weeks for each crew, and every other weekend off as a whole."""
    fortnight = Span(utc(2026, 2, 2, 13), utc(2026, 2, 16, 13))
    found = rendered("pitman", "control-room", fortnight)
    assert {(shift.span.end - shift.span.start) for shift in found.shifts} == {timedelta(hours=12)}
    assert set(hours_of(found).values()) == {84}
    assert {len(shift.people) for shift in found.shifts} == {2}
    for weekend in (utc(2026, 2, 6, 13), utc(2026, 2, 13, 13)):
        free = hours_of(rendered("pitman", "control-room", Span(weekend, weekend + timedelta(days=3))))
        assert set(free.values()) == {36}
        assert len(free) == 4


def test_the_duty_manager_changes_on_the_last_day() -> None:
    """The thirty-first, the last day of a shorter month, and the thirty-first again."""
    found = rendered("duty-manager", "duty-manager", Span(utc(2026, 1, 1), utc(2026, 7, 1)))
    begins = [on_the_clock(shift, "Europe/Zurich")[0] for shift in found.shifts]
    assert [(each.month, each.day, each.hour) for each in begins] == [
        (1, 31, 9),
        (2, 28, 9),
        (3, 31, 9),
        (4, 30, 9),
        (5, 31, 9),
        (6, 30, 9),
    ]
    assert [shift.people[0] for shift in found.shifts[:4]] == ["ines", "jakob", "katrin", "ines"]


def test_office_hours_are_shared_evenly() -> None:
    """Monday to Friday from nine to five, on no public holiday, and nobody has more than one day more than another."""
    found = rendered("business-hours", "intranet")
    served = [on_the_clock(shift, "Europe/Berlin") for shift in found.shifts]
    assert {(begins.time(), ends.time()) for begins, ends in served} == {(time(9), time(17))}
    assert {begins.weekday() for begins, _ in served} == {0, 1, 2, 3, 4}
    days = {begins.date().isoformat() for begins, _ in served}
    assert not days & {"2026-04-03", "2026-04-06", "2026-05-01"}
    assert len(days) == 65 - 3
    hours = hours_of(found)
    assert len(hours) == 7
    assert max(hours.values()) - min(hours.values()) <= 8


def test_a_trainee_looks_first_and_is_then_looked_after() -> None:
    """A month as the shadow; then turns of her own, the first two of them with somebody behind her."""
    name = "trainee"
    primary = {utc(2026, 2, 24): "tim", utc(2026, 3, 3): "mia", utc(2026, 3, 10): "tim", utc(2026, 3, 17): "ada"}
    primary |= {utc(2026, 3, 24): "mia", utc(2026, 3, 31): "tim", utc(2026, 4, 14): "mia"}
    assert {at: on_call(name, "search", at)[0] for at in primary} == primary
    behind = {utc(2026, 3, 3): ("ada",), utc(2026, 3, 10): (), utc(2026, 3, 24): ("ada",), utc(2026, 4, 14): ()}
    assert {at: on_call(name, "search-reverse-shadow", at) for at in behind} == behind
    shadow = {utc(2026, 2, 1): (), utc(2026, 2, 3): ("mia",), utc(2026, 3, 1): ("mia",), utc(2026, 3, 3): ()}
    assert {at: on_call(name, "search-shadow", at) for at in shadow} == shadow


def test_a_pair_and_a_third() -> None:
    """At every moment one of each craft, and a lead who is neither of them."""
    for at in every_hour():
        pair, lead = on_call("pair", "game", at), on_call("pair", "game-lead", at)
        servers, clients = pair
        assert servers in ("aiko", "ben")
        assert clients in ("chie", "daiki", "emi")
        assert len(lead) == 1
        assert lead[0] not in pair
    changes = {on_the_clock(shift, "Asia/Tokyo")[0].weekday() for shift in rendered("pair", "game").shifts[1:]}
    assert changes == {0, 4}
