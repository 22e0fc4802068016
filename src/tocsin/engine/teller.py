"""The loop over messages: claim, go through the person's contacts until one takes it, write down what became of it.

It has nothing to do with pages: a few calls at a time, no ringing until somebody answers, and when all contacts fail it
is tried again later, for a day at most. A node that dies in between leaves a lease behind; whoever takes over marks the
message as a repeat.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import structlog

from tocsin.core.directory import Directory
from tocsin.core.errors import Unavailable
from tocsin.core.messages import Message
from tocsin.core.messages.kinds import PRIVATE
from tocsin.core.people import Contact, Person
from tocsin.engine.courier import Caller
from tocsin.engine.memos import Memos
from tocsin.engine.pulse import Pulse
from tocsin.ports.channels import Answer, Channel, Never, NoAnswer, NotNow, Reached, Settings, Verdict
from tocsin.ports.messages import ClaimedMessage, Messages

log = structlog.get_logger()

#: Messages that one node tells at a time: pages share the same way out, and come first.
AT_A_TIME = 8
#: Longer than it takes to try `CONTACTS_AT_MOST` contacts, none of which answers.
LEASE = timedelta(minutes=5)
CONTACTS_AT_MOST = 10
#: Until the second round through the contacts; doubled each time.
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)
#: After this a message is no longer tried again, if it was tried so often at least: what is only late is not lost.
GIVEN_UP_AFTER = timedelta(hours=24)
TRIED_AT_LEAST = 8
#: The longest sleep: what a lost notice costs at most.
LONGEST_SLEEP = timedelta(seconds=20)
A_MOMENT = timedelta(seconds=1)
#: How often it is tried to write what became of a message, about once a second.
WRITTEN_AT_MOST = 30

Evidence = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What one round through the contacts came to."""

    told: bool
    tried: tuple[Evidence, ...]
    #: When it is tried again. None: it is over.
    again_after: timedelta | None = None
    #: True when one of the calls may have arrived.
    uncertain: bool = False


