"""Asks all the time whether the promises are kept, repairs what it can, and sees to it that somebody hears of trouble.

Every three seconds it looks (lookout.py), names what is wrong and judges what follows (core/watch); administrators
are told past everything that pages go through (alarm.py). While nothing threatens the promises it calls an outside
address: when these calls stop, somebody outside knows. Nothing that goes wrong here ends the watch.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Protocol

import structlog

from tocsin.core.directory import Directory
from tocsin.core.errors import Unavailable
from tocsin.core.messages import Message
from tocsin.core.vocabulary import Instant
from tocsin.core.watch import Book, Judged, Sighting, Telling, Trouble, judge, merged, told, troubles
from tocsin.core.watch.troubles import SILENT
from tocsin.engine.alarm import Alarm
from tocsin.engine.courier import Caller
from tocsin.engine.lookout import PATIENCE_SECONDS, Lookout, Ward
from tocsin.engine.pulse import Pulse
from tocsin.ports.channels import Answer, HttpCall
from tocsin.ports.messages import Messages
from tocsin.ports.state import Health, Readings, Upkeep
from tocsin.ports.watch import WatchBook

__all__ = ["EVERY", "KEEP_MESSAGES", "SILENT", "Ward", "Watchdog", "WatchedStore"]

log = structlog.get_logger()

#: A loop falls silent after ten seconds, a node after nine: with this either is noticed within fifteen.
EVERY = timedelta(seconds=3)
#: A node that nobody else knows of has nobody to be missed by.
EVERY_BY_ITSELF = timedelta(seconds=10)
#: Raw events are deleted by age in such portions, one at each tidying.
PORTION = 2_000
TIDY_EVERY = timedelta(seconds=10)
#: Messages that are over are kept for so long.
KEEP_MESSAGES = timedelta(days=90)
#: How long a look waits for what it has begun beside it, and how long that may take at most.
A_MOMENT = timedelta(seconds=1)
LONGEST = timedelta(seconds=100)
#: What goes on is said in the log so often.
SAID_EVERY = timedelta(minutes=1)


class WatchedStore(Readings, Upkeep, Messages, WatchBook, Protocol):
    """What the watchdog needs to have kept."""


class Watchdog:
    """One node's watch."""

    def __init__(
        self,
        store: WatchedStore,
        directory: Callable[[], Directory],
        transport: Caller,
        pulses: tuple[Pulse, ...],
        *,
        beside: tuple[Pulse, ...] = (),
        ward: Ward | None = None,
        alarm: Alarm | None = None,
    ) -> None:
        """`pulses`: the loops that pages depend on; `beside`: the others. Without an alarm nobody is told."""
        self._store = store
        self._directory = directory
        self._transport = transport
        self.alarm = alarm
        self._loops = (*pulses, *beside)
        self._ward = ward or Ward()
        self.lookout = Lookout(store, pulses, beside, self._ward)
        self._alone = False
        self._aside: dict[str, asyncio.Task[None]] = {}
        self._reminders = _Reminders()
        self._dead_man_mute_since: Instant | None = None
        #: Every trouble that is known, as of the last look.
        self.book = Book()
        #: None: there was no look yet.
        self.sighting: Sighting | None = None
        self.repaired = 0
        self.pulse = Pulse("watchdog")

    @property
    def pulses(self) -> tuple[Pulse, ...]:
        """The loops of this node, the watchdog's among them."""
        return (*self._loops, self.pulse)

    @property
    def health(self) -> Health | None:
        """What was seen last; None: nothing yet, or the store could not be asked."""
        return self.lookout.health

    async def run(self) -> None:
        """Watch until cancelled."""
        try:
            while True:
                try:
                    await self.look()
                except Unavailable as trouble:
                    log.warning("the watchdog cannot ask the store", error=trouble.detail)
                except Exception:
                    self.pulse.stumble()
                    log.exception("the watchdog stumbled")
                await self.pulse.rest(EVERY if self._ward.node else EVERY_BY_ITSELF)
        finally:
            await self._leave()

    async def look(self) -> Health | None:
        """One look: see, judge, repair, tell, tidy; and tell the outside that all is well, if it is."""
        seen = replace(await self.lookout.look(), dead_man_mute_since=self._dead_man_mute_since)
        self.sighting = seen
        await self._take_in(seen)
        if seen.promises is not None and seen.promises.without_next_step:
            self._beside("repair", self._repair)
        self._say_aloud(seen.at)
        if not self.book.threatens and self._reminders.is_due("dead man", self._directory().habits.dead_man_every):
            self._beside("dead man", self._all_is_well)
        if seen.promises is not None and self._reminders.is_due("tidy", TIDY_EVERY):
            self._beside("tidy", self._tidy)
        self.pulse.beat(1)
        if self._aside:
            await asyncio.wait(self._aside.values(), timeout=A_MOMENT.total_seconds())
        return self.health

    def troubles(self) -> tuple[str, ...]:
        """What is wrong, one plain sentence each; nothing when all is well."""
        return tuple(map(self.sentence, self.book.going_on))

    def sentence(self, trouble: Trouble) -> str:
        """A trouble in plain English."""
        if self.alarm is not None:
            return self.alarm.sentence(trouble)
        return f"{trouble.key.name.replace('_', ' ')} {trouble.key.subject}".strip()

    async def _take_in(self, seen: Sighting) -> None:
        """Judge what was seen: by the book of all nodes, or by this node's own copy while there is no other."""
        judged = await self._judged(seen)
        self.book = judged.book
        if judged.telling is not None and self.alarm is not None:
            self._beside("tell", lambda: self._tell(judged.telling))
        if judged.words:
            self._beside("write", lambda: self._write(judged.words))

    async def _judged(self, seen: Sighting) -> Judged:
        if not self._ward.node:
            return judge(Book(), troubles(seen), seen.at)
        own = self.book

        def by(book: Book) -> Judged:
            known = merged(book, own) if self._alone else book
            going_on = {trouble.key for trouble in known.going_on}
            return judge(known, troubles(seen, going_on), seen.at)

        if seen.promises is not None:
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    judged = await self._store.judge_troubles(by)
            except (Unavailable, TimeoutError):
                log.warning("troubles are judged by this node alone")
            except Exception:
                log.exception("the book of troubles cannot be kept")
            else:
                self._alone = False
                return judged
        self._alone = True
        return by(own)

    def _beside(self, what: str, act: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do something beside the watch, which goes on whatever becomes of it; of each kind one at a time."""
        if what not in self._aside:
            task = self._aside[what] = asyncio.create_task(self._tried(what, act))
            task.add_done_callback(lambda _task: self._aside.pop(what, None))

    async def _tried(self, what: str, act: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            async with asyncio.timeout(LONGEST.total_seconds()):
                await act()
        except (Unavailable, TimeoutError) as trouble:
            log.warning("the watchdog could not finish", what=what, error=str(trouble))
        except Exception:
            self.pulse.stumble()
            log.exception("the watchdog stumbled", what=what)

    async def _repair(self) -> None:
        repaired = await self._store.repair()
        self.repaired += repaired
        log.error("alerts without a next step were made due", count=repaired)

    def _say_aloud(self, now: Instant) -> None:
        """In the log: at once when it is new, then once a minute."""
        for trouble in self.book.going_on:
            is_new = now - trouble.since <= EVERY
            if is_new or self._reminders.is_due(f"{trouble.key.name} {trouble.key.subject}", SAID_EVERY):
                write = log.error if trouble.threatens else log.warning
                event = "a promise is in danger" if trouble.threatens else "something is worth a look"
                write(event, trouble=trouble.key.name, text=self.sentence(trouble))

    # Telling.

    async def _tell(self, telling: Telling | None) -> None:
        if self.alarm is None or telling is None or not await self.alarm.tell(telling):
            return
        self.book = told(self.book, telling)
        if self._alone:
            return
        try:
            await self._store.judge_troubles(lambda book: Judged(book=told(book, telling)))
        except Unavailable:
            self._alone = True  # what was told is taken into the book of all once there is one again

    async def _write(self, words: Iterable[Trouble]) -> None:
        """Messages to administrators about what threatens nothing, each once."""
        people, now = self._directory().administrators, await self._store.now()
        messages = [
            Message(
                key=f"trouble/{one.key.name}/{one.key.subject}/{one.since.isoformat()}/{person}",
                person=person,
                kind=f"trouble_{one.key.name}",
                values=one.values,
                due_at=now,
                path="/",
            )
            for one in words
            for person in people
        ]
        if messages:
            await self._store.put_messages(messages)

    async def _all_is_well(self) -> None:
        url = self._directory().habits.dead_man_url
        if url is None:
            self._dead_man_mute_since = None
            return
        answer = await self._transport.call("webhook", HttpCall(method="GET", url=url, headers=(), body=b""))
        if isinstance(answer, Answer) and answer.status < 400:
            self._dead_man_mute_since = None
            return
        self._dead_man_mute_since = self._dead_man_mute_since or (self.sighting.at if self.sighting else None)
        log.warning("the dead-man address does not answer")

    async def _tidy(self) -> None:
        await self._store.forget_events(older_than=self._directory().habits.keep_events, limit=PORTION)
        await self._store.forget_messages(older_than=KEEP_MESSAGES, limit=PORTION)

    async def _leave(self) -> None:
        """Say goodbye, so that nobody misses this node; who cannot is missed for an hour."""
        for task in tuple(self._aside.values()):
            task.cancel()
        if not self._ward.node:
            return
        try:
            async with asyncio.timeout(2):
                await self._store.say_goodbye(self._ward.node)
        except (Unavailable, TimeoutError):
            log.warning("this node ends without a goodbye: the store is away")


class _Reminders:
    """What was done when, by the clock of the event loop."""

    def __init__(self) -> None:
        self._done: dict[str, float] = {}

    def is_due(self, what: str, every: timedelta) -> bool:
        """True when it was not done for so long; then it is."""
        now = asyncio.get_running_loop().time()
        last = self._done.get(what)
        if last is not None and now - last < every.total_seconds():
            return False
        self._done[what] = now
        return True
