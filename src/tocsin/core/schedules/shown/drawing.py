"""Pieces of an SVG: elements, figures, and about how wide a text is where no font can be asked."""

from __future__ import annotations

import re
import unicodedata
from xml.etree.ElementTree import Element, SubElement

#: What XML cannot hold, not even escaped.
_UNSPEAKABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

#: Widths of letters in parts of the font's size: generous, so that what is said to fit does.
_SLIM, _WIDE, _CAPITAL, _USUAL, _FULL = 0.38, 0.98, 0.76, 0.63, 1.04
_SLIM_ONES = frozenset("fijlrtI.,:;!|'()[] ")
_WIDE_ONES = frozenset("mwMW@%&")


def add(parent: Element, tag: str, text: str | None = None, /, **attributes: str | float) -> Element:
    """A new last child. Attributes are written with `_` for `-`, a trailing one is left off (`class_`)."""
    told = {name.rstrip("_").replace("_", "-"): _written(value) for name, value in attributes.items()}
    child = SubElement(parent, tag, told)
    child.text = None if text is None else clean(text)
    return child


def clean(text: str) -> str:
    """The text without characters that XML cannot hold."""
    return _UNSPEAKABLE.sub("", text)


def figure(value: float) -> str:
    """A number with at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def text_width(text: str, size: float) -> float:
    """About how many pixels a text takes."""
    return sum(map(_width, text)) * size


def shortened(text: str, room: float, size: float) -> str:
    """The text, or as much of its beginning as fits, with an ellipsis."""
    if text_width(text, size) <= room:
        return text
    kept = text
    while kept and text_width(f"{kept}…", size) > room:
        kept = kept[:-1]
    return f"{kept.rstrip()}…" if kept else ""


def _written(value: str | float) -> str:
    return clean(value) if isinstance(value, str) else figure(value)


def _width(character: str) -> float:
    if unicodedata.combining(character):
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return _FULL
    if character in _SLIM_ONES:
        return _SLIM
    if character in _WIDE_ONES:
        return _WIDE
    return _CAPITAL if character.isupper() else _USUAL
