"""The rota as it is asked: prebuilt answers, what is kept of them, schedules that refer to each other, odd data."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from itertools import pairwise
from random import Random
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.schedules.clock_changes import around_a_clock_change
from core.schedules.rotas import BERLIN, WORKDAYS, at, minimal, only, override, people, rotation, schedule, span
from tocsin.core.errors import Refused
from tocsin.core.schedules import (
    Absence,
    Booking,
    CalendarName,
    Change,
    Circumstances,
    Counting,
    Follow,
    Imported,
    Layer,
    OnCall,
    Region,
    Restriction,
    Rota,
    Rotation,
    Schedule,
    Unequal,
    Weekday,
    on_call,
)
from tocsin.core.schedules import rota as rota_module
from tocsin.core.schedules.timeline import SEARCH
from tocsin.core.schedules.wallclock import EARLIEST, LATEST
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Span, utc

DAILY = Layer(name="daily", rotation=rotation("1 days", "2016-01-05T09:00", "ada", "grace", "linus"))
NIGHTS = (only("22:00", "06:00", Weekday.MONDAY, Weekday.WEDNESDAY, Weekday.FRIDAY),)
MOMENT = datetime.resolution


def named(name: str, *layers: Layer, follows: str = "", behind: int = 1, apart: tuple[str, ...] = ()) -> Schedule:
    """A schedule by name that may follow others and keep apart from them."""
    return replace(
        schedule(*layers),
        name=ScheduleName(name),
        follows=Follow(schedule=ScheduleName(follows), behind=behind) if follows else None,
        apart_from=tuple(map(ScheduleName, apart)),
    )


def rota_of(*schedules: Schedule, **circumstances: object) -> Rota:
    """A rota of schedules, by their names."""
    return Rota({each.name: each for each in schedules}, Circumstances(**circumstances))  # type: ignore[arg-type]


def busy() -> Schedule:
    """A schedule with everything that takes part in an answer."""
    weekly = Layer(name="weekly", rotation=rotation("1 weeks", "2016-01-04T09:00", "ada", "grace", "linus"))
    nights = Layer(
        name="nights",
        rotation=replace(rotation("1 days", "2016-01-04T22:00", "mary", "", "edsger"), counting=Counting.ACTIVE),
        only=NIGHTS,
    )
    overrides = (
        override("", "2026-02-03T08:00", "2026-02-09T16:00"),
        override("ada", "2026-02-05T08:00", "2026-02-06T16:00"),
    )
    return schedule(weekly, nights, overrides=overrides)


def away(who: str, start: str, end: str) -> Absence:
    """An absence that was always known."""
    return Absence(person=PersonName(who), span=span(start, end))


def first_of(rota: Rota, name: ScheduleName, instant: Instant) -> OnCall:
    """The answer for an instant, out of the shifts of the time that follows."""
    found = rota.shifts(name, Span(instant, instant + SEARCH))
    pieces = sorted([*((each.span, each) for each in found.shifts), *((each.span, each) for each in found.vacancies)])
    end = found.shifts[0].span.start if pieces[0][1] in found.vacancies and found.shifts else pieces[0][0].end
    until = end if end < instant + SEARCH else None
    first = pieces[0][1]
    if first in found.vacancies:
        return OnCall(people=(), source=rota.on_call(name, instant).source, until=until, reason=first.reason)
    return OnCall(people=first.people, source=first.source, until=until, reason=None)


# Prebuilt answers


@pytest.mark.parametrize(
    "rota", [minimal(), busy(), schedule(DAILY), schedule()], ids=["minimal", "busy", "daily", "no"]
)
def test_answers_are_the_shifts(rota: Schedule) -> None:
    """At any instant, on the edges of shifts and of chunks too, the prebuilt answer is what a rendering says."""
    book = rota_of(rota)
    edges = [shift.span.start for shift in book.shifts(rota.name, span("2026-01-25T00:00", "2026-02-20T00:00")).shifts]
    days = [datetime.fromordinal(chunk << 5).replace(tzinfo=UTC) for chunk in range(23117, 23122)]
    for edge in [*edges, *days]:
        for instant in (edge - MOMENT, edge, edge + MOMENT):
            assert book.on_call(rota.name, instant) == first_of(book, rota.name, instant)


def test_an_end_is_told_a_year_before_it() -> None:
    """Within one chunk, `until` is only told to whoever asks at most a year before it."""
    ending = schedule(replace(DAILY, rotation=rotation("1 days", "2016-01-05T09:00", "ada"), end=utc(2027, 2, 1)))
    book = rota_of(ending)
    edge = utc(2027, 2, 1) - SEARCH
    assert book.on_call(ending.name, edge).until is None
    assert book.on_call(ending.name, edge + MOMENT).until == utc(2027, 2, 1)


def test_a_gap_of_many_reasons_ends_with_somebody() -> None:
    """With nobody on call, `until` is when somebody comes, over all reasons; the reason is that of the instant."""
    overrides = (
        override("", "2026-01-02T00:00", "2026-03-01T00:00"),
        override("", "2026-04-01T00:00", "2026-05-01T00:00"),
    )
    late = schedule(replace(DAILY, start=utc(2026, 4, 10)), overrides=overrides)
    answer = on_call(late, at("2026-01-01T00:00"))
    assert (answer.until, answer.reason) == (at("2026-05-01T00:00"), "no_layer")
    assert on_call(late, at("2026-01-02T00:00")).reason == "override_says_nobody"


def test_an_answer_is_prebuilt() -> None:
    """Whoever asks twice within one shift is given the very same answer, and a hundred thousand are given at once."""
    book = rota_of(busy())
    name = ScheduleName("rota")
    assert book.on_call(name, at("2026-01-15T12:00")) is book.on_call(name, at("2026-01-15T12:01"))
    instants = [at("2026-01-01T00:00") + timedelta(minutes=5 * number) for number in range(100_000)]
    for instant in instants[::1000]:
        book.on_call(name, instant)
    began = perf_counter()
    for instant in instants:
        book.on_call(name, instant)
    assert perf_counter() - began < 1.5


def test_any_zone_may_be_asked_in() -> None:
    """An instant that is not in UTC has the same answer."""
    book, instant = rota_of(minimal()), at("2026-02-03T07:59")
    moved = instant.astimezone(timezone(timedelta(hours=13)))
    assert book.on_call(minimal().name, moved) == book.on_call(minimal().name, instant)


def test_the_calendar_has_sharp_ends() -> None:
    """The first and the last instant have an answer, those beyond are refused, whatever was asked before."""
    book, name = rota_of(busy()), ScheduleName("rota")
    for edge in (EARLIEST, LATEST):
        assert book.on_call(name, edge) == book.on_call(name, edge)
    for beyond in (EARLIEST - MOMENT, LATEST + MOMENT, utc(1, 1, 1), datetime.max.replace(tzinfo=UTC)):
        with pytest.raises(Refused, match="outside the calendar"):
            book.on_call(name, beyond)


def test_who_is_not_there_is_a_key_error() -> None:
    """A schedule that is not there is told as such, by each question."""
    book = rota_of(minimal())
    for ask in (book.on_call, book.next_up):
        with pytest.raises(KeyError):
            ask(ScheduleName("gone"), at("2026-01-15T12:00"))
    with pytest.raises(KeyError):
        book.shifts(ScheduleName("gone"), span("2026-01-15T12:00", "2026-01-16T12:00"))


# What is kept


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many instants are asked for, only so many answers are kept, and they stay right."""
    monkeypatch.setattr(rota_module, "_ANSWERS_KEPT", 500)
    book, name, chance = rota_of(busy()), ScheduleName("rota"), Random(7)
    for _ in range(100):
        instant = EARLIEST + (LATEST - EARLIEST) * chance.random()
        answer = book.on_call(name, instant)
        assert (answer.people, answer.source) == (book.on_call(name, instant).people, answer.source)
        assert sum(map(len, book._answers.values())) <= 500
    assert book.on_call(name, at("2026-01-15T12:00")) == on_call(busy(), at("2026-01-15T12:00"))


