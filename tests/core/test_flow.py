"""From an alert to calls and back: which fact leads to which command, and what leaves for whom."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.scene import (
    T0,
    Night,
    acknowledge,
    after,
    asked,
    directory,
    minutes,
    mute,
    person,
    policy,
    resolve,
    seconds,
    statuses,
    step,
    trigger,
    urgent,
)
from tocsin.core.alerts.model import Acknowledge, Status, Unacknowledge, Why
from tocsin.core.alerts.quiet import Maintenance, Silence
from tocsin.core.directory import Directory, Habits
from tocsin.core.effects import StopPage
from tocsin.core.escalation.run import (
    AddPerson,
    EscalateNow,
    OutOfReach,
    Reassign,
    RunEnded,
    RunStarted,
    StepBegan,
)
from tocsin.core.escalation.steps import Program, WholeTeam
from tocsin.core.flow import Telling, World, page_id
from tocsin.core.paging.attempt import NobodyReached, PageOpened, PageStopped, Standing, Stop, Stopped
from tocsin.core.people import Role
from tocsin.core.routing import Condition, Route
from tocsin.core.vocabulary import AlertId, GroupId, PersonName, ServiceName, Severity, Span, TeamName, Urgency

GROUPED = directory(routes=(Route(name="all", when=None, group_by=()),))


def ringing(installation: Directory | None = None, **more: object) -> Night:
    """A night in which one alert rings, and nobody has called back yet."""
    night = Night(installation or directory(), **more)
    night.take(trigger())
    return night


def by_hand(night: Night, kind: type, **more: object) -> None:
    """Somebody asks something of the climb."""
    night.tell(night.case.group.id, lambda telling: telling.to_run(kind(now=night.now, by="zoe", **more)))


def again(night: Night) -> Telling:
    """One more decision about the only case, made at the same instant."""
    telling = night.telling(night.case)
    telling.settle()
    return telling


# An alert rings


def test_an_alert_that_rings_is_climbed_for() -> None:
    """Its group climbs the policy, whoever a step asks is paged, and their first contact is called."""
    night = Night()
    night.take(trigger())
    kinds = [type(fact) for fact in night.journal[night.case.group.id]][2:]
    assert kinds[:3] == [RunStarted, StepBegan, PageOpened]
    (call,) = night.calls
    assert (call.person, call.contact, call.attempt, call.rung, call.alert_ids) == (
        "ada",
        "hook",
        1,
        1,
        (night.alert.id,),
    )
    assert (call.at, call.urgency, call.repeat) == (T0, Urgency.HIGH, False)


def test_a_decision_is_made_once() -> None:
    """A second look at the same instant brings about nothing."""
    night = ringing()
    assert (again(night).facts, again(night).effects) == ([], [])


def test_a_decision_made_twice_names_the_same_pages() -> None:
    """Two nodes that decide the same thing name the same pages and attempts; another rung, person or group differs."""
    one, other = Night(), Night()
    one.take(trigger())
    other.take(trigger())
    assert [(call.page_id, call.attempt) for call in one.calls] == [
        (call.page_id, call.attempt) for call in other.calls
    ]
    group = GroupId("g")
    names = {
        page_id(group, 1, "ada"),
        page_id(group, 2, "ada"),
        page_id(group, 1, "bob"),
        page_id(GroupId("h"), 1, "ada"),
    }
    assert len(names) == 4


def test_the_next_rung_replaces_the_page_of_whoever_is_asked_again() -> None:
    """Nobody has two pages of one case: the older gives way, that of somebody else stays."""
    night = ringing(directory(policy(step("ada"), step("ada", "linus", wait=5))))
    (first,) = night.case.pages.values()
    night.let_pass(5)
    assert sorted(page.recipient for page in night.case.pages.values()) == ["ada", "linus"]
    assert first.id not in night.case.pages
    stopped = [fact for fact in night.journal[night.case.group.id] if isinstance(fact, PageStopped)]
    assert [(fact.page_id, fact.why) for fact in stopped] == [(first.id, Stopped.SUPERSEDED)]


def test_a_program_is_paged_by_its_address() -> None:
    """It is called as the webhook channel calls, for nobody in person."""
    night = ringing(directory(policy(step(Program(address="http://log.example/")))))
    (call,) = night.calls
    assert (call.person, call.channel, call.address) == (None, "webhook", "http://log.example/")


def test_low_urgency_follows_its_own_rules() -> None:
    """The climb of a low alert takes people's rules for low urgency."""
    ada = person("ada", "hook", "mail")
    ada = replace(ada, rules=replace(ada.rules, low=ada.rules.high[1:]))
    low = directory(people=(ada, person("boss")), routes=(Route(name="low", when=None, urgency=Urgency.LOW),))
    night = ringing(low)
    assert night.calls == []
    night.let_pass(2)
    assert [(call.contact, call.urgency) for call in night.calls] == [("mail", Urgency.LOW)]


