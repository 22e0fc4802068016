"""Schedules as an SVG picture: one band a schedule, people in colours, gaps hatched, overrides notched, nights shaded.

It stands alone: no script, no font, nothing from elsewhere; light and dark as the reader's screen is. What is seen is
also written: names in the blocks, a title on each, a legend, and the whole in words for those who do not see it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from math import ceil
from xml.etree.ElementTree import Element, indent, tostring
from zoneinfo import ZoneInfo

from tocsin.core.schedules.shown.axis import draw_axis, draw_now
from tocsin.core.schedules.shown.blocks import HEIGHT, Cast, draw_strip
from tocsin.core.schedules.shown.colours import looks
from tocsin.core.schedules.shown.drawing import add, shortened, text_width
from tocsin.core.schedules.shown.legend import draw_legend
from tocsin.core.schedules.shown.scale import Line, lines
from tocsin.core.schedules.shown.strip import Stretch, Strip, people_of
from tocsin.core.schedules.shown.style import STYLE, add_patterns
from tocsin.core.schedules.shown.words import MONTHS, REASONS, day_name, local_time
from tocsin.core.schedules.wallclock import local_of
from tocsin.core.vocabulary import Instant, PersonName, Span

#: How wide a picture may be, in pixels.
NARROWEST, USUAL, WIDEST = 320, 1000, 4000

_MARGIN, _GUTTER = 20.0, 14.0
#: Bold letters need a little more room than their size says.
_TITLE, _NAME_ROOM = 19.0, 13.6
#: Between bands, and below one that has the word "now" under it.
_BETWEEN, _BELOW_NOW = 9.0, 16.0
#: In a narrower picture names stand above their bands.
_NARROW = 560
_SECOND = timedelta(seconds=1)
#: So many stretches are told in words, then their number.
_TOLD = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How a picture is to be."""

    #: None, or outside the window: it is not marked.
    now: Instant | None = None
    #: Full names; whoever is missing is called by the name of the configuration.
    names: Mapping[PersonName, str] = field(default_factory=dict)
    #: Who else has a colour, seen or not: everybody of the schedules, and it is the same one in every window.
    people: tuple[PersonName, ...] = ()
    #: In pixels; drawn at least `NARROWEST` and at most `WIDEST` wide.
    width: int = USUAL


