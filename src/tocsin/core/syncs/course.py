"""The course of a sync: who is wanted, when it is looked at again, what an attempt meant, and who is to hear of it.

It is applied when others are on call, when it was configured anew, at each change of shift, and every few minutes in
any case, which repairs what was changed by hand. A failure is tried again, at growing distances and never before the
other side wants it; it becomes an alarm once, when it has lasted, and its end is told to those who heard of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import assert_never

from tocsin.core.syncs.state import Entry, Missed, State, Verdict
from tocsin.core.syncs.sync import (
    AsItIs,
    Changed,
    Duty,
    Failed,
    Followed,
    InsteadPerson,
    InsteadTeam,
    Kept,
    Result,
    Same,
    Sync,
    Wanted,
)
from tocsin.core.vocabulary import Instant, PersonName

#: What was changed by hand is repaired after this, at the latest.
REPAIR_EVERY = timedelta(minutes=5)
#: A failure is told to people after so many in a row, or when it has lasted so long.
ALARM_FAILURES = 3
ALARM_AFTER = timedelta(minutes=10)

#: The wait after a first failure; it doubles with each further one, up to `REPAIR_EVERY`.
FIRST_WAIT = timedelta(seconds=30)
#: Nobody is left alone for longer than this, whatever they ask for.
LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """It has failed for so long that somebody has to look."""

    since: Instant
    why: str
    mend: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """What people were told of is over."""

    since: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Somebody on call cannot be put there."""

    person: PersonName
    why: str
    since: Instant


