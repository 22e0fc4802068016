"""Syncs: something outside follows whoever is on call, and is repaired when it was changed by hand. Read from the top:

sync.py      the values: what follows which schedules, who is wanted there, what was found and done
state.py     what is known of a sync, and the log of what it did
course.py    the decisions: who is wanted, when to look, what an attempt means, whom to tell of what
"""

from tocsin.core.syncs.course import (
    REPAIR_EVERY,
    Failing,
    Judged,
    Missing,
    News,
    Recovered,
    due_at,
    judge,
    wanted,
    wanted_since,
)
from tocsin.core.syncs.state import Entry, Missed, State, Verdict
from tocsin.core.syncs.sync import (
    AsItIs,
    Changed,
    Duty,
    Failed,
    Fallback,
    Followed,
    InsteadPerson,
    InsteadTeam,
    Kept,
    Result,
    Same,
    Sync,
    SyncName,
    Unmatched,
    Wanted,
)

__all__ = [
    "REPAIR_EVERY",
    "AsItIs",
    "Changed",
    "Duty",
    "Entry",
    "Failed",
    "Failing",
    "Fallback",
    "Followed",
    "InsteadPerson",
    "InsteadTeam",
    "Judged",
    "Kept",
    "Missed",
    "Missing",
    "News",
    "Recovered",
    "Result",
    "Same",
    "State",
    "Sync",
    "SyncName",
    "Unmatched",
    "Verdict",
    "Wanted",
    "due_at",
    "judge",
    "wanted",
    "wanted_since",
]
