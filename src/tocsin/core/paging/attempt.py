"""A page: the decision that somebody must be reached about a group now, and the attempts to do so.

The recipient's plan is frozen into the page. A contact that fails is left for the next one at once and
tried again later; when no contact takes the page the climb is told, so that it can move on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import assert_never

from tocsin.core.vocabulary import Instant, PageId, PersonName, Urgency


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a page's plan: a contact, so long after the line before."""

    after: timedelta
    contact: str
    channel: str
    address: str


class Standing(StrEnum):
    """Where an attempt stands."""

    CALLING = "calling"
    SENT = "sent"
    FAILED = "failed"
    #: Failed, and to be made again.
    AGAIN = "again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try at one contact."""

    number: int
    line: int
    standing: Standing
    #: How many tries at this contact this one makes, itself included.
    tries: int
    retry_at: Instant | None = None
    #: True when the provider did not answer, and may have taken it all the same.
    uncertain: bool = False


class Stopped(StrEnum):
    """Why a page goes no further."""

    ANSWERED = "answered"
    OVER = "over"
    QUIET = "quiet"
    SUPERSEDED = "superseded"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Where the reaching of one recipient stands."""

    id: PageId
    rung: int
    #: The person's name; None: a program.
    person: PersonName | None
    recipient: str
    because: str
    urgency: Urgency
    opened_at: Instant
    plan: tuple[Line, ...]
    next_line: int = 0
    #: When the next line begins; None: there is none, or the page is stopped.
    next_at: Instant | None = None
    attempts: Mapping[int, Attempt] = field(default_factory=lambda: MappingProxyType({}))
    stopped: Stopped | None = None
    #: True when somebody asked for just this recipient: whatever was quiet before it does not stop it.
    by_hand: bool = False
    #: True once the climb was told that nobody was reached.
    told: bool = False

    @property
    def is_live(self) -> bool:
        """True while attempts may still be made."""
        return self.stopped is None

    @property
    def due_at(self) -> Instant | None:
        """The next instant at which an attempt begins."""
        if not self.is_live:
            return None
        waits = [attempt.retry_at for attempt in self.attempts.values() if attempt.retry_at is not None]
        return min((at for at in (self.next_at, *waits) if at is not None), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How often a channel may be tried for one page, and how long to wait before the second try (doubling)."""

    tries: int = 4
    first_wait: timedelta = timedelta(seconds=10)


# What may be asked.


