"""What becomes of events: each finds its alert or makes one, in the order in which they came, batch by batch."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.scene import NATIVE, T0, Night, acknowledge, after, directory, minutes, policy, resolve, step, trigger
from tocsin.core.alerts.grouping import FULL
from tocsin.core.alerts.model import AlertKeptAlive, Status, Why
from tocsin.core.arrivals import Glance, Outcome, groups_to_load
from tocsin.core.directory import Directory, Habits
from tocsin.core.events import Action, Event
from tocsin.core.routing import Condition, Route
from tocsin.core.services import Service
from tocsin.core.vocabulary import AlertId, IntegrationName, PolicyName, ServiceName, Severity

CREATED, REPEATED, REOPENED = Outcome.CREATED, Outcome.REPEATED, Outcome.REOPENED
RESOLVED, NOTHING, ALREADY = Outcome.RESOLVED, Outcome.NOTHING_OPEN, Outcome.ALREADY
ACKNOWLEDGED, NOTED = Outcome.ACKNOWLEDGED, Outcome.NOTED

#: Every case below is told to one batch, and once more event by event: what becomes of them must be the same.
STORIES: list[tuple[str, list[Event], list[Outcome]]] = [
    ("a life", [trigger(), trigger(), acknowledge(), resolve()], [CREATED, REPEATED, ACKNOWLEDGED, RESOLVED]),
    ("answered twice", [trigger(), acknowledge(), acknowledge()], [CREATED, ACKNOWLEDGED, ALREADY]),
    ("over twice", [trigger(), resolve(), resolve()], [CREATED, RESOLVED, NOTHING]),
    ("back again", [trigger(), resolve(), trigger()], [CREATED, RESOLVED, REOPENED]),
    ("nothing there", [acknowledge(), resolve()], [NOTHING, NOTHING]),
    ("two conditions", [trigger("a"), trigger("b"), resolve("a")], [CREATED, CREATED, RESOLVED]),
    ("a change", [Event(action=Action.CHANGE, dedup_key="deploy")], [NOTED]),
    ("overtaken", [resolve(at=after(2)), trigger(at=after(1)), trigger(at=after(1))], [NOTHING, CREATED, REPEATED]),
    ("not overtaken", [resolve(at=after(2)), trigger(at=after(3))], [NOTHING, CREATED]),
    ("nobody said when", [resolve(), trigger(at=after(1))], [NOTHING, CREATED]),
    (
        "overtaken again",
        [trigger(at=after(1)), resolve(at=after(2)), resolve(at=after(6)), trigger(at=after(5)), trigger(at=after(7))],
        [CREATED, RESOLVED, NOTHING, REPEATED, REOPENED],
    ),
    (
        "an older end does not undo a later one",
        [resolve(at=after(6)), resolve(at=after(2)), trigger(at=after(5))],
        [NOTHING, NOTHING, CREATED],
    ),
    ("worse", [trigger(), trigger(severity=Severity.CRITICAL)], [CREATED, REPEATED]),
    (
        "a whole group",
        [
            trigger("a", source_group="g"),
            trigger("b", source_group="g"),
            trigger("c", source_group="h"),
            resolve("g", source_group="g", whole_group=True),
        ],
        [CREATED, CREATED, CREATED, RESOLVED],
    ),
    ("no such group", [resolve("g", source_group="g", whole_group=True)], [NOTHING]),
]


@pytest.mark.parametrize(
    ("events", "outcomes"),
    [(events, outcomes) for _, events, outcomes in STORIES],
    ids=[name for name, _, _ in STORIES],
)
def test_a_batch_is_decided_in_its_order(events: list[Event], outcomes: list[Outcome]) -> None:
    """Events that share a transaction become what they would have become one after the other."""
    together, alone = Night(), Night()
    assert together.take(*events) == outcomes
    assert [alone.take(event)[0] for event in events] == outcomes
    for night in (together, alone):
        night.let_pass(1)

    def standing(night: Night) -> list[tuple[str, Status]]:
        return sorted((one.dedup_key, one.status) for case in night.cases.values() for one in case.alerts.values())

    assert standing(together) == standing(alone)


EVENTS = st.one_of(
    st.builds(trigger, st.sampled_from("ab"), severity=st.sampled_from([Severity.ERROR, Severity.CRITICAL])),
    st.builds(
        trigger, st.sampled_from("ab"), at=st.integers(0, 9).map(after), source_group=st.sampled_from([None, "g"])
    ),
    st.builds(trigger, st.sampled_from("ab"), expires_at=st.sampled_from([None, after(60), after(90)])),
    st.builds(resolve, st.sampled_from("ab"), at=st.none() | st.integers(0, 9).map(after)),
    st.builds(acknowledge, st.sampled_from("ab")),
    st.just(resolve("g", source_group="g", whole_group=True)),
)  # fmt: skip
PLANS = st.sampled_from([None, (), ("severity",)])


@given(st.lists(st.lists(EVENTS, min_size=1, max_size=6), max_size=5), PLANS)
def test_batches_do_not_change_what_becomes_of_events(
    batches: list[list[Event]], group_by: tuple[str, ...] | None
) -> None:
    """However events are cut into batches: the same alerts stand the same way, with the same expiry and count."""
    routes = (Route(name="all", when=None, group_by=group_by),)
    installation = directory(policy(step("ada", wait=60)), routes=routes)
    together, alone = Night(installation), Night(installation)
    for batch in batches:
        outcomes = [verdict.outcome for verdict in together.take_only(*batch)]
        assert outcomes == [alone.take_only(event)[0].outcome for event in batch]

    def standing(night: Night) -> list[tuple[object, ...]]:
        return [
            (one.id, one.status, one.severity, one.expires_at, one.ended_at, night.counts.get(one.id, 1))
            for case in night.cases.values()
            for one in case.alerts.values()
        ]

    assert standing(together) == standing(alone)


# Which alert


def test_an_integration_has_its_own_conditions() -> None:
    """The same key from another integration is another condition, and its alerts cannot be named by their id either."""
    night = Night()
    night.take(trigger())
    foreign = replace(night.arrival(resolve()), integration=IntegrationName("other"))
    by_id = replace(foreign, event=resolve("x", alert_id=night.alert.id))
    known = night.known([foreign, by_id])
    assert known.glance(foreign) is None
    assert known.glance(by_id) is None


def test_an_alert_is_named_by_its_id_or_by_its_key() -> None:
    """A source that knows our id may answer with it; an id that is unknown finds nothing, and is not remembered."""
    night = Night()
    night.take(trigger())
    assert night.take(acknowledge("another key", alert_id=night.alert.id)) == [ACKNOWLEDGED]
    assert night.take(resolve("disk", alert_id=AlertId("unknown"), at=after(5))) == [NOTHING]
    assert night.take(resolve("another key", alert_id=night.alert.id)) == [RESOLVED]
    assert night.take(trigger(at=after(4))) == [REOPENED]


def test_a_trigger_is_known_by_its_key_alone() -> None:
    """A trigger that names some id belongs to its condition all the same, and what it needs is loaded."""
    night = Night()
    night.take(trigger())
    worse = trigger(alert_id=AlertId("unknown"), severity=Severity.CRITICAL)
    assert night.take(worse) == [REPEATED]
    assert night.alert.severity is Severity.CRITICAL


def test_too_late_to_come_back_is_a_new_alert() -> None:
    """After the time for reopening the next trigger makes a new alert, which is then the newest of its key."""
    night = Night()
    night.take(trigger(), resolve())
    night.let_pass(5)
    assert night.take(trigger()) == [CREATED]
    assert len(night.cases) == 2
    assert night.take(acknowledge()) == [ACKNOWLEDGED]
    assert [case.is_open for case in night.cases.values()] == [False, True]


def test_with_no_time_for_reopening_every_trigger_is_new() -> None:
    """A reopening time of zero means never, within one batch too; the older alert is told to be replaced."""
    night = Night(directory(habits=Habits(reopen_within=minutes(0))))
    assert night.take(trigger(), resolve(), trigger(), resolve(), trigger()) == [
        CREATED, RESOLVED, CREATED, RESOLVED, CREATED,
    ]  # fmt: skip
    assert [case.is_open for case in night.cases.values()] == [False, False, True]


def test_an_end_that_came_early_is_forgotten() -> None:
    """A trigger that says it is older than a resolve of long ago rings: lost is worse than late."""
    night = Night()
    night.take(resolve(at=after(2)))
    night.let_pass(60)
    night.take(trigger(at=after(1)))
    assert night.alert.rings


def test_an_overtaken_trigger_is_kept_and_rings_nobody() -> None:
    """It makes an alert that is over, for the stated reason."""
    night = Night()
    night.take(resolve(at=after(2)), trigger(at=after(1)))
    assert night.alert.reason is not None
    assert night.alert.reason.why is Why.OVERTAKEN
    assert night.rang() == []


def test_a_closed_alert_remembers_an_end_that_overtook() -> None:
    """A resolve that comes in before its own trigger counts although an older alert of the key is known."""
    night = Night()
    night.take(trigger(at=after(0)), resolve(at=after(1)))
    night.take(resolve(at=after(6)))
    night.now = after(3)
    assert night.take(trigger(at=after(5))) == [REPEATED]
    assert night.rang() == []
    assert night.take(trigger(at=after(7))) == [REOPENED]
    assert night.rang() == ["ada"]


# Repeats and expiry


def test_plain_repeats_do_not_touch_their_case() -> None:
    """They are counted and move the expiry away; nothing is loaded, decided or written for them."""
    night = Night()
    night.take(trigger(expires_at=after(10)))
    facts = len(night.journal[night.case.group.id])
    events = [trigger(expires_at=after(12)), trigger(expires_at=after(14))]
    assert groups_to_load([night.arrival(one) for one in events], night.known([night.arrival(events[0])])) == set()
    assert night.take(*events) == [REPEATED, REPEATED]
    assert len(night.journal[night.case.group.id]) == facts
    assert (night.counts[night.alert.id], night.alert.expires_at) == (3, after(14))


@pytest.mark.parametrize(
    ("said", "stands"),
    [
        ([12, 14], 14), ([14, 12], 12), ([8], 8), ([8, 14], 14), ([14, 8], 8), ([None], None), ([None, 14], 14),
        ([14, None, 12], 12),
    ],
)  # fmt: skip
def test_the_last_word_on_the_expiry_holds(said: list[int | None], stands: int | None) -> None:
    """Later, earlier, taken back: in one batch or in several, what was said last holds."""
    events = [trigger(expires_at=None if at is None else after(at)) for at in said]
    for batches in ([events], [[event] for event in events]):
        night = Night()
        night.take(trigger(expires_at=after(10)))
        for batch in batches:
            night.take(*batch)
        assert night.alert.expires_at == (None if stands is None else after(stands))


def test_what_is_kept_alive_does_not_expire_in_the_same_breath() -> None:
    """A repeat that comes in after the expiry, with an answer to its group in the same batch, keeps the alert open."""
    night = Night(directory(routes=(Route(name="all", when=None, group_by=()),)))
    night.take(trigger("a", expires_at=after(4)), trigger("b"))
    night.now = after(4.5)
    assert night.take_only(trigger("a", expires_at=after(9)), acknowledge("b"))[0].outcome is REPEATED
    assert night.alert_of("a").rings
    assert any(isinstance(fact, AlertKeptAlive) for fact in night.journal[night.case.group.id])


@pytest.mark.parametrize(
    ("event", "plain"),
    [
        (trigger(expires_at=after(10)), True),
        (trigger(expires_at=after(11)), True),
        (trigger(expires_at=after(9)), False),
        (trigger(), False),
        (trigger(expires_at=after(10), severity=Severity.WARNING), True),
        (trigger(expires_at=after(10), severity=Severity.CRITICAL), False),
        (resolve(), False),
        (acknowledge(), False),
    ],
)
def test_what_is_plainly_repeated(event: Event, *, plain: bool) -> None:
    """Only a trigger that is no worse and takes nothing back may go past its case, and none of a closed alert."""
    night = Night()
    night.take(trigger(expires_at=after(10)))
    glance = Glance.at(night.alert, night.case.group.id)
    assert glance.is_plainly_repeated_by(event) is plain
    assert not replace(glance, status=Status.RESOLVED).is_plainly_repeated_by(event)


# Groups


def grouped(*labels: str, **more: object) -> Directory:
    """Everything is grouped by these labels, within five minutes."""
    return directory(routes=(Route(name="all", when=None, group_by=labels, group_window=minutes(5)),), **more)


def test_alerts_of_one_group_page_together() -> None:
    """What shares the labels' values joins while the group rings and gathers; it is paged once for all."""
    night = Night(grouped("cluster"))
    night.take(trigger("a", labels={"cluster": "x"}), trigger("b", labels={"cluster": "y"}))
    night.take(trigger("c", labels={"cluster": "x"}))
    assert [sorted(one.dedup_key for one in case.alerts.values()) for case in night.cases.values()] == [
        ["a", "c"],
        ["b"],
    ]
    assert night.rang() == ["ada", "ada"]