def test_what_becomes_urgent_begins_anew_at_once() -> None:
    """A worse severity that a route calls urgent starts the climb again with high urgency, without waiting."""
    routes = (Route(name="low", when=Condition('severity == "warning"'), urgency=Urgency.LOW),)
    night = Night(directory(routes=routes))
    night.take(trigger(severity=Severity.WARNING))
    night.let_pass(1)
    assert urgent(night.case) is Urgency.LOW
    night.take(trigger(severity=Severity.CRITICAL))
    assert urgent(night.case) is Urgency.HIGH
    assert [(call.person, call.urgency, call.rung) for call in night.calls] == [
        ("ada", Urgency.LOW, 1), ("ada", Urgency.HIGH, 2),
    ]  # fmt: skip
    night.take(trigger("other", severity=Severity.WARNING))
    night.take(trigger(severity=Severity.WARNING))
    assert len(night.calls) == 3


def test_an_urgent_member_makes_its_group_urgent() -> None:
    """A group that climbs with low urgency starts again when one joins that is urgent."""
    low = Route(name="low", when=None, group_by=(), urgency=Urgency.LOW)
    night = Night(directory(routes=(low,)))
    night.take(trigger("a"))
    night.directory = replace(night.directory, routes=(replace(low, urgency=Urgency.HIGH),))
    night.take(trigger("b"))
    assert len(night.cases) == 1
    assert urgent(night.case) is Urgency.HIGH
    assert [call.urgency for call in night.calls] == [Urgency.LOW, Urgency.HIGH]


def test_a_turn_is_taken_with_the_step() -> None:
    """A round robin asks the next one each time it is climbed, and says so to the world."""
    night = Night(directory(policy(step(WholeTeam(team=TeamName("data")), round_robin=True))))
    for key in "abc":
        night.take(trigger(key))
    assert night.rang() == ["ada", "linus", "ada"]
    assert night.turns == {("climb", 0): 3}


# Quiet


@pytest.mark.parametrize("way", ["acknowledge", "snooze", "close", "silence", "maintenance"])
def test_what_is_quiet_rings_nobody(way: str) -> None:
    """Answered, left alone, over or suppressed: pages stop, calls that wait are called back, nothing more leaves."""
    night = ringing(provider=lambda _call: None)
    night.now = after(1)
    _quieted(night, way)
    assert not night.case.pages
    night.rang()
    night.let_pass(25)
    assert night.rang() == []
    assert again(night).facts == []


def _quieted(night: Night, way: str) -> None:
    span = Span(T0, after(30))
    match way:
        case "acknowledge":
            night.acknowledge(night.alert.id)
        case "snooze":
            night.snooze(night.alert.id, 29)
        case "close":
            night.close(night.alert.id)
        case "silence":
            night.directory = replace(night.directory, silences=(Silence(name="s", matchers=(), span=span),))
            night.look_again()
        case "maintenance":
            work = Maintenance(name="m", services=frozenset({ServiceName("pipelines")}), span=span)
            night.directory = replace(night.directory, maintenances=(work,))
            night.look_again()