@dataclass(frozen=True, slots=True, kw_only=True)
class TimePasses:
    """An instant that the page waits for has come."""

    now: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The provider took it."""

    now: Instant
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TryLater:
    """The provider could not take it now."""

    now: Instant
    number: int
    why: str
    limits: Limits
    #: The provider's own wish; None: as the limits say.
    wait: timedelta | None = None
    #: True when it may have taken it all the same: another try is marked as a repeat.
    uncertain: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The provider will never take it."""

    now: Instant
    number: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Nobody needs to be reached any more."""

    now: Instant
    why: Stopped


Command = TimePasses | Sent | TryLater | Refused | Stop


# What happens.


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOpened:
    """This recipient must be reached now."""

    at: Instant
    page: Page


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptMade:
    """One contact is being tried."""

    at: Instant
    page_id: PageId
    number: int
    line: int
    tries: int
    #: When the line after it begins; None: it is the last.
    next_at: Instant | None
    #: True when an earlier try at this contact may have arrived.
    repeat: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptSucceeded:
    """The provider took it."""

    at: Instant
    page_id: PageId
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptFailed:
    """The provider did not take it."""

    at: Instant
    page_id: PageId
    number: int
    why: str
    #: None: not tried again.
    retry_at: Instant | None
    #: When the next line begins: now, where the newest one failed; None: there is no other.
    next_at: Instant | None
    uncertain: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NobodyReached:
    """No contact took the page: the climb is told. Attempts that can be made again still are."""

    at: Instant
    page_id: PageId


@dataclass(frozen=True, slots=True, kw_only=True)
class PageStopped:
    """The page goes no further."""

    at: Instant
    page_id: PageId
    why: Stopped


Fact = PageOpened | AttemptMade | AttemptSucceeded | AttemptFailed | NobodyReached | PageStopped
Facts = tuple[Fact, ...]


def begin(page: Page) -> Facts:
    """Open a page and make its first attempt; a plan without lines reaches nobody, and says so."""
    opened = PageOpened(at=page.opened_at, page=replace(page, next_at=_first_at(page)))
    return (opened, *_advance(opened.page, page.opened_at))


def _first_at(page: Page) -> Instant | None:
    return page.opened_at + page.plan[0].after if page.plan else None


def decide(page: Page, command: Command) -> Facts:
    """What a command brings about; nothing when it comes too late or twice."""
    match command:
        case Stop():
            return (PageStopped(at=command.now, page_id=page.id, why=command.why),) if page.is_live else ()
        case TimePasses():
            return _advance(page, command.now)
        case Sent():
            if not _is_calling(page, command.number):
                return ()
            return (AttemptSucceeded(at=command.now, page_id=page.id, number=command.number),)
        case TryLater() | Refused():
            return _failed(page, command)
        case _:
            assert_never(command)


def _is_calling(page: Page, number: int) -> bool:
    attempt = page.attempts.get(number)
    return attempt is not None and attempt.standing is Standing.CALLING


def _failed(page: Page, command: TryLater | Refused) -> Facts:
    if not _is_calling(page, command.number):
        return ()
    now = command.now
    fact = AttemptFailed(
        at=now,
        page_id=page.id,
        number=command.number,
        why=command.why,
        retry_at=_retry_at(page, command) if isinstance(command, TryLater) else None,
        next_at=_next_at(page, command),
        uncertain=isinstance(command, TryLater) and command.uncertain,
    )
    return (fact, *_advance(evolve(page, fact), now))


def _next_at(page: Page, command: TryLater | Refused) -> Instant | None:
    """The line after the newest comes at once when that fails; a retry of an older one does not hurry it."""
    is_newest = page.attempts[command.number].line == page.next_line - 1
    return command.now if is_newest and page.next_at is not None else page.next_at


def _retry_at(page: Page, command: TryLater) -> Instant | None:
    tries = page.attempts[command.number].tries
    if tries >= command.limits.tries or not page.is_live:
        return None
    usual: timedelta = command.limits.first_wait * 2 ** (tries - 1)
    return command.now + max(usual, command.wait or usual)


def _advance(page: Page, now: Instant) -> Facts:
    """Make whatever attempts are due, and tell when no contact is left."""
    facts: list[Fact] = []
    while (fact := _next(page, now)) is not None:
        page = evolve(page, fact)
        facts.append(fact)
    return tuple(facts)


def _next(page: Page, now: Instant) -> Fact | None:
    if not page.is_live:
        return None
    if page.next_at is not None and page.next_at <= now:
        return _made(page, page.next_line, now, tries=1)
    for attempt in page.attempts.values():
        if attempt.retry_at is not None and attempt.retry_at <= now:
            return _made(page, attempt.line, now, tries=attempt.tries + 1)
    if page.next_at is None and not page.told and not _some_hope(page):
        return NobodyReached(at=now, page_id=page.id)
    return None


def _made(page: Page, line: int, now: Instant, *, tries: int) -> AttemptMade:
    next_at = page.next_at
    if line == page.next_line:
        following = line + 1
        next_at = now + page.plan[following].after if following < len(page.plan) else None
    return AttemptMade(
        at=now,
        page_id=page.id,
        number=len(page.attempts) + 1,
        line=line,
        tries=tries,
        next_at=next_at,
        repeat=any(attempt.uncertain for attempt in page.attempts.values() if attempt.line == line),
    )


def _some_hope(page: Page) -> bool:
    return any(attempt.standing in (Standing.CALLING, Standing.SENT) for attempt in page.attempts.values())


def evolve(page: Page, fact: Fact) -> Page:
    """The page after a fact of its own. No rule stands here."""
    match fact:
        case PageOpened():
            return fact.page
        case AttemptMade():
            return _with_attempt(page, fact)
        case AttemptSucceeded():
            return replace(page, attempts=_standing(page, fact.number, Standing.SENT, None))
        case AttemptFailed():
            standing = Standing.FAILED if fact.retry_at is None else Standing.AGAIN
            attempts = _standing(page, fact.number, standing, fact.retry_at, uncertain=fact.uncertain)
            return replace(page, attempts=attempts, next_at=fact.next_at if page.is_live else None)
        case NobodyReached():
            return replace(page, told=True)
        case PageStopped():
            return replace(page, stopped=fact.why, next_at=None)
        case _:
            assert_never(fact)


def _with_attempt(page: Page, fact: AttemptMade) -> Page:
    attempts = {
        number: replace(attempt, standing=Standing.FAILED, retry_at=None)
        if attempt.line == fact.line and attempt.standing is Standing.AGAIN
        else attempt
        for number, attempt in page.attempts.items()
    }
    attempts[fact.number] = Attempt(number=fact.number, line=fact.line, standing=Standing.CALLING, tries=fact.tries)
    next_line = page.next_line + (fact.line == page.next_line)
    return replace(page, attempts=MappingProxyType(attempts), next_line=next_line, next_at=fact.next_at)


def _standing(
    page: Page, number: int, standing: Standing, retry_at: Instant | None, *, uncertain: bool = False
) -> Mapping[int, Attempt]:
    changed = replace(page.attempts[number], standing=standing, retry_at=retry_at, uncertain=uncertain)
    return MappingProxyType({**page.attempts, number: changed})
