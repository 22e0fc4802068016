"""Shifts that people hand to each other: whoever offers stays on call until somebody takes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tocsin.core.directory import Directory
from tocsin.core.errors import Forbidden, Refused
from tocsin.core.people import Contact, Person, Team
from tocsin.core.schedules import Absence, Circumstances, Layer, Override, Rotation, Schedule, Turn, Unit
from tocsin.core.swapping import (
    Handed,
    Offer,
    OfferId,
    Standing,
    addressed,
    decline,
    left,
    offer,
    standing,
    take,
    withdraw,
)
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Span, TeamName, utc

MONDAY = utc(2026, 1, 5)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ADA, GRACE, LINUS, MUTE = map(PersonName, ("ada", "grace", "linus", "mute"))
ROTA, DATA = ScheduleName("rota"), TeamName("data")
CONTACT = (Contact(name="mail", channel="email", address="x@example.org"),)
SECOND_DAY = Span(MONDAY + DAY, MONDAY + 2 * DAY)


def known_as(*overrides: Override, away: tuple[Absence, ...] = ()) -> Directory:
    """Ada and Grace take turns week by week; Linus and Mute are in the team, and Mute cannot be reached."""
    rotation = Rotation(
        every=Turn(count=1, unit=Unit.WEEKS),
        anchor=datetime.fromisoformat("2026-01-05"),
        participants=((ADA,), (GRACE,)),
    )
    schedule = Schedule(
        name=ROTA,
        team=DATA,
        time_zone=ZoneInfo("UTC"),
        layers=(Layer(name="weekly", rotation=rotation),),
        overrides=overrides,
    )
    people = {
        name: Person(name=name, full_name=name, email=None, time_zone=ZoneInfo("UTC"), contacts=contacts)
        for name, contacts in ((ADA, CONTACT), (GRACE, CONTACT), (LINUS, CONTACT), (MUTE, ()))
    }
    team = Team(name=DATA, members=(ADA, LINUS, MUTE))
    circumstances = Circumstances(absences=away)
    return Directory(people=people, teams={DATA: team}, schedules={ROTA: schedule}, circumstances=circumstances)


DIRECTORY = known_as()


def wish(**given: Any) -> Offer:
    """Ada offers her second day to everybody, until it begins."""
    values: dict[str, Any] = {"by": ADA, "span": SECOND_DAY, "made_at": MONDAY, "expires_at": MONDAY + DAY, **given}
    return Offer(id=OfferId("o"), schedule=ROTA, **values)


def after(known: Directory, *handed: Handed) -> Directory:
    """The directory with the overrides in force."""
    made = [
        Override(people=(one.person,), span=one.span, made=number, instead_of=one.instead_of)
        for number, one in enumerate(handed)
    ]
    schedule = replace(known.schedules[ROTA], overrides=(*known.schedules[ROTA].overrides, *made))
    return replace(known, schedules={ROTA: schedule})


def on_call(known: Directory, at: Instant) -> tuple[PersonName, ...] | None:
    """Who is on call."""
    return known.on_call(ROTA, at)


def test_an_offer_to_all_is_for_the_team_and_the_schedule() -> None:
    """Everybody of both, each once, but not whoever offers."""
    assert addressed(DIRECTORY, offer(DIRECTORY, wish())) == (LINUS, MUTE, GRACE)
    assert addressed(DIRECTORY, offer(DIRECTORY, wish(to=(GRACE,)))) == (GRACE,)


def test_an_open_offer_changes_nothing() -> None:
    """Until somebody takes it, the one who offers is on call."""
    assert standing(DIRECTORY, offer(DIRECTORY, wish()), MONDAY) is Standing.OPEN
    assert on_call(DIRECTORY, SECOND_DAY.start) == (ADA,)


def test_what_is_taken_is_handed_over() -> None:
    """The taker is on call for that stretch, and only for that."""
    taken, handed = take(DIRECTORY, wish(), by=LINUS, part=None, now=MONDAY)
    now = after(DIRECTORY, *handed)
    assert standing(now, taken, MONDAY) is Standing.TAKEN
    asked = (SECOND_DAY.start - HOUR, SECOND_DAY.start, SECOND_DAY.end - HOUR, SECOND_DAY.end)
    assert [on_call(now, at) for at in asked] == [(ADA,), (LINUS,), (LINUS,), (ADA,)]


def test_a_part_is_taken_and_the_rest_stays_open() -> None:
    """The middle goes to one, what is left of it to another; then nothing is left."""
    middle = Span(SECOND_DAY.start + 6 * HOUR, SECOND_DAY.start + 12 * HOUR)
    known, first = take(DIRECTORY, wish(), by=LINUS, part=middle, now=MONDAY)
    rest = (Span(SECOND_DAY.start, middle.start), Span(middle.end, SECOND_DAY.end))
    assert left(known, MONDAY) == rest
    now = after(DIRECTORY, *first)
    assert standing(now, known, MONDAY) is Standing.OPEN
    known, second = take(now, known, by=GRACE, part=None, now=MONDAY)
    assert [one.span for one in second] == list(rest)
    now = after(now, *second)
    assert standing(now, known, MONDAY) is Standing.TAKEN
    assert [on_call(now, at) for at in (SECOND_DAY.start, middle.start, middle.end)] == [(GRACE,), (LINUS,), (GRACE,)]


def test_an_exchange_is_shown_on_both_sides() -> None:
    """Each serves the other's stretch."""
    back = Span(MONDAY + 8 * DAY, MONDAY + 9 * DAY)
    known = offer(DIRECTORY, wish(to=(GRACE,), in_return=back))
    _, handed = take(DIRECTORY, known, by=GRACE, part=None, now=MONDAY)
    now = after(DIRECTORY, *handed)
    assert [on_call(now, at) for at in (SECOND_DAY.start, back.start, back.end)] == [(GRACE,), (ADA,), (GRACE,)]


