"""Reads calendars that are kept elsewhere, politely: asks whether there is anything new, and seldom where there is not.

The last good copy stays in force whatever becomes of its source; when that has gone on for a while, those hear of it
who can mend it. One node at a time asks.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Protocol
from urllib.parse import urljoin, urlsplit

import structlog

from tocsin.core.appointments import Source
from tocsin.core.directory import Directory
from tocsin.core.errors import Refused, Unavailable
from tocsin.core.messages import Message
from tocsin.core.schedules import Imported
from tocsin.core.vocabulary import Instant, PersonName, Span
from tocsin.engine.pulse import Pulse
from tocsin.engine.transport import Transport
from tocsin.ports.alone import Alone
from tocsin.ports.channels import Answer, HttpCall
from tocsin.ports.feeds import Contents, Feed, Feeds, ReadsCalendar
from tocsin.ports.messages import Messages
from tocsin.ports.outgoing import Nearest, names_this_machine
from tocsin.ports.state import Readings

log = structlog.get_logger()

#: The longest time between two rounds; a loop that rests longer looks dead to the watchdog.
EVERY = timedelta(seconds=20)
#: How often a source is asked that does not say how often it wishes to be.
USUAL = timedelta(minutes=15)
#: After a failure the wait doubles from the first to the second.
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
#: A source that fails for so long is told of.
PATIENCE = timedelta(hours=1)
#: What a calendar says is worked out for so much of the past and of the future, and anew every day.
BEHIND, AHEAD, ANEW = timedelta(days=35), timedelta(days=400), timedelta(days=1)
#: A text of more bytes is not taken.
LARGEST = 5_000_000
#: Seconds to wait; a source that wishes for years may as well not have said so.
_WAIT = re.compile(r"[0-9]{1,9}")
_REDIRECTS = 3
_AT_ONCE = 4


class FeedStore(Feeds, Messages, Readings, Alone, Protocol):
    """What feeding needs to have kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Copy:
    """What a source answered. `text` None: the copy that is known is the newest."""

    text: str | None
    etag: str | None = None
    last_modified: str | None = None


class _Failed(Exception):
    """A source could not be read; `wait`: it wishes to be left alone for so long."""

    def __init__(self, why: str, wait: timedelta | None = None) -> None:
        super().__init__(why)
        self.wait = wait


class Feeding:
    """One node's reader of calendars."""

    def __init__(
        self, store: FeedStore, directory: Callable[[], Directory], transport: Transport, *, read: ReadsCalendar
    ) -> None:
        self._store = store
        self._directory = directory
        self._transport = transport
        self._read = read
        self.pulse = Pulse("reader of calendars")

    async def run(self) -> None:
        """Read until cancelled."""
        while True:
            try:
                await self.round()
            except Unavailable as trouble:
                self.pulse.stumble()
                log.warning("calendars cannot be kept", error=trouble.detail)
            except Exception:
                self.pulse.stumble()
                log.exception("the reader of calendars stumbled")
            await self.pulse.rest(EVERY)

    async def round(self) -> None:
        """Ask every source that is due, and forget those that are gone."""
        directory = self._directory()
        async with self._store.alone("feeds") as let_in:
            if let_in:
                await self._look(directory)
        self.pulse.beat(1)

    async def _look(self, directory: Directory) -> None:
        now = await self._store.now()
        known = {feed.calendar: feed for feed in await self._store.feeds()}
        gone = [name for name in known if name not in directory.calendars]
        if gone:
            await self._store.drop_feeds(gone)
        few = asyncio.Semaphore(_AT_ONCE)

        async def one(source: Source) -> None:
            async with few:
                feed = _as_known(source, known.get(source.name), now)
                after = await self._after(source, feed, now)
                if after != feed or source.name not in known:
                    await self._store.put_feed(after)
                    await self._tell(directory, source, after, now)

        sources = directory.calendars.values()
        for source, trouble in zip(
            sources, await asyncio.gather(*map(one, sources), return_exceptions=True), strict=True
        ):
            if isinstance(trouble, Unavailable):
                raise trouble
            if isinstance(trouble, Exception):  # one calendar keeps no other from being read
                self.pulse.stumble()
                log.error("a calendar could not be looked at", calendar=source.name, exc_info=trouble)

    async def _after(self, source: Source, feed: Feed, now: Instant) -> Feed:
        """The feed after a look at it: asked, if that is due, and worked out anew once a day."""
        if now < feed.next_at:
            return await self._anew(source, feed, now)
        try:
            copy = await self._ask(source, feed)
            text = feed.text if copy.text is None else copy.text
            assert text is not None, "only a copy that is known can be the newest"
            told = await self._told(source, text, now)
        except (_Failed, Refused) as trouble:
            return await self._anew(source, _failing(feed, trouble, now), now)
        return replace(
            feed,
            text=text,
            good_at=now,
            etag=feed.etag if copy.text is None else copy.etag,
            last_modified=feed.last_modified if copy.text is None else copy.last_modified,
            appointments=told.appointments,
            told_at=now,
            next_at=now + (told.refresh or USUAL),
            failing_since=None,
            failures=0,
            error=None,
        )

    async def _anew(self, source: Source, feed: Feed, now: Instant) -> Feed:
        """The copy that is known worked out anew, if that was long ago: time has gone on."""
        if feed.text is None or feed.told_at is None or now - feed.told_at < ANEW:
            return feed
        try:
            told = await self._told(source, feed.text, now)
        except Refused as trouble:  # time has brought what was too far ahead before
            return replace(feed, told_at=now, error=trouble.detail)
        return replace(feed, appointments=told.appointments, told_at=now)

    async def _told(self, source: Source, text: str, now: Instant) -> Contents:
        """Beside the loop that answers and pages: a large calendar takes a while."""
        window = Span(now - BEHIND, now + AHEAD)
        try:
            return await asyncio.to_thread(self._read, text, window=window, zone=source.time_zone)
        except Refused:
            raise
        except Exception as error:  # text from outside may lead libraries anywhere
            log.exception("a calendar could not be read", calendar=source.name)
            raise Refused(f"the calendar cannot be read: {type(error).__name__}") from error

    async def _ask(self, source: Source, feed: Feed) -> _Copy:
        if source.file is not None:
            return await asyncio.to_thread(_from_file, Path(source.file), feed)
        url = (source.url or "").replace("webcal://", "https://", 1)
        nearest = Nearest.THIS_MACHINE if names_this_machine(url) else Nearest.OWN_NETWORK
        for _ in range(_REDIRECTS + 1):
            call = HttpCall(method="GET", url=url, headers=_headers(feed), body=b"")
            answer = await self._transport.call("webhook", call, most=LARGEST, nearest=nearest)
            if not isinstance(answer, Answer):
                raise _Failed(answer.why)
            if answer.status not in (301, 302, 303, 307, 308):
                return _copy(answer, feed)
            try:
                leads_to = urljoin(url, answer.headers.get("location", ""))
                nearest = nearest if _is_same_server(url, leads_to) else Nearest.WORLD
            except ValueError:
                raise _Failed("it leads to an address that is none") from None
            url = leads_to
        raise _Failed("it leads from one address to the next")

    async def _tell(self, directory: Directory, source: Source, feed: Feed, now: Instant) -> None:
        since = feed.failing_since
        if since is None or now - since < PATIENCE:
            return
        age = f"{(now - feed.good_at).total_seconds():.0f}" if feed.good_at is not None else ""
        await self._store.put_messages(
            [
                Message(
                    key=f"feed_stale/{source.name}/{since.isoformat()}/{person}",
                    person=person,
                    kind="feed_stale",
                    values={"calendar": source.name, "age": age, "error": feed.error or ""},
                    due_at=now,
                )
                for person in _hearers(directory, source)
            ]
        )