def test_a_group_that_gathers_no_more_is_left_alone() -> None:
    """After its window, or after an answer, the next alert opens a group of its own, which then gathers."""
    night = Night(grouped())
    night.take(trigger("a"))
    night.let_pass(5)
    night.take(trigger("b"))
    night.take(acknowledge("b"))
    night.take(trigger("c"))
    night.take(trigger("d"))
    assert [list(map(str, (one.dedup_key for one in case.alerts.values()))) for case in night.cases.values()] == [
        ["a"], ["b"], ["c", "d"],
    ]  # fmt: skip


def test_a_full_group_makes_room_in_the_next() -> None:
    """A storm beyond a group's measure fills one group after the other, within one batch and over several."""
    night = Night(grouped())
    night.take(*(trigger(f"{number:04}") for number in range(FULL - 1)))
    night.take(trigger("one more"), trigger("too many"), trigger("and another"))
    night.take(trigger("the last"))
    assert [len(case.alerts) for case in night.cases.values()] == [FULL, 3]
    assert night.rang() == ["ada", "ada"]


def test_services_do_not_page_together() -> None:
    """Whatever a route groups by: alerts of two services have two teams, and are two groups."""
    night = Night(grouped())
    services = {name: Service(name=name, policy=PolicyName("climb")) for name in map(ServiceName, ("pipelines", "web"))}
    night.directory = replace(night.directory, services=services)
    night.take(trigger("a"), trigger("b", service="web"), trigger("c", service="web"))
    assert [(case.group.service, len(case.alerts)) for case in night.cases.values()] == [("pipelines", 1), ("web", 2)]


