"""News of the rota on a store: kept once, taken back when it no longer holds."""

from __future__ import annotations

from datetime import timedelta

from playbook import Playbook
from tocsin.core.vocabulary import PersonName, utc
from tocsin.engine.keeper import Keeper
from tocsin.engine.rota_news import RotaNews

START = utc(2026, 1, 6, 12)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ADA, GRACE = PersonName("ada"), PersonName("grace")


def configuration(*people: str, away: str = "") -> str:
    """People who take turns day by day at midnight, and are reminded six hours before."""
    return f"""
tocsin: 1
users:
  - {{name: ada, role: admin, reminders: [6h]}}
  - {{name: grace, reminders: [6h]}}
  - {{name: linus, reminders: []}}
{away}
schedules:
  - name: rota
    time_zone: UTC
    layers:
      - {{name: two days, rotation: {{every: 2 days, from: "2026-01-05T00:00", people: [{", ".join(people)}]}}}}
"""


class House:
    """An installation with as many nodes as wanted."""

    def __init__(self, text: str) -> None:
        self.book = Playbook(text, start=START)

    def node(self) -> Keeper:
        """One more."""
        news = RotaNews(self.book.store)
        return Keeper(self.book.store, self.book.directory, chores=(news.remind, news.tell_moves, news.warn))

    async def kinds(self, person: PersonName) -> list[tuple[str, str]]:
        """What is kept for somebody: kind and status."""
        records = await self.book.store.messages_to(person, limit=20)
        return sorted((record.message.kind, record.status) for record in records)


async def test_a_reminder_follows_an_edit_there_and_back() -> None:
    """It is taken back with the shift, and waits again when the shift comes back."""
    both = configuration("ada", "grace")
    house = House(both)
    await house.book.configure(both)
    node = house.node()
    await node.round()
    assert await house.kinds(GRACE) == [("reminder", "waiting")]
    await house.book.configure(configuration("ada", "linus"))
    await node.round()
    assert ("reminder", "withdrawn") in await house.kinds(GRACE)
    await house.book.configure(both)
    await node.round()
    assert [status for kind, status in await house.kinds(GRACE) if kind == "reminder"] == ["waiting"]


async def test_two_nodes_tell_a_move_once() -> None:
    """Each of them sees the edit, at its own instant."""
    text = configuration("ada", "grace")
    house = House(text)
    await house.book.configure(text)
    one, other = house.node(), house.node()
    await one.round()
    await other.round()
    await house.book.configure(configuration("ada", "linus"))
    for node in (one, other, one):
        house.book.clock.move(timedelta(seconds=7))
        await node.round()
    assert [kind for kind, _ in await house.kinds(GRACE) if kind == "shifts_moved"] == ["shifts_moved"]


async def test_a_gap_to_come_is_warned_of_once() -> None:
    """Looked for again and again, told once."""
    away = 'absences: [{person: ada, from: "2026-01-20T00:00", to: "2026-01-21T00:00", name: leave}]'
    text = configuration("ada", away=away)
    house = House(text)
    await house.book.configure(text)
    node = house.node()
    for _ in range(3):
        await node.round()
        house.book.clock.move(7 * HOUR)
    assert [kind for kind, _ in await house.kinds(ADA) if kind == "rota_gap"] == ["rota_gap"]
