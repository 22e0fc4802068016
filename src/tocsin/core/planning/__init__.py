"""A rota proposed: duties, people, wishes and limits -> who takes what, at the least cost. Read the files from the top:

duty.py      what has to be filled and by whom; the days, nights, weekends and holidays that it takes
cadence.py   turns on the clock of a place -> duties
wishes.py    what people would like
limits.py    what no rota may do to them
problem.py   all of that together, and what can stand in a rota's way
checking.py  whether an assignment keeps to it: what the rules mean
scoring.py   what an assignment costs: unevenness, and wishes that are not fulfilled
proposal.py  what comes of asking: a proposal, a clash, nothing
weighing.py  sets of duties on the scales
greedy.py    a search by moves and swaps, for where there is no solver
wording.py   reasons and wishes in words
"""

from tocsin.core.planning.cadence import Cadence, Post, Turn, WallClock, duties
from tocsin.core.planning.checking import Always, Violation, check
from tocsin.core.planning.duty import Absence, Candidate, Duty, DutyId, Load, Role
from tocsin.core.planning.greedy import greedy
from tocsin.core.planning.limits import Gap, InARow, Limit, Most, Of, Per, Rest
from tocsin.core.planning.problem import Assignment, Away, Pin, Problem, Reason, Takes
from tocsin.core.planning.proposal import Answer, Clash, Effort, NoneFound, Proposal
from tocsin.core.planning.scoring import POINT, Cost, Kind, Missed, cost, loads
from tocsin.core.planning.wishes import Apart, Avoids, During, NotWith, Prefers, Wants, Which, Wish

__all__ = [
    "POINT",
    "Absence",
    "Always",
    "Answer",
    "Apart",
    "Assignment",
    "Avoids",
    "Away",
    "Cadence",
    "Candidate",
    "Clash",
    "Cost",
    "During",
    "Duty",
    "DutyId",
    "Effort",
    "Gap",
    "InARow",
    "Kind",
    "Limit",
    "Load",
    "Missed",
    "Most",
    "NoneFound",
    "NotWith",
    "Of",
    "Per",
    "Pin",
    "Post",
    "Prefers",
    "Problem",
    "Proposal",
    "Reason",
    "Rest",
    "Role",
    "Takes",
    "Turn",
    "Violation",
    "WallClock",
    "Wants",
    "Which",
    "Wish",
    "check",
    "cost",
    "duties",
    "greedy",
    "loads",
]
