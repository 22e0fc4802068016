"""Copies of calendars that are kept elsewhere, in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tocsin.core.schedules import CalendarName
from tocsin.core.vocabulary import Instant
from tocsin.ports.feeds import Feed
from tocsin.store.memory_readings import Remembers


class RemembersFeeds(Remembers):
    """Calendars that are kept elsewhere, until the process ends."""

    def __init__(self, now: Callable[[], Instant]) -> None:
        super().__init__(now)
        self._copies: dict[CalendarName, Feed] = {}
        self._feeds_version = 0

    async def feeds(self) -> tuple[Feed, ...]:
        """All of them, by name."""
        return tuple(feed for _, feed in sorted(self._copies.items()))

    async def put_feed(self, feed: Feed) -> None:
        """Keep what is known of one now. All nodes are told when its appointments are others than before."""
        before = self._copies.get(feed.calendar)
        self._copies[feed.calendar] = feed
        if (before.appointments if before is not None else ()) != feed.appointments:
            self._changed()

    async def drop_feeds(self, calendars: Sequence[CalendarName]) -> None:
        """Forget calendars that are not configured any more."""
        if [self._copies.pop(name) for name in calendars if name in self._copies]:
            self._changed()

    async def feeds_version(self) -> int:
        """Grows whenever what a calendar says has changed."""
        return self._feeds_version

    def _changed(self) -> None:
        self._feeds_version += 1
        self._notify("configuration")
