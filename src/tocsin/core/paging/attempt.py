"""A page: the decision that somebody must be reached about a group now, and the attempts to do so.

The recipient's plan is frozen into the page. A contact that fails is left for the next one at once and
tried again later; when no contact takes the page the climb is told, so that it can move on. A contact whose
provider is known to fail is passed over for the next one, which is not made to wait for it; it is tried later, and
it is never passed over where no other way is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from types import MappingProxyType
from typing import assert_never

from tocsin.core.paging.page import Attempt, Line, Page, Standing, Stopped
from tocsin.core.paging.provider import ALL_WELL, TRIED_EVERY, Providers
from tocsin.core.vocabulary import Instant, PageId

__all__ = [
    "Attempt",
    "AttemptFailed",
    "AttemptMade",
    "AttemptSucceeded",
    "Command",
    "ContactPassed",
    "Fact",
    "Facts",
    "Limits",
    "Line",
    "NobodyReached",
    "Page",
    "PageOpened",
    "PageStopped",
    "Refused",
    "Sent",
    "Standing",
    "Stop",
    "Stopped",
    "TimePasses",
    "TryLater",
    "begin",
    "decide",
    "evolve",
]

#: A contact is passed over so often for one page at most, first for so long, then for twice as long.
PASSES = 4
PASSED_FOR = timedelta(seconds=10)


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
    #: Since when its provider has been failing; None: it is not known to fail.
    failing_since: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactPassed:
    """A contact is not tried now, since its provider is failing and there is another way."""

    at: Instant
    page_id: PageId
    number: int
    line: int
    tries: int
    passes: int
    failing_since: Instant
    why: str
    #: When it is looked at again; None: not by itself.
    retry_at: Instant | None
    #: When the line after it begins: now, where it was the newest; None: there is none.
    next_at: Instant | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptSucceeded:
    """The provider took it."""

    at: Instant
    page_id: PageId
    number: int
    #: Since when the provider had been failing, which now works again; None: it had not.
    failing_since: Instant | None = None


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


Fact = PageOpened | AttemptMade | ContactPassed | AttemptSucceeded | AttemptFailed | NobodyReached | PageStopped
Facts = tuple[Fact, ...]


def begin(page: Page, providers: Providers = ALL_WELL, *, no_later_than: Instant | None = None) -> Facts:
    """Open a page and make its first attempt; a plan without lines reaches nobody, and says so.

    `no_later_than`: when the page before it would have made its first attempt. None: there is none that has made none.
    """
    waits = [at for at in (_first_at(page), no_later_than) if at is not None]
    opened = PageOpened(at=page.opened_at, page=replace(page, next_at=min(waits) if page.plan else None))
    return (opened, *_advance(opened.page, page.opened_at, providers))


def _first_at(page: Page) -> Instant | None:
    return page.opened_at + page.plan[0].after if page.plan else None


def decide(page: Page, command: Command, providers: Providers = ALL_WELL) -> Facts:
    """What a command brings about; nothing when it comes too late or twice. `providers`: what is known of them."""
    match command:
        case Stop():
            return (PageStopped(at=command.now, page_id=page.id, why=command.why),) if page.is_live else ()
        case TimePasses():
            return _advance(page, command.now, providers)
        case Sent(number=number):
            if not _is_calling(page, number):
                return ()
            failing_since = page.attempts[number].failing_since
            return (AttemptSucceeded(at=command.now, page_id=page.id, number=number, failing_since=failing_since),)
        case TryLater() | Refused():
            return _failed(page, command, providers)
        case _:
            assert_never(command)


def _is_calling(page: Page, number: int) -> bool:
    attempt = page.attempts.get(number)
    return attempt is not None and attempt.standing is Standing.CALLING


def _failed(page: Page, command: TryLater | Refused, providers: Providers) -> Facts:
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
    return (fact, *_advance(evolve(page, fact), now, providers))


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


def _advance(page: Page, now: Instant, providers: Providers) -> Facts:
    """Make whatever attempts are due, and tell when no contact is left."""
    facts: list[Fact] = []
    while (fact := _next(page, now, providers)) is not None:
        page = evolve(page, fact)
        facts.append(fact)
    return tuple(facts)


def _next(page: Page, now: Instant, providers: Providers) -> Fact | None:
    if not page.is_live:
        return None
    if page.next_at is not None and page.next_at <= now:
        return _tried(page, page.next_line, now, providers)
    for attempt in page.attempts.values():
        if attempt.retry_at is not None and attempt.retry_at <= now:
            return _tried(page, attempt.line, now, providers)
    if page.next_at is None and not _some_hope(page):
        for attempt in page.attempts.values():
            if attempt.passes and _newest(page, attempt.line) is attempt:
                return _made(page, attempt.line, now, providers)
        return None if page.told else NobodyReached(at=now, page_id=page.id)
    return None


def _tried(page: Page, line: int, now: Instant, providers: Providers) -> AttemptMade | ContactPassed:
    """A contact is tried, or passed over while its provider is failing and there is another way."""
    failing = providers.failing(page.plan[line].channel, page.plan[line].address, now)
    before = _newest(page, line)
    may_try = before is not None and failing is not None and now - failing.tried_at >= TRIED_EVERY
    if failing is None or may_try or not _another_way(page, line, now, providers):
        return _made(page, line, now, providers)
    passes = 1 + (before.passes if before is not None else 0)
    is_newest = line == page.next_line
    return ContactPassed(
        at=now,
        page_id=page.id,
        number=len(page.attempts) + 1,
        line=line,
        tries=before.tries if before is not None else 0,
        passes=passes,
        failing_since=failing.failing_since or now,
        why=failing.why,
        retry_at=now + PASSED_FOR * 2 ** (passes - 1) if passes < PASSES else None,
        next_at=(now if line + 1 < len(page.plan) else None) if is_newest else page.next_at,
    )


def _newest(page: Page, line: int) -> Attempt | None:
    """The newest try at a contact, or the passing over of it; None: it is yet to come."""
    of_line = (one for one in page.attempts.values() if one.line == line)
    return max(of_line, key=lambda one: one.number, default=None)


def _another_way(page: Page, line: int, now: Instant, providers: Providers) -> bool:
    """True when another contact is being tried, was reached, or is yet to come, by a provider that is not failing."""
    hopes = {one.line for one in page.attempts.values() if one.standing in (Standing.CALLING, Standing.SENT)}
    others = (hopes | set(range(page.next_line, len(page.plan)))) - {line}
    return any(providers.failing(page.plan[one].channel, page.plan[one].address, now) is None for one in others)


def _made(page: Page, line: int, now: Instant, providers: Providers) -> AttemptMade:
    next_at = page.next_at
    if line == page.next_line:
        following = line + 1
        next_at = now + page.plan[following].after if following < len(page.plan) else None
    failing = providers.failing(page.plan[line].channel, page.plan[line].address, now)
    before = _newest(page, line)
    return AttemptMade(
        at=now,
        page_id=page.id,
        number=len(page.attempts) + 1,
        line=line,
        tries=1 + (before.tries if before is not None else 0),
        next_at=next_at,
        repeat=any(attempt.uncertain for attempt in page.attempts.values() if attempt.line == line),
        failing_since=failing.failing_since if failing is not None else None,
    )


def _some_hope(page: Page) -> bool:
    return any(attempt.standing in (Standing.CALLING, Standing.SENT) for attempt in page.attempts.values())


def evolve(page: Page, fact: Fact) -> Page:
    """The page after a fact of its own. No rule stands here."""
    match fact:
        case PageOpened():
            return fact.page
        case AttemptMade() | ContactPassed():
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


def _with_attempt(page: Page, fact: AttemptMade | ContactPassed) -> Page:
    attempts = {
        number: replace(attempt, standing=Standing.FAILED, retry_at=None)
        if attempt.line == fact.line and attempt.standing is Standing.AGAIN
        else attempt
        for number, attempt in page.attempts.items()
    }
    attempts[fact.number] = _begun(fact)
    next_line = page.next_line + (fact.line == page.next_line)
    return replace(page, attempts=MappingProxyType(attempts), next_line=next_line, next_at=fact.next_at)


def _begun(fact: AttemptMade | ContactPassed) -> Attempt:
    begun = Attempt(
        number=fact.number,
        line=fact.line,
        standing=Standing.CALLING,
        tries=fact.tries,
        failing_since=fact.failing_since,
    )
    if isinstance(fact, AttemptMade):
        return begun
    standing = Standing.FAILED if fact.retry_at is None else Standing.AGAIN
    return replace(begun, standing=standing, retry_at=fact.retry_at, passes=fact.passes)


def _standing(
    page: Page, number: int, standing: Standing, retry_at: Instant | None, *, uncertain: bool = False
) -> Mapping[int, Attempt]:
    changed = replace(page.attempts[number], standing=standing, retry_at=retry_at, uncertain=uncertain)
    return MappingProxyType({**page.attempts, number: changed})
