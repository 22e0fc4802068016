"""The record of duty: what was on call stays what was on call."""

from __future__ import annotations

from datetime import timedelta

from core.schedules.rotas import at, override, rotation, said, schedule, span
from tocsin.core.schedules import Layer, NobodyReason, Rota, Schedule
from tocsin.core.schedules.record import Served, entries, stitched, was_on_call
from tocsin.core.vocabulary import Instant, ScheduleName, Span, utc

NAME = ScheduleName("rota")
MOMENT = timedelta(microseconds=1)


def weekly(*people: str) -> Schedule:
    """A rota of one layer that changes on Mondays at 09:00 in Berlin."""
    return schedule(Layer(name="weekly", rotation=rotation("1 weeks", "2026-01-05T09:00", *people)))


def rota(of: Schedule) -> Rota:
    """A rota of one schedule."""
    return Rota({of.name: of})


def written(of: Schedule, start: str, end: str, *before: Served) -> list[tuple[Instant, tuple[str, ...]]]:
    """What is written about a window, after these entries."""
    found = entries(rota(of), {entry.schedule: entry for entry in before}, span(start, end))
    return [(entry.since, entry.people) for entry in found]


def test_each_change_of_shift_is_an_entry() -> None:
    """The first look writes who is on call; each later change has its own instant, however late it is written."""
    found = written(weekly("ada", "grace"), "2026-01-10T00:00", "2026-01-20T00:00")
    assert found == [
        (at("2026-01-10T00:00"), ("ada",)),
        (at("2026-01-12T08:00"), ("grace",)),
        (at("2026-01-19T08:00"), ("ada",)),
    ]


def test_what_goes_on_is_not_written_again() -> None:
    """A window in which nothing changes leaves the newest entry in force."""
    [first] = entries(rota(weekly("ada", "grace")), {}, span("2026-01-10T00:00", "2026-01-10T00:01"))
    assert written(weekly("ada", "grace"), "2026-01-10T00:01", "2026-01-11T00:00", first) == []


def test_a_schedule_that_is_gone_is_closed() -> None:
    """Nobody is on call by a schedule that was dropped, and the record says since when."""
    [first] = entries(rota(weekly("ada")), {}, span("2026-01-10T00:00", "2026-01-10T00:01"))
    [closed] = entries(Rota({}), {NAME: first}, span("2026-01-10T00:01", "2026-01-10T00:02"))
    assert (closed.since, closed.people, closed.reason) == (at("2026-01-10T00:01"), (), NobodyReason.NO_LAYER)
    assert entries(Rota({}), {NAME: closed}, span("2026-01-10T00:02", "2026-01-10T00:03")) == ()


def test_an_edit_does_not_rewrite_the_past() -> None:
    """Before the edit the record counts, after it the schedule as it is now; before the record, the schedule too."""
    old, new = weekly("ada", "grace"), weekly("linus")
    recorded = list(entries(rota(old), {}, span("2026-01-10T00:00", "2026-01-14T12:00")))
    recorded += entries(rota(new), {NAME: recorded[-1]}, span("2026-01-14T12:00", "2026-01-14T13:00"))
    window = span("2026-01-09T00:00", "2026-01-16T00:00")
    shown = stitched(recorded, rota(new).shifts(NAME, window), window, until=at("2026-01-14T13:00"))
    assert said(shown) == [
        "01-09 00:00 > 01-10 00:00 linus weekly",
        "01-10 00:00 > 01-12 08:00 ada weekly",
        "01-12 08:00 > 01-14 12:00 grace weekly",
        "01-14 12:00 > 01-16 00:00 linus weekly",
    ]


def test_a_recorded_gap_keeps_its_reason() -> None:
    """A gap that was there stays one although the override that made it is gone."""
    gap = schedule(*weekly("ada").layers, overrides=(override("", "2026-01-10T00:00", "2026-01-11T00:00"),))
    recorded = entries(rota(gap), {}, span("2026-01-09T00:00", "2026-01-12T00:00"))
    window = span("2026-01-09T12:00", "2026-01-13T00:00")
    shown = stitched(recorded, rota(weekly("ada")).shifts(NAME, window), window, until=at("2026-01-12T00:00"))
    assert [(one.span, one.reason) for one in shown.vacancies] == [
        (span("2026-01-10T00:00", "2026-01-11T00:00"), NobodyReason.OVERRIDE_SAYS_NOBODY)
    ]
    assert said(shown)[-1] == "01-11 00:00 > 01-13 00:00 ada weekly"


def test_without_an_edit_the_record_says_what_the_schedule_says() -> None:
    """Wherever the record begins and ends, a schedule that was not touched reads the same."""
    of = schedule(
        *weekly("ada", "grace", "").layers, overrides=(override("linus", "2026-01-13T03:00", "2026-01-13T09:00"),)
    )
    window = span("2026-01-06T00:00", "2026-02-06T00:00")
    computed = rota(of).shifts(NAME, window)
    for start, end in (("2026-01-01T00:00", "2026-01-20T05:00"), ("2026-01-13T04:00", "2026-03-01T00:00")):
        recorded = entries(rota(of), {}, span(start, end))
        assert stitched(recorded, computed, window, until=at(end)) == computed


def test_an_instant_of_the_past_is_answered_from_the_record() -> None:
    """Who was on call, until when they were, and nothing about times that the record does not know."""
    of = weekly("ada", "grace")
    recorded = entries(rota(of), {}, span("2026-01-10T00:00", "2026-01-14T00:00"))
    until = at("2026-01-14T00:00")

    def asked(instant: Instant, now: Schedule) -> tuple[tuple[str, ...], Instant | None] | None:
        found = was_on_call(recorded, rota(now).on_call(NAME, until), instant, until=until)
        return None if found is None else (found.people, found.until)

    assert asked(utc(2026, 1, 11), weekly("linus")) == (("ada",), at("2026-01-12T08:00"))
    assert asked(utc(2026, 1, 13), of) == (("grace",), at("2026-01-19T08:00"))
    assert asked(utc(2026, 1, 13), weekly("linus")) == (("grace",), until)
    assert asked(utc(2026, 1, 9), of) is None
    assert asked(until, of) is None
    assert stitched((), rota(of).shifts(NAME, Span(until, until + MOMENT)), Span(until, until + MOMENT), until=None)


def test_no_two_entries_share_an_instant() -> None:
    """What contradicts the newest entry at its own instant holds from the moment after: the newest is what counts."""
    start, end = "2026-01-06T00:00", "2026-01-06T00:01"
    before = Served(schedule=NAME, since=at(start), people=(), source="", reason=NobodyReason.NO_LAYER)
    assert written(weekly("ada"), start, end, before) == [(at(start) + MOMENT, ("ada",))]
    later = Served(schedule=NAME, since=at(end), people=(), source="", reason=NobodyReason.NO_LAYER)
    assert written(weekly("ada"), start, end, later) == [(at(end) + MOMENT, ("ada",))]
