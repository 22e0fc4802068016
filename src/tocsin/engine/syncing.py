"""Has groups and programs outside follow the rota: at each change of shift, at each change of the configuration, and
every few minutes, which repairs what somebody has changed by hand.

All nodes run this loop; of each sync one attempt is made at a time. It has a task, a patience and connections of its
own: whatever happens to a sync, pages go their way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Protocol

import structlog

from tocsin.core.directory import Directory
from tocsin.core.errors import NotFound, Unavailable
from tocsin.core.syncs import Entry, Failed, Followed, Sync, SyncName, judge
from tocsin.engine.pulse import Pulse
from tocsin.engine.sync_news import messages_of
from tocsin.engine.sync_occasions import Attempted, Occasion, Standing, occasion_of
from tocsin.ports.alone import Alone
from tocsin.ports.channels import Answer, HttpCall, NoAnswer, Settings
from tocsin.ports.messages import Messages
from tocsin.ports.state import Readings
from tocsin.ports.syncs import Steps, SyncBook, SyncKind

log = structlog.get_logger()

LONGEST_SLEEP = timedelta(seconds=15)
#: What is due and another node's to do, or went wrong, is looked at again after this.
SHORTEST_SLEEP = timedelta(seconds=1)
#: An attempt that has come to no end by then has failed.
LONGEST_ATTEMPT = timedelta(seconds=60)
#: Calls of one attempt; nobody has so many people on call at once.
MOST_CALLS = 300
#: Attempts that one node has under way at a time; each holds a connection to the database.
AT_A_TIME = 4
#: The list of all groups of a large workspace has a place in this.
LONGEST_ANSWER = 8_000_000
#: What the other side calls somebody is looked up anew after this: addresses change hands.
REMEMBERED = timedelta(days=1)
#: Of each sync, so many lines of its log stay.
LINES_KEPT = 200


class SyncStore(Readings, SyncBook, Alone, Messages, Protocol):
    """What syncs need to have kept."""


class Caller(Protocol):
    """Makes the calls that sync kinds ask for."""

    async def call(self, channel: str, call: HttpCall, *, most: int | None = None) -> Answer | NoAnswer:
        """Make one call; trouble on the way is a value, never an exception."""
        ...


class Syncing:
    """One node's share of the syncs. Any number of them may run against one store."""

    def __init__(
        self,
        store: SyncStore,
        directory: Callable[[], Directory],
        caller: Caller,
        *,
        kinds: Sequence[SyncKind],
        settings: Mapping[str, Settings],
        environment: Mapping[str, str],
    ) -> None:
        """`environment`: where a sync's own secret stands."""
        self._store = store
        self._directory = directory
        self._caller = caller
        self._kinds = {kind.name: kind for kind in kinds}
        self._settings = settings
        self._environment = environment
        self._room = asyncio.Semaphore(AT_A_TIME)
        #: Which syncs fail, one plain sentence each, as the last round has seen it. Everybody may read them.
        self.troubles: tuple[str, ...] = ()
        self.pulse = Pulse("syncs")

    async def run(self) -> None:
        """Follow until cancelled. Whatever goes wrong in one round, the next one comes; no attempt holds up another."""
        under_way: dict[SyncName, asyncio.Task[bool]] = {}
        try:
            while True:
                sleep = await self._round(under_way)
                await self.pulse.rest(sleep)
        finally:
            for task in under_way.values():
                task.cancel()
            await asyncio.gather(*under_way.values(), return_exceptions=True)

    async def _round(self, under_way: dict[SyncName, asyncio.Task[bool]]) -> timedelta:
        """Begin what is due; how long nothing will be."""
        try:
            due, sleep = await self.look()
        except Unavailable as trouble:
            self.pulse.stumble()
            log.warning("syncs wait for the store", error=trouble.detail)
            return max(SHORTEST_SLEEP, timedelta(seconds=trouble.retry_seconds))
        except Exception:
            self.pulse.stumble()
            log.exception("a round of syncs failed")
            return LONGEST_SLEEP
        for name in due:
            if name not in under_way or under_way[name].done():
                under_way[name] = asyncio.create_task(self.follow(name))
        return sleep

    async def look(self) -> tuple[tuple[SyncName, ...], timedelta]:
        """Which are due now, and how long no other will be."""
        if not self._directory().syncs:
            self.troubles = ()
            return (), LONGEST_SLEEP
        occasions = await self._occasions()
        failing = [one.known for one in occasions if one.known is not None and one.known.failing_since is not None]
        self.troubles = tuple(
            f"the sync {state.name} fails since {state.failing_since:%Y-%m-%d %H:%M} UTC" for state in failing
        )
        waits = {one.sync.name: one.due_at - one.now for one in occasions}
        due = tuple(name for name, wait in waits.items() if wait <= timedelta(0))
        return due, max(SHORTEST_SLEEP, min([LONGEST_SLEEP, *waits.values()]))

    async def attempt(self, name: SyncName, *, dry: bool) -> Attempted:
        """Attempt one now, whether it is due or not; `dry`: only look, change nothing and write nothing.

        Raises:
            NotFound: there is none of this name.
            Unavailable: another node is at it, or the store is away.
        """
        if dry:
            return await self._attempted(await self._occasion(name), dry=True)
        async with self._store.alone(_chore(name)) as let_in:
            if not let_in:
                raise Unavailable(f"another node is at the sync {name!r} just now", retry_seconds=5.0)
            return await self._attempted(await self._occasion(name), dry=False)

    async def standings(self) -> tuple[Standing, ...]:
        """How every sync stands, by name."""
        found = await self._occasions()
        return tuple(Standing(sync=one.sync, wanted=one.wanted, known=one.known) for one in found)

    async def log(self, name: SyncName, *, limit: int) -> tuple[Entry, ...]:
        """The newest lines of a sync's log, newest first.

        Raises:
            NotFound: there is none of this name, and never was.
        """
        lines = await self._store.sync_log(name, limit=limit)
        if not lines and name not in self._directory().syncs:
            raise no_such_sync(name, self._directory())
        return lines

    def shown(self, sync: Sync) -> str:
        """What a sync keeps, as people read it."""
        kind = self._kinds.get(sync.kind)
        return kind.shown(sync.target) if kind is not None else sync.target

    async def follow(self, name: SyncName) -> bool:
        """Attempt one that is due, unless another node is at it or has just been; True when it was attempted.

        Nothing that goes wrong comes out of here.
        """
        try:
            async with self._room, self._store.alone(_chore(name)) as let_in:
                if not let_in:
                    return False
                occasion = await self._occasion(name)
                if occasion.due_at > occasion.now:
                    return False
                await self._attempted(occasion, dry=False)
                self.pulse.beat(1)
        except NotFound:
            return False
        except Unavailable as trouble:
            self.pulse.stumble()
            log.warning("a sync waits for the store", sync=name, error=trouble.detail)
            return False
        except Exception:
            self.pulse.stumble()
            log.exception("a sync stumbled", sync=name)
            return False
        return True

    async def _occasions(self) -> tuple[Occasion, ...]:
        """All syncs as they are now. One whose schedules cannot be asked is left out, and loudly so."""
        directory, now = self._directory(), await self._store.now()
        known = {state.name: state for state in await self._store.sync_states()}
        found = []
        for name, sync in sorted(directory.syncs.items()):
            try:
                found.append(occasion_of(sync, directory, known.get(name), now))
            except Exception:
                self.pulse.stumble()
                log.exception("nobody can say who is on call for a sync", sync=name)
        return tuple(found)

    async def _occasion(self, name: SyncName) -> Occasion:
        found = next((one for one in await self._occasions() if one.sync.name == name), None)
        if found is None:
            raise no_such_sync(name, self._directory())
        return found

    async def _attempted(self, occasion: Occasion, *, dry: bool) -> Attempted:
        """Make an attempt and write what it came to. People are told first: it may be said twice, and is heard once."""
        sync = occasion.sync
        followed = await self._followed(occasion, dry=dry)
        judged = judge(sync, occasion.known, occasion.wanted, followed, occasion.now)
        if not dry:
            if followed.learned:
                learned = [(address.casefold(), found) for address, found in followed.learned]
                await self._store.learn_sync_ids(sync.kind, learned)
            told = messages_of(judged.news, sync, occasion.directory, shown=self.shown(sync), now=occasion.now)
            if told:
                await self._store.put_messages(told)
            await self._store.put_sync(judged.state, judged.entry, keep=LINES_KEPT)
            if judged.entry is not None:
                log.info("a sync", sync=sync.name, verdict=judged.entry.verdict.value, text=judged.entry.text)
        return Attempted(sync=sync, wanted=occasion.wanted, followed=followed, judged=judged)

    async def _followed(self, occasion: Occasion, *, dry: bool) -> Followed:
        """Drive the kind to its end, within its time; what goes wrong on the way is a failure of the attempt."""
        sync = occasion.sync
        kind = self._kinds.get(sync.kind)
        if kind is None:
            return Followed(result=Failed(why=f"this version of Tocsin knows no sync of the kind {sync.kind!r}"))
        variable = sync.secret_variable
        if variable is not None and not self._environment.get(variable):
            mend = f"set {variable} on every node, and start Tocsin again"
            return Followed(result=Failed(why=f"the environment variable {variable} is not set here", mend=mend))
        ids = await self._store.sync_ids(sync.kind, since=occasion.now - REMEMBERED)
        try:
            async with asyncio.timeout(LONGEST_ATTEMPT.total_seconds()):
                return await self._driven(
                    kind, kind.follow(occasion.wish(ids, dry=dry), self._settings_of(sync)), dry=dry
                )
        except TimeoutError:
            return Followed(result=Failed(why=f"it took longer than {LONGEST_ATTEMPT.total_seconds():.0f} s"))
        except Exception:
            self.pulse.stumble()
            log.exception("a sync cannot be followed", sync=sync.name)
            return Followed(result=Failed(why="Tocsin stumbled", mend="its log says over what"))

    async def _driven(self, kind: SyncKind, steps: Steps, *, dry: bool) -> Followed:
        answer: Answer | NoAnswer | None = None
        for _ in range(MOST_CALLS):
            try:
                call = next(steps) if answer is None else steps.send(answer)
            except StopIteration as end:
                followed: Followed = end.value
                return followed
            if dry and call.method != "GET":
                return Followed(result=Failed(why=f"a dry run only looks, and would not {call.method}"))
            answer = await self._caller.call(kind.name, call, most=LONGEST_ANSWER)
        return Followed(result=Failed(why=f"it took more than {MOST_CALLS} calls"))

    def _settings_of(self, sync: Sync) -> Settings:
        """The kind's settings, with the sync's own secret where it has one."""
        settings = self._settings.get(sync.kind, Settings())
        if sync.secret_variable is None:
            return settings
        return Settings(values={**settings.values, "secret": self._environment[sync.secret_variable]})


def no_such_sync(name: str, directory: Directory) -> NotFound:
    """What is said of a name that no sync has."""
    known = ", ".join(sorted(directory.syncs)) or "there are none: see `syncs:` in the configuration"
    return NotFound(f"there is no sync {name!r}", field="name", hint=f"syncs: {known}")


def _chore(name: SyncName) -> str:
    return f"sync/{name}"