def test_threads_may_share_a_rota() -> None:
    """Threads that ask one rota in any order get the answers that each would get alone."""
    owing = (away("ada", "2020-01-06T00:00", "2020-01-09T00:00"), away("mary", "2021-03-01T00:00", "2021-04-01T00:00"))
    chance = Random(3)
    instants = [at("2019-01-01T00:00") + timedelta(hours=chance.randrange(80_000)) for _ in range(200)]
    alone = rota_of(busy(), absences=owing)
    expected = {instant: alone.on_call(ScheduleName("rota"), instant) for instant in sorted(instants)}
    shared = rota_of(busy(), absences=owing)

    def ask(seed: int) -> bool:
        mine = Random(seed).sample(instants, len(instants))
        return all(shared.on_call(ScheduleName("rota"), instant) == expected[instant] for instant in mine)

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(ask, range(8)))


@pytest.mark.parametrize("counting", Counting)
def test_the_age_of_a_rotation_is_paid_once(counting: Counting) -> None:
    """A hundred questions about 2026 to an hourly rotation of 1996 with debts cost little more than the first one."""
    hourly = replace(rotation("1 hours", "1996-01-01T09:00", "ada", "grace", "linus"), counting=counting)
    old = schedule(Layer(name="old", rotation=hourly, only=(only("00:00", "00:00", *WORKDAYS),)))
    book = rota_of(old, absences=(away("ada", "1997-01-01T00:00", "1997-01-03T00:00"),))
    book.on_call(old.name, utc(2026, 12, 31))
    began = perf_counter()
    for number in range(100):
        start = utc(2016, 1, 1) + timedelta(days=40 * number)
        assert book.shifts(old.name, Span(start, start + timedelta(days=7))).shifts
    assert perf_counter() - began < 2


