"""The providers of all channels: they take calls and answer them, or do anything else that providers have done.

What a provider has in truth taken is known here, whatever it says of it. A call that was begun has left: the death of
the node that began it does not bring it back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from tocsin.core.errors import Broken
from tocsin.ports.channels import Answer, Call, HttpCall, NoAnswer
from tocsin.simulation.chance import Chance
from tocsin.simulation.loop import SimulatedLoop
from tocsin.simulation.script import Behaviour

#: A provider that has not answered by then is left, as the real transport does.
PATIENCE = 10.0

_MOODS = tuple(behaviour for behaviour in Behaviour if behaviour is not Behaviour.MOODY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One call as the provider sees it."""

    channel: str
    address: str
    delivery_id: str
    alert_ids: tuple[str, ...]
    #: None: a program.
    person: str | None
    step: int
    repeat: bool
    link: str


class _Body(msgspec.Struct):
    """What a simulation reads of the body that the webhook channel makes."""

    delivery_id: str
    alert_ids: tuple[str, ...]
    person: str | None
    step: int
    repeat: bool
    acknowledge_url: str


_read = msgspec.json.Decoder(_Body).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fate:
    """What becomes of one call."""

    #: After so many seconds the provider has taken it; None: never.
    taken_after: float | None
    #: After so many seconds this is answered; None: nothing is.
    answer: Answer | NoAnswer | None
    after: float


class Providers:
    """Everybody whom Tocsin calls."""

    def __init__(
        self, loop: SimulatedLoop, *, begun: Callable[[str, Rung, bool], None], rang: Callable[[Rung], None]
    ) -> None:
        """`begun`: a node begins a call, and whether the provider takes it; `rang`: somebody's device rings."""
        self._loop = loop
        self._begun = begun
        self._rang = rang
        #: What a provider does instead of its work, by channel.
        self.behaviour: dict[str, tuple[Behaviour, Chance]] = {}
        self.calls = 0

    def works(self, channel: str) -> bool:
        """True when it does what it should."""
        return channel not in self.behaviour

    async def call(self, node: str, channel: str, call: Call) -> Answer | NoAnswer:
        """Take one call of a node."""
        if not isinstance(call, HttpCall):
            raise Broken("the channels of a simulation call by HTTP")
        rung = _rung(channel, call)
        self.calls += 1
        fate = self._fate(channel)
        self._begun(node, rung, fate.taken_after is not None)
        answered: asyncio.Future[Answer | NoAnswer] = self._loop.create_future()
        if fate.taken_after is not None:
            self._later(fate.taken_after, lambda: self._rang(rung))
        if fate.answer is not None and fate.after < PATIENCE:
            answer = fate.answer
            self._later(fate.after, lambda: _say(answered, answer))
        else:
            self._later(PATIENCE, lambda: _say(answered, NoAnswer(why="no answer in time", may_have_arrived=True)))
        return await answered

    def _later(self, seconds: float, act: Callable[[], None]) -> None:
        self._loop.at(self._loop.world() + seconds, act)

    def _fate(self, channel: str) -> _Fate:
        behaviour, rolls = self.behaviour.get(channel, (None, None))
        if behaviour is None or rolls is None:
            return _Fate(taken_after=0.125, answer=Answer(status=200), after=0.25)
        if behaviour is Behaviour.MOODY:
            behaviour = rolls.one_of(_MOODS)
        soon = rolls.skewed(0.01, 8.0)
        match behaviour:
            case Behaviour.DEAD:
                refused = NoAnswer(why="connection refused", may_have_arrived=False)
                return _Fate(taken_after=None, answer=refused, after=soon)
            case Behaviour.BUSY:
                return _Fate(taken_after=None, answer=Answer(status=503), after=soon)
            case Behaviour.CROWDED:
                wait = Answer(status=429, headers={"retry-after": str(rolls.number(1, 300))})
                return _Fate(taken_after=None, answer=wait, after=soon)
            case Behaviour.GONE:
                return _Fate(taken_after=None, answer=Answer(status=410), after=soon)
            case Behaviour.SWALLOWS:
                return _Fate(taken_after=soon, answer=None, after=0.0)
            case Behaviour.LOSES:
                return _Fate(taken_after=None, answer=None, after=0.0)
            case _:
                late = rolls.skewed(0.5, 60.0)
                return _Fate(taken_after=late, answer=Answer(status=200), after=late + soon)


def _rung(channel: str, call: HttpCall) -> Rung:
    body = _read(call.body)
    return Rung(
        channel=channel,
        address=call.url,
        delivery_id=body.delivery_id,
        alert_ids=body.alert_ids,
        person=body.person,
        step=body.step,
        repeat=body.repeat,
        link=body.acknowledge_url,
    )


def _say(answered: asyncio.Future[Answer | NoAnswer], answer: Answer | NoAnswer) -> None:
    if not answered.done():
        answered.set_result(answer)
