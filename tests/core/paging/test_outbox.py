"""Attempts become deliveries: at once while there is calm, else in bundles, each attempt in exactly one."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from core.scene import T0, seconds
from tocsin.core.effects import SendPage
from tocsin.core.paging.calm import Calm
from tocsin.core.paging.outbox import Placed, delivery_id, place, way_of
from tocsin.core.vocabulary import AlertId, DeliveryId, GroupId, PageId, PersonName, Urgency

CALM = Calm(at_once=2, every=seconds(10))
ADA = PersonName("ada")


def send(number: int = 1, person: str | None = "ada", **more: object) -> SendPage:
    """An attempt of a page of its own."""
    made = SendPage(
        page_id=PageId(f"page-{number}"),
        attempt=1,
        group_id=GroupId(f"group-{number}"),
        alert_ids=(AlertId(f"alert-{number}"),),
        person=None if person is None else PersonName(person),
        contact="hook",
        channel="webhook",
        address=f"http://{person}/",
        urgency=Urgency.HIGH,
        rung=1,
        at=T0,
    )
    return replace(made, **more)


def placed(*sends: SendPage, calm: Calm = CALM, **more: object) -> Placed:
    """What becomes of attempts where nothing waits yet."""
    return place(sends, calm=calm, now=T0, **{"full_at": {}, "gathering": {}, **more})


def pages_of(found: Placed) -> list[list[str]]:
    """The pages of each delivery."""
    return [[item.page_id for item in delivery.items] for delivery in found.deliveries]


def test_the_first_leave_at_once_the_others_in_one_bundle() -> None:
    """While there are tokens each attempt leaves alone; the one after them waits, and those behind it ride along."""
    found = placed(*(send(number) for number in range(1, 6)))
    assert pages_of(found) == [["page-1"], ["page-2"], ["page-3"]]
    assert [(one.due_at, one.gathers) for one in found.deliveries] == [
        (T0, False),
        (T0, False),
        (T0 + seconds(10), True),
    ]
    bundle = found.deliveries[2].id
    assert [(home, item.page_id) for home, item in found.joined] == [(bundle, "page-4"), (bundle, "page-5")]
    assert found.full_at == {ADA: T0 + seconds(30)}


def test_what_waits_already_is_joined_and_costs_nothing() -> None:
    """A delivery that gathers takes in what comes for the same contact, without another token."""
    waiting = DeliveryId("waiting")
    found = placed(send(), gathering={way_of(send()): waiting}, full_at={ADA: T0 + seconds(90)})
    assert (found.deliveries, found.full_at) == ([], {})
    assert [home for home, _ in found.joined] == [waiting]


def test_what_differs_does_not_travel_together() -> None:
    """Another person, channel, address or urgency is another call."""
    full = {PersonName(name): T0 + seconds(90) for name in ("ada", "linus")}
    different = [
        send(1),
        send(2, "linus"),
        send(3, channel="email"),
        send(4, address="x"),
        send(5, urgency=Urgency.LOW),
    ]
    found = placed(*different, full_at=full)
    assert pages_of(found) == [[f"page-{number}"] for number in range(1, 6)]
    assert all(one.gathers for one in found.deliveries)


def test_each_person_has_a_bucket_of_their_own() -> None:
    """One person's storm does not make another wait."""
    found = placed(send(1), send(2), send(3), send(4, "linus"))
    assert [one.due_at for one in found.deliveries] == [T0, T0, T0 + seconds(10), T0]


def test_programs_are_called_at_once_each_on_its_own() -> None:
    """A program has no need of calm."""
    found = placed(*(send(number, None) for number in range(1, 9)))
    assert pages_of(found) == [[f"page-{number}"] for number in range(1, 9)]
    assert all(one.due_at == T0 and not one.gathers for one in found.deliveries)
    assert found.full_at == {}


def test_a_repeat_is_marked_wherever_it_travels() -> None:
    """A delivery that carries an attempt that may arrive twice says so: its own, a new bundle, and one that waits."""
    own = placed(send(repeat=True), send(2))
    assert [one.repeat for one in own.deliveries] == [True, False]
    full = {ADA: T0 + seconds(90)}
    bundle = placed(send(), send(2, repeat=True), full_at=full)
    assert [one.repeat for one in bundle.deliveries] == [True]
    assert bundle.repeats == set()
    waiting = DeliveryId("waiting")
    joined = placed(send(), send(2, repeat=True), gathering={way_of(send()): waiting})
    assert joined.repeats == {waiting}
    assert placed(send(), gathering={way_of(send()): waiting}).repeats == set()


def test_a_delivery_has_one_name() -> None:
    """Whoever decides it, and however often: the delivery of an attempt is named by page and attempt."""
    assert placed(send()).deliveries[0].id == placed(send()).deliveries[0].id == delivery_id(PageId("page-1"), 1)
    assert delivery_id(PageId("page-1"), 2) != delivery_id(PageId("page-1"), 1)


@given(
    st.lists(
        st.tuples(st.sampled_from(["ada", "linus", None]), st.sampled_from(["hook", "mail"]), st.booleans()),
        max_size=25,
    ),
    st.integers(1, 4),
    st.booleans(),
)
def test_no_attempt_is_lost_or_sent_twice(
    wanted: list[tuple[str | None, str, bool]], at_once: int, something_waits: bool
) -> None:
    """Every attempt is in exactly one delivery, and nobody is called more often at once than the measure allows."""
    sends = [send(number, name, address=to, repeat=again) for number, (name, to, again) in enumerate(wanted)]
    gathering = {way_of(send(0, "ada", address="hook")): DeliveryId("waiting")} if something_waits else {}
    found = placed(*sends, calm=Calm(at_once=at_once, every=seconds(10)), gathering=gathering)
    carried = [item.page_id for one in found.deliveries for item in one.items]
    carried += [item.page_id for _, item in found.joined]
    assert Counter(carried) == Counter(one.page_id for one in sends)
    homes = {one.id for one in found.deliveries} | set(gathering.values())
    assert {home for home, _ in found.joined} <= homes
    rung_now = Counter(one.person for one in found.deliveries if one.due_at <= T0 and one.person is not None)
    assert all(count <= at_once for count in rung_now.values())
    marked = {one.id for one in found.deliveries if one.repeat} | found.repeats
    for one, again in zip(sends, wanted, strict=True):
        home = next((at for at, item in found.joined if item.page_id == one.page_id), delivery_id(one.page_id, 1))
        assert not again[2] or home in marked