def test_a_swapped_shift_is_swapped_again() -> None:
    """Whoever took a shift may hand it on."""
    _, handed = take(DIRECTORY, wish(), by=LINUS, part=None, now=MONDAY)
    now = after(DIRECTORY, *handed)
    again = offer(now, wish(by=LINUS, to=(GRACE,)))
    _, further = take(now, again, by=GRACE, part=None, now=MONDAY)
    assert on_call(after(DIRECTORY, *handed, *further), SECOND_DAY.start) == (GRACE,)


def test_a_running_shift_is_taken_from_now_on() -> None:
    """Cover for the next hours: what has passed stays with whoever served it."""
    span, now = Span(MONDAY + 2 * HOUR, MONDAY + 4 * HOUR), MONDAY + 3 * HOUR
    known = offer(DIRECTORY, wish(span=span, made_at=MONDAY + 2 * HOUR, expires_at=span.end))
    taken, [handed] = take(DIRECTORY, known, by=LINUS, part=None, now=now)
    assert handed.span == Span(now, span.end)
    assert standing(after(DIRECTORY, handed), taken, now) is Standing.TAKEN


def test_all_say_no() -> None:
    """Then it is declined; who said no may still take it."""
    known = offer(DIRECTORY, wish(to=(GRACE, LINUS)))
    known = decline(DIRECTORY, known, by=GRACE, now=MONDAY)
    assert standing(DIRECTORY, known, MONDAY) is Standing.OPEN
    known = decline(DIRECTORY, known, by=LINUS, now=MONDAY)
    assert standing(DIRECTORY, known, MONDAY) is Standing.DECLINED
    assert decline(DIRECTORY, known, by=LINUS, now=MONDAY + HOUR) == known
    known, _ = take(DIRECTORY, known, by=LINUS, part=None, now=MONDAY)
    assert standing(DIRECTORY, known, MONDAY) is Standing.TAKEN
    assert set(known.declined) == {GRACE}


