"""News of the rota: shifts that an edit moves, and gaps that nobody has asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tocsin.core.directory import Directory
from tocsin.core.people import Person, Role, Team
from tocsin.core.rota_news import gaps_ahead, moved
from tocsin.core.schedules import Absence, Circumstances, Layer, Override, Rotation, Schedule, Turn, Unit
from tocsin.core.vocabulary import PersonName, ScheduleName, Span, TeamName, utc

MONDAY = utc(2026, 1, 5)
DAY, HOUR, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)
ADA, GRACE, LINUS, ROOT = map(PersonName, ("ada", "grace", "linus", "root"))
ROTA, DATA = ScheduleName("rota"), TeamName("data")


def rota(*people: PersonName, overrides: tuple[Override, ...] = ()) -> Schedule:
    """People who take turns day by day."""
    rotation = Rotation(
        every=Turn(count=1, unit=Unit.DAYS),
        anchor=datetime.fromisoformat("2026-01-05"),
        participants=tuple((name,) for name in people),
    )
    layer = Layer(name="daily", rotation=rotation)
    return Schedule(name=ROTA, team=DATA, time_zone=ZoneInfo("UTC"), layers=(layer,), overrides=overrides)


def known(schedule: Schedule, *away: Absence, revision: int = 1) -> Directory:
    """An installation with one schedule; Linus leads its team, Root is an administrator."""
    people = {
        name: Person(
            name=name,
            full_name=name,
            email=None,
            time_zone=ZoneInfo("UTC"),
            role=Role.ADMIN if name == ROOT else Role.RESPONDER,
        )
        for name in (ADA, GRACE, LINUS, ROOT)
    }
    return Directory(
        revision=revision,
        people=people,
        teams={DATA: Team(name=DATA, members=(ADA, GRACE, LINUS), lead=LINUS)},
        schedules={ROTA: schedule},
        circumstances=Circumstances(absences=away),
    )


def test_those_whose_shifts_move_are_told_what_moves() -> None:
    """One message a person and schedule, with what is gained and lost, and no more of it than can be read."""
    found = moved(known(rota(ADA, GRACE)), known(rota(LINUS, GRACE), revision=2), MONDAY + HOUR)
    assert [message.person for message in found] == [ADA, LINUS]
    lost = found[0].values["lost"].split("\n")
    assert (found[0].values["gained"], lost[0], lost[-1]) == ("", "2026-01-05T01:00:00Z/2026-01-06T00:00:00Z", "...")
    assert len(lost) == 13


def test_an_edit_is_told_once_however_often_it_is_looked_at() -> None:
    """Another node looks a moment later, when the running shift is shorter and the window reaches further."""
    before, after = known(rota(ADA, GRACE)), known(rota(LINUS, GRACE), revision=2)
    first, later = (
        {message.key for message in moved(before, after, MONDAY + 12 * HOUR + wait)} for wait in (SECOND, 15 * SECOND)
    )
    assert first == later


def test_a_calendar_that_changes_twice_is_told_twice() -> None:
    """Calendars kept elsewhere change without a revision: what they move tells one change from the next."""
    plain, now = known(rota(ADA, GRACE)), MONDAY + 12 * HOUR
    first = known(rota(ADA, GRACE), Absence(person=ADA, span=Span(MONDAY + 2 * DAY, MONDAY + 3 * DAY)))
    second = known(rota(ADA, GRACE), Absence(person=ADA, span=Span(MONDAY + 4 * DAY, MONDAY + 5 * DAY)))
    keys = [{message.key for message in moved(plain, one, now)} for one in (first, second)]
    assert keys[0]
    assert keys[0].isdisjoint(keys[1])
    assert {message.key for message in moved(plain, first, now + SECOND)} == keys[0]


def test_a_running_shift_that_a_calendar_takes_is_told_once() -> None:
    """What remains of it grows shorter while it is looked at; that is no other change."""
    plain, now = known(rota(ADA, GRACE)), MONDAY + 12 * HOUR
    away = known(rota(ADA, GRACE), Absence(person=ADA, span=Span(MONDAY, MONDAY + DAY)))
    first, later = ({message.key for message in moved(plain, away, now + wait)} for wait in (SECOND, 9 * SECOND))
    assert first
    assert first == later


def test_what_is_new_or_gone_or_overridden_moves_nobody() -> None:
    """A new schedule takes nothing from anybody, and whoever makes an override tells of it."""
    kept = Override(people=(LINUS,), span=Span(MONDAY + DAY, MONDAY + 2 * DAY), made=1, name="override-1")
    plain, none = known(rota(ADA)), replace(known(rota(ADA)), schedules={})
    now = MONDAY + HOUR
    assert moved(none, plain, now) == ()
    assert moved(plain, none, now) == ()
    assert moved(plain, known(rota(ADA, overrides=(kept,)), revision=2), now) == ()


def test_a_person_who_is_gone_is_not_written_to() -> None:
    """Whoever left with the edit has lost shifts, and nobody to tell it to."""
    after = known(rota(LINUS), revision=2)
    after = replace(after, people={name: one for name, one in after.people.items() if name != ADA})
    assert [message.person for message in moved(known(rota(ADA)), after, MONDAY)] == [LINUS]


def test_a_gap_that_absences_make_is_told_to_those_who_can_mend_it() -> None:
    """To the team's lead and the administrators, once; it is of no use any more when it is over."""
    gap = Span(MONDAY + 3 * DAY, MONDAY + 4 * DAY)
    directory = known(rota(ADA), Absence(person=ADA, span=gap))
    found = gaps_ahead(directory, MONDAY)
    assert [(message.person, message.until) for message in found] == [(LINUS, gap.end), (ROOT, gap.end)]
    assert {message.values["start"] for message in found} == {"2026-01-08T00:00:00Z"}
    assert gaps_ahead(directory, MONDAY + HOUR)[0].key == found[0].key


def test_what_was_asked_for_is_no_gap() -> None:
    """Nobody, on purpose, is a choice; and what lies far ahead is told when it comes nearer."""
    nobody = Override(people=(), span=Span(MONDAY + DAY, MONDAY + 2 * DAY), made=1)
    far = Absence(person=ADA, span=Span(MONDAY + 60 * DAY, MONDAY + 61 * DAY))
    assert gaps_ahead(known(rota(ADA, overrides=(nobody,)), far), MONDAY) == ()
