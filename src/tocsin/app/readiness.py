"""Whether this node can take events and does its work, as probes and balancers ask it."""

from __future__ import annotations

from tocsin.core.errors import Unavailable
from tocsin.engine.watchdog import Watchdog
from tocsin.store.pool import ReadOnly
from tocsin.store.postgres import PostgresStore
from tocsin.web.context import Readiness


async def readiness(store: PostgresStore, watchdog: Watchdog) -> Readiness:
    """Ask the database, now, whether it takes writes; the troubles are those that the watchdog knows."""
    try:
        await store.ready()
    except ReadOnly as trouble:
        return Readiness(ready=False, troubles=(trouble.detail,))
    except Unavailable:
        return Readiness(ready=False, troubles=("the database does not answer",))
    return Readiness(ready=True, troubles=watchdog.troubles())
