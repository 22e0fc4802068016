"""What is promised in ports/state.py about alerts, work and deliveries, on memory and on PostgreSQL alike."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from store.scene import GROUPED, START, Scene, resolve, trigger
from tocsin.core.alerts.model import Status
from tocsin.core.arrivals import Outcome
from tocsin.core.errors import Refused
from tocsin.core.events import Action, Event
from tocsin.core.paging.calm import Calm
from tocsin.core.paging.order import SERVED
from tocsin.core.services import Service
from tocsin.core.vocabulary import AlertId, Severity
from tocsin.ports.state import AlertQuery, Ended


async def test_a_trigger_makes_an_alert(scene: Scene) -> None:
    """A new condition becomes an alert with a case, a story and its event."""
    [verdict] = await scene.take(trigger(labels={"a": "b"}, details={"n": [1, 2.5, None]}))
    assert (verdict.outcome, verdict.status) == (Outcome.CREATED, Status.TRIGGERED)
    record = await scene.store.alert(verdict.alert_id)
    assert record is not None
    assert (record.count, record.last_seen_at, record.alert.created_at) == (1, START, START)
    assert record.alert.details == {"n": [1, 2.5, None]}
    [entry] = await scene.store.story(record.group_id)
    assert (entry.version, entry.at, len(entry.facts)) == (1, START, 2)
    [event] = await scene.store.events_of(verdict.alert_id, 10)
    assert (event.outcome, event.event["summary"]) == ("created", "disk is full")
    assert event.raw is not None
    assert (event.raw.path, event.raw.body) == ("/in/x", b"\x00\xff raw")


async def test_repeats_are_counted(scene: Scene) -> None:
    """The same condition again is counted, in one batch or in several, and moves its expiry away."""
    expiry = START + timedelta(hours=1)
    alert_id = await scene.one(trigger(expires_at=expiry))
    await scene.let_pass(minutes=1)
    again = [trigger(expires_at=expiry + timedelta(minutes=minute)) for minute in (1, 2)]
    assert [one.outcome for one in await scene.take(*again)] == [Outcome.REPEATED] * 2
    await scene.take(trigger("new"), trigger("new"))
    record = await scene.store.alert(alert_id)
    assert record is not None
    assert (record.count, record.last_seen_at) == (3, scene.now)
    assert record.alert.expires_at == expiry + timedelta(minutes=2)
    assert len(await scene.store.story(record.group_id)) == 1
    assert [one.count for one in (await scene.store.alerts(AlertQuery(text="NEW"))).items] == [2]


async def test_an_alert_that_is_kept_alive_does_not_expire(scene: Scene) -> None:
    """A worker that wakes for an expiry which a plain repeat has moved leaves the alert alone."""
    alert_id = await scene.one(trigger(expires_at=START + timedelta(minutes=2)))
    await scene.work()
    await scene.take(trigger(expires_at=START + timedelta(minutes=3)))
    await scene.let_pass(minutes=2)
    await scene.work()
    record = await scene.store.alert(alert_id)
    assert record is not None
    assert record.alert.status is Status.TRIGGERED
    await scene.let_pass(minutes=1)
    await scene.work()
    record = await scene.store.alert(alert_id)
    assert record is not None
    assert record.alert.status is Status.RESOLVED


async def test_alerts_of_one_group_share_a_case(scene: Scene) -> None:
    """Alerts with the same grouping key join the case that gathers; others have their own."""
    one = await scene.one(trigger("a", labels={"team": "x"}), GROUPED)
    two = await scene.one(trigger("b", labels={"team": "x"}), GROUPED)
    other = await scene.one(trigger("c", labels={"team": "y"}), GROUPED)
    case = await scene.case_of(one)
    assert list(case.alerts) == [one, two]
    assert case.version == 2
    assert list((await scene.case_of(other)).alerts) == [other]


async def test_a_condition_that_returns_soon_reopens(scene: Scene) -> None:
    """A trigger soon after the end reopens the alert; a late one makes a new alert of the same condition."""
    alert_id = await scene.one(trigger())
    await scene.take(resolve())
    [again] = await scene.take(trigger())
    assert (again.outcome, again.alert_id) == (Outcome.REOPENED, alert_id)
    await scene.take(resolve())
    await scene.let_pass(minutes=10)
    [later] = await scene.take(trigger())
    assert later.outcome is Outcome.CREATED
    assert later.alert_id != alert_id
    [repeated] = await scene.take(trigger())
    assert repeated.alert_id == later.alert_id


async def test_a_resolve_overtakes_its_trigger(scene: Scene) -> None:
    """An end that came in first is remembered, and its trigger pages nobody."""
    await scene.take(resolve(at=START - timedelta(seconds=5)))
    [late] = await scene.take(trigger(at=START - timedelta(seconds=10)))
    assert (late.outcome, late.status) == (Outcome.CREATED, Status.RESOLVED)
    assert (await scene.work()).claimed == ()


async def test_a_source_ends_its_whole_group(scene: Scene) -> None:
    """One event of a source ends all open alerts of the source's own group."""
    await scene.take(trigger("a", source_group="g"), trigger("b", source_group="g"), trigger("c", source_group="h"))
    await scene.take(resolve("x", source_group="g", whole_group=True))
    items = (await scene.store.alerts(AlertQuery())).items
    assert {one.alert.dedup_key: one.alert.is_open for one in items} == {"a": False, "b": False, "c": True}


