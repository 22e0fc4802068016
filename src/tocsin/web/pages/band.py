"""The band: a stretch of a schedule as coloured people, nights shaded, gaps hatched. Positions are in per cent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from tocsin.core.schedules import Rendered
from tocsin.core.schedules.timeline import OVERRIDE
from tocsin.core.vocabulary import Instant, ScheduleName, Span
from tocsin.web.pages.reader import Reader

#: How many colours there are for people.
COLOURS = 8
#: When a night begins and ends on the viewer's wall.
_DUSK, _DAWN = time(22), time(6)
#: Of a single day these hours are marked.
_HOURS = range(0, 24, 3)
#: Widths in pixels: a band beside its name on a desk, one over the whole page, one on a phone; a letter, its margin.
BESIDE, WHOLE = 720, 920
_PHONE, _LETTER, _PADDING = 320, 7.4, 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Something that lies on the band."""

    x: str
    width: str
    #: What is written on it, how short it can be, and which of both fits: "full", "short" or "none".
    label: str = ""
    initials: str = ""
    desk: str = "none"
    phone: str = "none"
    #: From 0; None: a gap or a night.
    colour: int | None = None
    override: bool = False
    #: Everything about it in words.
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """The beginning of a day, or an hour of the only one."""

    x: str
    label: str
    today: bool
    #: True where a phone has room for it.
    phone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What all bands of one page lie on."""

    window: Span
    nights: tuple[Block, ...]
    ticks: tuple[Tick, ...]
    #: Where now is; None: outside.
    now: str | None
    #: How wide it is on a desk, in pixels; about.
    desk: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """One schedule on its ground."""

    name: str
    blocks: tuple[Block, ...]
    gaps: tuple[Block, ...]
    #: The whole band in words, for those who do not see it.
    words: str


def window_of(reader: Reader, *, days: int, begins_at: Instant | None = None, before: int = 0) -> Span:
    """Whole days of the viewer's zone around an instant, the first of them `before` days earlier."""
    local = (begins_at or reader.now).astimezone(reader.zone)
    first = (local - timedelta(days=before)).date()
    return Span(_midnight(reader, first.toordinal()), _midnight(reader, first.toordinal() + days))


def ground(reader: Reader, window: Span, *, desk: float) -> Ground:
    """Nights, days and now within a window."""
    first = window.start.astimezone(reader.zone).date().toordinal()
    last = window.end.astimezone(reader.zone).date().toordinal()
    days = last - first
    nights = [_span_at(reader, number, _DUSK, number + 1, _DAWN) for number in range(first - 1, last)]
    clipped = [night for night in (one.clipped(window) for one in nights) if night is not None]
    every = 1 if days <= 7 else 2 if days <= 14 else 7
    ticks = tuple(_tick(reader, window, first, number, every) for number in range(first, last, 1))
    if days == 1:
        ticks = tuple(_hour(reader, window, first, hour) for hour in _HOURS)
    return Ground(
        window=window,
        nights=tuple(Block(x=_percent(window, night.start), width=_width(window, night)) for night in clipped),
        ticks=tuple(tick for tick in ticks if tick.label),
        now=_percent(window, reader.now) if reader.now in window else None,
        desk=desk,
    )


def band(name: ScheduleName, rendered: Rendered, on: Ground, reader: Reader, colours: Mapping[str, int]) -> Band:
    """One schedule's final shifts."""
    blocks = tuple(
        _block(on, shift.span, shift.people, reader, colours, override=shift.source == OVERRIDE)
        for shift in rendered.shifts
    )
    gaps = tuple(_gap(on, gap, reader) for gap in rendered.gaps)
    words = reader.t("list.comma").join(block.title for block in (*blocks, *gaps)[:40])
    return Band(name=name, blocks=blocks, gaps=gaps, words=words)


def served(name: ScheduleName, rendered: Rendered, on: Ground, reader: Reader, colours: Mapping[str, int]) -> Band:
    """The shifts of one layer: where it has nobody, another one may have somebody, and nothing is amiss."""
    return band(name, replace(rendered, vacancies=()), on, reader, colours)


def colours_of(people: Iterable[str]) -> dict[str, int]:
    """A colour for each person, the same on every page."""
    return {name: place % COLOURS for place, name in enumerate(sorted(people))}


def _block(
    on: Ground, span: Span, people: tuple[str, ...], reader: Reader, colours: Mapping[str, int], *, override: bool
) -> Block:
    window, share = on.window, (span.end - span.start) / (on.window.end - on.window.start)
    first_names = [reader.name(name).split(" ")[0] for name in people]
    label = " + ".join(first_names)
    initials = "".join(name[:1] for name in first_names)
    text = "band.override" if override else "band.shift"
    values = {"people": reader.people(people), "start": reader.clock(span.start), "end": reader.clock(span.end)}
    return Block(
        x=_percent(window, span.start),
        width=_width(window, span),
        label=label,
        initials=initials,
        desk=_fits(share * on.desk, label, initials),
        phone=_fits(share * _PHONE, label, initials),
        colour=colours.get(people[0], 0),
        override=override,
        title=reader.t(text, **values),
    )


def _gap(on: Ground, span: Span, reader: Reader) -> Block:
    window, share = on.window, (span.end - span.start) / (on.window.end - on.window.start)
    label = reader.t("band.nobody")
    title = reader.t("band.gap", start=reader.clock(span.start), end=reader.clock(span.end))
    return Block(
        x=_percent(window, span.start),
        width=_width(window, span),
        label=label,
        initials="",
        desk=_fits(share * on.desk, label, ""),
        phone=_fits(share * _PHONE, label, ""),
        title=title,
    )


def _fits(width: float, label: str, initials: str) -> str:
    if width >= _length(label) + _PADDING:
        return "full"
    return "short" if initials and width >= _length(initials) + 6 else "none"


def _length(text: str) -> float:
    return sum(_LETTER if letter.isascii() else 13 for letter in text)


def _tick(reader: Reader, window: Span, first: int, number: int, every: int) -> Tick:
    at = _midnight(reader, number)
    today = reader.now.astimezone(reader.zone).date().toordinal() == number
    place, weekly = number - first, every == 7
    label = reader.date(at) if weekly else reader.short_day(at)
    return Tick(
        x=_percent(window, at),
        label=label if place % every == 0 else "",
        today=today,
        phone=weekly or place % (2 * every) == 0,
    )


def _hour(reader: Reader, window: Span, day: int, hour: int) -> Tick:
    at = _local(reader, day, time(hour))
    return Tick(x=_percent(window, at), label=reader.clock_at(at, reader.zone), today=False, phone=hour % 6 == 0)


def _span_at(reader: Reader, start: int, begins: time, end: int, ends: time) -> Span:
    return Span(_local(reader, start, begins), _local(reader, end, ends))


def _midnight(reader: Reader, number: int) -> Instant:
    return _local(reader, number, time(0))


def _local(reader: Reader, number: int, clock: time) -> Instant:
    utc = reader.now.tzinfo
    return datetime.combine(datetime.fromordinal(number).date(), clock, tzinfo=reader.zone).astimezone(utc)


def _percent(window: Span, at: Instant) -> str:
    return f"{(at - window.start) / (window.end - window.start) * 100:.3f}%"


def _width(window: Span, span: Span) -> str:
    return f"{(span.end - span.start) / (window.end - window.start) * 100:.3f}%"