@settings(max_examples=40, deadline=None, database=None)
@given(
    around_a_clock_change(hours=100), st.integers(1, 30), st.sampled_from(["1 days", "8 hours", "3 days", "1 weeks"])
)
def test_leaps_count_every_turn(place: tuple[ZoneInfo, Instant], years: int, every: str) -> None:
    """Years of served turns are counted alike in leaps over steady weeks and one by one, in all zones.

    A first day long before the rotation changes nothing, but such windows are not the same every week: no leaps.
    """
    zone, instant = place
    served = replace(rotation(every, "1990-01-05T01:30", "a", "b", "c", "d", "e"), counting=Counting.ACTIVE)
    windows = (only("01:00", "03:00", Weekday.SUNDAY, Weekday.TUESDAY), only("22:00", "02:30", Weekday.SATURDAY))
    leaping = Layer(name="layer", rotation=served, only=windows, start=utc(2030 - years, 1, 1))
    stepping = replace(leaping, only=tuple(replace(each, first=date(1950, 1, 1)) for each in windows))
    window = Span(instant, instant + timedelta(days=20))
    found = [rota_of(schedule(layer, zone=zone)).shifts(ScheduleName("rota"), window) for layer in (leaping, stepping)]
    assert found[0] == found[1]


@pytest.mark.parametrize("counting", Counting)
def test_the_order_of_questions_does_not_matter(counting: Counting) -> None:
    """A rota that was asked about the far future first says the same of the past as one that was not."""
    daily = replace(rotation("1 days", "2000-01-01T09:00", "ada", "grace", "linus", "mary"), counting=counting)
    old = schedule(Layer(name="old", rotation=daily, only=(only("00:00", "00:00", *WORKDAYS),)))
    absences = tuple(away("ada", f"20{year:02}-02-01T00:00", f"20{year:02}-02-20T00:00") for year in range(40))
    asked, fresh = rota_of(old, absences=absences), rota_of(old, absences=absences)
    asked.on_call(old.name, utc(2090, 1, 1))
    windows = [Span(utc(year, 1, 1), utc(year, 4, 1)) for year in (2035, 2001, 2020, 2000, 2060)]
    for window in windows:
        assert asked.shifts(old.name, window) == rota_of(old, absences=absences).shifts(old.name, window)
    for window in sorted(windows):
        assert asked.shifts(old.name, window) == fresh.shifts(old.name, window)


