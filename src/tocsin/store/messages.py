"""Messages on PostgreSQL: each is told by one node at a time, under a lease."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import asyncpg

from tocsin.core.messages import Message, MessageId
from tocsin.core.vocabulary import PersonName, Urgency
from tocsin.ports.messages import ClaimedMessage, MessageRecord
from tocsin.store import codec
from tocsin.store.pool import Connection, OnPool, changed_rows, columns, notify
from tocsin.store.queries import SQL
from tocsin.store.rounds import idle_time

#: Whatever begins with a prefix lies between the prefix and the prefix with this.
_LAST_CHARACTER = "\U0010ffff"


class KeepsMessages(OnPool):
    """Messages waiting, and told."""

    async def put_messages(self, messages: Sequence[Message]) -> int:
        """Keep those whose key is new, or was withdrawn; how many they were. Of two with one key the first counts."""
        rows = list({one.key: _row(one) for one in reversed(messages)}.values())

        async def act(connection: Connection) -> int:
            kept = changed_rows(await connection.execute(SQL["put_messages"], *columns(rows)))
            await notify(connection, ["messages"] if kept else [])
            return kept

        return await self._pool.transaction(act) if rows else 0

    async def withdraw_messages(self, prefix: str, *, but: Sequence[str] = ()) -> int:
        """Take back those that wait and whose key begins with the prefix, except these keys; how many they were."""

        async def act(connection: Connection) -> int:
            last = prefix + _LAST_CHARACTER
            return changed_rows(await connection.execute(SQL["withdraw_messages"], prefix, last, but))

        return await self._pool.transaction(act)

    async def claim_messages(
        self, *, node: str, limit: int, lease: timedelta
    ) -> tuple[tuple[ClaimedMessage, ...], timedelta | None]:
        """Claim what is due or whose lease has ended, expire what of it is too late; and how long nothing will be due.

        None: nothing waits at all.
        """

        async def act(connection: Connection) -> tuple[tuple[ClaimedMessage, ...], timedelta | None]:
            rows = await connection.fetch(SQL["claim_waiting_messages"], limit)
            if len(rows) < limit:
                rows += await connection.fetch(SQL["claim_lost_messages"], limit - len(rows))
            claimed = await _claim(connection, rows, node, lease) if rows else ()
            full = len(rows) == limit
            return claimed, timedelta(0) if full else await idle_time(connection, "real_time_until_message")

        return await self._pool.transaction(act)

    async def finish_message(self, claimed: ClaimedMessage, *, told: bool, tried: Sequence[Mapping[str, Any]]) -> None:
        """Write what became of one: told, or failed for good. A claim that is no longer ours is left alone."""
        status, evidence = "told" if told else "failed", codec.encode_json(tried)
        await self._pool.value("finish_message", claimed.id, claimed.claim, status, evidence)

    async def put_off_message(
        self, claimed: ClaimedMessage, *, wait: timedelta, uncertain: bool, tried: Sequence[Mapping[str, Any]]
    ) -> None:
        """Let one wait for another try; `uncertain`: this one may have arrived. A claim that is no longer ours is left.

        What was tried is added to what was tried before.
        """
        evidence = codec.encode_json(tried)
        await self._pool.value("put_off_message", claimed.id, claimed.claim, wait, uncertain, evidence)

    async def messages_to(self, person: PersonName, *, limit: int) -> tuple[MessageRecord, ...]:
        """A person's messages, the latest due first."""
        return tuple(_record(row) for row in await self._pool.rows("messages_to_person", person, limit))

    async def forget_messages(self, *, older_than: timedelta, limit: int) -> int:
        """Delete messages by the age of their end, at most `limit` at a time; how many there were."""

        async def act(connection: Connection) -> int:
            return changed_rows(await connection.execute(SQL["forget_messages"], older_than, limit))

        return await self._pool.transaction(act)


async def _claim(
    connection: Connection, rows: Sequence[asyncpg.Record], node: str, lease: timedelta
) -> tuple[ClaimedMessage, ...]:
    now = rows[0]["now"]
    late = [row["name"] for row in rows if row["until"] is not None and row["until"] <= now]
    if late:
        await connection.execute(SQL["expire_messages"], late, now)
    ours = [row for row in rows if row["name"] not in late]
    if ours:
        await connection.execute(SQL["mark_messages_claimed"], [row["name"] for row in ours], node, now, lease)
    return tuple(
        ClaimedMessage(
            id=MessageId(row["name"]),
            message=_message(row),
            claim=row["claim"] + 1,
            repeat=row["repeat"] or row["status"] == "telling",
            claimed_at=now,
        )
        for row in ours
    )


def _row(message: Message) -> tuple[object, ...]:
    return (
        message.key,
        message.person,
        message.kind,
        codec.encode_json(message.values),
        message.due_at,
        message.until,
        message.urgency.value,
        message.path,
    )


def _message(row: asyncpg.Record) -> Message:
    return Message(
        key=row["key"],
        person=row["person"],
        kind=row["kind"],
        values=codec.decode_json(row["said"]),
        due_at=row["due_at"],
        until=row["until"],
        urgency=Urgency(row["urgency"]),
        path=row["path"],
    )


def _record(row: asyncpg.Record) -> MessageRecord:
    return MessageRecord(
        id=MessageId(row["name"]),
        message=_message(row),
        status=row["status"],
        told_at=row["ended_at"] if row["status"] == "told" else None,
        tried=tuple(codec.decode_json(row["tried"])),
    )
