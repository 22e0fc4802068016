"""One climb, rung by rung: who is asked when, what moves it on, and that it never ends by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.scene import T0, after, asked, minutes, policy, step, user
from tocsin.core.errors import Broken
from tocsin.core.escalation.policy import Condition, Policy
from tocsin.core.escalation.run import (
    AddPerson,
    CannotReach,
    Command,
    End,
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
    decide,
    evolve,
    recipient_of,
    start,
)
from tocsin.core.escalation.steps import OnSchedule, Program, Target, WholeTeam
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Severity, TeamName, Urgency

ONLY_CRITICAL = Condition(severities=frozenset({Severity.CRITICAL}))
PRIMARY = OnSchedule(schedule=ScheduleName("primary"))
DATA = WholeTeam(team=TeamName("data"))
HOOK = Program(address="http://log.example/")


@dataclass
class Roster:
    """Who can be asked: everybody in the team, unless they have lost their contacts."""

    serving: tuple[str, ...] | None = ()
    team: tuple[str, ...] | None = ("ada", "linus")
    lost: set[str] = field(default_factory=set)

    def on_call(self, schedule: ScheduleName, at: Instant) -> tuple[PersonName, ...] | None:
        """Who serves, whatever the instant."""
        return None if self.serving is None else tuple(map(PersonName, self.serving))

    def members(self, team: TeamName) -> tuple[PersonName, ...] | None:
        """Who is in the team."""
        return None if self.team is None else tuple(map(PersonName, self.team))

    def is_reachable(self, person: PersonName) -> bool:
        """Everybody is, who has not lost their contacts."""
        return person not in self.lost


@dataclass
class Climb:
    """A climb that remembers what it did."""

    policy: Policy
    roster: Roster = field(default_factory=Roster)
    now: Instant = T0
    severity: Severity = Severity.ERROR
    turn: Callable[[int], int] = lambda _step: 0
    administrators: tuple[PersonName, ...] = ()
    run: Run | None = None
    facts: list[Fact] = field(default_factory=list)

    @property
    def surroundings(self) -> Surroundings:
        return Surroundings(
            roster=self.roster, severity=self.severity, administrators=self.administrators, turn=self.turn
        )

    @property
    def stands(self) -> Run:
        assert self.run is not None
        return self.run

    def begin(self) -> Climb:
        return self.took(start(now=self.now, policy=self.policy, urgency=Urgency.HIGH, surroundings=self.surroundings))

    def give(self, kind: type, **more: object) -> Climb:
        command: Command = kind(now=self.now, **more)
        return self.took(decide(self.stands, command, self.surroundings))

    def took(self, facts: tuple[Fact, ...]) -> Climb:
        for fact in facts:
            self.run = evolve(self.run, fact)
        self.facts += facts
        return self

    def let_pass(self, count: float) -> Climb:
        """Minutes pass; whatever is due between begins when it is due."""
        end = self.now + minutes(count)
        while self.stands.next_at is not None and self.stands.next_at <= end:
            self.now = self.stands.next_at
            self.give(TimePasses)
        self.now = end
        return self

    @property
    def story(self) -> list[str]:
        """`5 ada+linus` for a rung, `5 -` for a step passed, `5 !` for the last resort that finds nobody."""
        return [line for fact in self.facts if (line := _line(fact))]


def _line(fact: Fact) -> str:
    minute = f"{(fact.at - T0) / minutes(1):g}"
    match fact:
        case StepBegan():
            return f"{minute} {'+'.join(map(recipient_of, fact.asked))}"
        case StepPassed():
            return f"{minute} {'-' if fact.step is not None else '!'}"
        case PersonAdded() | Reassigned():
            return f"{minute} {recipient_of(fact.asked)} by hand"
        case OutOfReach():
            return f"{minute} not {fact.recipient}"
    return ""


def climb(*steps: object, **more: object) -> Climb:
    """A climb of these steps, begun."""
    roster = more.pop("roster", None) or Roster()
    severity = more.pop("severity", Severity.ERROR)
    administrators = more.pop("administrators", ())
    return Climb(policy=policy(*steps, **more), roster=roster, severity=severity, administrators=administrators).begin()


# Step after step


def test_steps_rounds_and_the_last_resort() -> None:
    """The steps come at their distances, as often as the policy repeats them, then the last resort without end."""
    ada_then_linus = climb(step("ada"), step("linus", wait=5), repeat=1)
    assert ada_then_linus.let_pass(50).story == [
        "0 ada", "5 linus", "10 ada", "15 linus", "20 boss", "35 boss", "50 boss",
    ]  # fmt: skip


def test_the_first_step_may_wait() -> None:
    """What begins may end by itself before anybody is rung; what was only quiet for a while rings at once."""
    patient = climb(step("ada", wait=10), step("linus", wait=5))
    assert patient.let_pass(9).story == []
    assert patient.stands.climbs
    assert patient.let_pass(6).story == ["10 ada", "15 linus"]
    patient.give(Hold).give(Restart, policy=patient.policy, urgency=Urgency.HIGH)
    assert patient.story[2:] == ["15 ada"]
    patient.give(End).give(Restart, policy=patient.policy, urgency=Urgency.HIGH)
    assert patient.let_pass(10).story[3:] == ["25 ada"]


def test_steps_without_distance_begin_together() -> None:
    """A step without a wait begins with the one before it."""
    assert climb(step("ada"), step("linus"), step("carl", wait=7)).let_pass(14).story == [
        "0 ada", "0 linus", "7 carl", "14 boss",
    ]  # fmt: skip


def test_each_is_asked_once_a_step() -> None:
    """Somebody found by several targets of a step is asked once, and it is said who was not found."""
    found = climb(step("ada", DATA, "ada", PRIMARY, HOOK))
    (began,) = (fact for fact in found.facts if isinstance(fact, StepBegan))
    assert [recipient_of(one) for one in began.asked] == ["ada", "linus", HOOK.address]
    assert [(one.reason, one.subject) for one in began.missing] == [("nobody_on_call", "primary")]


@pytest.mark.parametrize(
    ("target", "roster", "reason", "subject"),
    [
        (PRIMARY, Roster(serving=None), "schedule_is_gone", "primary"),
        (PRIMARY, Roster(serving=()), "nobody_on_call", "primary"),
        (PRIMARY, Roster(serving=("ada",), lost={"ada"}), "cannot_be_reached", "ada"),
        (DATA, Roster(team=None), "team_is_gone", "data"),
        (DATA, Roster(team=()), "team_is_empty", "data"),
        (DATA, Roster(team=("ada",), lost={"ada"}), "cannot_be_reached", "ada"),
        (user("ada"), Roster(lost={"ada"}), "cannot_be_reached", "ada"),
    ],
)
def test_a_step_that_finds_nobody_moves_on_and_says_so(
    target: Target, roster: Roster, reason: str, subject: str
) -> None:
    """Whatever a target comes to nobody for: the next step begins at once, and the reason is in the record."""
    moved_on = climb(step(target), step("linus", wait=30), roster=roster)
    assert moved_on.story == ["0 -", "0 linus"]
    (passed,) = (fact for fact in moved_on.facts if isinstance(fact, StepPassed))
    assert [(one.reason, one.subject) for one in passed.missing] == [(reason, subject)]


def test_of_a_team_those_are_asked_who_can_be() -> None:
    """A member without a contact does not keep the others from being asked."""
    part = climb(step(DATA), roster=Roster(lost={"ada"}))
    assert part.story == ["0 linus"]


@pytest.mark.parametrize("repeat", [0, 2, 50])
def test_when_no_step_finds_anybody_the_last_resort_is_rung_at_once(repeat: int) -> None:
    """Empty steps are gone through once, not round after round, before the last resort."""
    nobody = climb(step("ada"), step("linus", wait=5), repeat=repeat, roster=Roster(lost={"ada", "linus"}))
    assert nobody.story == ["0 -", "0 -", "0 boss"]


def test_a_climb_without_anybody_tries_again() -> None:
    """Where even the last resort comes to nobody it is said, and tried again and again."""
    nobody = climb(step("ada"), roster=Roster(lost={"ada", "boss"}))
    assert nobody.story == ["0 -", "0 !"]
    assert nobody.let_pass(30).story == ["0 -", "0 !", "15 !", "30 !"]
    nobody.roster.lost.clear()
    assert nobody.let_pass(15).story[-1] == "45 boss"


def test_a_last_resort_without_targets_says_so() -> None:
    """A policy that names nobody and an installation without administrators is said to have no last resort."""
    alone = climb(last_resort=())
    (passed,) = (fact for fact in alone.facts if isinstance(fact, StepPassed))
    assert [one.reason for one in passed.missing] == ["no_last_resort"]
    assert alone.stands.climbs


def test_a_policy_without_steps_has_its_last_resort() -> None:
    """Somebody who was handed the case does not send a policy without steps into rounds that it does not have."""
    alone = climb(repeat=2).give(Reassign, by="ada", asked=asked("carl"))
    assert alone.let_pass(20).story == ["0 boss", "0 carl by hand", "5 boss", "20 boss"]


# Conditions


def test_a_step_that_does_not_apply_keeps_its_distance() -> None:
    """While somebody is being rung, a step whose condition does not hold changes nothing for those after it."""
    steps = (step("ada"), step("carl", wait=5, when=ONLY_CRITICAL), step("linus", wait=10))
    assert climb(*steps, severity=Severity.CRITICAL).let_pass(15).story == ["0 ada", "5 carl", "15 linus"]
    assert climb(*steps).let_pass(15).story == ["0 ada", "5 -", "15 linus"]


def test_a_step_that_does_not_apply_holds_up_nobody() -> None:
    """While nobody is being rung yet, the step after one whose condition does not hold begins at once."""
    assert climb(step("carl", when=ONLY_CRITICAL), step("linus", wait=10)).story == ["0 -", "0 linus"]


def test_a_companion_that_does_not_apply_does_not_ring_the_others_again() -> None:
    """A last step that is passed where it stands beside another leaves that one its time before the next round."""
    both = climb(step("ada"), step("carl", when=ONLY_CRITICAL), repeat=2)
    assert both.story == ["0 ada", "0 -"]
    assert both.let_pass(15).story == ["0 ada", "0 -", "5 ada", "5 -", "10 ada", "10 -", "15 boss"]


def test_a_gap_beside_somebody_does_not_ring_them_again() -> None:
    """A last step that finds nobody begins no new round before those who ring have had their time."""
    beside = climb(step("ada"), step(PRIMARY), repeat=1)
    assert beside.let_pass(10).story == ["0 ada", "0 -", "5 ada", "5 -", "10 boss"]
    later = climb(step("ada"), step(PRIMARY, wait=5), repeat=1)
    assert later.let_pass(10).story == ["0 ada", "5 -", "5 ada", "10 -", "10 boss"]


# Programs


def test_a_program_is_not_somebody() -> None:
    """A gap is a gap although a program is called beside it: the next step begins at once."""
    assert climb(step(PRIMARY, HOOK), step("linus", wait=30)).story == [f"0 {HOOK.address}", "0 linus"]


def test_a_step_of_programs_alone_waits() -> None:
    """A step that asks only programs is done when they are called; the next keeps its distance."""
    alone = climb(step(HOOK), step("linus", wait=5), repeat=1)
    assert alone.let_pass(5).story == [f"0 {HOOK.address}", "5 linus"]


def test_programs_alone_are_not_repeated_before_somebody_is_rung() -> None:
    """A round that has reached nobody but programs is followed by the last resort, not by itself."""
    assert climb(step(HOOK), repeat=50).let_pass(5).story == [f"0 {HOOK.address}", "5 boss"]


def test_a_program_does_not_hide_that_nobody_is_reached() -> None:
    """When all people of a step are out of reach the climb moves on, whatever program was called beside them."""
    hidden = climb(step("ada", HOOK), step("linus", wait=30))
    hidden.give(CannotReach, recipient="ada")
    assert hidden.story == [f"0 ada+{HOOK.address}", "0 not ada", "0 linus"]
    dead = climb(step("ada", HOOK), step("linus", wait=30))
    dead.give(CannotReach, recipient=HOOK.address)
    assert dead.story == [f"0 ada+{HOOK.address}", f"0 not {HOOK.address}"]


def test_a_program_that_cannot_be_called_is_left_at_once() -> None:
    """Where only a program was asked and it is dead, the next step begins at once."""
    dead = climb(step(HOOK), step("linus", wait=30)).give(CannotReach, recipient=HOOK.address)
    assert dead.story == [f"0 {HOOK.address}", f"0 not {HOOK.address}", "0 linus"]


# Out of reach


def test_when_all_of_a_rung_are_out_of_reach_the_next_begins() -> None:
    """One who may still answer is enough to wait; when nobody is left the next step begins at once."""
    pair = climb(step("ada", "carl"), step("linus", wait=5)).let_pass(1)
    assert pair.give(CannotReach, recipient="ada").story == ["0 ada+carl", "1 not ada"]
    assert pair.give(CannotReach, recipient="ada").story == ["0 ada+carl", "1 not ada"]
    assert pair.give(CannotReach, recipient="carl").story[-2:] == ["1 not carl", "1 linus"]


def test_whoever_is_not_asked_cannot_be_out_of_reach() -> None:
    """What is said of an older rung, or of nobody in particular, moves nothing."""
    later = climb(step("ada"), step("linus", wait=5)).let_pass(5)
    before = later.stands
    for recipient in ("ada", "nobody"):
        later.give(CannotReach, recipient=recipient)
    assert later.stands == before


@pytest.mark.parametrize("repeat", [0, 3])
def test_when_nobody_is_reached_in_a_round_the_last_resort_is_next(repeat: int) -> None:
    """Dead providers do not make a climb go round and round: after one round in vain comes the last resort."""
    dead = climb(step("ada"), step("linus", wait=5), repeat=repeat)
    dead.give(CannotReach, recipient="ada").give(CannotReach, recipient="linus")
    assert dead.story == ["0 ada", "0 not ada", "0 linus", "0 not linus", "0 boss"]


def test_one_who_is_reached_keeps_the_rounds_going() -> None:
    """Somebody reached on an earlier rung is rung again in the next round, when they have had their time."""
    half = climb(step("ada"), step("linus"), repeat=2)
    half.give(CannotReach, recipient="linus")
    assert half.story == ["0 ada", "0 linus", "0 not linus"]
    half.let_pass(5).give(CannotReach, recipient="linus").let_pass(5)
    assert half.story[3:] == ["5 ada", "5 linus", "5 not linus", "10 ada", "10 linus"]
    late = climb(step("ada"), step("linus", wait=5), repeat=2).let_pass(5)
    assert late.give(CannotReach, recipient="linus").story == ["0 ada", "5 linus", "5 not linus", "5 ada"]


def test_a_dead_rung_does_not_wait_for_steps_that_do_not_apply() -> None:
    """When a rung is out of reach, a step that does not apply is no reason to wait for the one after it."""
    stuck = climb(step("ada"), step("carl", wait=5), step("dora", wait=5, when=ONLY_CRITICAL), step("linus", wait=10))
    stuck.let_pass(5).give(CannotReach, recipient="carl")
    assert stuck.story == ["0 ada", "5 carl", "5 not carl", "5 -", "5 linus"]


def test_the_last_resort_is_not_hurried_by_its_own_failure() -> None:
    """Without anybody else to ask, a last resort that is out of reach is rung again at its time."""
    dead = climb(step("ada"), roster=Roster(lost={"ada"}))
    assert dead.give(CannotReach, recipient="boss").let_pass(15).story[2:] == ["0 not boss", "15 boss"]


# Behind the last resort


ROOT = (PersonName("root"),)


def test_administrators_stand_behind_a_last_resort_that_finds_nobody() -> None:
    """Where the last resort comes to nobody, or to programs alone, the administrators are rung."""
    gone = climb(step("ada"), administrators=ROOT, roster=Roster(lost={"ada", "boss"}))
    assert gone.story == ["0 -", "0 root"]
    program = climb(last_resort=(HOOK,), administrators=ROOT)
    assert program.story == [f"0 {HOOK.address}+root"]
    (began,) = (fact for fact in program.facts if isinstance(fact, StepBegan))
    assert began.step is None


def test_administrators_stand_behind_a_last_resort_out_of_reach() -> None:
    """When nobody of the last resort can be reached the administrators are rung at once, and the whole at its time."""
    dead = climb(step("ada"), administrators=ROOT, roster=Roster(lost={"ada"}))
    dead.give(CannotReach, recipient="boss")
    assert dead.story == ["0 -", "0 boss", "0 not boss", "0 boss+root"]
    dead.give(CannotReach, recipient="boss").give(CannotReach, recipient="root")
    assert dead.let_pass(15).story[4:] == ["0 not boss", "0 not root", "15 boss+root"]


def test_administrators_are_left_alone_while_the_last_resort_can_be_reached() -> None:
    """A last resort that rings is rung again alone."""
    fine = climb(step("ada"), administrators=ROOT, roster=Roster(lost={"ada"}))
    assert fine.let_pass(30).story == ["0 -", "0 boss", "15 boss", "30 boss"]


def test_administrators_are_looked_up_when_they_are_needed() -> None:
    """Somebody who was made an administrator while a climb reaches nobody is rung by it."""
    nobody = climb(step("ada"), roster=Roster(lost={"ada", "boss"}))
    nobody.administrators = ROOT
    assert nobody.let_pass(15).story == ["0 -", "0 !", "15 root"]


def test_an_administrator_without_contacts_hurries_nothing() -> None:
    """Nobody is asked in vain a second time for the sake of an administrator who cannot be reached either."""
    dead = climb(step("ada"), administrators=ROOT, roster=Roster(lost={"ada", "root"}))
    assert dead.give(CannotReach, recipient="boss").story == ["0 -", "0 boss", "0 not boss"]


# Turns


def test_a_round_robin_asks_one_in_turn() -> None:
    """Of all whom such a step finds, only the next in turn is asked; an unreachable one has no turn."""
    for turn, name in enumerate(("ada", "linus", "ada")):
        one = Climb(policy=policy(step(DATA, round_robin=True)), turn=lambda _step, turn=turn: turn).begin()
        assert one.story == [f"0 {name}"]
    left = Climb(policy=policy(step(DATA, round_robin=True)), turn=lambda _step: 1, roster=Roster(lost={"ada"}))
    assert left.begin().story == ["0 linus"]


# By hand


def test_escalating_does_not_wait() -> None:
    """The next step begins now, and the one after it keeps its distance from now."""
    hurried = climb(step("ada"), step("linus", wait=5)).let_pass(1).give(EscalateNow, by="ada")
    assert hurried.let_pass(5).story == ["0 ada", "1 linus", "6 boss"]


def test_escalating_rings_somebody() -> None:
    """Steps that ask nobody are passed at once, into the next round and to the last resort if need be."""
    quiet = climb(step("ada"), step("carl", wait=5, when=ONLY_CRITICAL), step(PRIMARY, wait=5), repeat=1)
    assert quiet.give(EscalateNow, by="ada").story == ["0 ada", "0 -", "0 -", "0 ada"]
    assert quiet.give(EscalateNow, by="ada").story[4:] == ["0 -", "0 -", "0 boss"]
    assert quiet.give(EscalateNow, by="ada").story[7:] == ["0 boss"]


def test_escalating_rings_nobody_twice() -> None:
    """Beyond the step that was asked for, everything keeps its time."""
    both = climb(step("ada"), step("linus", wait=5), step("carl", when=ONLY_CRITICAL), repeat=5)
    assert both.give(EscalateNow, by="ada").story == ["0 ada", "0 linus", "0 -"]


def test_escalating_in_vain_ends() -> None:
    """Where nobody can be asked at all, escalating comes to an end too."""
    nobody = climb(step("ada"), roster=Roster(lost={"ada", "boss"}), repeat=50)
    assert nobody.give(EscalateNow, by="ada").story == ["0 -", "0 !", "0 !"]


def test_bringing_somebody_in_leaves_the_climb_as_it_was() -> None:
    """The next step comes at its time; rungs are numbered on, so that every page has a name of its own."""
    helped = climb(step("ada"), step("linus", wait=5)).let_pass(1)
    next_at = helped.stands.next_at
    helped.give(AddPerson, by="ada", asked=asked("carl")).give(AddPerson, by="ada", asked=asked("carl"))
    assert helped.stands.next_at == next_at
    rungs = [fact.rung for fact in helped.facts if isinstance(fact, StepBegan | PersonAdded)]
    assert rungs == [1, 2, 3]
    helped.give(CannotReach, recipient="ada")
    assert helped.story[-1] == "1 not ada"
    helped.give(CannotReach, recipient="carl")
    assert helped.story[-1] == "1 linus"


def test_handing_over_begins_anew_without_an_answer() -> None:
    """Whoever it is handed to has the usual time; then, or when out of reach, the policy begins from its first step."""
    handed = climb(step("ada"), step("linus", wait=5)).let_pass(5).give(Reassign, by="ada", asked=asked("carl"))
    assert handed.let_pass(10).story[2:] == ["5 carl by hand", "10 ada", "15 linus"]
    dead = climb(step("ada"), step("linus", wait=5)).give(Reassign, by="ada", asked=asked("carl"))
    assert dead.give(CannotReach, recipient="carl").story[1:] == ["0 carl by hand", "0 not carl", "0 ada"]
    resort = climb(last_resort=("boss",)).give(Reassign, by="ada", asked=asked("carl"))
    assert not resort.stands.at_last_resort


# Held, ended, begun again


def test_a_held_climb_waits_for_nothing() -> None:
    """While it is held nothing is due, and time changes nothing."""
    held = climb(step("ada"), step("linus", wait=5)).give(Hold)
    assert not held.stands.climbs
    assert held.give(Hold).let_pass(60).story == ["0 ada"]
    assert [type(fact) for fact in held.facts].count(RunHeld) == 1


@pytest.mark.parametrize("first", [Hold, End])
def test_a_new_start_begins_from_the_first_step(first: type) -> None:
    """Held or ended, a climb that starts again knows nothing of before but the numbers of its rungs."""
    again = climb(step("ada"), step("linus", wait=5), repeat=3).let_pass(17).give(first).let_pass(3)
    rungs = again.stands.rungs
    again.give(Restart, policy=again.policy, urgency=Urgency.LOW)
    fresh = start(now=again.now, policy=again.policy, urgency=Urgency.LOW, surroundings=again.surroundings)
    run = None
    for fact in fresh:
        run = evolve(run, fact)
    assert run is not None
    assert again.stands == replace(run, rungs=rungs + run.rungs)
    assert again.story[-1] == "20 ada"


def test_an_ended_climb_listens_to_nothing_but_a_new_start() -> None:
    """All is resolved: no step, no person, no second end."""
    over = climb(step("ada"), step("linus", wait=5)).give(End)
    for kind, more in (
        (TimePasses, {}), (Hold, {}), (End, {}), (EscalateNow, {"by": "ada"}), (CannotReach, {"recipient": "ada"}),
        (AddPerson, {"by": "ada", "asked": asked("carl")}), (Reassign, {"by": "ada", "asked": asked("carl")}),
    ):  # fmt: skip
        over.give(kind, **more)
    assert [type(fact) for fact in over.facts] == [RunStarted, StepBegan, RunEnded]
    assert over.let_pass(60).story == ["0 ada"]


def test_the_policy_is_frozen_when_it_starts() -> None:
    """What is agreed differently meanwhile holds from the next start on."""
    steady = climb(step("ada"), step("linus", wait=5))
    steady.policy = policy(step("carl"))
    assert steady.let_pass(5).story == ["0 ada", "5 linus"]
    assert steady.give(Restart, policy=steady.policy, urgency=Urgency.HIGH).story[-1] == "5 carl"


def test_a_late_worker_rings_one_step_not_all_that_it_missed() -> None:
    """After a long sleep the next step begins, and keeps its distance from now."""
    late = climb(step("ada"), step("linus", wait=5), repeat=9)
    late.now = after(600)
    assert late.give(TimePasses).story == ["0 ada", "600 linus"]
    assert late.stands.next_at == after(605)


def test_a_run_starts_with_its_start() -> None:
    """A journal that begins with anything else is damaged, and says so."""
    with pytest.raises(Broken):
        evolve(None, RunHeld(at=T0))


# Any climb at all


STEPS = st.builds(
    lambda targets, wait, critical, in_turn: step(
        *targets, wait=wait, when=ONLY_CRITICAL if critical else None, round_robin=in_turn
    ),
    st.lists(st.sampled_from(["ada", "linus", "carl", PRIMARY, DATA, HOOK]), min_size=1, max_size=3),
    st.sampled_from([0, 0, 1, 5]),
    st.booleans(),
    st.booleans(),
)
POLICIES = st.builds(
    lambda steps, repeat, last: policy(*steps, repeat=repeat, last_resort=tuple(last)),
    st.lists(STEPS, max_size=5),
    st.sampled_from([0, 1, 50]),
    st.lists(st.sampled_from(["boss", DATA, HOOK]), max_size=2),
)
NAMES = ("ada", "linus", "carl", "boss", "root", HOOK.address)
DEEDS = st.one_of(
    st.tuples(st.just("reach"), st.sampled_from(NAMES)),
    st.tuples(st.sampled_from(["lose", "find", "add", "hand"]), st.sampled_from(NAMES[:-1])),
    st.tuples(st.sampled_from(["serve"]), st.sampled_from([None, (), ("ada",), ("linus", "carl")])),
    st.tuples(st.sampled_from(["pass"]), st.sampled_from([0.5, 1, 5, 15, 600])),
    st.tuples(st.sampled_from(["hold", "end", "again", "escalate", "administer"]), st.none()),
)


@given(POLICIES, st.sampled_from([Severity.CRITICAL, Severity.ERROR]), st.lists(DEEDS, max_size=25))
def test_any_climb_keeps_climbing(agreed: Policy, severity: Severity, deeds: list[tuple[str, object]]) -> None:
    """Whatever happens to it: unless held or ended it has a next instant, not in the past and not beyond its waits."""
    one = Climb(policy=agreed, severity=severity, turn=lambda at: at).begin()
    longest = max([agreed.last_resort_every, agreed.wait_after_last, *(each.after for each in agreed.steps)])
    longest_decision = 4 * (len(agreed.steps) + 2) + 4
    quiet = False
    for deed, about in deeds:
        before, told = one.stands, len(one.facts)
        quiet = _do(one, deed, about, quiet=quiet)
        assert len(one.facts) - told <= longest_decision or deed == "pass"
        assert one.stands.rungs >= before.rungs
        if quiet:
            assert not one.stands.climbs or deed in ("escalate", "hand")
            continue
        assert one.stands.next_at is not None
        assert one.now < one.stands.next_at <= one.now + longest
        rungs = [fact.rung for fact in one.facts if isinstance(fact, StepBegan | PersonAdded | Reassigned)]
        assert rungs == list(range(1, len(rungs) + 1))


def _do(one: Climb, deed: str, about: object, *, quiet: bool) -> bool:
    match deed:
        case "reach":
            one.give(CannotReach, recipient=about)
        case "lose":
            one.roster.lost.add(str(about))
        case "find":
            one.roster.lost.discard(str(about))
        case "serve":
            one.roster.serving = about
        case "administer":
            one.administrators = () if one.administrators else ROOT
        case "pass":
            one.now += minutes(float(str(about)))
            one.give(TimePasses)
        case "escalate" if not quiet:
            one.give(EscalateNow, by="ada")
        case "add":
            one.give(AddPerson, by="ada", asked=asked(str(about)))
        case "hand" if not quiet:
            one.give(Reassign, by="ada", asked=asked(str(about)))
        case "again" if quiet:
            one.give(Restart, policy=one.policy, urgency=Urgency.HIGH)
            return False
        case "hold" | "end":
            one.give(Hold if deed == "hold" else End)
            return True
    return quiet


@given(POLICIES, st.lists(DEEDS, max_size=10))
def test_whoever_rings_is_given_time(agreed: Policy, deeds: list[tuple[str, object]]) -> None:
    """No step asks the same person twice at one instant, save where somebody asks for it by hand."""
    one = Climb(policy=agreed, turn=lambda at: at).begin()
    for deed, about in deeds:
        if deed in ("escalate", "hand", "add", "again", "reach"):
            continue
        _do(one, deed, about, quiet=True)
    in_rounds = {}
    for fact in one.facts:
        if isinstance(fact, StepBegan):
            for each in fact.asked:
                seen = in_rounds.setdefault((fact.at, recipient_of(each)), fact.round)
                assert seen == fact.round or each.person is None or fact.step is None