@pytest.mark.parametrize(
    ("way", "why"), [("acknowledge", Stopped.ANSWERED), ("snooze", Stopped.QUIET), ("close", Stopped.OVER)]
)
def test_pages_say_why_they_stopped(way: str, why: Stopped) -> None:
    """The record tells an answer from quiet and from the end, and the world is told to call back what waits."""
    night = ringing(provider=lambda _call: None)
    before = night.case
    (page,) = before.pages
    _quieted(night, way)
    stops = [fact for fact in night.journal[night.case.group.id] if isinstance(fact, PageStopped)]
    assert [(fact.page_id, fact.why) for fact in stops] == [(page, why)]
    telling = night.telling(before)
    telling.tell(stops)
    assert telling.effects == [StopPage(page_id=page)]


@pytest.mark.parametrize("way", ["snooze", "silence", "maintenance"])
def test_what_was_quiet_begins_anew_when_the_quiet_ends(way: str) -> None:
    """From the first step, at the very instant."""
    night = ringing()
    night.let_pass(6)
    night.now = after(10)
    _quieted(night, way)
    night.rang()
    night.let_pass({"snooze": 29, "silence": 20, "maintenance": 20}[way])
    assert night.rang() == ["ada"]


def test_an_acknowledgement_that_lapses_begins_anew() -> None:
    """Whoever acknowledges and falls asleep again is rung again, from the first step."""
    night = ringing(directory(policy(step("ada"), step("linus", wait=5), acknowledgement_lapses_after=minutes(30))))
    night.let_pass(6)
    night.acknowledge(night.alert.id)
    night.rang()
    night.let_pass(30)
    assert night.rang() == ["ada"]


def test_one_member_that_rings_is_enough() -> None:
    """While another member rings the climb goes on, and its pages speak of that one alone."""
    night = Night(GROUPED)
    night.take(trigger("a"), trigger("b"))
    night.acknowledge(night.alert_of("a").id)
    night.let_pass(5)
    assert [call.person for call in night.calls] == ["ada", "linus"]
    assert night.calls[-1].alert_ids == (night.alert_of("b").id,)
    night.close(night.alert_of("b").id)
    assert statuses(night.case) == [Status.ACKNOWLEDGED, Status.RESOLVED]
    night.rang()
    night.let_pass(60)
    assert night.rang() == []
    night.give_back(night.alert_of("a").id)
    assert night.rang() == ["ada"]


@pytest.mark.parametrize("way", ["lapse", "give back", "snooze"])
def test_what_a_route_suppresses_stays_quiet_whatever_people_say(way: str) -> None:
    """An acknowledgement or a snooze in between does not make an alert ring that its route suppresses."""
    lapsing = policy(step("ada"), acknowledgement_lapses_after=minutes(5))
    night = Night(directory(lapsing, routes=(Route(name="noise", when=None, suppress=True),)))
    night.take(trigger())
    if way == "snooze":
        night.snooze(night.alert.id, 5)
    else:
        night.take(acknowledge())
    if way == "give back":
        night.give_back(night.alert.id)
    night.let_pass(10)
    assert night.alert.status is Status.SUPPRESSED
    assert night.alert.reason is not None
    assert night.alert.reason.why is Why.ROUTE_SUPPRESSES
    assert night.calls == []


def test_the_end_of_all_ends_the_climb_and_a_return_begins_it_anew() -> None:
    """A case whose climb has ended climbs again when a member comes back; its pages get names of their own."""
    night = ringing()
    night.let_pass(1)
    night.take(resolve())
    assert any(isinstance(fact, RunEnded) for fact in night.journal[night.case.group.id])
    night.take(trigger())
    assert [(call.person, call.rung) for call in night.calls] == [("ada", 1), ("ada", 2)]
    assert len({call.page_id for call in night.calls}) == 2


