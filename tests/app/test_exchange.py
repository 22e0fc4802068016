"""What people change of the rota at run time: kept with the configuration, and told to those whom it concerns."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from tocsin.app.configuring import apply_text
from tocsin.app.directories import Directories
from tocsin.app.exchange import StoredExchange
from tocsin.configuration.building import directory
from tocsin.core.directory import Directory
from tocsin.core.errors import Forbidden, NotFound, Refused
from tocsin.core.exchange_news import overridden
from tocsin.core.messages import Message
from tocsin.core.overriding import Asker, OverrideWish
from tocsin.core.swapping import Offer, OfferId, Standing, standing
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Span, utc
from tocsin.ports.exchange import OfferWish
from tocsin.testing import FixedClock, MemoryStore

START = utc(2026, 1, 6, 12)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ADA, GRACE, LINUS = map(PersonName, ("ada", "grace", "linus"))
ROTA = ScheduleName("rota")

CONFIGURATION = """
tocsin: 1
users:
  - {name: ada, contacts: [{name: mail, channel: email, address: ada@example.org}]}
  - {name: grace, contacts: [{name: mail, channel: email, address: grace@example.org}]}
  - {name: linus, contacts: [{name: mail, channel: email, address: linus@example.org}]}
  - {name: zoe, contacts: [{name: mail, channel: email, address: zoe@example.org}]}
teams: [{name: data, members: [ada, grace, linus], lead: linus}]
schedules:
  - name: rota
    team: data
    time_zone: UTC
    layers: [{name: weekly, rotation: {every: 1 week, from: "2026-01-05T00:00", people: [ada, grace]}}]
"""


def asker(name: PersonName | str, *, manages: bool = False) -> Asker:
    """A person."""
    return Asker(name=name, person=PersonName(name), manages=manages)


BOSS = asker("linus", manages=True)


@dataclass
class House:
    """An installation in memory; Ada is on call this week, Grace the next."""

    clock: FixedClock = field(default_factory=lambda: FixedClock(START))

    def __post_init__(self) -> None:
        self.store = MemoryStore(now=self.clock)
        self.directories = Directories(self.store)
        self.exchange = StoredExchange(self.store, self.directories)

    async def apply(self, text: str = CONFIGURATION) -> None:
        """The files say so."""
        await apply_text(self.store, [("rota.yaml", text)], by="test", environment={})
        await self.directories.refresh()

    def people(self, at: Instant) -> tuple[str, ...] | None:
        """Who is on call."""
        return self.directories.current().on_call(ROTA, at)

    async def told(self, person: PersonName) -> list[str]:
        """Kinds of messages that wait for somebody, oldest first."""
        records = await self.store.messages_to(person, limit=100)
        return [record.message.kind for record in reversed(records) if record.status == "waiting"]

    def standing(self, known: Offer) -> Standing:
        """What has become of an offer."""
        return standing(self.directories.current(), known, self.clock())


async def opened() -> House:
    """The installation with its files."""
    house = House()
    await house.apply()
    return house


def wish(**given: Any) -> OverrideWish:
    """Grace tomorrow."""
    values: dict[str, Any] = {"people": (GRACE,), "span": Span(START + DAY, START + 2 * DAY), **given}
    return OverrideWish(schedule=ROTA, **values)


def offer(**given: Any) -> OfferWish:
    """Ada's tomorrow."""
    return OfferWish(**{"schedule": ROTA, "by": ADA, "span": Span(START + DAY, START + 2 * DAY), **given})


async def test_an_override_is_in_force_at_once_and_told() -> None:
    """Whoever is put on call and whoever is taken off hear of it; its maker knows."""
    house = await opened()
    made = await house.exchange.override(wish(note="dentist"), BOSS)
    assert [house.people(START + days * DAY) for days in (0.9, 1, 1.9, 2)] == [
        ("ada",),
        ("grace",),
        ("grace",),
        ("ada",),
    ]
    assert (made.made_by, made.made_at, made.override.note) == ("linus", START, "dentist")
    assert list(await house.exchange.overrides(ROTA)) == [made]
    assert (await house.told(ADA), await house.told(GRACE), await house.told(LINUS)) == (
        ["override_made"],
        ["override_made"],
        [],
    )


