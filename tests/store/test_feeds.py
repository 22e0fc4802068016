"""What is promised in ports/feeds.py, on memory and on PostgreSQL alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from store.scene import START, Scene
from tocsin.core.appointments import Appointment
from tocsin.core.schedules import CalendarName
from tocsin.core.vocabulary import Span
from tocsin.ports.feeds import Feed

TEAM, ADA = CalendarName("team"), CalendarName("ada")
ENTRY = Appointment(
    span=Span(START, START + timedelta(hours=1)), summary="ada", addresses=("ada@example.org",), busy=False
)
FEED = Feed(
    calendar=TEAM,
    source="0" * 64,
    text="BEGIN:VCALENDAR\r\n",
    good_at=START,
    etag='"1"',
    appointments=(ENTRY,),
    told_at=START,
    next_at=START + timedelta(minutes=15),
)


async def test_a_feed_is_kept_whole(scene: Scene) -> None:
    """Everything that is known of it comes back; all are listed by name."""
    assert await scene.store.feeds() == ()
    failing = Feed(calendar=ADA, source="1" * 64, next_at=START, failing_since=START, failures=3, error="gone")
    for feed in (FEED, failing):
        await scene.store.put_feed(feed)
    assert await scene.store.feeds() == (failing, FEED)


async def test_the_version_grows_with_what_it_says(scene: Scene) -> None:
    """A failure, or the same once more, changes nothing for anybody; other entries, or none, do."""
    versions = [await scene.store.feeds_version()]
    for feed in (FEED, replace(FEED, failures=1, error="x"), replace(FEED, appointments=())):
        await scene.store.put_feed(feed)
        versions.append(await scene.store.feeds_version())
    await scene.store.drop_feeds([ADA])
    versions.append(await scene.store.feeds_version())
    await scene.store.drop_feeds([TEAM])
    versions.append(await scene.store.feeds_version())
    assert versions == [0, 1, 1, 2, 2, 3]
    assert await scene.store.feeds() == ()