def test_over_and_back_within_one_batch_is_one_ringing() -> None:
    """A condition that flaps within one transaction does not ring anybody a second time."""
    night = ringing()
    night.take(resolve(), trigger())
    assert night.rang() == ["ada"]
    assert night.case.ringing


# Out of reach


def test_a_dead_provider_moves_on_to_the_next_way() -> None:
    """A contact that fails is left for the next one, then the person for the next step, at once and on the record."""
    known = (person("ada", "hook", "mail"), person("linus"), person("boss"))
    night = Night(directory(people=known), provider=lambda call: "refused" if call.person == "ada" else "sent")
    night.take(trigger())
    assert [(call.person, call.contact) for call in night.calls] == [
        ("ada", "hook"),
        ("ada", "mail"),
        ("linus", "hook"),
    ]
    told = [type(fact) for fact in night.journal[night.case.group.id]]
    assert told.count(NobodyReached) == told.count(OutOfReach) == 1


def test_when_every_provider_is_dead_it_goes_on() -> None:
    """Everybody is tried once and no more at that instant, the last resort and the administrators too; then again."""
    night = Night(provider=lambda _call: "refused")
    night.take(trigger())
    assert night.rang() == ["ada", "linus", "boss", "boss", "root"]
    assert night.case.due_at == after(15)
    night.let_pass(15)
    assert night.rang() == ["boss", "root"]


def test_a_retry_that_succeeds_later_is_an_answerable_page() -> None:
    """A page whose recipient was given up stays live: a retry that is taken is on the record, and may be answered."""
    night = Night(provider=lambda call: "later" if call.person == "ada" and call.attempt == 1 else "sent")
    night.take(trigger())
    assert night.rang() == ["ada", "linus"]
    night.let_pass(0.2)
    assert night.rang() == ["ada"]
    (page,) = (page for page in night.case.pages.values() if page.recipient == "ada")
    assert page.attempts[2].standing is Standing.SENT
    night.acknowledge(night.alert.id)
    assert not night.case.pages


def test_a_late_outcome_of_an_older_page_does_not_hurry_the_climb() -> None:
    """Whoever is no longer asked may turn out to be out of reach without moving anything."""
    night = Night(provider=lambda _call: None)
    night.take(trigger())
    night.let_pass(5)
    (ada, linus) = night.calls
    before = night.case.run
    night.outcome(ada, "refused")
    assert night.case.run == before
    night.outcome(linus, "refused")
    assert night.rang() == ["ada", "linus", "boss"]


def test_an_outcome_of_a_page_that_is_gone_changes_nothing() -> None:
    """A call that was under way when somebody answered may come back whenever it likes."""
    night = Night(provider=lambda _call: None)
    night.take(trigger())
    night.acknowledge(night.alert.id)
    facts = len(night.journal[night.case.group.id])
    for became in ("sent", "later", "refused"):
        night.outcome(night.calls[0], became)
    assert len(night.journal[night.case.group.id]) == facts


def test_somebody_who_lost_their_contacts_meanwhile_is_passed() -> None:
    """Contacts are looked up when a step begins, not when the climb does."""
    night = ringing()
    night.directory = replace(night.directory, people={**night.directory.people, PersonName("linus"): mute("linus")})
    night.let_pass(5)
    assert night.rang() == ["ada", "boss"]


def test_a_rule_that_names_no_contact_does_not_keep_somebody_from_being_rung() -> None:
    """Whoever has any contact at all is called by it."""
    ada = person("ada", "hook")
    ada = replace(ada, contacts=(replace(ada.contacts[0], name="new"),))
    night = ringing(directory(people=(ada, person("boss"))))
    assert [call.contact for call in night.calls] == ["new"]


def test_administrators_are_rung_where_nobody_else_can_be() -> None:
    """A policy whose people have all gone, its last resort too, ends at the administrators, not at nobody."""
    night = ringing(directory(people=(mute("ada"), mute("linus"), mute("boss"), person("root", role=Role.ADMIN))))
    assert night.rang() == ["root"]


