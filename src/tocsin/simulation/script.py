"""A script: what will happen, and when, before any of it does. It can be cut, which is how a history is shortened."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta
from enum import StrEnum

from tocsin.core.vocabulary import Instant, utc

#: When every simulated world begins: a Monday in winter, so that a year sees both changes of the clocks.
BEGINNING = utc(2026, 1, 5)


def instant(world: float) -> Instant:
    """The time of day so many seconds after the beginning."""
    return BEGINNING + timedelta(seconds=world)


class Deed(StrEnum):
    """What somebody does about an alert."""

    ACKNOWLEDGE = "acknowledge"
    LINK = "press the link"
    RESOLVE = "resolve"
    SNOOZE = "snooze"
    GIVE_BACK = "give back"
    ESCALATE = "escalate"
    REASSIGN = "reassign"
    ADD = "add a responder"


class Behaviour(StrEnum):
    """What a provider does with a call."""

    #: The connection is refused.
    DEAD = "is dead"
    #: It answers 503.
    BUSY = "refuses"
    #: It answers 429 and wants to be asked later.
    CROWDED = "asks for patience"
    #: It answers 410.
    GONE = "says that the address is gone"
    #: It takes the call and never answers.
    SWALLOWS = "takes calls without an answer"
    #: It neither takes the call nor answers.
    LOSES = "loses calls without an answer"
    #: It takes the call late, and answers in no order.
    SLOW = "is slow"
    #: One of these, call by call.
    MOODY = "does something else with every call"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """What a person does once an alert has rung them."""

    deed: Deed
    #: After how many calls about the alert, whoever got them.
    after_rings: int = 1
    after_seconds: float = 60.0
    #: How often it is done, from one phone after the other, all at once.
    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One line of a script, at so many seconds after the beginning."""

    at: float

    @property
    def text(self) -> str:
        """The line as people read it."""
        said = " ".join(
            f"{field.name}={_plain(getattr(self, field.name))}" for field in fields(self) if field.name != "at"
        )
        return f"{instant(self.at):%m-%d %H:%M:%S} {type(self).__name__} {said}"


def _plain(value: object) -> str:
    if isinstance(value, Reaction):
        return f"[{value.deed} after {value.after_rings} rings and {value.after_seconds:.0f} s, {value.times} times]"
    return f"{value:g}" if isinstance(value, float) else str(value)


# What is asked of the product.


@dataclass(frozen=True, slots=True, kw_only=True)
class Fails(Happening):
    """A source says that something fails: as many conditions in one request as `count`."""

    key: str
    service: int
    severity: str = "critical"
    count: int = 1
    #: It says nothing more of it after so long and the alert expires; zero: it does not.
    expires_after: float = 0.0
    #: Nobody does anything where this is None.
    reaction: Reaction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends(Happening):
    """A source says that it is over."""

    key: str
    service: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenThere(Happening):
    """A source says that somebody has it."""

    key: str
    service: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Does(Happening):
    """Somebody does something about an alert without having been rung."""

    key: str
    deed: Deed
    person: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages(Happening):
    """Somebody pages a person by hand."""

    person: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconfigured(Happening):
    """Another configuration is applied."""

    variant: int


# Faults.


class Step(StrEnum):
    """Between which two steps of a node something happens to it."""

    NOW = "now"
    #: The store has taken events in, and their sender was not told.
    TAKEN = "taken in"
    #: The store has let it call, and it has not called.
    CLAIMED = "claimed"
    #: It calls, and has no answer.
    CALLING = "calling"
    #: The outcome is written, and it does not know.
    WRITTEN = "written"


@dataclass(frozen=True, slots=True, kw_only=True)
class Killed(Happening):
    """A node is killed, and another started in its place after a while."""

    node: int
    #: As soon as it stands there, if it does within minutes.
    step: Step
    back_after: float
    #: What it had asked of the store is still done there.
    leaves_orphans: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen(Happening):
    """A node stands still, and then goes on as if nothing had been."""

    node: int
    step: Step
    lasts: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockOff(Happening):
    """The clock of a node is off by so many seconds from now on."""

    node: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreClockSteps(Happening):
    """The store moves to a host whose clock is off by so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RoughStore(Happening):
    """For a while commits take their time, fail, or succeed without an answer."""

    lasts: float
    #: Names the rolls.
    rolls: int
    #: The shares of requests that fail, that are done without an answer, and that take minutes.
    fails: float
    unanswered: float
    crawls: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreAway(Happening):
    """For a while the store cannot be reached."""

    lasts: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticesLost(Happening):
    """For a while notices of new work are lost, or late."""

    lasts: float
    rolls: int
    lost: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderFails(Happening):
    """For a while a provider does not do what it should."""

    channel: str
    lasts: float
    behaviour: Behaviour
    rolls: int


Script = tuple[Happening, ...]

#: The kinds of happenings that are faults.
FAULTS = (
    Killed,
    Frozen,
    ClockOff,
    StoreClockSteps,
    RoughStore,
    StoreAway,
    NoticesLost,
    ProviderFails,
)