News = Failing | Recovered | Missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What follows from an attempt."""

    state: State
    #: None: nothing that is worth a line in the log.
    entry: Entry | None
    news: tuple[News, ...] = ()


def wanted(sync: Sync, duties: Sequence[Duty], *, members: Iterable[PersonName]) -> Wanted:
    """Who is to be there. `duties`: in the order of the sync's schedules; `members`: of the schedules' teams."""
    people = tuple(dict.fromkeys(person for duty in duties for person in duty.people))
    match sync.fallback:
        case AsItIs():
            instead: tuple[PersonName, ...] = ()
        case InsteadTeam():
            instead = tuple(dict.fromkeys(members))
        case InsteadPerson(person=person):
            instead = (person,)
    return Wanted(
        people=people,
        instead=instead,
        until=min((duty.until for duty in duties if duty.until is not None), default=None),
        reason=None if people else next((duty.reason for duty in duties if duty.reason is not None), "no_schedule"),
    )


def due_at(sync: Sync, known: State | None, wish: Wanted, now: Instant) -> Instant:
    """When it is to be looked at: now or earlier means at once."""
    if known is None or known.setup != sync.setup or known.tried_at > now:  # the clock was set back: its times are void
        return now
    if known.failing_since is not None:
        return known.next_at
    if known.wanted != wish.names:
        return now
    return known.next_at if wish.until is None else min(known.next_at, wish.until)


def wanted_since(sync: Sync, known: State | None, wish: Wanted, now: Instant) -> Instant:
    """Since when just these people are wanted, as far as anybody has looked."""
    if known is not None and known.setup == sync.setup and known.wanted == wish.names:
        return known.wanted_since
    return now


def judge(sync: Sync, known: State | None, wish: Wanted, followed: Followed, now: Instant) -> Judged:
    """What an attempt meant: what is known from now on, the line in the log, and who is to hear of what."""
    result = followed.result
    if isinstance(result, Failed):
        return _failed(sync, known, wish, result, now)
    missed = _missed(known, followed, now)
    verdict = _verdict(sync, known, wish, result, missed)
    before = _begun(sync, known, wish, now)
    has_applied = not isinstance(result, Kept)
    state = replace(
        before,
        applied=wish.names if has_applied else before.applied,
        applied_at=now if has_applied else before.applied_at,
        members=result.after if isinstance(result, Changed) else result.members or before.members,
        next_at=now + REPAIR_EVERY,
        verdict=verdict,
        text=_text(result, verdict),
        missed=missed,
        failing_since=None,
        failures=0,
        alarmed=False,
    )
    fresh = [one for one in missed if one.since == now]
    news: list[News] = [Missing(person=one.person, why=one.why, since=one.since) for one in fresh]
    if known is not None and known.alarmed and known.failing_since is not None:
        news.insert(0, Recovered(since=known.failing_since))
    entry = _entry(state, result, followed, now) if fresh or _is_worth_a_line(known, state) else None
    return Judged(state=state, entry=entry, news=tuple(news))


def _begun(sync: Sync, known: State | None, wish: Wanted, now: Instant) -> State:
    """What is known at the beginning of an attempt: of another setup, only that it fails or does not."""
    fresh = State(
        name=sync.name,
        setup=sync.setup,
        wanted=wish.names,
        wanted_since=wanted_since(sync, known, wish, now),
        tried_at=now,
        next_at=now,
        verdict=Verdict.UNCHANGED,
    )
    if known is None:
        return fresh
    same = known.setup == sync.setup
    return replace(
        fresh,
        applied=known.applied if same else None,
        applied_at=known.applied_at if same else None,
        members=known.members if same else (),
        missed=known.missed,
        failing_since=known.failing_since,
        failures=known.failures,
        alarmed=known.alarmed,
    )


def _failed(sync: Sync, known: State | None, wish: Wanted, result: Failed, now: Instant) -> Judged:
    before = _begun(sync, known, wish, now)
    since = before.failing_since or now
    failures = before.failures + (not result.is_busy)
    alarm = not before.alarmed and (failures >= ALARM_FAILURES or now - since >= ALARM_AFTER)
    text = _text(result, Verdict.FAILED)
    state = replace(
        before,
        next_at=now + _wait(result, failures),
        verdict=Verdict.FAILED,
        text=text,
        failing_since=since,
        failures=failures,
        alarmed=before.alarmed or alarm,
    )
    is_new = known is None or known.failing_since is None or known.text != text
    entry = Entry(sync=sync.name, at=now, verdict=Verdict.FAILED, text=text) if is_new else None
    news = (Failing(since=since, why=result.why, mend=result.mend),) if alarm else ()
    return Judged(state=state, entry=entry, news=news)


def _wait(result: Failed, failures: int) -> timedelta:
    doubled = min(max(failures - 1, 0), 10)
    own = min(FIRST_WAIT * 2**doubled, REPAIR_EVERY)
    asked = min(result.wait or timedelta(0), LONGEST_WAIT)
    return asked if result.is_busy and asked else max(own, asked)


def _missed(known: State | None, followed: Followed, now: Instant) -> tuple[Missed, ...]:
    """Who could not be put there, each since it was first seen."""
    since = {one.person: one.since for one in known.missed} if known is not None else {}
    return tuple(Missed(person=one.person, why=one.why, since=since.get(one.person, now)) for one in followed.unmatched)


def _verdict(sync: Sync, known: State | None, wish: Wanted, result: Result, missed: tuple[Missed, ...]) -> Verdict:
    match result:
        case Changed():
            is_ours = known is not None and known.setup == sync.setup and known.applied == wish.names
            as_before = known is not None and _people(known.missed) == _people(missed)
            return Verdict.REPAIRED if is_ours and as_before else Verdict.CHANGED
        case Kept():
            return Verdict.KEPT
        case Same():
            return Verdict.RECOVERED if known is not None and known.failing_since is not None else Verdict.UNCHANGED
        case Failed():
            return Verdict.FAILED
        case _:
            assert_never(result)


def _people(missed: Iterable[Missed]) -> set[PersonName]:
    return {one.person for one in missed}


def _is_worth_a_line(known: State | None, state: State) -> bool:
    match state.verdict:
        case Verdict.UNCHANGED:
            return False
        case Verdict.KEPT:
            return known is None or known.verdict is not Verdict.KEPT or known.wanted != state.wanted
        case _:
            return True


def _entry(state: State, result: Result, followed: Followed, now: Instant) -> Entry:
    before, after = (result.before, result.after) if isinstance(result, Changed) else (state.members, state.members)
    return Entry(
        sync=state.name,
        at=now,
        verdict=state.verdict,
        before=before,
        after=after,
        text=state.text,
        unmatched=followed.unmatched,
    )


def _text(result: Result, verdict: Verdict) -> str:
    """A result in words; empty when there is nothing to say. Who changed it last matters where it was not us."""
    match result:
        case Same():
            return ""
        case Changed():
            by = f"last changed by {result.by}" if result.by and verdict is Verdict.REPAIRED else ""
            return "; ".join(part for part in (result.note, by) if part)
        case Kept():
            return result.why
        case Failed():
            return f"{result.why}: {result.mend}" if result.mend else result.why
        case _:
            assert_never(result)