async def test_an_override_does_not_reach_into_the_past() -> None:
    """One that was to begin yesterday begins now."""
    house = await opened()
    made = await house.exchange.override(wish(span=Span(START - DAY, START + DAY)), BOSS)
    assert made.override.span == Span(START, START + DAY)


async def test_ending_an_override() -> None:
    """Before it begins it is gone; while it lasts it ends now; a second time nothing happens or it is not found."""
    house = await opened()
    made = await house.exchange.override(wish(), BOSS)
    await house.exchange.end_override(made.override.name, BOSS)
    assert house.people(START + 1.5 * DAY) == ("ada",)
    with pytest.raises(NotFound):
        await house.exchange.end_override(made.override.name, BOSS)
    made = await house.exchange.override(wish(), BOSS)
    house.clock.move(1.5 * DAY)
    await house.exchange.end_override(made.override.name, BOSS)
    assert [house.people(START + days * DAY) for days in (1.2, 1.5, 1.7)] == [("grace",), ("ada",), ("ada",)]
    await house.exchange.end_override(made.override.name, BOSS)
    assert await house.exchange.overrides() == []


async def test_responders_put_themselves_on_call() -> None:
    """In schedules of theirs, and nobody else; and they end what they have made."""
    house = await opened()
    made = await house.exchange.override(wish(), asker(GRACE))
    with pytest.raises(Forbidden):
        await house.exchange.end_override(made.override.name, asker(ADA))
    await house.exchange.end_override(made.override.name, asker(GRACE))
    for who, people in ((asker(ADA), (GRACE,)), (asker(ADA), ()), (asker("zoe"), (PersonName("zoe"),))):
        with pytest.raises(Forbidden):
            await house.exchange.override(wish(people=people), who)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"people": (PersonName("nobody"),)}, "people"),
        ({"instead_of": PersonName("nobody")}, "instead_of"),
        ({"instead_of": GRACE}, "instead_of"),
        ({"span": Span(START + DAY, START + DAY)}, "to"),
        ({"span": Span(START - 2 * DAY, START - DAY)}, "to"),
        ({"span": Span(START, START + 400 * DAY)}, "to"),
    ],
)
async def test_an_override_that_cannot_be_meant(given: dict[str, Any], field: str) -> None:
    """It is refused with its field, and nothing is kept."""
    house = await opened()
    revision = house.directories.current().revision
    with pytest.raises(Refused) as refusal:
        await house.exchange.override(wish(**given), BOSS)
    assert refusal.value.field == field
    assert (await house.store.documents())[0] == revision


async def test_an_absence_passes_the_turn_on() -> None:
    """Ada is away next week although it is not hers: nothing. This week: Grace takes the rest that she is away."""
    house = await opened()
    made = await house.exchange.absent(ADA, Span(START + DAY, START + 2 * DAY), "ill", asker(ADA))
    assert [house.people(START + days * DAY) for days in (0.5, 1.5, 2.5)] == [("ada",), ("grace",), ("ada",)]
    assert list(await house.exchange.absences(ADA)) == [made]
    house.clock.move(1.5 * DAY)
    await house.exchange.end_absence(made.name, asker(ADA))
    assert house.people(START + 1.7 * DAY) == ("ada",)
    assert await house.exchange.absences() == []


async def test_an_absence_is_ones_own() -> None:
    """Or a manager's to enter and to end."""
    house = await opened()
    span = Span(START + DAY, START + 2 * DAY)
    with pytest.raises(Forbidden):
        await house.exchange.absent(ADA, span, "", asker(GRACE))
    made = await house.exchange.absent(ADA, span, "", BOSS)
    with pytest.raises(Forbidden):
        await house.exchange.end_absence(made.name, asker(GRACE))


async def test_a_shift_is_offered_and_taken() -> None:
    """All who can take it are told; until somebody does Ada has it; then she hears of it, and nobody else is asked."""
    house = await opened()
    known = await house.exchange.offer(offer(), asker(ADA))
    assert (await house.told(GRACE), await house.told(LINUS), await house.told(ADA)) == (
        ["swap_offered"],
        ["swap_offered"],
        [],
    )
    assert house.people(START + 1.5 * DAY) == ("ada",)
    known = await house.exchange.take(known.id, asker(LINUS))
    assert (house.standing(known), house.people(START + 1.5 * DAY)) == (Standing.TAKEN, ("linus",))
    assert (await house.told(ADA), await house.told(GRACE)) == (["swap_accepted"], [])
    assert list(await house.exchange.offers(schedule=ROTA)) == [known]