async def test_an_event_may_name_its_alert(scene: Scene) -> None:
    """An event that carries an alert's id acts on it; an id of nothing, or of no form, finds nothing."""
    alert_id = await scene.one(trigger())
    named = [Event(action=Action.ACKNOWLEDGE, dedup_key="?", alert_id=AlertId(one)) for one in (alert_id, "nonsense")]
    outcomes = [one.outcome for one in await scene.take(*named)]
    assert outcomes == [Outcome.ACKNOWLEDGED, Outcome.NOTHING_OPEN]


async def test_an_answer_stops_what_waits(scene: Scene) -> None:
    """Once acknowledged, a delivery that has not left is cancelled and cannot be claimed."""
    ids = [await scene.one(trigger(f"k{number}")) for number in range(7)]
    await scene.work()
    waiting = [one for one in ids if await scene.statuses(one) == ["waiting"]]
    assert len(waiting) == 2
    for alert_id in waiting:
        await scene.command(alert_id)
    await scene.let_pass(minutes=1)
    assert (await scene.claim()).claimed == ()
    assert [await scene.statuses(one) for one in waiting] == [["cancelled"], ["cancelled"]]
    case = await scene.case_of(waiting[0])
    assert [alert.status for alert in case.alerts.values()] == [Status.ACKNOWLEDGED]


async def test_work_is_done_once(scene: Scene) -> None:
    """Two workers at once share the due cases: each case is decided by one, each delivery claimed by one."""
    await scene.take(*(trigger(f"k{number}", service="rota") for number in range(4)))
    first, second = await asyncio.gather(scene.work(node="one"), scene.work(node="two"))
    rest = await scene.work(node="one")
    assert first.count + second.count + rest.count == 4
    claimed = [one.delivery for one in (*first.claimed, *second.claimed, *rest.claimed)]
    assert Counter(one.person for one in claimed) == {"ada": 2, "linus": 2}
    assert (await scene.claim()).count == 0


async def test_round_robin_goes_on(scene: Scene) -> None:
    """Each climb of a round robin asks the next in turn, across rounds and within one."""
    asked = []
    for keys in (["a"], ["b", "c"], ["d"]):
        await scene.take(*(trigger(key, service="rota") for key in keys))
        asked += [one.delivery.person for one in (await scene.work()).claimed]
    assert asked == ["ada", "linus", "ada", "linus"]