# By hand


def test_whoever_is_brought_in_is_rung_beside_the_others() -> None:
    """Added people get a page of their own; the climb and the pages of others go on."""
    night = ringing()
    by_hand(night, AddPerson, asked=asked("root"))
    night.let_pass(5)
    assert night.rang() == ["ada", "root", "linus"]
    assert len(night.case.pages) == 3


def test_a_handover_stops_everybody_else() -> None:
    """Only whoever it is handed to is rung; the others' pages stop, because it is elsewhere now."""
    night = ringing()
    night.let_pass(5)
    by_hand(night, Reassign, asked=asked("root"))
    assert night.rang() == ["ada", "linus", "root"]
    assert [page.recipient for page in night.case.pages.values()] == ["root"]
    stopped = [fact.why for fact in night.journal[night.case.group.id] if isinstance(fact, PageStopped)]
    assert stopped == [Stopped.ELSEWHERE, Stopped.ELSEWHERE]


@pytest.mark.parametrize("quiet", ["acknowledge", "snooze", "silence", "maintenance"])
@pytest.mark.parametrize("kind", [AddPerson, Reassign])
def test_help_is_rung_although_it_is_quiet(quiet: str, kind: type) -> None:
    """Somebody who is asked for while nothing rings is rung all the same, and nobody else is."""
    night = ringing()
    night.now = after(1)
    _quieted(night, quiet)
    night.rang()
    night.now = after(2)
    by_hand(night, kind, asked=asked("linus"))
    assert night.rang() == ["linus"]
    assert night.case.run is not None
    assert not night.case.run.climbs
    night.let_pass(20)
    assert night.rang() == []


def test_help_is_tried_on_every_contact() -> None:
    """The page of somebody brought in goes through all their contacts and retries while nothing else rings."""
    known = (person("ada"), person("linus", "hook", "mail"), person("boss"))
    night = ringing(directory(people=known))
    night.acknowledge(night.alert.id)
    night.provider = lambda call: "later" if call.attempt == 1 else "sent"
    by_hand(night, AddPerson, asked=asked("linus"))
    night.let_pass(1)
    assert [(call.contact, call.attempt) for call in night.calls[1:]] == [("hook", 1), ("mail", 2), ("hook", 3)]


@pytest.mark.parametrize("way", ["snooze", "close"])
def test_help_asked_for_before_the_quiet_stops_with_it(way: str) -> None:
    """What somebody decides after a page by hand holds for that page too."""
    night = ringing(provider=lambda _call: None)
    by_hand(night, AddPerson, asked=asked("linus"))
    night.now = after(1)
    _quieted(night, way)
    assert not night.case.pages


def test_help_for_one_member_stops_with_the_answer_to_the_last() -> None:
    """In a group the answer to the member that still rang ends a page by hand, however early another was answered."""
    night = Night(GROUPED, provider=lambda _call: None)
    night.take(trigger("a"), trigger("b"))
    night.acknowledge(night.alert_of("a").id)
    night.now = after(1)
    by_hand(night, AddPerson, asked=asked("linus"))
    night.now = after(2)
    night.acknowledge(night.alert_of("b").id)
    assert not night.case.pages


def test_escalating_what_is_quiet_rings_nobody() -> None:
    """There is no next step of what nobody is rung for; whoever wants it to ring gives it back first."""
    night = ringing()
    night.snooze(night.alert.id, 30)
    facts = len(night.journal[night.case.group.id])
    by_hand(night, EscalateNow)
    assert len(night.journal[night.case.group.id]) == facts


def test_giving_back_and_escalating_goes_on_where_it_stood() -> None:
    """Both in one decision: the climb takes its next step, not its first."""
    night = ringing()
    night.acknowledge(night.alert.id)

    def act(telling: Telling) -> None:
        telling.to_alert(night.alert.id, Unacknowledge(now=night.now, by="ada"))
        telling.to_run(EscalateNow(now=night.now, by="ada"))

    night.tell(night.case.group.id, act)
    assert night.rang() == ["ada", "linus"]