# Over several answers


def test_next_up_is_somebody_else() -> None:
    """Whoever comes next is another than the present ones, over gaps and other sources of the same people."""
    twice = Layer(name="twice", rotation=rotation("1 days", "2026-01-05T09:00", "ada", "ada", "", "grace"))
    found = rota_of(schedule(twice, overrides=(override("ada", "2026-01-06T00:00", "2026-01-06T04:00"),)))
    up = found.next_up(ScheduleName("rota"), at("2026-01-05T12:00"))
    assert up is not None
    assert (up.people, up.until) == (people("grace"), at("2026-01-09T08:00"))


def test_next_up_ends_with_the_search() -> None:
    """Where the same person is on call for ever out of changing sources, nobody is next, and the search ends."""
    always = Layer(name="days", rotation=rotation("1 weeks", "2016-01-05T09:00", "ada"))
    nights = Layer(name="nights", rotation=rotation("1 weeks", "2016-01-05T09:00", "ada"), only=NIGHTS)
    assert rota_of(schedule(always, nights)).next_up(ScheduleName("rota"), at("2026-01-05T12:00")) is None
    assert rota_of(busy()).next_up(ScheduleName("rota"), LATEST) is None


def test_shifts_of_a_person_are_found_everywhere() -> None:
    """A person's shifts come from layers, followed schedules, calendars, changes and overrides, in order of time."""
    feed = CalendarName("feed")
    later = Change(
        at=at("2026-01-20T00:00"), layers=(Layer(name="new", rotation=rotation("1 days", "2026-01-20T09:00", "mary")),)
    )
    book = rota_of(
        named("primary", Layer(name="pair", rotation=rotation("1 days", "2026-01-05T09:00", "ada", "mary"))),
        named("secondary", follows="primary"),
        named("booked", Layer(name="feed", rotation=Imported(calendar=feed))),
        replace(named("changed", DAILY), changes=(later,)),
        replace(named("stands in", DAILY), overrides=(override("mary", "2026-01-06T10:00", "2026-01-06T11:00"),)),
        named("others", DAILY),
        calendars={feed: (Booking(people=people("mary"), span=span("2026-01-07T00:00", "2026-01-08T00:00")),)},
    )
    found = book.shifts_of(PersonName("mary"), span("2026-01-05T00:00", "2026-01-21T00:00"))
    assert {name for name, _ in found} == {"primary", "secondary", "booked", "changed", "stands in"}
    assert all("mary" in shift.people for _, shift in found)
    assert all(one.span <= other.span for (_, one), (_, other) in pairwise(found))
    everything = [
        name
        for name in book.schedules
        for shift in book.shifts(name, span("2026-01-05T00:00", "2026-01-21T00:00")).shifts
        if "mary" in shift.people
    ]
    assert len(found) == len(everything)


# Schedules that refer to each other, and odd data


def test_a_circle_is_as_if_nothing_were_followed() -> None:
    """Schedules that refer to themselves over others answer as if they referred to nothing there, in any order."""
    circle = (
        named("a", DAILY, apart=("b",)),
        named("b", follows="c"),
        named("c", DAILY, follows="a", apart=("d", "c")),
        named("d", DAILY),
    )
    alone = rota_of(named("a", DAILY), named("b"), named("c", DAILY, apart=("d",)), named("d", DAILY))
    window = span("2026-01-05T00:00", "2026-02-05T00:00")
    for names in ("abcd", "dcba"):
        book = rota_of(*circle)
        for name in map(ScheduleName, names):
            assert book.shifts(name, window) == alone.shifts(name, window)


