"""Whom a step asks: one file a kind, and the closed union of them all."""

from tocsin.core.escalation.steps.found import Asked, Found, Nobody, Roster
from tocsin.core.escalation.steps.schedule import OnSchedule
from tocsin.core.escalation.steps.team import WholeTeam
from tocsin.core.escalation.steps.user import OnePerson
from tocsin.core.escalation.steps.webhook import Program

#: Every kind of target. A new kind is a new file and one more name here.
Target = OnSchedule | OnePerson | WholeTeam | Program

__all__ = ["Asked", "Found", "Nobody", "OnSchedule", "OnePerson", "Program", "Roster", "Target", "WholeTeam"]
