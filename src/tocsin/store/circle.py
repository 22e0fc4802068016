"""Which services a round turns to when more is due than it takes: some after the others, round and round."""

from __future__ import annotations

from tocsin.core.paging.order import SERVED
from tocsin.store.pool import Connection
from tocsin.store.queries import SQL


class Circle:
    """One node's way around the services; each node has its own, and where it stands matters to nobody else."""

    def __init__(self, query: str) -> None:
        """`query` names the services after another one for which something waits."""
        self._query = query
        self._after = ""

    async def next(self, connection: Connection) -> list[str]:
        """The services whose turn it is. What is of no service has its turn first, under an empty name."""
        begins = not self._after
        found = [row["service"] for row in await connection.fetch(SQL[self._query], self._after, SERVED)]
        self._after = found[-1] if len(found) == SERVED else ""
        return ["", *found] if begins else found