async def test_work_says_when_there_is_more(scene: Scene) -> None:
    """A round says how long nothing is due; without open cases, nothing ever is."""
    assert (await scene.work()).idle is None
    await scene.one(trigger())
    worked = await scene.work()
    assert (worked.count, worked.idle) == (1, timedelta(minutes=5))


async def test_a_lost_call_is_repeated_with_a_mark(scene: Scene) -> None:
    """When a lease ends without an outcome, the delivery is claimed again as a repeat; the old claim is void."""
    alert_id = await scene.one(trigger())
    [lost] = (await scene.work(lease=timedelta(0))).claimed
    assert not lost.delivery.repeat
    [again] = (await scene.claim(node="two")).claimed
    assert (again.delivery.id, again.delivery.repeat, again.claim) == (lost.delivery.id, True, 2)
    await scene.finish(lost, ended=Ended.FAILED)
    assert await scene.statuses(alert_id) == ["calling"]
    await scene.finish(again)
    [record] = await scene.store.deliveries_of(alert_id)
    assert (record.status, record.sent_at, record.delivery.repeat) == ("sent", scene.now, True)
    await scene.finish(again, ended=Ended.FAILED)
    assert await scene.statuses(alert_id) == ["sent"]


async def test_a_lost_call_for_what_is_over_is_no_cancelled_one(scene: Scene) -> None:
    """When a lease ends without an outcome and nothing rings any more, the record says that a call may have arrived."""
    alert_id = await scene.one(trigger())
    await scene.work(lease=timedelta(0))
    await scene.command(alert_id)
    assert (await scene.claim(node="two")).claimed == ()
    [record] = await scene.store.deliveries_of(alert_id)
    assert record.status == "uncertain"
    assert "did not tell" in (record.answer or {})["why"]


async def test_of_two_outcomes_of_one_delivery_the_newer_claim_counts(scene: Scene) -> None:
    """A node that has claimed twice writes both outcomes at once: that of its older claim hides nothing."""
    alert_id = await scene.one(trigger())
    [older] = (await scene.work(lease=timedelta(0))).claimed
    [newer] = (await scene.claim()).claimed
    await scene.finish(newer, older)
    assert await scene.statuses(alert_id) == ["sent"]


async def test_a_failed_call_moves_the_climb_on(scene: Scene) -> None:
    """When nobody could be reached, the next step begins at once and its delivery waits to be claimed."""
    alert_id = await scene.one(trigger())
    [claimed] = (await scene.work()).claimed
    await scene.finish(claimed, ended=Ended.FAILED)
    assert await scene.statuses(alert_id) == ["failed", "waiting"]
    [following] = (await scene.claim()).claimed
    assert following.delivery.person == "linus"
    assert [one.alert_id for one in following.mentions] == [alert_id]


async def test_a_storm_is_bundled(scene: Scene) -> None:
    """Sixty alerts at once become a handful of deliveries that cover every alert exactly once."""
    await scene.take(*(trigger(f"k{number}") for number in range(60)))
    claims = list((await scene.work()).claimed)
    await scene.let_pass(minutes=1)
    claims += (await scene.claim()).claimed
    covered = Counter(one.alert_id for claim in claims for one in claim.mentions)
    assert len(covered) == 60
    assert set(covered.values()) == {1}
    assert len(claims) <= 6
    await scene.finish(*claims)
    items = [item for claim in claims for item in claim.delivery.items]
    assert len(items) == 60
    for item in items:
        assert await scene.statuses(item.alert_ids[0]) == ["sent"]


async def test_services_take_turns_at_work(scene: Scene) -> None:
    """With more due than a round takes, each round decides the oldest and, beside them, some of each service."""
    loud = await scene.take(*(trigger(f"k{number}") for number in range(40)))
    await scene.let_pass(seconds=1)
    quiet = await scene.take(*(trigger(f"r{number}", service="rota") for number in range(6)))
    assert (await scene.work(limit=8)).count == 8 + 2 + 2
    begun = [[(await scene.case_of(one.alert_id)).run is not None for one in some] for some in (loud, quiet)]
    assert [sum(some) for some in begun] == [10, 2]
    counts = [(await scene.work(limit=8)).count for _ in range(4)]
    assert sum(counts) == 34


