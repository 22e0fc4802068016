"""Messages to people: kept until they are told, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from tocsin.core.messages import Message, MessageId
from tocsin.core.vocabulary import Instant, PersonName


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedMessage:
    """A message that this node tells now, and nobody else until its lease ends."""

    id: MessageId
    message: Message
    #: Names this claim: an outcome under an older claim is not written.
    claim: int
    #: True when an earlier call for it may have arrived.
    repeat: bool
    claimed_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRecord:
    """A message and what became of it. Status: waiting, telling, told, failed, expired, withdrawn."""

    id: MessageId
    message: Message
    status: str
    told_at: Instant | None
    #: Each contact that was tried, in order: contact, channel, address, at, outcome, answer; or why none was.
    #: Addresses are as private as anywhere.
    tried: tuple[Mapping[str, Any], ...]


class Messages(Protocol):
    """Messages waiting, and told."""

    async def put_messages(self, messages: Sequence[Message]) -> int:
        """Keep those whose key is new, or was withdrawn; how many they were. Of two with one key the first counts."""
        ...

    async def withdraw_messages(self, prefix: str, *, but: Sequence[str] = ()) -> int:
        """Take back those that wait and whose key begins with the prefix, except these keys; how many they were."""
        ...

    async def claim_messages(
        self, *, node: str, limit: int, lease: timedelta
    ) -> tuple[tuple[ClaimedMessage, ...], timedelta | None]:
        """Claim what is due or whose lease has ended, expire what of it is too late; and how long nothing will be due.

        None: nothing waits at all.
        """
        ...

    async def finish_message(self, claimed: ClaimedMessage, *, told: bool, tried: Sequence[Mapping[str, Any]]) -> None:
        """Write what became of one: told, or failed for good. A claim that is no longer ours is left alone."""
        ...

    async def put_off_message(
        self, claimed: ClaimedMessage, *, wait: timedelta, uncertain: bool, tried: Sequence[Mapping[str, Any]]
    ) -> None:
        """Let one wait for another try; `uncertain`: this one may have arrived. A claim that is no longer ours is left.

        What was tried is added to what was tried before.
        """
        ...

    async def messages_to(self, person: PersonName, *, limit: int) -> tuple[MessageRecord, ...]:
        """A person's messages, the latest due first."""
        ...

    async def forget_messages(self, *, older_than: timedelta, limit: int) -> int:
        """Delete messages by the age of their end, at most `limit` at a time; how many there were."""
        ...
