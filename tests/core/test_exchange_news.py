"""Who is told what when shifts are handed over and overrides are made."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tocsin.core.directory import Directory
from tocsin.core.exchange_news import asking, declined, expired, offered, overridden, taken, withdrawn
from tocsin.core.messages import Message
from tocsin.core.people import Person, Team
from tocsin.core.schedules import Layer, Override, Rotation, Schedule, Turn, Unit
from tocsin.core.swapping import Offer, OfferId, Taken
from tocsin.core.vocabulary import PersonName, ScheduleName, Span, TeamName, utc

NOW = utc(2026, 1, 5, 12)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ADA, GRACE, LINUS = map(PersonName, ("ada", "grace", "linus"))
ROTA, DATA = ScheduleName("rota"), TeamName("data")
TOMORROW = Span(NOW + DAY, NOW + 2 * DAY)


def known(*overrides: Override) -> Directory:
    """Ada is on call; Grace and Linus are of her team."""
    rotation = Rotation(
        every=Turn(count=1, unit=Unit.WEEKS), anchor=datetime.fromisoformat("2026-01-05"), participants=((ADA,),)
    )
    layer = Layer(name="always", rotation=rotation)
    zone = ZoneInfo("Europe/Berlin")
    return Directory(
        people={
            name: Person(name=name, full_name=name, email=None, time_zone=ZoneInfo("UTC"))
            for name in (ADA, GRACE, LINUS)
        },
        teams={DATA: Team(name=DATA, members=(ADA, GRACE, LINUS))},
        schedules={ROTA: Schedule(name=ROTA, team=DATA, time_zone=zone, layers=(layer,), overrides=overrides)},
    )


OFFER = Offer(id=OfferId("swap-1"), schedule=ROTA, by=ADA, span=TOMORROW, made_at=NOW, expires_at=TOMORROW.start)


def said(messages: tuple[Message, ...]) -> list[tuple[str, str]]:
    """Kind and person of each."""
    return [(message.kind, message.person) for message in messages]


def test_everybody_who_can_take_it_is_asked() -> None:
    """In words of cover when it is about the time from now on; one prefix takes all of that back."""
    found = offered(known(), OFFER)
    assert said(found) == [("swap_offered", GRACE), ("swap_offered", LINUS)]
    assert all(message.key.startswith(asking(OFFER)) and message.until == TOMORROW.end for message in found)
    cover = replace(OFFER, span=Span(NOW, NOW + HOUR), expires_at=NOW + HOUR)
    assert said(offered(known(), cover)) == [("cover_asked", GRACE), ("cover_asked", LINUS)]


def test_whoever_offers_hears_what_becomes_of_it() -> None:
    """Of each part that was taken just now, of a no, and of the end of its time."""
    half = TOMORROW.start + 12 * HOUR
    parts = (
        Taken(by=LINUS, span=Span(TOMORROW.start, half), at=NOW),
        Taken(by=GRACE, span=Span(half, TOMORROW.end), at=NOW + HOUR),
    )
    [message] = taken(known(), replace(OFFER, taken=parts))
    assert (message.person, message.kind, message.values["by"]) == (ADA, "swap_accepted", GRACE)
    assert message.values["start"] == "2026-01-07T00:00:00Z"
    assert said(declined(known(), OFFER, GRACE)) == [("swap_declined", ADA)]
    assert said(expired(known(), [OFFER])) == [("swap_expired", ADA)]


def test_who_has_said_no_does_not_hear_of_the_withdrawal() -> None:
    """The others do."""
    assert said(withdrawn(known(), replace(OFFER, declined={GRACE: NOW}))) == [("swap_withdrawn", LINUS)]


def test_of_a_schedule_that_is_gone_only_the_offerer_hears() -> None:
    """Renamed or dropped: nobody is asked, and nothing breaks."""
    gone = replace(known(), schedules={})
    assert offered(gone, OFFER) == ()
    assert said(expired(gone, [OFFER])) == [("swap_expired", ADA)]
    assert overridden(known(), gone, ROTA, by="boss", key="o", now=NOW) == ()


def test_an_override_is_told_to_both_sides_but_its_maker() -> None:
    """Whoever comes on call, and whoever goes, with the stretch."""
    override = Override(people=(GRACE,), span=TOMORROW, made=1, name="override-1")
    found = overridden(known(), known(override), ROTA, by="boss", key="o", now=NOW)
    assert [(message.person, message.values["change"]) for message in found] == [(ADA, "off"), (GRACE, "on")]
    assert {(message.values["start"], message.until) for message in found} == {("2026-01-06T12:00:00Z", TOMORROW.end)}
    assert said(overridden(known(), known(override), ROTA, by=GRACE, key="o", now=NOW)) == [("override_made", ADA)]