def test_an_offer_ends_by_itself_or_by_its_maker() -> None:
    """Expired or withdrawn it cannot be taken; withdrawing twice is withdrawing once."""
    known = offer(DIRECTORY, wish())
    assert standing(DIRECTORY, known, known.expires_at) is Standing.EXPIRED
    with pytest.raises(Refused, match="expired"):
        take(DIRECTORY, known, by=GRACE, part=None, now=known.expires_at)
    gone = withdraw(DIRECTORY, known, now=MONDAY)
    assert withdraw(DIRECTORY, gone, now=MONDAY + HOUR) == gone
    with pytest.raises(Refused, match="withdrawn"):
        take(DIRECTORY, gone, by=GRACE, part=None, now=MONDAY)
    with pytest.raises(Refused, match="withdrawn"):
        decline(DIRECTORY, gone, by=GRACE, now=MONDAY)


def test_what_was_taken_is_not_taken_back() -> None:
    """A withdrawal leaves what others took; when all of it is taken it is refused."""
    half = Span(SECOND_DAY.start, SECOND_DAY.start + 12 * HOUR)
    known, _ = take(DIRECTORY, wish(), by=LINUS, part=half, now=MONDAY)
    assert withdraw(DIRECTORY, known, now=MONDAY).taken == known.taken
    whole, _ = take(DIRECTORY, wish(), by=LINUS, part=None, now=MONDAY)
    with pytest.raises(Refused, match="all of it"):
        withdraw(DIRECTORY, whole, now=MONDAY)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"schedule": ScheduleName("gone")}, "schedule"),
        ({"span": Span(MONDAY + 6 * DAY, MONDAY + 8 * DAY)}, "from"),
        ({"span": Span(MONDAY + DAY, MONDAY + DAY)}, "to"),
        ({"made_at": MONDAY + 2 * DAY}, "to"),
        ({"span": Span(MONDAY, MONDAY + 400 * DAY)}, "to"),
        ({"to": (PersonName("nobody"),)}, "to"),
        ({"to": (ADA,)}, "to"),
        ({"expires_at": MONDAY}, "expires_at"),
        ({"expires_at": MONDAY + 3 * DAY}, "expires_at"),
        ({"in_return": Span(MONDAY + 8 * DAY, MONDAY + 9 * DAY)}, "to"),
        ({"to": (GRACE,), "in_return": Span(MONDAY + 3 * DAY, MONDAY + 4 * DAY)}, "in_return"),
        ({"to": (GRACE,), "in_return": SECOND_DAY}, "in_return"),
    ],
)
def test_an_offer_that_cannot_be_meant_is_refused(given: dict[str, Any], field: str) -> None:
    """The refusal names the field."""
    with pytest.raises(Refused) as refusal:
        offer(DIRECTORY, replace(wish(), **given))
    assert refusal.value.field == field


def test_strangers_have_no_say() -> None:
    """Who was not asked neither takes nor declines."""
    known = offer(DIRECTORY, wish(to=(GRACE,)))
    with pytest.raises(Forbidden):
        take(DIRECTORY, known, by=LINUS, part=None, now=MONDAY)
    with pytest.raises(Forbidden):
        decline(DIRECTORY, known, by=LINUS, now=MONDAY)


@pytest.mark.parametrize(
    ("directory", "by", "why"),
    [
        (known_as(Override(people=(GRACE,), span=SECOND_DAY, made=1)), LINUS, "not on call then any more"),
        (known_as(Override(people=(ADA, LINUS), span=SECOND_DAY, made=1)), LINUS, "on call then already"),
        (known_as(), MUTE, "cannot be reached"),
        (known_as(away=(Absence(person=LINUS, span=SECOND_DAY),)), LINUS, "is away then"),
    ],
)
def test_what_has_changed_since_is_noticed(directory: Directory, by: PersonName, why: str) -> None:
    """Whoever would not really take over, or from whom nothing can be taken any more, is refused."""
    with pytest.raises(Refused, match=why):
        take(directory, wish(), by=by, part=None, now=MONDAY)


