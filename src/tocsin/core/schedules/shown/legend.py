"""Below a picture: who has which colour and for how long they are on call, and what the other marks mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from xml.etree.ElementTree import Element

from tocsin.core.schedules.shown.blocks import Cast, add_notch, fill
from tocsin.core.schedules.shown.drawing import add, figure, text_width
from tocsin.core.schedules.shown.scale import DAWN, DUSK
from tocsin.core.schedules.shown.strip import Strip, vacant
from tocsin.core.schedules.shown.style import HATCH
from tocsin.core.vocabulary import PersonName

_SIZE, _SWATCH, _ROW, _BESIDE, _APART = 12.0, 13.0, 22.0, 7.0, 18.0

#: Draws a swatch whose upper left corner is given.
_Draw = Callable[[Element, float, float], None]


def draw_legend(root: Element, strips: Sequence[Strip], cast: Cast, *, top: float, left: float, room: float) -> float:
    """Entries beside each other as far as there is room, then in further rows; where the last one ends."""
    group = add(root, "g")
    x, y = left, top
    for words, draw in _entries(strips, cast):
        width = _SWATCH + _BESIDE + text_width(words, _SIZE)
        if x > left and x + width > left + room:
            x, y = left, y + _ROW
        draw(group, x, y)
        add(group, "text", words, x=x + _SWATCH + _BESIDE, y=y + 11)
        x += width + _APART
    return y + _SWATCH


def _entries(strips: Sequence[Strip], cast: Cast) -> Iterator[tuple[str, _Draw]]:
    for name, served in sorted(_served(strips).items(), key=lambda one: cast.full[one[0]]):
        yield f"{cast.full[name]}, {hours_text(served)}", _swatch_of(name, cast)
    gaps = sum(vacant(strips).values(), timedelta())
    if gaps:
        yield f"nobody, {hours_text(gaps)}", lambda group, x, y: _draw_gap(group, x, y, cast)
    if any(one.is_override for strip in strips for one in strip.stretches):
        yield "override", _draw_override
    yield f"night, {DUSK:%H:%M} to {DAWN:%H:%M}", _draw_night


def hours_text(length: timedelta) -> str:
    """Like `84 h`, `7.5 h`."""
    return f"{figure(round(length / timedelta(hours=1), 1))} h"


def _served(strips: Sequence[Strip]) -> dict[PersonName, timedelta]:
    """How long each person is on call, in all schedules together."""
    seconds: Counter[PersonName] = Counter()
    for strip in strips:
        for one in strip.stretches:
            for name in one.people:
                seconds[name] += (one.span.end - one.span.start) // timedelta(seconds=1)
    return {name: timedelta(seconds=amount) for name, amount in seconds.items()}


def _swatch_of(name: PersonName, cast: Cast) -> _Draw:
    def draw(group: Element, x: float, y: float) -> None:
        shape = {"x": x, "y": y, "width": _SWATCH, "height": _SWATCH, "rx": 3.5}
        fill(group, cast.looks[name], cast, **shape)
        add(group, "rect", class_="edge", stroke_width=1, **shape)

    return draw


def _draw_gap(group: Element, x: float, y: float, cast: Cast) -> None:
    shape = {"x": x, "y": y, "width": _SWATCH, "height": _SWATCH, "rx": 3.5}
    add(group, "rect", fill=f"url(#{cast.prefix}{HATCH})", **shape)
    add(group, "rect", class_="outline", stroke_width=1.2, **shape)


def _draw_override(group: Element, x: float, y: float) -> None:
    add(group, "rect", class_="sample", x=x, y=y, width=_SWATCH, height=_SWATCH, rx=3.5)
    add_notch(group, x, y, side=8)


def _draw_night(group: Element, x: float, y: float) -> None:
    add(group, "rect", class_="night", x=x, y=y, width=_SWATCH, height=_SWATCH, rx=3.5)
