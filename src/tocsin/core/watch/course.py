"""The course of troubles: one begins, goes on, is over; and when administrators are told of it.

A trouble is known from the first look that sees it. It is told once it has lasted, told again while it goes on, and
told when it is over, which it is only after nobody has seen it for a while: what comes and goes is one trouble. What is
to be told at one time is told together, and never more often than `GAP` apart, whatever happens.

All nodes share one book while the store answers; each goes on with its own copy while it does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from tocsin.core.vocabulary import Instant
from tocsin.core.watch.troubles import Key, Name, Trouble

#: A danger is told when it has lasted so long: what mends itself by then wakes nobody.
LASTING = timedelta(seconds=30)
#: What is worth a word to administrators is told after this.
WORTH_A_WORD = timedelta(minutes=5)
#: What nobody has seen for so long is over.
CALM = timedelta(minutes=1)
#: A danger that goes on is told again so often.
REMIND = timedelta(minutes=30)
#: One that was said to be over and has come back is told no sooner than this after it.
AGAIN = timedelta(minutes=10)
#: Two tellings are so far apart at least.
GAP = timedelta(minutes=1)
#: Who was to tell has so long to do it; then another node does.
TRYING = timedelta(minutes=2)
#: What is over is remembered for so long.
REMEMBERED = timedelta(hours=2)

#: Troubles that are told by themselves where they are noticed, or by messages of their own.
_TOLD_ELSEWHERE = frozenset({Name.SYNC_FAILING, Name.CALENDAR_STALE, Name.MESSAGES_LATE, Name.LOOP_SILENT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One trouble through time."""

    trouble: Trouble
    #: The last time that anybody saw it.
    seen_at: Instant
    #: None: it goes on.
    ended_at: Instant | None = None
    #: When administrators were told of it last, its end among it; None: never.
    told_at: Instant | None = None
    #: True when the last they heard of it is that it is wrong.
    owed: bool = False
    #: Until when a node is at it to tell; None: none is.
    trying_until: Instant | None = None
    #: True once a message about it was written, where it is worth one.
    noted: bool = False

    @property
    def goes_on(self) -> bool:
        """True until it is over."""
        return self.ended_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """Every trouble that is known, and when administrators were told last of any."""

    courses: tuple[Course, ...] = ()
    told_at: Instant | None = None

    @property
    def going_on(self) -> tuple[Trouble, ...]:
        """What is wrong, the worst first, then the oldest."""
        found = [course.trouble for course in self.courses if course.goes_on]
        return tuple(sorted(found, key=lambda one: (not one.threatens, one.since, one.key.name, one.key.subject)))

    @property
    def threatens(self) -> bool:
        """True while anything may cost a page."""
        return any(trouble.threatens for trouble in self.going_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What administrators are told now, by another way than that of pages."""

    at: Instant
    #: What is wrong and was not told before.
    began: tuple[Trouble, ...] = ()
    #: What was told and goes on.
    goes_on: tuple[Trouble, ...] = ()
    #: What was told and is over.
    over: tuple[Trouble, ...] = ()

    @property
    def keys(self) -> frozenset[Key]:
        """What it speaks of."""
        return frozenset(trouble.key for trouble in (*self.began, *self.goes_on, *self.over))


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What follows from a look."""

    book: Book
    #: None: nobody has to be told of a danger now.
    telling: Telling | None = None
    #: What is worth a message, each once.
    words: tuple[Trouble, ...] = ()


def judge(book: Book, seen: Sequence[Trouble], at: Instant) -> Judged:
    """Take in what a node has seen; what there is to tell is that node's to tell."""
    courses = _after(book.courses, seen, at)
    words = tuple(course.trouble for course in courses.values() if _is_worth_a_word(course, at))
    for trouble in words:
        courses[trouble.key] = replace(courses[trouble.key], noted=True)
    noted = replace(book, courses=tuple(courses.values()))
    if book.told_at is not None and timedelta(0) <= at - book.told_at < GAP:
        return Judged(book=noted, words=words)
    telling = _telling(courses.values(), at)
    if telling is None:
        return Judged(book=noted, words=words)
    for key in telling.keys:
        courses[key] = replace(courses[key], trying_until=at + TRYING)
    return Judged(book=Book(courses=tuple(courses.values()), told_at=at), telling=telling, words=words)


def told(book: Book, telling: Telling) -> Book:
    """After somebody was reached: what was told need not be told by another."""
    over = {trouble.key for trouble in telling.over}
    return replace(
        book,
        courses=tuple(
            replace(course, told_at=telling.at, owed=course.trouble.key not in over, trying_until=None)
            if course.trouble.key in telling.keys
            else course
            for course in book.courses
        ),
    )


def merged(shared: Book, own: Book) -> Book:
    """What a node kept for itself while the store was away, taken into the book of all."""
    courses = {course.trouble.key: course for course in shared.courses}
    for course in own.courses:
        known = courses.get(course.trouble.key)
        courses[course.trouble.key] = course if known is None else _joined(known, course)
    instants = [at for at in (shared.told_at, own.told_at) if at is not None]
    return Book(courses=tuple(courses.values()), told_at=max(instants, default=None))


def _joined(shared: Course, own: Course) -> Course:
    newer = own if own.seen_at > shared.seen_at else shared
    knows = own if (own.told_at or own.seen_at) > (shared.told_at or shared.seen_at) else shared
    since = min(shared.trouble.since, own.trouble.since)
    return replace(newer, trouble=replace(newer.trouble, since=since), told_at=knows.told_at, owed=knows.owed)


def _after(known: Iterable[Course], seen: Sequence[Trouble], at: Instant) -> dict[Key, Course]:
    """The courses after a look, without those that are long over."""
    courses = {course.trouble.key: course for course in known}
    for trouble in seen:
        courses[trouble.key] = _seen(courses.get(trouble.key), trouble, at)
    kept = (_ended(course, at) for course in courses.values())
    return {
        course.trouble.key: course
        for course in kept
        if course.owed or course.ended_at is None or at - course.ended_at < REMEMBERED
    }


def _seen(known: Course | None, trouble: Trouble, at: Instant) -> Course:
    since = min(trouble.since, at)
    if known is None:
        return Course(trouble=replace(trouble, since=since), seen_at=at)
    if not known.goes_on:
        return replace(known, trouble=replace(trouble, since=since), seen_at=at, ended_at=None, noted=False)
    return replace(known, trouble=replace(trouble, since=min(since, known.trouble.since)), seen_at=at)


def _ended(course: Course, at: Instant) -> Course:
    """Over once nobody has seen it for a while; a clock that was set back ends nothing."""
    return replace(course, ended_at=at) if course.goes_on and at - course.seen_at >= CALM else course


def _telling(courses: Iterable[Course], at: Instant) -> Telling | None:
    began: list[Trouble] = []
    goes_on: list[Trouble] = []
    over: list[Trouble] = []
    for course in courses:
        if course.trying_until is not None and course.trying_until > at:
            continue
        if not course.goes_on:
            over += [course.trouble] if course.owed else []
        elif course.seen_at == at and course.trouble.threatens and at - course.trouble.since >= LASTING:
            if course.owed and course.told_at is not None:
                goes_on += [course.trouble] if at - course.told_at >= REMIND else []
            elif course.told_at is None or at - course.told_at >= AGAIN:
                began.append(course.trouble)
    if not (began or goes_on or over):
        return None
    return Telling(at=at, began=tuple(began), goes_on=tuple(goes_on), over=tuple(over))


def _is_worth_a_word(course: Course, at: Instant) -> bool:
    trouble = course.trouble
    return (
        course.seen_at == at
        and not course.noted
        and not trouble.threatens
        and trouble.key.name not in _TOLD_ELSEWHERE
        and at - trouble.since >= WORTH_A_WORD
    )