def as_svg(strips: Sequence[Strip], window: Span, *, zone: ZoneInfo, view: View) -> str:
    """One picture of all schedules over a window, on the clock of one zone; ends with a line break."""
    width = float(min(max(view.width, NARROWEST), WIDEST))
    said, when = _subject(strips), _when(window, zone)
    prefix = f"r{hashlib.sha256(f'{said}{window}{zone.key}'.encode()).hexdigest()[:8]}-"
    cast = _cast(strips, view, zone, prefix)
    root = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "class": "rota", "role": "img"})
    root.set("aria-labelledby", f"{prefix}title {prefix}desc")
    add(root, "title", f"Who is on call: {said}, {when}", id=f"{prefix}title")
    add(root, "desc", _in_words(strips, cast), id=f"{prefix}desc")
    add(root, "style", STYLE)
    add_patterns(root, prefix)
    paper = add(root, "rect", class_="paper", x=0.5, y=0.5, width=width - 1, rx=12)
    add(root, "text", shortened(said, width - 2 * _MARGIN, _TITLE), class_="title", x=_MARGIN, y=36)
    add(root, "text", shortened(when, width - 2 * _MARGIN, 12), x=_MARGIN, y=55)
    below = _Sheet(root=root, strips=strips, window=window, cast=cast, width=width).draw(view.now, top=72)
    height = round(draw_legend(root, strips, cast, top=below, left=_MARGIN, room=width - 2 * _MARGIN) + _MARGIN)
    paper.set("height", f"{height - 1}")
    root.attrib |= {"width": f"{width:g}", "height": f"{height}", "viewBox": f"0 0 {width:g} {height}"}
    indent(root, "")
    return tostring(root, encoding="unicode") + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sheet:
    """Lines of time, and on each of them a band a schedule."""

    root: Element
    strips: Sequence[Strip]
    window: Span
    cast: Cast
    width: float

    def draw(self, now: Instant | None, *, top: float) -> float:
        """All lines with what stands above them; where the last one ends."""
        beside = self._beside()
        left = _MARGIN + beside
        found = lines(self.window, self.cast.zone, left=left, width=self.width - _MARGIN - left)
        y = draw_axis(self.root, found[0], top, self.cast.zone) if found else top
        for line in found:
            if line.month is not None and not (beside and len(self.strips) == 1):
                add(self.root, "text", _month(line.month), class_="strong", x=_MARGIN, y=y + 13)
                y += 22
            y = self._draw_line(line, y, beside, now)
        return y + _BETWEEN

    def _draw_line(self, line: Line, top: float, beside: float, now: Instant | None) -> float:
        y = first = top
        for strip in self.strips:
            name = _month(line.month) if line.month is not None and len(self.strips) == 1 else strip.schedule
            if beside:
                self._write_name(name, y + HEIGHT / 2 + 4.5, beside - _GUTTER)
            elif len(self.strips) > 1:
                self._write_name(name, y + 12, line.width)
                y += 18
            draw_strip(self.root, strip, line, y, self.cast)
            y += HEIGHT + _BETWEEN
        if now is not None and now in line.span:
            draw_now(self.root, line, now, (first, y - _BETWEEN), self.cast.zone)
            y += _BELOW_NOW
        return y

    def _write_name(self, name: str, y: float, room: float) -> None:
        shown = shortened(name, room, _NAME_ROOM)
        label = add(self.root, "text", shown, class_="name", x=_MARGIN, y=y)
        if shown != name:
            add(label, "title", name)

    def _beside(self) -> float:
        """How much room the names beside the bands take; none: they stand above them."""
        if self.width < _NARROW:
            return 0.0
        months = [_month(line.month) for line in lines(self.window, self.cast.zone, left=0, width=1) if line.month]
        names = months if months and len(self.strips) == 1 else [strip.schedule for strip in self.strips]
        longest = max((text_width(name, _NAME_ROOM) for name in names), default=0.0)
        return ceil(min(longest, self.width * 0.22)) + _GUTTER


def _month(first: date) -> str:
    return f"{MONTHS[first.month - 1]} {first.year}"


def _cast(strips: Sequence[Strip], view: View, zone: ZoneInfo, prefix: str) -> Cast:
    """First names in the blocks, unless two people share one."""
    people = people_of(strips)
    full = {name: view.names.get(name) or name for name in people}
    first = {name: next(iter(called.split()), called) for name, called in full.items()}
    shared = Counter(first.values())
    short = {name: first[name] if shared[first[name]] == 1 else called for name, called in full.items()}
    return Cast(looks=looks((*people, *view.people)), short=short, full=full, zone=zone, prefix=prefix)


def _subject(strips: Sequence[Strip]) -> str:
    names = [strip.schedule for strip in strips]
    if len(names) > 3:
        return f"{len(names)} schedules"
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:]))) or "no schedule"


def _when(window: Span, zone: ZoneInfo) -> str:
    """In whole days where it is made of them, else with the times."""
    start, end = local_of(window.start, zone), local_of(window.end, zone)
    if start.time() == end.time() == time():
        return f"{day_name(start.date())} to {day_name((end - _SECOND).date())}, {zone.key}"
    return f"{day_name(start.date())} {start:%H:%M} to {day_name(end.date())} {end:%H:%M}, {zone.key}"


def _in_words(strips: Sequence[Strip], cast: Cast) -> str:
    """The picture for those who do not see it."""
    parts = []
    for strip in strips:
        told = [_told(stretch, cast) for stretch in strip.stretches[:_TOLD]]
        rest = len(strip.stretches) - len(told)
        told += [f"and {rest} more"] if rest else []
        parts.append(f"{strip.schedule}: {'; '.join(told)}.")
    return " ".join(parts)


def _told(stretch: Stretch, cast: Cast) -> str:
    who = " and ".join(cast.full[name] for name in stretch.people)
    if stretch.reason is not None:
        who = f"nobody ({REASONS[stretch.reason]})"
    return f"{who} from {local_time(stretch.span.start, cast.zone)}"
