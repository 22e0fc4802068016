"""What is kept of syncs, in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from tocsin.core.syncs import Entry, State, SyncName
from tocsin.core.vocabulary import Instant
from tocsin.store.memory_readings import Remembers


class RemembersSyncs(Remembers):
    """What is known of syncs, until the process ends."""

    def __init__(self, now: Callable[[], Instant]) -> None:
        super().__init__(now)
        self._sync_states: dict[SyncName, State] = {}
        self._sync_log: defaultdict[SyncName, list[Entry]] = defaultdict(list)
        self._sync_ids: dict[tuple[str, str], tuple[str, Instant]] = {}

    async def sync_states(self) -> tuple[State, ...]:
        """What is known of every sync that was ever tried, by name."""
        return tuple(state for _, state in sorted(self._sync_states.items()))

    async def put_sync(self, state: State, entry: Entry | None, *, keep: int) -> None:
        """Write what is known, and a line of the log; of each sync's lines the newest `keep` stay."""
        self._sync_states[state.name] = state
        if entry is not None:
            self._sync_log[entry.sync] = [*self._sync_log[entry.sync], entry][-keep:]

    async def sync_log(self, sync: SyncName, *, limit: int) -> tuple[Entry, ...]:
        """The newest lines of a sync's log, newest first."""
        return tuple(self._sync_log.get(sync, ())[::-1][:limit])

    async def sync_ids(self, kind: str, *, since: Instant) -> Mapping[str, str]:
        """What the other side calls people, by their address, as far as it was learned since then."""
        return {
            address: known
            for (of, address), (known, learned_at) in self._sync_ids.items()
            if of == kind and learned_at >= since
        }

    async def learn_sync_ids(self, kind: str, learned: Sequence[tuple[str, str | None]]) -> None:
        """Remember what the other side calls people, by their address; None: forget it."""
        for address, known in learned:
            self._sync_ids.pop((kind, address), None)
            if known is not None:
                self._sync_ids[kind, address] = (known, self._now())
