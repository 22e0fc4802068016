"""State is what the journal folds to, whatever has happened in whatever order."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from functools import reduce

import pytest

from store.conftest import in_memory, on_postgres
from store.scene import GROUPED, NATIVE, Scene, resolve, trigger
from tocsin.core import case as cases
from tocsin.core.case import Case
from tocsin.core.events import Action, Event
from tocsin.core.vocabulary import Severity
from tocsin.ports.state import AlertQuery, Claimed, Ended


class Chance:
    """One thing after another, as a seed has it."""

    def __init__(self, scene: Scene, seed: int) -> None:
        self.scene = scene
        self.dice = random.Random(seed)
        self.claims: list[Claimed] = []

    async def act(self) -> None:
        """Something happens."""
        await self.dice.choice([self.events, self.events, self.work, self.finish, self.pass_time, self.answer])()

    async def events(self) -> None:
        batch = [self._event() for _ in range(self.dice.randint(1, 6))]
        await self.scene.take(*batch, integration=self.dice.choice([NATIVE, GROUPED]))

    def _event(self) -> Event:
        key, dice = self.dice.choice("abcde"), self.dice
        at = self.scene.now + timedelta(minutes=dice.randint(-3, 0))
        source_group = dice.choice([None, "g"])
        match dice.randint(0, 9):
            case 0 | 1:
                return resolve(key, at=at, whole_group=source_group == "g", source_group=source_group)
            case 2:
                return Event(action=Action.ACKNOWLEDGE, dedup_key=key)
        expires_at = dice.choice([None, self.scene.now + timedelta(minutes=dice.randint(1, 9))])
        labels = {"team": dice.choice("xy")}
        severity = dice.choice(list(Severity))
        return trigger(
            key, at=at, expires_at=expires_at, labels=labels, severity=severity, source_group=source_group,
            service=dice.choice(["pipelines", "rota"]),
        )  # fmt: skip

    async def work(self) -> None:
        limit = self.dice.randint(1, 10)
        self.claims += (await self.scene.work(limit=limit)).claimed
        self.claims += (await self.scene.claim(limit=limit)).claimed

    async def finish(self) -> None:
        self.claims.sort(key=lambda claim: (claim.delivery.id, claim.claim))
        self.dice.shuffle(self.claims)
        ended = self.dice.choice(list(Ended))
        some, self.claims = self.claims[:3], self.claims[3:]
        await self.scene.finish(*some, ended=ended)

    async def pass_time(self) -> None:
        await self.scene.let_pass(seconds=self.dice.choice([1, 30, 300]))

    async def answer(self) -> None:
        items = (await self.scene.store.alerts(AlertQuery(limit=100))).items
        if items:
            kind = self.dice.choice(["acknowledge", "resolve", "snooze"])
            await self.scene.command(self.dice.choice(items).alert.id, kind)


def settled(case: Case) -> Case:
    """A case without the expiries, which plain repeats move beside the journal."""
    alerts = {alert_id: replace(alert, expires_at=None) for alert_id, alert in case.alerts.items()}
    return replace(case, alerts=alerts, version=0)


@pytest.mark.parametrize("seed", range(4))
async def test_the_journal_folds_to_the_state(scene: Scene, seed: int) -> None:
    """For every group: the facts of its commits, folded from nothing, give the case as it is stored."""
    chance = Chance(scene, seed)
    for _ in range(120):
        await chance.act()
    items = (await scene.store.alerts(AlertQuery(limit=1000))).items
    groups = {one.group_id for one in items}
    assert len(groups) > 3
    for group_id in groups:
        story = await scene.store.story(group_id)
        stored = await scene.store.case(group_id)
        assert stored is not None
        assert [entry.version for entry in story] == list(range(1, stored.version + 1))
        facts = [fact for entry in story for fact in entry.facts]
        folded = reduce(cases.evolve, facts, None)
        assert folded is not None
        assert settled(folded) == settled(stored)
    health = await scene.store.health(allowed=timedelta(days=1))
    assert health.cases_without_next_step == 0


@pytest.mark.postgres
@pytest.mark.parametrize("seed", range(10, 13))
async def test_both_stores_come_to_the_same(database_url: str, seed: int) -> None:
    """The same things in the same order leave PostgreSQL and its twin in memory with the same alerts and deliveries."""
    twins = [in_memory(), await on_postgres(database_url)]
    outcomes = []
    for scene in twins:
        chance = Chance(scene, seed)
        for _ in range(80):
            await chance.act()
        items = (await scene.store.alerts(AlertQuery(limit=1000))).items
        alerts = sorted(
            (one.alert.dedup_key, one.alert.created_at, one.alert.status, one.count, str(one.alert.expires_at))
            for one in items
        )
        statuses = sorted([status for one in items for status in await scene.statuses(one.alert.id)])
        outcomes.append((alerts, statuses))
    await twins[1].store.close()
    assert outcomes[0] == outcomes[1]