async def test_services_take_turns_at_calling(scene: Scene) -> None:
    """With more deliveries due than are claimed, the first of a service goes beside the oldest of another."""
    scene.calm = Calm(at_once=100, every=timedelta(seconds=1))
    for service, count in (("pipelines", 12), ("rota", 1)):
        verdicts = await scene.take(*(trigger(f"{service}{number}", service=service) for number in range(count)))
        await scene.store.command([one.alert_id for one in verdicts], scene.settle, scene.calm)
        await scene.let_pass(seconds=1)
    claims = (await scene.claim(limit=4)).claimed
    assert Counter(one.delivery.service for one in claims) == {"pipelines": 5, "rota": 1}
    rest = [one.delivery.id for _ in range(4) for one in (await scene.claim(limit=4)).claimed]
    assert len({*rest, *(one.delivery.id for one in claims)}) == 13


async def test_a_lost_call_does_not_wait_for_a_storm(scene: Scene) -> None:
    """With more deliveries waiting than are claimed, the call of a node that fell silent is taken over all the same."""
    scene.calm = Calm(at_once=100, every=timedelta(seconds=1))
    await scene.one(trigger("lost"))
    [lost] = (await scene.work(lease=timedelta(0))).claimed
    verdicts = await scene.take(*(trigger(f"k{number}") for number in range(12)))
    await scene.store.command([one.alert_id for one in verdicts], scene.settle, scene.calm)
    claims = (await scene.claim(limit=4)).claimed
    assert [one.delivery.id for one in claims if one.delivery.repeat] == [lost.delivery.id]


async def test_a_round_turns_to_many_services_by_and_by(scene: Scene) -> None:
    """Where there are more services than one round turns to, the next round goes on where the last one ended."""
    names = [f"s{number:03}" for number in range(2 * SERVED)]
    known = {name: Service(name=name, team="data", policy="climb") for name in names}
    scene.directory = replace(scene.directory, services={**scene.directory.services, **known})
    await scene.take(*(trigger(f"k{number}") for number in range(40)))
    await scene.let_pass(seconds=1)
    verdicts = await scene.take(*(trigger(name, service=name) for name in names))
    for _ in range(3):
        await scene.work(limit=4)
    assert [one.alert_id for one in verdicts if (await scene.case_of(one.alert_id)).run is None] == []


async def test_who_joins_before_the_call_is_in_it(scene: Scene) -> None:
    """An alert that joins its group while the group's delivery waits is mentioned, even when the first one is over."""
    first = await scene.one(trigger("a", labels={"team": "x"}), GROUPED)
    await scene.store.command([first], scene.settle, scene.calm)
    second = await scene.one(trigger("b", labels={"team": "x"}), GROUPED)
    await scene.take(resolve("a"), integration=GROUPED)
    [claimed] = (await scene.claim()).claimed
    assert [one.alert_id for one in claimed.mentions] == [second]
    assert len(await scene.store.deliveries_of(second)) == 1


async def test_the_list_is_read_in_parts(scene: Scene) -> None:
    """Parts of the list follow each other without gap or overlap, newest first, filtered alike."""
    for number in range(5):
        await scene.one(trigger(f"k{number}"))
        await scene.let_pass(seconds=number % 2)
    await scene.take(resolve("k3"))
    for statuses, keys in (((), "43210"), ((Status.TRIGGERED,), "4210")):
        read, cursor = [], None
        while True:
            query = AlertQuery(statuses=statuses, services=("pipelines",), limit=2, cursor=cursor)
            part = await scene.store.alerts(query)
            read += [one.alert for one in part.items]
            cursor = part.next_cursor
            if cursor is None:
                break
        assert sorted(one.dedup_key[1] for one in read) == sorted(keys)
        assert [one.created_at for one in read] == sorted((one.created_at for one in read), reverse=True)
    with pytest.raises(Refused):
        await scene.store.alerts(AlertQuery(cursor="nonsense"))


