"""The watch: what was seen becomes troubles with names, and troubles have a course through time.

sighting   what one node has seen in one look
troubles   what is wrong by it, and whether it threatens the promises
course     one begins, goes on, is over; when administrators are told
inbound    when the silence of an integration is strange
nodes      which nodes live, and which have vanished
"""

from tocsin.core.watch.course import Book, Course, Judged, Telling, judge, merged, told
from tocsin.core.watch.inbound import Hour, lulls
from tocsin.core.watch.nodes import Presence, gone, nobody_pages
from tocsin.core.watch.sighting import Broken, Disk, FailingProvider, Lull, Promises, Queue, Sighting, Silence
from tocsin.core.watch.troubles import Key, Name, Trouble, troubles

__all__ = [
    "Book",
    "Broken",
    "Course",
    "Disk",
    "FailingProvider",
    "Hour",
    "Judged",
    "Key",
    "Lull",
    "Name",
    "Presence",
    "Promises",
    "Queue",
    "Sighting",
    "Silence",
    "Telling",
    "Trouble",
    "gone",
    "judge",
    "lulls",
    "merged",
    "nobody_pages",
    "told",
    "troubles",
]