class Teller:
    """One node's share of the messages."""

    def __init__(
        self,
        store: Messages,
        directory: Callable[[], Directory],
        transport: Caller,
        memos: Memos,
        *,
        channels: Mapping[str, Channel],
        settings: Mapping[str, Settings],
        node: str,
    ) -> None:
        self._store = store
        self._directory = directory
        self._transport = transport
        self._memos = memos
        self._channels = channels
        self._settings = settings
        self._node = node
        self._under_way: set[asyncio.Task[None]] = set()
        self.pulse = Pulse("teller")
        #: Rounds by their end, for the metrics: told, failed, put_off.
        self.counts: dict[str, int] = {}

    async def run(self) -> None:
        """Claim and tell until cancelled. Whatever goes wrong with one message, the next one is told."""
        while True:
            await self.pulse.rest(await self._round())

    async def drain(self, *, seconds: float) -> None:
        """Let what is being told be told and written; what takes longer is left to the end of its lease."""
        if self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=seconds)
            for task in late:
                task.cancel()

    async def _round(self) -> timedelta:
        """Claim what is due; how long there is nothing to do."""
        free = AT_A_TIME - len(self._under_way)
        if free <= 0:
            return A_MOMENT
        try:
            claimed, idle = await self._store.claim_messages(node=self._node, limit=free, lease=LEASE)
        except Unavailable as trouble:
            log.warning("messages wait for the store", error=trouble.detail)
            return timedelta(seconds=trouble.retry_seconds)
        except Exception:
            log.exception("a round of messages failed")
            self.pulse.stumble()
            return A_MOMENT
        self.pulse.beat(len(claimed))
        for one in claimed:
            self._take(one)
        return LONGEST_SLEEP if idle is None else min(max(idle, timedelta(0)), LONGEST_SLEEP)

    def _take(self, claimed: ClaimedMessage) -> None:
        task = asyncio.create_task(self.tell(claimed))
        self._under_way.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self.pulse.wake()

    async def tell(self, claimed: ClaimedMessage) -> None:
        """Tell a claimed message, and write what became of it."""
        outcome = await self._outcome(claimed)
        end = "told" if outcome.told else "failed" if outcome.again_after is None else "put_off"
        self.counts[end] = self.counts.get(end, 0) + 1
        if not outcome.told:
            kind, person = claimed.message.kind, claimed.message.person
            log.warning("not told", message=claimed.id, kind=kind, person=person, end=end, tried=len(outcome.tried))
        await self._write(claimed, outcome)

    async def _outcome(self, claimed: ClaimedMessage) -> _Outcome:
        person = self._directory().people.get(claimed.message.person)
        if person is None:
            return _failed(claimed, "there is no such person any more")
        contacts = _contacts(person, claimed.message)
        if not contacts:
            return _failed(claimed, "the person has no contact")
        if claimed.claim > TRIED_AT_LEAST and claimed.claimed_at >= claimed.message.due_at + GIVEN_UP_AFTER:
            return _failed(claimed, "it has been tried for long enough")
        return await self._go_through(claimed, person, contacts[:CONTACTS_AT_MOST])

    async def _go_through(self, claimed: ClaimedMessage, person: Person, contacts: tuple[Contact, ...]) -> _Outcome:
        """One contact after the other, until one has taken it."""
        tried: list[Evidence] = []
        waits: list[timedelta] = []
        uncertain = False
        for contact in contacts:
            verdict, answer, maybe = await self._ask(claimed, person, contact, repeat=claimed.repeat or uncertain)
            uncertain = uncertain or maybe
            tried.append(_evidence(claimed, contact, verdict, answer, uncertain=maybe))
            if isinstance(verdict, Reached):
                return _Outcome(told=True, tried=tuple(tried))
            if isinstance(verdict, NotNow):
                waits.append(verdict.wait or timedelta(0))
        return _Outcome(told=False, tried=tuple(tried), again_after=_again_after(claimed, waits), uncertain=uncertain)

    async def _ask(
        self, claimed: ClaimedMessage, person: Person, contact: Contact, *, repeat: bool
    ) -> tuple[Verdict, Evidence, bool]:
        """Call the provider of one contact: what it means, what it answered, and whether it may have arrived."""
        channel = self._channels.get(contact.channel)
        settings = self._settings.get(contact.channel, Settings())
        if channel is None or channel.tell is None or not _tells(channel, settings):
            why = f"no message can go by {contact.channel!r}"
            return Never(why=why), {"why": why}, False
        try:
            memo = self._memos.memo(claimed, person, contact, repeat=repeat)
            call = channel.tell(memo, settings)
            answer = await self._transport.call(channel.name, call)
            verdict = channel.interpret(answer) if isinstance(answer, Answer) else NotNow(why=answer.why)
        except Exception as trouble:
            log.exception("a message cannot be composed", message=claimed.id, channel=channel.name)
            why = f"it could not be composed: {trouble}"[:300]
            return Never(why=why), {"why": why}, False
        match answer:
            case Answer():
                return verdict, {"status": answer.status, "text": answer.text[:500]}, False
            case NoAnswer():
                return verdict, {"why": answer.why}, answer.may_have_arrived

    async def _write(self, claimed: ClaimedMessage, outcome: _Outcome) -> None:
        """Write what became of a message: a node that cannot would have it told a second time."""
        for _ in range(WRITTEN_AT_MOST):
            try:
                await self._written(claimed, outcome)
            except Unavailable as trouble:
                await asyncio.sleep(trouble.retry_seconds)
            except Exception:
                log.exception("what became of a message cannot be written", message=claimed.id)
                outcome = replace(outcome, tried=({"why": "what was tried cannot be kept"},))
                await asyncio.sleep(A_MOMENT.total_seconds())
            else:
                return

    async def _written(self, claimed: ClaimedMessage, outcome: _Outcome) -> None:
        if outcome.again_after is None:
            await self._store.finish_message(claimed, told=outcome.told, tried=outcome.tried)
            return
        await self._store.put_off_message(
            claimed, wait=outcome.again_after, uncertain=outcome.uncertain, tried=outcome.tried
        )


def _contacts(person: Person, message: Message) -> tuple[Contact, ...]:
    if message.kind in PRIVATE:
        return person.by_mail
    return tuple(dict.fromkeys(contact for _, contact in person.plan(message.urgency)))


def _failed(claimed: ClaimedMessage, why: str) -> _Outcome:
    return _Outcome(told=False, tried=({"at": claimed.claimed_at, "why": why},))


def _evidence(
    claimed: ClaimedMessage, contact: Contact, verdict: Verdict, answer: Evidence, *, uncertain: bool
) -> Evidence:
    match verdict:
        case Reached():
            outcome = "reached"
            answer = {**answer, "reference": verdict.reference}
        case Never():
            outcome = "refused"
        case NotNow():
            outcome = "uncertain" if uncertain else "not_now"
    return {
        "at": claimed.claimed_at,
        "contact": contact.name,
        "channel": contact.channel,
        "address": contact.address,
        "outcome": outcome,
        "answer": {name: value for name, value in answer.items() if value not in (None, "")},
    }


def _again_after(claimed: ClaimedMessage, waits: list[timedelta]) -> timedelta | None:
    """How long to wait for the next round; None: all have refused, or it would come too late."""
    if not waits:
        return None
    message = claimed.message
    wait = max(min(FIRST_WAIT * 2 ** min(claimed.claim - 1, 10), LONGEST_WAIT), *waits)
    again_at = claimed.claimed_at + wait
    is_late = message.until is not None and again_at >= message.until
    is_enough = claimed.claim >= TRIED_AT_LEAST and again_at >= message.due_at + GIVEN_UP_AFTER
    return None if is_late or is_enough else wait


def _tells(channel: Channel, settings: Settings) -> bool:
    """True unless the channel is told messages only where a setting says so, and none does."""
    return channel.tells_when is None or settings.is_on(channel.tells_when)
