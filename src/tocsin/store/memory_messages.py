"""Messages in memory, by the clock that was passed in."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from tocsin.core.messages import Message, MessageId
from tocsin.core.vocabulary import Instant, PersonName
from tocsin.ports.messages import ClaimedMessage, MessageRecord
from tocsin.store import codec
from tocsin.store.memory_readings import Remembers


@dataclass(slots=True, kw_only=True)
class KeptMessage:
    """A message as it is kept."""

    id: MessageId
    message: Message
    try_at: Instant
    status: str = "waiting"
    repeat: bool = False
    claim: int = 0
    lease_until: Instant | None = None
    ended_at: Instant | None = None
    tried: list[Mapping[str, Any]] = field(default_factory=list)

    @property
    def waits_until(self) -> Instant | None:
        """When it is somebody's to tell; None: it is over."""
        match self.status:
            case "waiting":
                return self.try_at
            case "telling":
                return self.lease_until
            case _:
                return None

    @property
    def record(self) -> MessageRecord:
        """As faces show it."""
        told_at = self.ended_at if self.status == "told" else None
        return MessageRecord(
            id=self.id, message=self.message, status=self.status, told_at=told_at, tried=tuple(self.tried)
        )

    def end(self, status: str, now: Instant) -> None:
        """It is over."""
        self.status, self.ended_at = status, now


class RemembersMessages(Remembers):
    """Messages waiting and told, until the process ends."""

    def __init__(self, now: Callable[[], Instant]) -> None:
        super().__init__(now)
        self._messages: dict[str, KeptMessage] = {}
        self._messages_put = 0

    async def put_messages(self, messages: Sequence[Message]) -> int:
        """Keep those whose key is new, or was withdrawn; how many they were. Of two with one key the first counts."""
        kept = sum(self._put(one) for one in messages)
        if kept:
            self._notify("messages")
        return kept

    def _put(self, message: Message) -> bool:
        known = self._messages.get(message.key)
        message = replace(message, values=codec.decode_json(codec.encode_json(message.values)))
        if known is None:
            self._messages_put += 1
            new_id = MessageId(str(uuid.UUID(int=self._messages_put)))
            self._messages[message.key] = KeptMessage(id=new_id, message=message, try_at=message.due_at)
            return True
        if known.status != "withdrawn":
            return False
        known.message, known.try_at, known.status, known.ended_at = message, message.due_at, "waiting", None
        return True

    async def withdraw_messages(self, prefix: str, *, but: Sequence[str] = ()) -> int:
        """Take back those that wait and whose key begins with the prefix, except these keys; how many they were."""
        found = [
            kept
            for key, kept in self._messages.items()
            if kept.status == "waiting" and key.startswith(prefix) and key not in but
        ]
        for kept in found:
            kept.end("withdrawn", self._now())
        return len(found)

    async def claim_messages(
        self, *, node: str, limit: int, lease: timedelta
    ) -> tuple[tuple[ClaimedMessage, ...], timedelta | None]:
        """Claim what is due or whose lease has ended, expire what of it is too late; and how long nothing will be due.

        None: nothing waits at all.
        """
        now = self._now()
        due = sorted((at, kept.id, kept) for kept in self._messages.values() if (at := kept.waits_until) is not None)
        chosen = [kept for at, _, kept in due if at <= now][:limit]
        claimed = []
        for kept in chosen:
            if kept.message.until is not None and kept.message.until <= now:
                kept.end("expired", now)
            else:
                claimed.append(_claim(kept, now, lease))
        waits = [at for kept in self._messages.values() if (at := kept.waits_until) is not None]
        idle = max(min(waits) - now, timedelta(0)) if waits else None
        return tuple(claimed), timedelta(0) if len(chosen) == limit else idle

    async def finish_message(self, claimed: ClaimedMessage, *, told: bool, tried: Sequence[Mapping[str, Any]]) -> None:
        """Write what became of one: told, or failed for good. A claim that is no longer ours is left alone."""
        if (kept := self._ours(claimed)) is not None:
            kept.tried += codec.decode_json(codec.encode_json(tried))
            kept.end("told" if told else "failed", self._now())

    async def put_off_message(
        self, claimed: ClaimedMessage, *, wait: timedelta, uncertain: bool, tried: Sequence[Mapping[str, Any]]
    ) -> None:
        """Let one wait for another try; `uncertain`: this one may have arrived. A claim that is no longer ours is left.

        What was tried is added to what was tried before.
        """
        if (kept := self._ours(claimed)) is not None:
            kept.tried += codec.decode_json(codec.encode_json(tried))
            kept.status, kept.try_at, kept.repeat = "waiting", self._now() + wait, kept.repeat or uncertain

    def _ours(self, claimed: ClaimedMessage) -> KeptMessage | None:
        kept = self._messages.get(claimed.message.key)
        return kept if kept is not None and (kept.status, kept.claim) == ("telling", claimed.claim) else None

    async def messages_to(self, person: PersonName, *, limit: int) -> tuple[MessageRecord, ...]:
        """A person's messages, the latest due first."""
        found = [kept for kept in self._messages.values() if kept.message.person == person]
        found.sort(key=lambda kept: (kept.message.due_at, kept.message.key), reverse=True)
        return tuple(kept.record for kept in found[:limit])

    async def forget_messages(self, *, older_than: timedelta, limit: int) -> int:
        """Delete messages by the age of their end, at most `limit` at a time; how many there were."""
        end = self._now() - older_than
        ends = ((kept.ended_at, key) for key, kept in self._messages.items())
        old = sorted((at, key) for at, key in ends if at is not None and at < end)[:limit]
        for _, key in old:
            del self._messages[key]
        return len(old)


def _claim(kept: KeptMessage, now: Instant, lease: timedelta) -> ClaimedMessage:
    kept.repeat = kept.repeat or kept.status == "telling"
    kept.status, kept.claim, kept.lease_until = "telling", kept.claim + 1, now + lease
    return ClaimedMessage(id=kept.id, message=kept.message, claim=kept.claim, repeat=kept.repeat, claimed_at=now)