def test_only_what_is_left_can_be_taken() -> None:
    """A part that reaches beyond the offer, or was taken, is refused; an exchange has no parts."""
    beyond = Span(SECOND_DAY.start, SECOND_DAY.end + HOUR)
    with pytest.raises(Refused, match="not left"):
        take(DIRECTORY, wish(), by=GRACE, part=beyond, now=MONDAY)
    exchange = wish(to=(GRACE,), in_return=Span(MONDAY + 8 * DAY, MONDAY + 9 * DAY))
    with pytest.raises(Refused, match="as a whole"):
        take(DIRECTORY, exchange, by=GRACE, part=Span(SECOND_DAY.start, SECOND_DAY.start + HOUR), now=MONDAY)


def test_what_nobody_took_in_time_is_over() -> None:
    """The evening was taken and the morning has passed: nothing is left, and nobody takes nothing."""
    noon = SECOND_DAY.start + 12 * HOUR
    running = wish(expires_at=SECOND_DAY.end)
    known, handed = take(DIRECTORY, running, by=LINUS, part=Span(noon, SECOND_DAY.end), now=MONDAY)
    directory = after(DIRECTORY, *handed)
    assert standing(directory, known, noon - HOUR) is Standing.OPEN
    assert standing(directory, known, noon) is Standing.EXPIRED
    with pytest.raises(Refused, match="expired"):
        take(directory, known, by=GRACE, part=None, now=noon)


def test_a_running_exchange_is_taken_as_far_as_it_is_left() -> None:
    """What has passed of either side stays with whoever served it."""
    back = Span(MONDAY + 8 * DAY, MONDAY + 9 * DAY)
    known = offer(DIRECTORY, wish(to=(GRACE,), in_return=back, expires_at=SECOND_DAY.end))
    _, handed = take(DIRECTORY, known, by=GRACE, part=None, now=SECOND_DAY.start + HOUR)
    assert [one.span for one in handed] == [Span(SECOND_DAY.start + HOUR, SECOND_DAY.end), back]
    later = offer(DIRECTORY, wish(by=GRACE, to=(ADA,), span=back, in_return=SECOND_DAY))
    now = SECOND_DAY.start + HOUR
    _, handed = take(DIRECTORY, replace(later, expires_at=back.start), by=ADA, part=None, now=now)
    assert [one.span for one in handed] == [back, Span(now, SECOND_DAY.end)]


def test_an_offer_of_a_schedule_that_is_gone_is_refused() -> None:
    """Renamed or dropped since: with a sentence, for those to whom it was made by name as for all."""
    gone = replace(DIRECTORY, schedules={})
    for known in (wish(), wish(to=(GRACE,))):
        with pytest.raises((Forbidden, Refused)):
            take(gone, known, by=GRACE, part=None, now=MONDAY)
        assert standing(gone, withdraw(gone, known, now=MONDAY), MONDAY) is Standing.WITHDRAWN


def test_the_shortest_part_is_a_part() -> None:
    """A microsecond is taken and leaves the rest; no time at all is none."""
    moment = timedelta(microseconds=1)
    known, [handed] = take(
        DIRECTORY, wish(), by=LINUS, part=Span(SECOND_DAY.start, SECOND_DAY.start + moment), now=MONDAY
    )
    assert handed.span.end - handed.span.start == moment
    assert left(known, MONDAY) == (Span(SECOND_DAY.start + moment, SECOND_DAY.end),)
    with pytest.raises(Refused, match="not left"):
        take(DIRECTORY, wish(), by=LINUS, part=Span(SECOND_DAY.start, SECOND_DAY.start), now=MONDAY)


def test_who_has_taken_it_takes_it_again() -> None:
    """A second tap, or a request whose answer was lost, changes nothing; for anybody else it is gone."""
    middle = Span(SECOND_DAY.start + 6 * HOUR, SECOND_DAY.start + 12 * HOUR)
    for part in (None, middle):
        known, handed = take(DIRECTORY, wish(), by=LINUS, part=part, now=MONDAY)
        directory = after(DIRECTORY, *handed)
        assert take(directory, known, by=LINUS, part=part, now=MONDAY + HOUR) == (known, ())
        with pytest.raises(Refused):
            take(directory, known, by=GRACE, part=part, now=MONDAY + HOUR)
