"""One climb: who is asked, rung by rung, until somebody answers. There is no silent end.

The policy is frozen into the run when it starts; whom a step finds is looked up when the step begins.
A step that finds nobody moves on at once and says so. After the last round the last resort is rung
again and again: a run that is neither held nor ended always has a next instant.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import assert_never

from tocsin.core.errors import Broken
from tocsin.core.escalation.model import (
    AddPerson,
    CannotReach,
    Command,
    End,
    EscalatedByHand,
    EscalateNow,
    Fact,
    Hold,
    OutOfReach,
    PersonAdded,
    Reassign,
    Reassigned,
    Restart,
    Run,
    RunEnded,
    RunHeld,
    RunStarted,
    StepBegan,
    StepPassed,
    Surroundings,
    TimePasses,
    recipient_of,
)
from tocsin.core.escalation.policy import Policy, Step
from tocsin.core.escalation.steps import Asked, Found, Nobody, OnePerson, Roster, Target
from tocsin.core.vocabulary import Instant, Urgency

#: What a climb is stands in `model`; whoever works with climbs finds it here as well.
__all__ = [
    "AddPerson",
    "CannotReach",
    "Command",
    "End",
    "EscalateNow",
    "EscalatedByHand",
    "Fact",
    "Facts",
    "Hold",
    "OutOfReach",
    "PersonAdded",
    "Reassign",
    "Reassigned",
    "Restart",
    "Run",
    "RunEnded",
    "RunHeld",
    "RunStarted",
    "StepBegan",
    "StepPassed",
    "Surroundings",
    "TimePasses",
    "decide",
    "evolve",
    "recipient_of",
    "start",
]

Facts = tuple[Fact, ...]


def start(*, now: Instant, policy: Policy, urgency: Urgency, surroundings: Surroundings) -> Facts:
    """The first climb of a group."""
    started = _started(now, policy, urgency, waits=True)
    return (started, *_advance(evolve(None, started), now, surroundings))


def _started(now: Instant, policy: Policy, urgency: Urgency, *, waits: bool) -> RunStarted:
    """What has just begun may end by itself before the first step; what was only quiet has had its chance."""
    next_at = now + policy.wait_before_first if waits else None
    return RunStarted(at=now, policy=policy, urgency=urgency, next_at=next_at)


def decide(run: Run, command: Command, surroundings: Surroundings) -> Facts:
    """What a command brings about; nothing when it comes too late or twice."""
    match command:
        case TimePasses():
            return _advance(run, command.now, surroundings)
        case Hold():
            return (RunHeld(at=command.now),) if run.climbs else ()
        case End():
            return () if run.ended else (RunEnded(at=command.now),)
        case Restart():
            started = _started(command.now, command.policy, command.urgency, waits=run.ended)
            return (started, *_advance(evolve(run, started), command.now, surroundings))
        case EscalateNow():
            return _escalate(run, command, surroundings)
        case AddPerson():
            return () if run.ended else (_added(run, command),)
        case Reassign():
            return () if run.ended else (_reassigned(run, command),)
        case CannotReach():
            return _cannot_reach(run, command, surroundings)
        case _:
            assert_never(command)


def _escalate(run: Run, command: EscalateNow, surroundings: Surroundings) -> Facts:
    if run.ended:
        return ()
    fact = EscalatedByHand(at=command.now, by=command.by)
    return (fact, *_advance(evolve(run, fact), command.now, surroundings, urged=True))


def _added(run: Run, command: AddPerson) -> PersonAdded:
    return PersonAdded(at=command.now, rung=run.rungs + 1, asked=command.asked, by=command.by)


def _reassigned(run: Run, command: Reassign) -> Reassigned:
    next_at = command.now + run.policy.wait_after_last
    return Reassigned(at=command.now, rung=run.rungs + 1, asked=command.asked, by=command.by, next_at=next_at)


def _cannot_reach(run: Run, command: CannotReach, surroundings: Surroundings) -> Facts:
    if not run.climbs or command.recipient not in run.asked - run.unreached:
        return ()
    fact = OutOfReach(at=command.now, recipient=command.recipient, next_at=None)
    left = evolve(run, fact)
    if left.is_out_of_reach and (not run.at_last_resort or _more_can_be_asked(run, surroundings)):
        fact = replace(fact, next_at=min(run.next_at or command.now, _moves_on(left, command.now)))
    return (fact, *_advance(evolve(run, fact), command.now, surroundings))


def _more_can_be_asked(run: Run, surroundings: Surroundings) -> bool:
    left = (person for person in surroundings.administrators if person not in run.asked)
    return any(map(surroundings.roster.is_reachable, left))


def _moves_on(run: Run, now: Instant) -> Instant:
    """When a climb goes on that finds nobody where it stands: at once, unless it would begin a new round.

    Whoever rings in this round and may still answer is given the time for it.
    """
    if run.at_last_resort or run.next_step < len(run.policy.steps) or run.rings_since is None:
        return now
    return max(now, run.rings_since + run.policy.wait_after_last)


def _advance(run: Run, now: Instant, surroundings: Surroundings, *, urged: bool = False) -> Facts:
    """Begin whatever is due, rung by rung, until the next one lies in the future. `urged`: until somebody is asked."""
    facts: list[Fact] = []
    while run.next_at is not None and (urged or run.next_at <= now):
        fact = _next(run, now, surroundings)
        run = evolve(run, fact)
        facts.append(fact)
        urged = urged and isinstance(fact, StepPassed) and fact.step is not None
    return tuple(facts)


def _next(run: Run, now: Instant, surroundings: Surroundings) -> Fact:
    if run.at_last_resort or (run.next_step >= len(run.policy.steps) and _rounds_are_over(run)):
        return _last_resort(run, now, surroundings)
    if run.next_step >= len(run.policy.steps):
        run = replace(_in_round(run, run.round + 1), next_step=0)
    return _begin(run, run.policy.steps[run.next_step], now, surroundings)


def _rounds_are_over(run: Run) -> bool:
    return run.round >= run.policy.repeat or not run.reached or not run.policy.steps


def _begin(run: Run, step: Step, now: Instant, surroundings: Surroundings) -> Fact:
    passed = replace(run, next_step=run.next_step + 1)
    wait = run.policy.wait_after(run.next_step)
    if step.when is not None and not step.when.holds(surroundings.severity, now):
        keeps_distance = run.rings_since is not None and not run.is_out_of_reach
        next_at = now + wait if keeps_distance else _moves_on(passed, now)
        return StepPassed(at=now, round=run.round, step=run.next_step, missing=(), next_at=next_at)
    asked, missing = _find(step.targets, surroundings.roster, now)
    if not asked:
        return StepPassed(at=now, round=run.round, step=run.next_step, missing=missing, next_at=_moves_on(passed, now))
    if step.round_robin:
        asked = (asked[surroundings.turn(run.next_step) % len(asked)],)
    only_programs = all(one.person is None for one in asked)
    return StepBegan(
        at=now,
        rung=run.rungs + 1,
        round=run.round,
        step=run.next_step,
        asked=asked,
        missing=missing,
        next_step=passed.next_step,
        next_at=_moves_on(passed, now) if only_programs and missing else now + wait,
        round_robin=step.round_robin,
    )


def _last_resort(run: Run, now: Instant, surroundings: Surroundings) -> Fact:
    asked, missing = _find(run.policy.last_resort, surroundings.roster, now)
    found_in_vain = run.at_last_resort and run.is_out_of_reach
    if found_in_vain or all(one.person is None for one in asked):
        administrators = tuple(OnePerson(person=person) for person in surroundings.administrators)
        asked, missing = _find((*run.policy.last_resort, *administrators), surroundings.roster, now)
    next_at = now + run.policy.last_resort_every
    if not asked:
        missing = missing or (Nobody(reason="no_last_resort", subject=run.policy.name),)
        return StepPassed(at=now, round=run.round, step=None, missing=missing, next_at=next_at)
    return StepBegan(
        at=now,
        rung=run.rungs + 1,
        round=run.round,
        step=None,
        asked=asked,
        missing=missing,
        next_step=len(run.policy.steps),
        next_at=next_at,
    )


def _find(targets: tuple[Target, ...], roster: Roster, now: Instant) -> tuple[tuple[Asked, ...], tuple[Nobody, ...]]:
    """Everybody whom the targets come to, each once, and the targets that come to nobody."""
    asked: dict[str, Asked] = {}
    missing: list[Nobody] = []
    for found in _answers(targets, roster, now):
        match found:
            case Found():
                for one in found.asked:
                    asked.setdefault(recipient_of(one), one)
            case Nobody():
                missing.append(found)
    return tuple(asked.values()), tuple(missing)


def _answers(targets: tuple[Target, ...], roster: Roster, now: Instant) -> Iterator[Found | Nobody]:
    for target in targets:
        found = target.find(roster, now)
        if isinstance(found, Nobody):
            yield found
            continue
        reachable = tuple(one for one in found.asked if one.person is None or roster.is_reachable(one.person))
        if reachable:
            yield Found(asked=reachable)
        for one in found.asked:
            if one not in reachable:
                yield Nobody(reason="cannot_be_reached", subject=recipient_of(one))


def evolve(run: Run | None, fact: Fact) -> Run:
    """The run after a fact of its own. No rule stands here."""
    if isinstance(fact, RunStarted):
        rungs = run.rungs if run is not None else 0
        next_at = fact.next_at or fact.at
        return Run(policy=fact.policy, urgency=fact.urgency, started_at=fact.at, next_at=next_at, rungs=rungs)
    if run is None:
        raise Broken(f"a run starts with RunStarted, not with {type(fact).__name__}")
    match fact:
        case StepBegan():
            return _after_step(run, fact)
        case StepPassed(step=None):
            return replace(_before_rung(run), next_at=fact.next_at, at_last_resort=True)
        case StepPassed():
            return replace(_in_round(run, fact.round), next_step=(fact.step or 0) + 1, next_at=fact.next_at)
        case EscalatedByHand():
            return replace(run, next_at=fact.at)
        case PersonAdded():
            asked = run.asked | {recipient_of(fact.asked)}
            return replace(run, rungs=fact.rung, asked=asked, asked_at=run.asked_at or fact.at)
        case Reassigned():
            return _after_reassignment(run, fact)
        case OutOfReach():
            return _after_silence(run, fact)
        case RunHeld():
            return replace(run, next_at=None)
        case RunEnded():
            return replace(run, next_at=None, ended=True)
        case _:
            assert_never(fact)


def _in_round(run: Run, number: int) -> Run:
    """The run with nobody asked yet, when a new round begins."""
    if number == run.round:
        return run
    return replace(_before_rung(run), round=number, reached_before=False, reached_at=None)


def _before_rung(run: Run) -> Run:
    """The run with nobody asked on the rung that comes."""
    none = frozenset[str]()
    return replace(
        run,
        asked=none,
        unreached=none,
        programs=none,
        asked_at=None,
        reached_before=run.reached,
        reached_at=run.rings_since,
    )


def _after_step(run: Run, fact: StepBegan) -> Run:
    return replace(
        _before_rung(_in_round(run, fact.round)),
        rungs=fact.rung,
        next_step=fact.next_step,
        next_at=fact.next_at,
        at_last_resort=fact.step is None,
        asked=frozenset(recipient_of(one) for one in fact.asked),
        programs=frozenset(recipient_of(one) for one in fact.asked if one.person is None),
        asked_at=fact.at,
    )


def _after_reassignment(run: Run, fact: Reassigned) -> Run:
    return replace(
        _before_rung(run),
        rungs=fact.rung,
        round=0,
        next_step=0,
        next_at=fact.next_at,
        at_last_resort=False,
        asked=frozenset({recipient_of(fact.asked)}),
        asked_at=fact.at,
        reached_before=False,
        reached_at=None,
    )


def _after_silence(run: Run, fact: OutOfReach) -> Run:
    return replace(run, unreached=run.unreached | {fact.recipient}, next_at=fact.next_at or run.next_at)