def test_a_missing_schedule_is_as_if_nothing_were_followed() -> None:
    """Whoever follows, or keeps apart from, a schedule that is gone answers by their own layers."""
    book = rota_of(named("a", DAILY, follows="gone", apart=("gone too",)), named("alone", DAILY))
    window = span("2026-01-05T00:00", "2026-02-05T00:00")
    assert book.shifts(ScheduleName("a"), window) == book.shifts(ScheduleName("alone"), window)
    assert book.shifts_of(PersonName("ada"), window)


def test_a_long_chain_is_no_tower() -> None:
    """Five hundred schedules, each of which follows the one before it, are answered like any other."""
    chain = [named("s0", DAILY), *(named(f"s{number}", follows=f"s{number - 1}", behind=3) for number in range(1, 500))]
    chain = [replace(each, follows=replace(each.follows, may_repeat=True)) if each.follows else each for each in chain]
    book, window = rota_of(*chain), span("2026-01-05T00:00", "2026-01-07T00:00")
    first, last = (book.shifts(ScheduleName(name), window).shifts for name in ("s0", "s499"))
    assert [shift.people for shift in last] == [shift.people for shift in first]


def test_many_that_keep_apart_are_asked_once_each() -> None:
    """Schedules that each keep apart from all before them are laid out once, not twice as often with each of them."""
    names = tuple(f"s{number:02}" for number in range(24))
    book = rota_of(*(named(name, DAILY, apart=names[:number]) for number, name in enumerate(names)))
    began = perf_counter()
    assert book.on_call(ScheduleName("s02"), at("2026-01-06T12:00")).people
    assert book.on_call(ScheduleName("s23"), at("2026-01-06T12:00")).reason == "on_call_elsewhere"
    assert perf_counter() - began < 5


@pytest.mark.parametrize(
    "broken",
    [
        rotation("1000000000000 months", "2026-01-01T00:00", "ada", "grace"),
        rotation("1 weeks", "0001-01-01T00:00", "ada", "grace"),
        rotation("1 weeks", "9999-12-31T00:00", "ada", "grace"),
        rotation("1 weeks", "2026-01-01T00:00"),
        replace(rotation("1 weeks", "2026-01-01T00:00", "ada", "grace"), every=Unequal(lengths=())),
        replace(rotation("1 weeks", "2026-01-01T00:00", "ada", "grace"), every=Unequal(lengths=(MOMENT, SEARCH))),
    ],
)
def test_a_rotation_that_cannot_be_meant_has_nobody(broken: Rotation) -> None:
    """What `check` would refuse is answered with nobody; it neither fails nor runs for ever."""
    odd = schedule(Layer(name="odd", rotation=broken))
    assert on_call(odd, at("2026-06-01T00:00")).reason == "no_layer"


def test_holidays_are_asked_once_a_year() -> None:
    """The public holidays of a region and year are asked for once, however often schedules look at them."""
    asked: list[int] = []

    def holidays(region: Region, year: int) -> dict[date, str]:
        asked.append(year)
        return {date(year, 12, 25): "Christmas"}

    free = Restriction(except_holidays=Region("DE"), begins=time(0), ends=time(0))
    book = rota_of(
        named("a", replace(DAILY, only=(free,))), named("b", replace(DAILY, only=(free,))), holidays=holidays
    )
    window = span("2026-01-05T00:00", "2026-12-30T00:00")
    gaps = {book.shifts(ScheduleName(name), window).gaps for name in "ab"}
    assert gaps == {(span("2026-12-24T23:00", "2026-12-25T23:00"),)}
    assert sorted(asked) == [2026]


def test_the_zone_of_a_layer_is_its_own() -> None:
    """A layer without a zone has the schedule's, also within a planned change."""
    assert BERLIN is schedule().time_zone
    nine = Layer(name="nine", rotation=rotation("1 days", "2026-01-05T09:00", "ada", "grace"))
    tokyo = replace(nine, time_zone=type(BERLIN)("Asia/Tokyo"))
    assert on_call(schedule(nine), at("2026-01-06T00:30")).until == at("2026-01-06T08:00")
    assert on_call(schedule(tokyo), at("2026-01-06T00:30")).until == at("2026-01-07T00:00")
