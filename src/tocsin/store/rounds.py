"""A round of decisions about guarded cases, and the writing of what follows. The caller holds the transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from tocsin.core.paging.calm import Calm
from tocsin.core.paging.outbox import Delivery
from tocsin.store.cases import save_cases
from tocsin.store.pool import Connection, notify
from tocsin.store.queries import SQL
from tocsin.store.saving import Saving, Turns
from tocsin.store.sending import Claim, send_and_stop

#: What is due but held by another node is not asked for in a tight circle.
_SHORTEST_IDLE = timedelta(milliseconds=10)


async def decide_round(connection: Connection, decide: Callable[[Turns], Saving]) -> Saving:
    """Decide; when that asked whose turn it is, which is rare, guard and read the turns and decide anew."""
    turns = Turns(None)
    saving = decide(turns)
    if not turns.unread:
        return saving
    await connection.execute(SQL["lock_turns"])
    rows = await connection.fetch(SQL["read_turns"])
    return decide(Turns({(row["policy"], row["step"]): row["taken"] for row in rows}))


async def write_round(connection: Connection, saving: Saving, calm: Calm, claim: Claim | None = None) -> list[Delivery]:
    """Write a round and tell the nodes; the new deliveries. With a claim, those due at once are its node's."""
    await save_cases(connection, saving, repeats={}, replaced=())
    deliveries = await send_and_stop(connection, saving, calm, claim)
    waiting = deliveries if claim is None else [one for one in deliveries if one.due_at > saving.now]
    await notify(connection, notices_of(saving, outbox=bool(waiting), work=claim is None and saving.is_due_sooner))
    return deliveries


def notices_of(saving: Saving, *, outbox: bool, work: bool) -> list[str]:
    """What the nodes are told about a round."""
    topics = saving.topics if saving.changes else []
    return ["work"] * work + ["outbox"] * outbox + topics


async def idle_time(connection: Connection, query: str) -> timedelta | None:
    """How long nothing will be due, in real time; None: nothing waits."""
    seconds = await connection.fetchval(SQL[query])
    return None if seconds is None else max(timedelta(seconds=seconds), _SHORTEST_IDLE)