def test_a_page_may_be_answered_alone() -> None:
    """Whoever was brought in answers their own page; the others go on."""
    night = ringing()
    by_hand(night, AddPerson, asked=asked("root"))
    (page,) = (page for page in night.case.pages.values() if page.recipient == "root")
    night.tell(night.case.group.id, lambda told: told.to_page(page.id, Stop(now=night.now, why=Stopped.ANSWERED)))
    assert [page.recipient for page in night.case.pages.values()] == ["ada"]


def test_people_who_are_paged_directly_are_the_policy() -> None:
    """They are rung three times, then the administrators, who also stand behind them."""
    night = Night(directory(people=(person("ada"), mute("linus"), person("root", role=Role.ADMIN))))
    night.take(trigger(), people=("linus",))
    assert night.rang() == ["root"]
    night = Night()
    night.take(trigger(), people=("linus",))
    night.let_pass(15)
    assert night.rang() == ["linus", "linus", "linus", "boss"]


# The decision itself


def test_to_nobody_nothing_is_told() -> None:
    """Commands to a climb or a page that is not there bring about nothing, and say so."""
    night = Night()
    night.take_only(trigger())
    telling = night.telling(night.case)
    assert not telling.to_run(AddPerson(now=T0, by="x", asked=asked("ada")))
    assert not telling.to_page(page_id(night.case.group.id, 1, "ada"), Stop(now=T0, why=Stopped.OVER))
    assert not telling.to_alert(night.alert.id, Unacknowledge(now=T0, by="ada"))
    assert telling.to_alert(night.alert.id, Acknowledge(now=T0, by="ada", via="web"))
    assert (telling.facts != [], telling.effects) == (True, [])


def test_a_decision_that_failed_is_put_off() -> None:
    """The case is left as it is, and looked at again at the stated instant."""
    night = ringing()
    telling = Telling.put_off(night.case, World(directory=night.directory, now=T0), until=after(1))
    assert (telling.case, telling.facts, telling.due_at) == (night.case, [], after(1))
    assert night.telling(night.case).due_at == night.case.due_at


def test_a_case_that_is_not_open_yet_is_asked_in_vain() -> None:
    """Before its first fact there is no case to speak of."""
    with pytest.raises(LookupError):
        _ = Telling(None, World(directory=directory(), now=T0)).case


def test_a_page_speaks_of_those_that_ring() -> None:
    """A call names the alerts that ring when it is made, not those that were there before or come after."""
    night = Night(GROUPED)
    night.take(trigger("a"), trigger("b"))
    night.take(resolve("a"))
    night.take(trigger("c"))
    night.let_pass(5)
    names = {alert_id: alert.dedup_key for alert_id, alert in night.case.alerts.items()}
    assert [[names[AlertId(one)] for one in call.alert_ids] for call in night.calls] == [["a", "b"], ["b", "c"]]


def test_an_alert_that_ends_by_itself_stops_ringing() -> None:
    """Expired or too old, at its instant, with its reason."""
    night = Night(directory(habits=Habits(resolve_after=minutes(7))))
    night.take(trigger())
    night.let_pass(30)
    assert night.rang() == ["ada", "linus"]
    assert night.alert.reason is not None
    assert night.alert.reason.why is Why.RESOLVED_BY_AGE


def test_uncertain_calls_are_marked_when_they_are_made_again() -> None:
    """What may have arrived is sent again, and says that it may be the second time."""
    night = Night(provider=lambda call: "uncertain" if call.attempt == 1 else "sent")
    night.take(trigger())
    night.let_pass(0.5)
    of_ada = [call for call in night.calls if call.person == "ada"]
    assert [(call.attempt, call.repeat, call.at) for call in of_ada] == [(1, False, T0), (2, True, T0 + seconds(10))]
