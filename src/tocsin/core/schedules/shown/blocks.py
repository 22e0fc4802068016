"""One schedule on one line of a picture: the ground with its nights, the people as blocks, the gaps hatched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element
from zoneinfo import ZoneInfo

from tocsin.core.schedules.shown.colours import Look, Pattern
from tocsin.core.schedules.shown.drawing import add, figure, text_width
from tocsin.core.schedules.shown.scale import Line, days, nights
from tocsin.core.schedules.shown.strip import Stretch, Strip
from tocsin.core.schedules.shown.style import HATCH
from tocsin.core.schedules.shown.words import REASONS, length_text, local_time
from tocsin.core.vocabulary import PersonName, Span

#: How high a line is, and how far blocks keep from its edges.
HEIGHT, _INSET = 40.0, 6.0
_BLOCK = HEIGHT - 2 * _INSET
_LABEL_SIZE, _INITIALS_SIZE, _PADDING, _TIGHT, _ROUND = 12.5, 11.0, 8.0, 5.0, 4.5
#: Of several people who serve together the first has the block, and each further one a bar of this height in it.
_BAR = 5.0
_NOTCH = 9.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Who is who: how people look and what they are called."""

    looks: Mapping[PersonName, Look]
    #: As they are written into blocks.
    short: Mapping[PersonName, str]
    #: As they are written everywhere else.
    full: Mapping[PersonName, str]
    zone: ZoneInfo
    #: What the names of patterns begin with.
    prefix: str


def draw_strip(parent: Element, strip: Strip, line: Line, top: float, cast: Cast) -> None:
    """The schedule's part of the line, from `top` on."""
    group = add(parent, "g", role="group", aria_label=strip.schedule)
    x, width = line.x(line.span.start), line.x(line.span.end) - line.x(line.span.start)
    add(group, "rect", class_="ground", x=x, y=top, width=width, height=HEIGHT, rx=6)
    dark = [(line.x(night.start), line.x(night.end)) for night in nights(line.span, cast.zone)]
    if dark:
        path = "".join(f"M{figure(x)} {figure(top)}H{figure(end)}v{figure(HEIGHT)}H{figure(x)}z" for x, end in dark)
        add(group, "path", class_="night", d=path)
    for kind, marks in _day_marks(line, cast.zone).items():
        path = "".join(f"M{figure(x)} {figure(top)}v{figure(HEIGHT)}" for x in marks)
        if path:
            add(group, "path", class_=kind, d=path, stroke_width=1)
    for stretch in strip.within(line.span):
        _draw_stretch(group, stretch, line, top + _INSET, cast)


def _day_marks(line: Line, zone: ZoneInfo) -> dict[str, list[float]]:
    """Where days begin; those that begin a week stand out."""
    found: dict[str, list[float]] = {"day": [], "week": []}
    for day, seen in days(line.span, zone):
        if seen.start > line.span.start:
            found["week" if day.weekday() == 0 else "day"].append(line.x(seen.start))
    return found


def _draw_stretch(parent: Element, stretch: Stretch, line: Line, top: float, cast: Cast) -> None:
    seen = Span(max(stretch.span.start, line.span.start), min(stretch.span.end, line.span.end))
    left, right = line.x(seen.start), line.x(seen.end)
    # A hair stays free between neighbours; nothing is too short to be seen.
    left, width = left + 0.5, max(right - left - 1.0, 1.2)
    group = add(parent, "g")
    add(group, "title", _told(stretch, cast))
    if stretch.people:
        _draw_block(group, stretch, (left, top, width), cast)
    else:
        _draw_gap(group, stretch, (left, top, width), cast)


def _draw_block(group: Element, stretch: Stretch, box: tuple[float, float, float], cast: Cast) -> None:
    left, top, width = box
    first, *others = (cast.looks[name] for name in stretch.people)
    shape = {"x": left, "width": width, "rx": min(_ROUND, width / 3)}
    fill(group, first, cast, y=top, height=_BLOCK, **shape)
    for place, look in enumerate(others[:3], start=1):
        fill(group, look, cast, x=left, y=top + _BLOCK - place * _BAR, width=width, height=_BAR, rx=min(2, width / 3))
    add(group, "rect", class_="edge", y=top, height=_BLOCK, stroke_width=1, **shape)
    if stretch.is_override:
        add_notch(group, left, top, side=min(_NOTCH, width))
    _label(group, stretch, first, box, cast)


