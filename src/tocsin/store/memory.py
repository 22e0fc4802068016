"""The store's twin in memory: the same promises on a clock that is passed in, for tests, stories and simulations.

Nothing is awaited between the first look and the last write, so that every method is a transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tocsin.core.alerts.model import Alert
from tocsin.core.arrivals import REMEMBERED, Arrival, Decided, Glance, Known, Repeat, Verdict, groups_to_load
from tocsin.core.case import Case
from tocsin.core.paging.calm import Calm
from tocsin.core.paging.order import next_round, room_for_lost
from tocsin.core.paging.outbox import Delivery, Way, place
from tocsin.core.vocabulary import AlertId, GroupId, Instant, IntegrationName
from tocsin.ports.state import AlertRecord, Claimed, Entry, EventRecord, Incoming, Mention, Result, Worked
from tocsin.store import codec
from tocsin.store.claiming import claim_of, claimed_now, mention
from tocsin.store.memory_alone import RemembersChores
from tocsin.store.memory_duty import RemembersDuty
from tocsin.store.memory_feeds import RemembersFeeds
from tocsin.store.memory_messages import RemembersMessages
from tocsin.store.memory_notes import RemembersNotes
from tocsin.store.memory_published import RemembersPublished
from tocsin.store.memory_readings import Kept
from tocsin.store.memory_signing_in import RemembersSessions
from tocsin.store.memory_syncs import RemembersSyncs
from tocsin.store.memory_troubles import RemembersTroubles
from tocsin.store.saving import Decide, Saving, Turns, decide_cases, decide_results, expiry_after, saving_of


class MemoryStore(
    RemembersTroubles,
    RemembersDuty,
    RemembersNotes,
    RemembersSyncs,
    RemembersMessages,
    RemembersPublished,
    RemembersChores,
    RemembersFeeds,
    RemembersSessions,
):
    """Everything that is kept, until the process ends."""

    # Intake.

    async def take_in(
        self, incoming: Sequence[Incoming], decide: Callable[[list[Arrival], Known], Decided], calm: Calm
    ) -> list[Verdict]:
        """Store and decide a batch; the verdicts are in its order."""
        events = [codec.decode_json(codec.encode_event(one.arrival.event)) for one in incoming]
        arrivals = [one.arrival for one in incoming]
        now = self._now()
        known = self._look(arrivals, now)
        cases = known.cases = {group_id: self._case(group_id) for group_id in groups_to_load(arrivals, known)}
        decided = decide(arrivals, known)
        saving = saving_of(decided, cases, now)
        self._save(saving, calm, decided)
        for key, ended_at in decided.ended_early.items():
            self._ended_early[key] = (ended_at, now)
        for one, verdict, event in zip(incoming, decided.verdicts, events, strict=True):
            self._keep_event(one, verdict, event, now)
        return decided.verdicts

    def _look(self, arrivals: Sequence[Arrival], now: Instant) -> Known:
        known = Known(now=now)
        for arrival in arrivals:
            if arrival.key in self._newest:
                known.by_key[arrival.key] = self._glance(self._newest[arrival.key])
            ended_at, noted_at = self._ended_early.get(arrival.key, (now, now - REMEMBERED))
            if noted_at > now - REMEMBERED:
                known.ended_early[arrival.key] = ended_at
            if arrival.event.alert_id in self._alerts:
                known.by_id[arrival.event.alert_id] = self._glance(arrival.event.alert_id)
            if arrival.event.whole_group:
                self._look_at_group(known, arrival.integration, arrival.event.source_group or "")
            if arrival.grouping_key is not None:
                self._look_for_home(known, arrival.grouping_key, now)
        return known

    def _glance(self, alert_id: AlertId) -> Glance:
        record = self._alerts[alert_id]
        return Glance.at(record.alert, record.group_id)

    def _look_at_group(self, known: Known, integration: IntegrationName, source_group: str) -> None:
        alerts = (record.alert for record in self._open_records())
        wanted = (one for one in alerts if (one.integration, one.source_group) == (integration, source_group))
        if found := tuple(self._glance(alert.id) for alert in wanted):
            known.in_source_group[integration, source_group] = found

    def _look_for_home(self, known: Known, key: str, now: Instant) -> None:
        groups = (group for group_id in self._open if (group := self._cases[group_id].group).key == key)
        gathering = [group for group in groups if group.gathers_until > now]
        if gathering:
            known.gathering[key] = max(gathering, key=lambda group: (group.gathers_until, group.id)).id

    def _keep_event(self, incoming: Incoming, verdict: Verdict, event: Mapping[str, Any], now: Instant) -> None:
        arrival = incoming.arrival
        record = EventRecord(
            id=arrival.event_id,
            request_id=incoming.request_id,
            integration=arrival.integration,
            received_at=now,
            action=arrival.event.action.value,
            dedup_key=arrival.event.dedup_key,
            outcome=verdict.outcome.value,
            alert_id=verdict.alert_id,
            event=event,
            raw=incoming.raw,
        )
        self._events[record.id] = (record, verdict.status)

    # Cases.

    def _save(self, saving: Saving, calm: Calm, decided: Decided | None = None) -> Sequence[Delivery]:
        repeated, replaced = ({}, []) if decided is None else (dict(decided.repeats), decided.replaced)
        for group_id, change in saving.changes.items():
            case = change.after
            self._keep_case(case, change.due_at)
            self._journal[group_id].append(Entry(version=case.version, at=saving.now, facts=change.facts))
            fresh = [alert for alert in change.created if alert.id not in replaced]
            self._newest.update({(alert.integration, alert.dedup_key): alert.id for alert in fresh})
            for alert in [*change.created, *(after for _, after in change.changed)]:
                self._keep_alert(alert, group_id, repeated.pop(alert.id, None), saving.now)
        for alert_id, repeat in repeated.items():
            self._keep_alert(self._alerts[alert_id].alert, self._alerts[alert_id].group_id, repeat, saving.now)
        for group_id, at in saving.due.items():
            self._set_due(group_id, at)
        self._turns.update(saving.turns)
        deliveries = self._send_and_stop(saving, calm)
        self._tell(saving)
        return deliveries

    def _keep_case(self, case: Case, due_at: Instant | None) -> None:
        self._cases[case.group.id] = case
        self._set_due(case.group.id, due_at)
        if case.is_open:
            self._open[case.group.id] = None
        else:
            self._open.pop(case.group.id, None)

    def _keep_alert(self, alert: Alert, group_id: GroupId, repeat: Repeat | None, now: Instant) -> None:
        before = self._alerts.get(alert.id)
        if before is None:
            before = AlertRecord(alert=alert, group_id=group_id, count=1, last_seen_at=now)
        if repeat is None:
            self._alerts[alert.id] = replace(before, alert=alert)
            return
        kept = replace(alert, expires_at=expiry_after(alert, repeat.expires_at))
        self._alerts[alert.id] = replace(before, alert=kept, count=before.count + repeat.count, last_seen_at=now)

    def _tell(self, saving: Saving) -> None:
        notices = ["work"] * saving.is_due_sooner + ["outbox"] * bool(saving.sends)
        for notice in notices + (saving.topics if saving.changes else []):
            topic, _, payload = notice.partition(" ")
            self._notify(topic, payload)

    # Deliveries.

    def _send_and_stop(self, saving: Saving, calm: Calm) -> Sequence[Delivery]:
        pages = set(saving.stops)
        under_way = [self._deliveries[delivery_id] for _, delivery_id in self._unfinished()]
        waiting = [kept for kept in under_way if kept.status == "waiting"]
        for kept in under_way:
            kept.stopped |= {(one.page_id, one.attempt) for one in kept.delivery.items if one.page_id in pages}
        gathering = {way: kept.delivery.id for kept in waiting if (way := _gathers(kept.delivery)) is not None}
        placed = place(saving.sends, calm=calm, full_at=self._full_at, gathering=gathering, now=saving.now)
        self._full_at.update(placed.full_at)
        for delivery in placed.deliveries:
            kept = Kept(delivery=delivery, created_at=saving.now, stopped=set())
            self._deliveries[delivery.id] = self._under_way[delivery.id] = kept
        for delivery_id, item in placed.joined:
            kept = self._deliveries[delivery_id]
            repeat = kept.delivery.repeat or delivery_id in placed.repeats
            kept.delivery = replace(kept.delivery, items=(*kept.delivery.items, item), repeat=repeat)
        for kept in waiting:
            if not kept.live_items:
                kept.cancel()
        return placed.deliveries

    async def claim(self, *, node: str, limit: int, lease: timedelta) -> Worked:
        """Claim deliveries that are due, or whose lease has ended (those are marked as a repeat)."""
        now = self._now()
        due = [self._deliveries[delivery_id] for at, delivery_id in self._unfinished() if at <= now]
        waiting = [kept for kept in due if kept.status == "waiting"]
        chosen = next_round(waiting, lambda kept: kept.delivery.service, limit=limit, each=1)
        chosen += [kept for kept in due if kept.status == "calling"][: room_for_lost(limit, len(waiting))]
        claims = [self._claim(kept, now, lease) for kept in chosen]
        idle = _idle((at for at, _ in self._unfinished()), now)
        return Worked(count=len(chosen), idle=idle, claimed=tuple(one for one in claims if one is not None))

    def _claim(self, kept: Kept, now: Instant, lease: timedelta) -> Claimed | None:
        told = {item.group_id: self._told(item.group_id) for item in kept.live_items}
        live = replace(kept.delivery, items=kept.live_items)
        claim = claim_of(live, told, claims=kept.claim, was_calling=kept.status == "calling", now=now)
        if claim is None:
            kept.cancel()
            return None
        stopped = tuple(one for one in kept.delivery.items if one not in live.items)
        kept.delivery = replace(claim.delivery, items=(*stopped, *claim.delivery.items))
        kept.status, kept.claim, kept.claimed_at, kept.lease_until = "calling", claim.claim, now, now + lease
        return claim

    def _told(self, group_id: GroupId) -> list[Mention]:
        return [mention(alert, self._alerts[alert.id].count) for alert in self._cases[group_id].told]

    async def finish(self, results: Sequence[Result], calm: Calm) -> None:
        """Write outcomes and what they lead to. A claim that is no longer ours is left alone."""
        now = self._now()
        ours = [one for one in results if self._is_ours(one.claimed)]
        groups = {item.group_id for one in ours for item in one.claimed.delivery.items}
        saving = decide_results(ours, {group_id: self._case(group_id) for group_id in groups}, now, Turns(self._turns))
        for one in ours:
            kept = self._deliveries[one.claimed.delivery.id]
            kept.status, kept.answer = one.ended.value, codec.decode_json(codec.encode_json(one.answer))
            kept.sent_at = now if kept.status == "sent" else kept.sent_at
        self._save(saving, calm)

    def _is_ours(self, claimed: Claimed) -> bool:
        kept = self._deliveries.get(claimed.delivery.id)
        return kept is not None and kept.status == "calling" and kept.claim == claimed.claim

    # Work.

    async def work(self, *, node: str, limit: int, lease: timedelta, calm: Calm, decide: Decide) -> Worked:
        """Claim due cases, decide each, and write facts, state, next instants and deliveries."""
        now = self._now()
        due = sorted((at, group_id) for group_id, at in self._due.items() if at <= now)
        waiting = [self._case(group_id) for _, group_id in due]
        cases = next_round(waiting, lambda case: case.group.service, limit=limit)
        saving = decide_cases(cases, now, Turns(self._turns), decide)
        deliveries = self._save(saving, calm)
        counts = {one.alert.id: one.count for one in self._open_records()} if deliveries else {}
        claimed = claimed_now(deliveries, self._cases, counts, now)
        for one in claimed:
            kept = self._deliveries[one.delivery.id]
            kept.status, kept.claim, kept.claimed_at, kept.lease_until = "calling", one.claim, now, now + lease
        idle = _idle(self._due.values(), now)
        return Worked(count=len(cases), idle=idle, claimed=claimed)

    async def command(self, alert_ids: Sequence[AlertId], decide: Decide, calm: Calm) -> tuple[Case, ...]:
        """Decide about the cases of these alerts, each case once, in one transaction."""
        groups = sorted({self._alerts[alert_id].group_id for alert_id in alert_ids if alert_id in self._alerts})
        if groups:
            cases = [self._case(group_id) for group_id in groups]
            self._save(decide_cases(cases, self._now(), Turns(self._turns), decide), calm)
        return tuple(self._case(group_id) for group_id in groups)

    async def wake_all(self) -> None:
        """Make every open case due now."""
        now = self._now()
        for group_id in self._open:
            self._due[group_id] = min(self._due.get(group_id, now), now)
        self._notify("work")


def _idle(waits: Iterable[Instant], now: Instant) -> timedelta | None:
    first = min(waits, default=None)
    return None if first is None else max(first - now, timedelta(0))


def _gathers(delivery: Delivery) -> Way | None:
    if delivery.person is None or not delivery.gathers:
        return None
    return (delivery.person, delivery.channel, delivery.address, delivery.urgency)
