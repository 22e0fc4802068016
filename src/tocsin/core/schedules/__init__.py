"""Who is on call when: written rules -> final shifts. Read the files from the top:

schedule.py    the values: schedule, layers, rotations, restrictions, overrides
wallclock.py   what instant a local time is, at clock changes too
turns.py       who of a rotation serves when
windows.py     when restrictions let a layer serve
intervals.py   algebra of half-open stretches of time
timeline.py    layers and overrides laid on each other: `on_call` and `shifts`
validation.py  what is wrong with a schedule
rendering.py   shifts as JSON shape, terminal table, iCalendar text
"""

from tocsin.core.schedules.rendering import as_document, as_icalendar, as_text
from tocsin.core.schedules.schedule import (
    Layer,
    Override,
    Restriction,
    Rotation,
    Schedule,
    Turn,
    Unit,
    Weekday,
)
from tocsin.core.schedules.timeline import NobodyReason, OnCall, Rendered, Shift, on_call, shifts
from tocsin.core.schedules.validation import Problem, check

__all__ = [
    "Layer",
    "NobodyReason",
    "OnCall",
    "Override",
    "Problem",
    "Rendered",
    "Restriction",
    "Rotation",
    "Schedule",
    "Shift",
    "Turn",
    "Unit",
    "Weekday",
    "as_document",
    "as_icalendar",
    "as_text",
    "check",
    "on_call",
    "shifts",
]