def test_an_overtaken_trigger_does_not_open_a_group_for_others() -> None:
    """What is over from the start gathers nobody."""
    night = Night(grouped())
    night.take(resolve("a", at=after(2)), trigger("a", at=after(1)), trigger("b"))
    assert [len(case.alerts) for case in night.cases.values()] == [1, 1]


def test_a_member_that_comes_back_rings_in_its_own_group() -> None:
    """A group whose climb has ended begins it anew when a member is back within the time for it."""
    night = Night(grouped())
    night.take(trigger("a"), trigger("b"))
    night.take(resolve("a"), resolve("b"))
    assert not night.case.is_open
    night.rang()
    night.let_pass(1)
    assert night.take(trigger("b")) == [REOPENED]
    assert night.rang() == ["ada"]
    assert [one.status for one in night.case.alerts.values()] == [Status.RESOLVED, Status.TRIGGERED]


# What follows at once


@pytest.mark.parametrize("answer", [acknowledge(), resolve()])
def test_an_answer_stops_the_pages_in_its_own_transaction(answer: Event) -> None:
    """No worker has to come by before an acknowledged or resolved alert is quiet."""
    night = Night(provider=lambda _call: None)
    night.take(trigger())
    assert night.case.pages
    night.take_only(answer)
    assert not night.case.pages
    assert night.case.due_at is None


