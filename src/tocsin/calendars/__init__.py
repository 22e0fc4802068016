"""Calendars that are kept elsewhere: iCalendar text, as programs everywhere publish it, -> what it says.

reading.py   text -> appointments, every repetition by itself
"""

from tocsin.calendars.reading import read

__all__ = ["read"]