async def test_of_two_who_take_it_at_once_one_has_it() -> None:
    """The other is told that it is taken."""
    house = await opened()
    known = await house.exchange.offer(offer(), asker(ADA))
    takers = (house.exchange.take(known.id, asker(name)) for name in (GRACE, LINUS))
    results = await asyncio.gather(*takers, return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Offer", "Refused"]


async def test_an_offer_is_taken_in_part_and_the_rest_withdrawn() -> None:
    """What was taken stays; the rest is Ada's again, and who was asked hears of it."""
    house = await opened()
    known = await house.exchange.offer(offer(to=(LINUS, GRACE)), asker(ADA))
    part = Span(START + DAY, START + DAY + 6 * HOUR)
    await house.exchange.take(known.id, asker(LINUS), part=part)
    known = await house.exchange.withdraw(known.id, asker(ADA))
    assert [house.people(START + DAY + hours * HOUR) for hours in (5, 6)] == [("linus",), ("ada",)]
    assert house.standing(known) is Standing.WITHDRAWN
    assert await house.told(GRACE) == ["swap_withdrawn"]


async def test_an_offer_is_declined_and_expires() -> None:
    """Ada hears of both, once."""
    house = await opened()
    known = await house.exchange.offer(offer(to=(GRACE, LINUS)), asker(ADA))
    for _ in range(2):
        known = await house.exchange.decline(known.id, asker(GRACE))
    house.clock.move(DAY)
    for _ in range(2):
        directory = house.directories.current()
        await house.exchange.expire(directory, directory, house.clock())
    assert await house.told(ADA) == ["swap_declined", "swap_expired"]
    assert house.people(START + 1.5 * DAY) == ("ada",)


async def test_an_exchange_of_shifts() -> None:
    """Each has the other's, and both know."""
    house = await opened()
    back = Span(START + 8 * DAY, START + 9 * DAY)
    known = await house.exchange.offer(offer(to=(GRACE,), in_return=back), asker(ADA))
    await house.exchange.take(known.id, asker(GRACE))
    assert [house.people(at) for at in (START + 1.5 * DAY, back.start, back.end)] == [("grace",), ("ada",), ("grace",)]


async def test_cover_me() -> None:
    """Ada asks for two hours; Grace takes over for what is left of them when she says yes."""
    house = await opened()
    [known] = await house.exchange.cover(asker(ADA), lasts=2 * HOUR, schedule=None, note="train")
    assert await house.told(GRACE) == ["cover_asked"]
    house.clock.move(HOUR / 2)
    await house.exchange.take(known.id, asker(GRACE))
    asked = (START, START + HOUR / 2, START + 1.9 * HOUR, START + 2 * HOUR)
    assert [house.people(at) for at in asked] == [("ada",), ("grace",), ("grace",), ("ada",)]
    assert await house.told(ADA) == ["cover_taken"]
    with pytest.raises(Refused, match="not on call now"):
        await house.exchange.cover(asker(LINUS), lasts=HOUR, schedule=None, note="")


async def test_what_is_not_there_or_not_yours() -> None:
    """An unknown offer is not found; somebody else's is not offered; a token of nobody takes nothing."""
    house = await opened()
    with pytest.raises(NotFound):
        await house.exchange.take(OfferId("gone"), asker(GRACE))
    with pytest.raises(Forbidden):
        await house.exchange.offer(offer(), asker(GRACE))
    known = await house.exchange.offer(offer(), asker(ADA))
    with pytest.raises(Forbidden):
        await house.exchange.take(known.id, Asker(name="program", person=None, manages=True))
    with pytest.raises(Forbidden):
        await house.exchange.withdraw(known.id, asker(GRACE))


async def test_files_leave_alone_what_people_have_made() -> None:
    """Applying them anew changes neither overrides nor offers; what names somebody who has left is passed over."""
    house = await opened()
    await house.exchange.override(wish(), BOSS)
    known = await house.exchange.offer(offer(span=Span(START + 3 * DAY, START + 4 * DAY)), asker(ADA))
    await house.apply(CONFIGURATION + "policies: [{name: p, steps: [{page: [{user: zoe}]}]}]\n")
    assert (house.people(START + 1.5 * DAY), list(await house.exchange.offers())) == (("grace",), [known])
    without_grace = CONFIGURATION.replace("[ada, grace, linus]", "[ada, linus]").replace("[ada, grace]", "[ada]")
    kept = "\n".join(line for line in without_grace.splitlines() if "name: grace" not in line)
    await house.apply(kept)
    assert house.people(START + 1.5 * DAY) == ("ada",)
    assert len(await house.exchange.overrides()) == 1


async def test_what_is_long_over_is_forgotten() -> None:
    """After a quarter of a year; not before, and not what files say."""
    house = await opened()
    await house.exchange.override(wish(), BOSS)
    await house.exchange.offer(offer(span=Span(START + 3 * DAY, START + 4 * DAY)), asker(ADA))
    await house.exchange.absent(ADA, Span(START + DAY, START + 2 * DAY), "", asker(ADA))
    for days, kinds in ((80, {"override", "swap", "absence"}), (20, set())):
        house.clock.move(days * DAY)
        directory = house.directories.current()
        await house.exchange.tidy(directory, directory, house.clock())
        _, documents = await house.store.documents()
        assert {one.kind for one in documents if one.origin == "api"} == kinds
    assert house.people(START) == ("ada",)


async def test_news_of_an_override_is_worked_out_beside_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """A year of a large rota takes a while, in which no page may be late."""
    house, threads = await opened(), []

    def watched(*given: Any, **named: Any) -> tuple[Message, ...]:
        threads.append(threading.current_thread())
        return overridden(*given, **named)

    monkeypatch.setattr("tocsin.app.exchange.overridden", watched)
    made = await house.exchange.override(wish(), BOSS)
    await house.exchange.end_override(made.override.name, BOSS)
    assert len(threads) == 2
    assert threading.main_thread() not in threads


async def test_an_override_over_a_clock_change_and_one_of_a_microsecond() -> None:
    """Both are kept as they were wished, and end when they end."""
    house = await opened()
    change, moment = utc(2026, 3, 29, 1), timedelta(microseconds=1)
    for span in (Span(change - HOUR, change + HOUR), Span(change + DAY, change + DAY + moment)):
        made = await house.exchange.override(wish(people=(LINUS,), span=span), BOSS)
        assert made.override.span == span
        asked = (span.start - moment, span.start, span.end - moment, span.end)
        assert [house.people(at) == ("linus",) for at in asked] == [False, True, True, False]


async def test_cover_for_longer_than_anybody_plans_is_refused() -> None:
    """However many years somebody writes."""
    house = await opened()
    with pytest.raises(Refused):
        await house.exchange.cover(asker(ADA), lasts=timedelta.max, schedule=None, note="")


async def test_what_was_handed_over_is_not_given_back_alone() -> None:
    """The taker would put somebody else on call by it, who has not agreed; and a token is not its namesake."""
    house = await opened()
    known = await house.exchange.offer(offer(), asker(ADA))
    for _ in range(2):
        await house.exchange.take(known.id, asker(GRACE))
    [handed] = await house.exchange.overrides(ROTA)
    with pytest.raises(Forbidden):
        await house.exchange.end_override(handed.override.name, asker(GRACE))
    assert house.people(START + 1.5 * DAY) == ("grace",)
    made = await house.exchange.override(wish(span=Span(START + 3 * DAY, START + 4 * DAY)), asker(GRACE))
    with pytest.raises(Forbidden):
        await house.exchange.end_override(made.override.name, Asker(name="grace", person=None, manages=False))
    await house.exchange.end_override(handed.override.name, BOSS)
    assert house.people(START + 1.5 * DAY) == ("ada",)


async def test_a_configuration_is_made_beside_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of schedules take a while, in which no page may be late; each change makes it anew."""
    threads = []

    def watched(*given: Any, **named: Any) -> Directory:
        threads.append(threading.current_thread())
        return directory(*given, **named)

    monkeypatch.setattr("tocsin.app.directories.directory", watched)
    await opened()
    assert threads
    assert threading.main_thread() not in threads
