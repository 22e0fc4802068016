"""The loop over deliveries: claim, call the provider, write down what it answered.

A delivery is claimed and committed before the call, and its outcome is written after it. When a node dies in
between, the lease ends, another node takes over, and the call is marked as a repeat. A node that stood still in between
does not call: by its own clock its claim is too old, and others may have taken over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from datetime import timedelta
from typing import Any, Protocol, TypeVar

import structlog

from tocsin.core.case import Case
from tocsin.core.directory import Directory
from tocsin.core.errors import Unavailable
from tocsin.core.flow import Telling, World
from tocsin.core.paging import attempt as paging
from tocsin.core.paging.outbox import Delivery
from tocsin.core.vocabulary import Instant
from tocsin.engine import clock
from tocsin.engine.notices import Notices
from tocsin.engine.providers import KnownProviders
from tocsin.engine.pulse import Pulse
from tocsin.ports.channels import Answer, Call, Channel, Never, NoAnswer, NotNow, Reached, Settings, Verdict
from tocsin.ports.state import Claimed, Ended, Outbox, Result, Turn, Worked

Done = TypeVar("Done")

log = structlog.get_logger()

#: Calls that one node has under way at a time: more than any one provider is given (engine/transport.py), so that one
#: which does not answer leaves room for the others.
AT_A_TIME = 512
BATCH = 100
#: Outcomes in one transaction, for the same reason as the worker's rounds are large.
OUTCOMES = 256
LONGEST_SLEEP = timedelta(seconds=5)
#: The share of its lease after which a claim is not called any more: a call that begins before ends before the lease.
YOUNG = 2 / 3


class Caller(Protocol):
    """Makes the calls that channels compose."""

    async def call(self, channel: str, call: Call) -> Answer | NoAnswer:
        """Make one call; trouble on the way is a value, never an exception."""
        ...


class Courier:
    """One node's share of the deliveries."""

    def __init__(
        self,
        store: Outbox,
        directory: Callable[[], Directory],
        transport: Caller,
        notices: Notices,
        *,
        channels: Mapping[str, Channel],
        settings: Mapping[str, Settings],
        node: str,
        lease: timedelta,
        elapsed: Callable[[], float] = clock.elapsed,
    ) -> None:
        """`elapsed` reads seconds of a clock that nobody sets."""
        self._store = store
        self._directory = directory
        self._transport = transport
        self._notices = notices
        self._channels = channels
        self._settings = settings
        self._node = node
        self._lease = lease
        self.elapsed = elapsed
        self._calls: set[asyncio.Task[None]] = set()
        #: Transactions that must not be torn: what a claim has brought is called, what a call has brought is written.
        self._whole: set[asyncio.Task[Any]] = set()
        self._results: asyncio.Queue[Result] = asyncio.Queue()
        self.pulse = Pulse("courier")
        self.providers = KnownProviders()
        #: Outcomes by channel and end, for the metrics.
        self.counts: dict[tuple[str, str], int] = {}

    def take(self, claimed: Claimed, *, asked: float) -> None:
        """Call the provider of a delivery that this node has claimed. `asked`: the `elapsed` before it asked for it."""
        task = asyncio.create_task(self._call(claimed, asked))
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)

    def world(self, now: Instant, turn: Turn) -> World:
        """What a decision on this node may look at, the state of providers among it."""
        return World(directory=self._directory(), now=now, turn=turn, providers=self.providers.present())

    @property
    def is_full(self) -> bool:
        """True while as many calls are under way as one node makes at a time."""
        return len(self._calls) >= AT_A_TIME

    async def run(self) -> None:
        """Claim and call until cancelled; write outcomes beside it."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._claim_all())
            tasks.create_task(self._write_all())

    async def unbroken(self, work: Coroutine[Any, Any, Done]) -> Done:
        """Do it to its end, even when the loop that wants it is stopped meanwhile: then `drain` waits for it."""
        task = asyncio.create_task(work)
        self._whole.add(task)
        task.add_done_callback(self._whole.discard)
        return await asyncio.shield(task)

    async def drain(self, *, seconds: float) -> None:
        """Let what is under way end, and write what it brought."""
        until = asyncio.get_running_loop().time() + seconds
        while (under_way := self._calls | self._whole) and (left := until - asyncio.get_running_loop().time()) > 0:
            await asyncio.wait(under_way, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        while not self._results.empty():
            await self._finish(self._gathered(self._results.get_nowait()))

    async def _claim_all(self) -> None:
        while True:
            try:
                free = min(BATCH, AT_A_TIME - len(self._calls))
                if free <= 0:
                    await self.pulse.rest(timedelta(milliseconds=20))
                    continue
                worked = await self.unbroken(self._claim(free))
            except Unavailable as trouble:
                log.warning("deliveries wait for the store", error=trouble.detail)
                await self.pulse.rest(timedelta(seconds=trouble.retry_seconds))
                continue
            except Exception:
                log.exception("a round of deliveries failed")
                await self.pulse.rest(timedelta(seconds=1))
                continue
            if worked.count < free:
                idle = LONGEST_SLEEP if worked.idle is None else worked.idle
                await self.pulse.rest(min(max(idle, timedelta(0)), LONGEST_SLEEP))

    async def _claim(self, free: int) -> Worked:
        asked = self.elapsed()
        worked = await self._store.claim(node=self._node, limit=free, lease=self._lease)
        self.pulse.beat(worked.count)
        for claimed in worked.claimed:
            self.take(claimed, asked=asked)
        return worked

    async def deliver(self, claimed: Claimed) -> None:
        """Call the provider of a claimed delivery and write what it answered, one after the other."""
        await self._finish([await self._called(claimed)])

    async def _call(self, claimed: Claimed, asked: float) -> None:
        if self.elapsed() - asked > self._lease.total_seconds() * YOUNG:
            delivery = claimed.delivery
            log.warning("a claim is too old to call", delivery=delivery.id, channel=delivery.channel)
            return
        self._results.put_nowait(await self._called(claimed))

    async def _called(self, claimed: Claimed) -> Result:
        delivery = claimed.delivery
        try:
            answer = await self._ask(claimed)
        except Exception as trouble:
            log.exception("a delivery cannot be composed", delivery=delivery.id, channel=delivery.channel)
            answer = (Never(why=f"it could not be composed: {trouble}"), {"why": str(trouble)[:300]}, False)
        verdict, evidence, uncertain = answer
        return self._result(claimed, verdict, evidence, uncertain=uncertain)

    async def _ask(self, claimed: Claimed) -> tuple[Verdict, dict[str, object], bool]:
        delivery = claimed.delivery
        channel = self._channels.get(delivery.channel)
        if channel is None:
            why = f"there is no channel {delivery.channel!r}"
            return Never(why=why), {"why": why}, False
        notice = self._notices.notice(claimed)
        call = channel.compose(notice, self._settings.get(channel.name, Settings()))
        self.providers.began(channel.name, delivery.address, claimed.claimed_at)
        answer = await self._transport.call(channel.name, call)
        match answer:
            case Answer():
                verdict = channel.interpret(answer)
                self._learn(claimed, verdict)
                reference = verdict.reference if isinstance(verdict, Reached) else None
                evidence = {"status": answer.status, "text": answer.text[:500], "reference": reference}
                return verdict, {name: value for name, value in evidence.items() if value not in (None, "")}, False
            case NoAnswer():
                self._learn(claimed, NotNow(why=answer.why))
                return NotNow(why=answer.why), {"why": answer.why}, answer.may_have_arrived

    def _learn(self, claimed: Claimed, verdict: Verdict) -> None:
        """What a call says of its provider. One that refuses for good reasons works."""
        channel, address, at = claimed.delivery.channel, claimed.delivery.address, claimed.claimed_at
        if isinstance(verdict, NotNow):
            self.providers.failed(channel, address, at, verdict.why)
        else:
            self.providers.took(channel, address, at)

    def _result(self, claimed: Claimed, verdict: Verdict, evidence: dict[str, object], *, uncertain: bool) -> Result:
        channel = self._channels.get(claimed.delivery.channel)
        limits = channel.limits if channel is not None else paging.Limits()
        ended = Ended.SENT if isinstance(verdict, Reached) else Ended.UNCERTAIN if uncertain else Ended.FAILED
        key = (claimed.delivery.channel, ended.value)
        self.counts[key] = self.counts.get(key, 0) + 1
        if ended is not Ended.SENT:
            log.warning("not delivered", delivery=claimed.delivery.id, channel=claimed.delivery.channel, **evidence)

        def decide(case: Case, now: Instant, turn: Turn, delivery: Delivery) -> Telling:
            telling = Telling(case, self.world(now, turn))
            for item in delivery.items:
                if item.group_id == case.group.id:
                    outcome = _outcome(verdict, item.attempt, now, limits, uncertain=uncertain)
                    telling.to_page(item.page_id, outcome)
            telling.settle()
            return telling

        return Result(claimed=claimed, ended=ended, answer=evidence, decide=decide)

    async def _write_all(self) -> None:
        while True:
            results = self._gathered(await self._results.get())
            await self.unbroken(self._finish(results))

    def _gathered(self, first: Result) -> list[Result]:
        results = [first]
        while len(results) < OUTCOMES and not self._results.empty():
            results.append(self._results.get_nowait())
        return results

    async def _finish(self, results: list[Result]) -> None:
        """Write a batch; while the store is away it is tried again, until the leases would have ended anyway."""
        for _ in range(30):
            try:
                await self._store.finish(results, self._directory().habits.calm)
            except Unavailable as trouble:
                await asyncio.sleep(trouble.retry_seconds)
            except Exception:
                if len(results) == 1:
                    log.exception("an outcome cannot be written", delivery=results[0].claimed.delivery.id)
                    return
                for result in results:
                    await self._finish([result])
                return
            else:
                return


def _outcome(verdict: Verdict, number: int, now: Instant, limits: paging.Limits, *, uncertain: bool) -> paging.Command:
    match verdict:
        case Reached():
            return paging.Sent(now=now, number=number)
        case NotNow():
            return paging.TryLater(
                now=now, number=number, why=verdict.why, limits=limits, wait=verdict.wait, uncertain=uncertain
            )
        case Never():
            return paging.Refused(now=now, number=number, why=verdict.why)