def _label(group: Element, stretch: Stretch, look: Look, box: tuple[float, float, float], cast: Cast) -> None:
    """Names where there is room for them, closely where there is just enough, else their first letters, or nothing."""
    left, top, width = box
    names = [cast.short[name] for name in stretch.people]
    label, initials = " + ".join(names), "".join(name[:1].upper() for name in names)
    room = width - (_NOTCH / 2 if stretch.is_override else 0)
    middle = top + (_BLOCK - min(len(names) - 1, 3) * _BAR) / 2 + 4.5
    if text_width(label, _LABEL_SIZE) + 2 * _PADDING <= room:
        _write(group, label, look, x=left + _PADDING, y=middle)
    elif text_width(label, _LABEL_SIZE) + _TIGHT <= room:
        _write(group, label, look, x=left + width / 2, y=middle, text_anchor="middle")
    elif text_width(initials, _INITIALS_SIZE) + _TIGHT / 2 <= room:
        size = {"style": f"fill:{look.ink};font-size:{_INITIALS_SIZE}px"}
        _write(group, initials, look, x=left + width / 2, y=middle - 0.5, text_anchor="middle", **size)


def add_notch(group: Element, left: float, top: float, *, side: float) -> None:
    """The cut corner that marks an override; it reaches over the edge, so that no rim is left."""
    x, y, leg = (figure(value) for value in (left - 0.6, top - 0.6, side + 0.6))
    add(group, "path", class_="notch", d=f"M{x} {y}h{leg}l-{leg} {leg}z")


def fill(group: Element, look: Look, cast: Cast, **shape: float) -> None:
    """A shape as somebody looks: their colour, and what lies over it."""
    add(group, "rect", fill=look.fill, **shape)
    if look.pattern is not Pattern.PLAIN:
        ink = "dark" if look.is_dark else "light"
        add(group, "rect", fill=f"url(#{cast.prefix}{look.pattern}-{ink})", **shape)


def _write(group: Element, label: str, look: Look, **place: str | float) -> None:
    """What is written on a block. On a pattern the letters have a rim in the colour of the block."""
    rim: dict[str, str | float] = {}
    if look.pattern is not Pattern.PLAIN:
        rim = {"stroke": look.fill, "stroke_width": 4, "stroke_linejoin": "round", "paint_order": "stroke"}
    add(group, "text", label, class_="label", **{"style": f"fill:{look.ink}", **place, **rim})


def _draw_gap(group: Element, stretch: Stretch, box: tuple[float, float, float], cast: Cast) -> None:
    left, top, width = box
    shape = {"x": left, "y": top, "width": width, "height": _BLOCK, "rx": min(_ROUND, width / 3)}
    add(group, "rect", class_="gap", **shape)
    add(group, "rect", fill=f"url(#{cast.prefix}{HATCH})", **shape)
    add(group, "rect", class_="outline", stroke_width=1.2, **shape)
    reason = f"nobody: {REASONS[stretch.reason]}" if stretch.reason is not None else "nobody"
    for text in (reason, "nobody"):
        if text_width(text, _LABEL_SIZE) + 2 * _PADDING <= width:
            add(group, "text", text, class_="nobody", x=left + _PADDING, y=top + _BLOCK / 2 + 4.5)
            return


def _told(stretch: Stretch, cast: Cast) -> str:
    """Everything about a stretch in words."""
    when = f"{local_time(stretch.span.start, cast.zone)} to {local_time(stretch.span.end, cast.zone)}"
    length = length_text(stretch.span.end - stretch.span.start)
    if stretch.reason is not None:
        return f"nobody, {when}, {length}: {REASONS[stretch.reason]}"
    return f"{', '.join(cast.full[name] for name in stretch.people)}, {when}, {length} ({stretch.source})"
