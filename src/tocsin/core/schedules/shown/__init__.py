"""Shifts as others read them, one file a form; each takes a rendered window, or strips of several schedules.

document.py    the contract's JSON shape
table.py       a table for a terminal
chart.py       a timeline of characters for a terminal
picture.py     an SVG: its lines (scale.py), days (axis.py), bands (blocks.py), legend.py, colours.py, style.py
icalendar.py   a calendar: its clock changes (vtimezone.py), and what it was told before (publishing.py)

strip.py, words.py, drawing.py serve several of them.
"""

from tocsin.core.schedules.shown.chart import as_timeline
from tocsin.core.schedules.shown.document import as_document
from tocsin.core.schedules.shown.icalendar import Binding, as_icalendar, calendar_text
from tocsin.core.schedules.shown.picture import View, as_svg
from tocsin.core.schedules.shown.publishing import Planned, Published, in_sight, published, rendered_for, seen
from tocsin.core.schedules.shown.strip import Strip, strip_of
from tocsin.core.schedules.shown.table import as_text

__all__ = [
    "Binding",
    "Planned",
    "Published",
    "Strip",
    "View",
    "as_document",
    "as_icalendar",
    "as_svg",
    "as_text",
    "as_timeline",
    "calendar_text",
    "in_sight",
    "published",
    "rendered_for",
    "seen",
    "strip_of",
]