async def test_what_does_not_exist_is_none(scene: Scene) -> None:
    """Ids of nothing, well-formed or not, find nothing and break nothing."""
    for name in ("00000000-0000-0000-0000-000000000000", "nonsense", ""):
        assert await scene.store.alert(name) is None
        assert await scene.store.case(name) is None
        assert await scene.store.delivery(name) is None
        assert await scene.store.earlier(name) is None
        assert await scene.store.story(name) == ()
        assert await scene.store.events_of(name, 5) == ()
        assert await scene.store.deliveries_of(name) == ()
        assert await scene.command(name) is None


async def test_a_poisonous_event_is_refused_alone(scene: Scene) -> None:
    """A batch with an event that cannot be stored is refused whole; given one by one, the others are taken."""
    batch = scene.incoming(*(trigger(f"k{number}", summary="\0" if number == 3 else "fine") for number in range(8)))
    with pytest.raises(Refused):
        await scene.store.take_in(batch, scene.decide_batch, scene.calm)
    refused = 0
    for one in batch:
        try:
            await scene.store.take_in([one], scene.decide_batch, scene.calm)
        except Refused:
            refused += 1
    assert refused == 1
    assert len((await scene.store.alerts(AlertQuery())).items) == 7


async def test_an_earlier_request_is_remembered(scene: Scene) -> None:
    """What became of a request can be asked by the id of its first event."""
    batch = scene.incoming(trigger("a"), trigger("b"))
    [first, _] = await scene.store.take_in(batch, scene.decide_batch, scene.calm)
    earlier = await scene.store.earlier(batch[0].request_id)
    assert earlier is not None
    assert (earlier.action, earlier.integration, earlier.processed_at) == ("trigger", "native", START)
    assert (earlier.taken.alert_id, earlier.taken.status) == (first.alert_id, Status.TRIGGERED)


async def test_a_worse_trigger_is_written_and_counted(scene: Scene) -> None:
    """A repeat that says something new changes the case, and is counted with it."""
    alert_id = await scene.one(trigger(severity=Severity.WARNING))
    await scene.take(trigger(severity=Severity.WARNING), trigger(severity=Severity.CRITICAL), trigger())
    record = await scene.store.alert(alert_id)
    assert record is not None
    assert (record.alert.severity, record.count) == (Severity.CRITICAL, 4)


async def test_one_batch_may_hold_a_whole_life(scene: Scene) -> None:
    """A condition may begin, end and begin again within one batch; the newest alert is the one that counts on."""
    reopen = scene.directory.habits.reopen_within
    first = await scene.one(trigger())
    await scene.take(resolve())
    await scene.let_pass(seconds=reopen.total_seconds() + 1)
    outcomes = [one.outcome for one in await scene.take(trigger(), resolve(), trigger(), trigger("other"))]
    assert outcomes == [Outcome.CREATED, Outcome.RESOLVED, Outcome.REOPENED, Outcome.CREATED]
    [repeated] = await scene.take(trigger())
    assert repeated.alert_id != first


async def test_many_alerts_are_commanded_at_once(scene: Scene) -> None:
    """A command about many alerts decides each case once, whatever the order, and passes over what nobody has."""
    first = await scene.one(trigger("a", labels={"team": "x"}), GROUPED)
    second = await scene.one(trigger("b", labels={"team": "x"}), GROUPED)
    third = await scene.one(trigger("c"))
    asked = [third, AlertId("00000000-0000-0000-0000-000000000000"), second, AlertId("nonsense"), first]
    cases = await scene.store.command(asked, scene.settle, scene.calm)
    assert [set(case.alerts) for case in cases] in ([{first, second}, {third}], [{third}, {first, second}])
    assert [record.alert.id for record in await scene.store.alerts_of(asked)] == [third, second, first]
