"""What is promised in ports/calendars.py, on memory and on PostgreSQL alike."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from store.scene import START, Scene
from tocsin.core.errors import Broken
from tocsin.core.schedules.shown import Published
from tocsin.core.vocabulary import PersonName, ScheduleName, Span
from tocsin.ports.calendars import Publication, PublicationKind
from tocsin.store.published import published_in

ROTA = Publication(kind=PublicationKind.SCHEDULE, name="rota")
ADA = Publication(kind=PublicationKind.PERSON, name="rota")


def event(uid: str, **given: Any) -> Published:
    """A shift of one hour, as it was published."""
    values = {"people": (PersonName("ada"), PersonName("艾达")), "source": "weekly", "changed_at": START, **given}
    span = Span(START, START + timedelta(hours=1))
    return Published(uid=uid, schedule=ScheduleName("rota"), span=span, **values)


async def test_the_first_address_stays(scene: Scene) -> None:
    """A calendar has no address until somebody asks; then it has the same one for everybody, also asked for at once."""
    assert await scene.store.calendar_nonce(ROTA) is None
    given = await asyncio.gather(*(scene.store.first_calendar_nonce(ROTA, fresh) for fresh in ("a", "b", "c")))
    assert len(set(given)) == 1
    assert await scene.store.calendar_nonce(ROTA) == given[0]
    assert await scene.store.calendar_nonce(ADA) is None


async def test_a_new_address_replaces_the_old_one(scene: Scene) -> None:
    """After a reset the new secret holds, also where there was none, and what was published stays."""
    await scene.store.replace_calendar_nonce(ADA, "x")
    await scene.store.first_calendar_nonce(ROTA, "a")
    await scene.store.publish(ROTA, lambda before: (event("1"),))
    await scene.store.replace_calendar_nonce(ROTA, "b")
    assert [await scene.store.calendar_nonce(one) for one in (ROTA, ADA)] == ["b", "x"]
    assert await scene.store.publish(ROTA, lambda before: before) == (event("1"),)


async def test_what_was_published_comes_back(scene: Scene) -> None:
    """The next decision sees what the last one kept, value for value; other calendars see nothing of it."""
    await scene.store.first_calendar_nonce(ROTA, "a")
    kept = (event("1"), event("2", sequence=3, cancelled_at=START), event("3", people=()))
    assert await scene.store.publish(ROTA, lambda before: kept) == kept
    seen: list[tuple[Published, ...]] = []
    await scene.store.publish(ROTA, lambda before: seen.append(before) or before[:1])
    await scene.store.publish(ROTA, lambda before: seen.append(before) or before)
    await scene.store.publish(ADA, lambda before: seen.append(before) or before)
    assert seen == [kept, kept[:1], ()]


async def test_a_calendar_without_an_address_keeps_nothing(scene: Scene) -> None:
    """What nobody can have read need not be remembered."""
    assert await scene.store.publish(ROTA, lambda before: (event("1"),)) == (event("1"),)
    assert await scene.store.publish(ROTA, lambda before: before) == ()


async def test_of_two_readers_at_once_one_decides_first(scene: Scene) -> None:
    """Every decision is made on what the one before it has kept."""
    await scene.store.first_calendar_nonce(ROTA, "a")

    def grow(before: tuple[Published, ...]) -> tuple[Published, ...]:
        return (*before, event(str(len(before))))

    await asyncio.gather(*(scene.store.publish(ROTA, grow) for _ in range(6)))
    assert [one.uid for one in await scene.store.publish(ROTA, lambda before: before)] == list("012345")


@pytest.mark.parametrize("text", ["", "{}", '[{"uid": 1}]'])
def test_damaged_words_are_told(text: str) -> None:
    """What cannot be read is a fault of ours, and said to be."""
    with pytest.raises(Broken):
        published_in(text)