def test_an_acknowledgement_by_the_source_lapses_by_the_policy_of_its_case() -> None:
    """The policy that pages for the alert says how long an answer holds, whatever routes say of the answering event."""
    lapsing = policy(step("ada"), name=PolicyName("lapsing"), acknowledgement_lapses_after=minutes(10))
    route = Route(name="db", when=Condition('labels.kind == "db"'), policy=lapsing.name)
    night = Night(directory(routes=(route,)))
    night.directory = replace(night.directory, policies={**night.directory.policies, lapsing.name: lapsing})
    night.take(trigger(labels={"kind": "db"}))
    night.take(acknowledge())
    assert night.alert.due_at == after(10)
    night.rang()
    night.let_pass(10)
    assert night.rang() == ["ada"]


def test_a_route_that_suppresses_pages_nobody() -> None:
    """What a route suppresses is kept and shown with its reason, and never due."""
    night = Night(directory(routes=(Route(name="noise", when=None, suppress=True),)))
    night.take(trigger())
    assert (night.alert.status, night.case.due_at) == (Status.SUPPRESSED, None)
    assert night.rang() == []


def test_worse_than_a_route_suppresses_rings_at_once() -> None:
    """An alert that began as noise rings as soon as its source calls it worse than the route suppresses."""
    noise = Route(name="noise", when=Condition('severity == "info"'), suppress=True)
    night = Night(directory(routes=(noise,)))
    night.take(trigger(severity=Severity.INFO))
    night.let_pass(3)
    night.take(trigger(severity=Severity.CRITICAL))
    assert night.rang() == ["ada"]


def test_people_are_paged_directly() -> None:
    """A page by hand is an alert of its own that rings just these people, whatever the policies say."""
    night = Night()
    night.take(trigger(), people=("linus",))
    assert night.rang() == ["linus"]
    assert night.case.group.people == ("linus",)
    assert night.alert.integration == NATIVE
    assert night.alert.created_at == T0
