"""Who is on call when: written rules -> final shifts. Read the files from the top:

schedule.py    the values: schedule, layers, rotations, restrictions, overrides
circumstances.py  what a schedule cannot know by itself: zones of people, absences, public holidays
timeline.py    what is answered: who is on call, shifts, vacancies with their reasons
wallclock.py   what instant a local time is, at clock changes too
intervals.py   algebra of half-open stretches of time
turns.py       where the turns of a rotation start
windows.py     when restrictions let a layer serve, in one zone
clocks.py      on whose clock those windows are read
counting.py    whose turn it is by the rotation alone
absences.py    when people are away
passing.py     turns that are passed on as a whole, and what is owed for it
covering.py    moments that are passed on
bookings.py    whom an imported calendar books
serving.py     what one layer gives, out of all of these
layering.py    layers laid on each other, and planned changes
overriding.py  overrides on top
following.py   which schedules refer to which
tracks.py      the final answer of every schedule over a stretch of time
answers.py     prebuilt answers for single instants
rota.py        all schedules of an installation, asked by name
record.py      who really was on call, whatever is edited later
validation.py  what is wrong with a schedule
shown/         shifts as JSON shape, table and timeline for a terminal, SVG picture, calendar
"""

from tocsin.core.schedules.circumstances import Absence, Booking, Circumstances, Holidays
from tocsin.core.schedules.rota import Rota, on_call, shifts
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
from tocsin.core.schedules.shown import as_document, as_icalendar, as_text
from tocsin.core.schedules.timeline import NobodyReason, OnCall, Rendered, Shift, Vacancy
from tocsin.core.schedules.validation import Problem, check, check_together

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
    "check_together",
    "on_call",
    "shifts",
]
