"""Who is on call when: written rules -> final shifts. Read the files from the top:

schedule.py    the values: schedule, layers, rotations, restrictions, overrides
circumstances.py  what a schedule cannot know by itself: zones of people, absences, public holidays
wallclock.py   what instant a local time is, at clock changes too
turns.py       who of a rotation serves when
windows.py     when restrictions let a layer serve
intervals.py   algebra of half-open stretches of time
timeline.py    layers and overrides laid on each other: `on_call` and `shifts`
rota.py        all schedules of an installation, asked by name
validation.py  what is wrong with a schedule
rendering.py   shifts as JSON shape, terminal table, iCalendar text
"""

from tocsin.core.schedules.circumstances import Absence, Booking, Circumstances, Holidays
from tocsin.core.schedules.rendering import as_document, as_icalendar, as_text
from tocsin.core.schedules.rota import Rota
from tocsin.core.schedules.schedule import (
    CalendarName,
    Change,
    Combine,
    Counting,
    Follow,
    Imported,
    Layer,
    Override,
    Part,
    Region,
    Restriction,
    Rotation,
    Schedule,
    Turn,
    Unequal,
    Unit,
    Weekday,
    Where,
)
from tocsin.core.schedules.timeline import NobodyReason, OnCall, Rendered, Shift, Vacancy, on_call, shifts
from tocsin.core.schedules.validation import Problem, check

__all__ = [
    "Absence",
    "Booking",
    "CalendarName",
    "Change",
    "Circumstances",
    "Combine",
    "Counting",
    "Follow",
    "Holidays",
    "Imported",
    "Layer",
    "NobodyReason",
    "OnCall",
    "Override",
    "Part",
    "Problem",
    "Region",
    "Rendered",
    "Restriction",
    "Rota",
    "Rotation",
    "Schedule",
    "Shift",
    "Turn",
    "Unequal",
    "Unit",
    "Vacancy",
    "Weekday",
    "Where",
    "as_document",
    "as_icalendar",
    "as_text",
    "check",
    "on_call",
    "shifts",
]