def _is_same_server(one: str, other: str) -> bool:
    """True when an address leads on within its own server, be it from http to https. A port is another server."""
    before, after = urlsplit(one), urlsplit(other)
    usual = {"http": 80, "https": 443}
    ports = [each.port or usual.get(each.scheme, 0) for each in (before, after)]
    is_same_port = ports[0] == ports[1] or ports == [80, 443]
    return before.hostname == after.hostname and is_same_port


def _as_known(source: Source, feed: Feed | None, now: Instant) -> Feed:
    """What is known of a source; another address, file or zone is another source."""
    told = "\n".join((source.url or "", source.file or "", str(source.time_zone)))
    digest = hashlib.sha256(told.encode()).hexdigest()
    if feed is not None and feed.source == digest:
        return feed
    return Feed(calendar=source.name, source=digest, next_at=now)


def _headers(feed: Feed) -> tuple[tuple[str, str], ...]:
    headers = [("Accept", "text/calendar"), ("User-Agent", "Tocsin")]
    if feed.text is not None and feed.etag is not None:
        headers.append(("If-None-Match", feed.etag))
    if feed.text is not None and feed.last_modified is not None:
        headers.append(("If-Modified-Since", feed.last_modified))
    return tuple(headers)


def _copy(answer: Answer, feed: Feed) -> _Copy:
    if answer.status == 304 and feed.text is not None:
        return _Copy(text=None)
    if answer.status != 200:
        wait = _WAIT.fullmatch(answer.headers.get("retry-after", ""))
        raise _Failed(f"it answered {answer.status}", timedelta(seconds=int(wait[0])) if wait else None)
    headers = answer.headers
    return _Copy(text=answer.text, etag=headers.get("etag"), last_modified=headers.get("last-modified"))


def _from_file(path: Path, feed: Feed) -> _Copy:
    try:
        found = path.stat()
        stamp = f"{found.st_mtime_ns}/{found.st_size}"
        if feed.text is not None and feed.etag == stamp:
            return _Copy(text=None)
        if not stat.S_ISREG(found.st_mode):  # a device or a pipe may have no end
            raise _Failed(f"{path} is no file")
        with path.open("rb") as opened:
            body = opened.read(LARGEST + 1)
        if len(body) > LARGEST:
            raise _Failed(f"{path} is longer than {LARGEST:,} bytes")
        return _Copy(text=body.decode("utf-8", errors="replace"), etag=stamp)
    except OSError as error:
        raise _Failed(f"{path} cannot be read: {(error.strerror or str(error)).lower()}") from None
    except ValueError:
        raise _Failed("no file can have that name") from None


def _failing(feed: Feed, trouble: _Failed | Refused, now: Instant) -> Feed:
    """The last good copy stays; the next try comes later each time."""
    wait = min(FIRST_WAIT * 2 ** min(feed.failures, 10), LONGEST_WAIT)
    wished = trouble.wait if isinstance(trouble, _Failed) else None
    return replace(
        feed,
        next_at=now + max(wait, min(wished or wait, ANEW)),
        failing_since=feed.failing_since or now,
        failures=feed.failures + 1,
        error=trouble.detail if isinstance(trouble, Refused) else str(trouble),
    )


def _hearers(directory: Directory, source: Source) -> Iterable[PersonName]:
    """The leads of the teams whose schedules it fills, and the administrators."""
    schedules = (
        schedule
        for schedule in directory.schedules.values()
        for layer in (*schedule.layers, *(layer for change in schedule.changes for layer in change.layers))
        if isinstance(layer.rotation, Imported) and layer.rotation.calendar == source.name
    )
    leads = (person for schedule in schedules for person in directory.answerable(schedule.name))
    return dict.fromkeys((*leads, *directory.administrators))
