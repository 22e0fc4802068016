"""What came of asking for a rota, as JSON values."""

from __future__ import annotations

from typing import Any, assert_never

from tocsin.app.proposing import Proposed
from tocsin.core.planning import POINT, Clash, Cost, Load, Missed, NoneFound, Problem, Proposal, loads
from tocsin.core.planning.wording import reason_text
from tocsin.core.vocabulary import rfc3339


def as_document(found: Proposed) -> dict[str, Any]:
    """One object: `status` is "optimal", "found", "clash" or "none". Costs are in points, loads in hours."""
    head = {"name": found.wanted.name, "solver": found.solver, "seconds": round(found.seconds, 2)}
    match found.answer:
        case Proposal() as proposal:
            return {**head, **_proposal(found.wanted.problem, proposal)}
        case Clash() as clash:
            reasons = [reason_text(reason, found.wanted.problem) for reason in clash.reasons]
            rest = {"reasons": reasons, "smallest": clash.smallest, "duties": list(clash.duties)}
            return {**head, "status": "clash", **rest}
        case NoneFound():
            return {**head, "status": "none"}
        case _:
            assert_never(found.answer)


def _proposal(problem: Problem, proposal: Proposal) -> dict[str, Any]:
    carried = loads(problem, proposal.assignment)
    return {
        "status": "optimal" if proposal.is_optimal else "found",
        "cost": _cost(proposal.cost),
        "bound": None if proposal.bound is None else _points(proposal.bound),
        "gap": None if proposal.gap is None else _points(proposal.gap),
        "duties": [
            {
                "id": duty.id,
                "role": duty.role,
                "start": rfc3339(duty.span.start),
                "end": rfc3339(duty.span.end),
                "person": proposal.assignment[duty.id],
            }
            for duty in problem.duties
        ],
        "people": [{"person": person.name, **_load(carried[person.name])} for person in problem.people],
        "missed": [_missed(each) for each in proposal.cost.missed],
    }


def _cost(cost: Cost) -> dict[str, Any]:
    uneven = {kind.value: _points(amount) for kind, amount in cost.uneven.items()}
    return {"total": _points(cost.total), "uneven": uneven, "wishes": _points(cost.wishes)}


def _missed(each: Missed) -> dict[str, Any]:
    return {
        "person": each.wish.person,
        "wish": each.wish.name,
        "cost": _points(each.cost),
        "times": [list(duties) for duties in each.times],
    }


def _load(load: Load) -> dict[str, Any]:
    return {
        "shifts": load.shifts,
        "hours": load.hours / 100,
        "night_hours": load.night_hours / 100,
        "weekend_hours": load.weekend_hours / 100,
        "holiday_hours": load.holiday_hours / 100,
    }


def _points(cost: int) -> float:
    return round(cost / POINT, 3)
