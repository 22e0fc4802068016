"""Calendars that people subscribe to, on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from tocsin.core.errors import Broken
from tocsin.core.schedules.shown import Published
from tocsin.ports.calendars import Publication
from tocsin.store.pool import Connection, OnPool
from tocsin.store.queries import SQL

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(tuple[Published, ...])


class Publishes(OnPool):
    """What calendars were told."""

    async def calendar_nonce(self, publication: Publication) -> str | None:
        """The secret part of a calendar's address; None: nobody has asked for its address yet."""
        found: str | None = await self._pool.value("calendar_nonce", publication.kind, publication.name)
        return found

    async def first_calendar_nonce(self, publication: Publication, fresh: str) -> str:
        """The secret part of a calendar's address, which is `fresh` when there was none."""
        found: str = await self._pool.value("first_calendar_nonce", publication.kind, publication.name, fresh)
        return found

    async def replace_calendar_nonce(self, publication: Publication, fresh: str) -> None:
        """Make `fresh` the secret part: the address before is no longer good."""
        await self._pool.value("replace_calendar_nonce", publication.kind, publication.name, fresh)

    async def publish(
        self, publication: Publication, decide: Callable[[tuple[Published, ...]], tuple[Published, ...]]
    ) -> tuple[Published, ...]:
        """Read what was published, decide what is published now, and keep that, in one transaction."""

        async def act(connection: Connection) -> tuple[Published, ...]:
            text: str | None = await connection.fetchval(SQL["lock_publication"], publication.kind, publication.name)
            before = published_in(text or "[]")
            after = decide(before)
            if text is not None and after != before:
                await connection.execute(
                    SQL["keep_published"], publication.kind, publication.name, published_text(after)
                )
            return after

        return await self._pool.transaction(act)


def published_text(events: tuple[Published, ...]) -> str:
    """Events as JSON."""
    return _encoder.encode(events).decode()


def published_in(text: str) -> tuple[Published, ...]:
    """The events of a text.

    Raises:
        Broken: it is damaged.
    """
    try:
        return _decoder.decode(text)
    except msgspec.MsgspecError as error:
        raise Broken(f"the calendar that was published cannot be read: {error}") from None
