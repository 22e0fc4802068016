"""Batches that only repeat what is open and open what is new, which is most of what comes in: two statements in all.

The first looks and guards nothing. The second, `tocsin_take_in` of migration 0011, is a transaction of its own and
writes what was decided only while everything is as it was seen. Whatever asks for more (an end, an answer, a case that
must be read, a text that does not travel) is left to the way that guards first: `None` says so, nothing is written.

Each column of rows travels as one text. An array costs the driver twice as much, COPY two more turns a table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tocsin.core.alerts.model import Alert
from tocsin.core.arrivals import Arrival, Decided, Glance, Known, Repeat, Verdict, groups_to_load
from tocsin.core.events import Action
from tocsin.core.flow import Telling
from tocsin.core.vocabulary import AlertId, Instant
from tocsin.ports.state import Incoming
from tocsin.store import codec
from tocsin.store.looking import glance_at_keys, locks_of
from tocsin.store.pool import Connection
from tocsin.store.queries import SQL
from tocsin.store.saving import expiry_after, topics_of

Decide = Callable[[list[Arrival], Known], Decided]

#: Between the values of a column, and in place of one that is not there: `tocsin_column` takes them apart.
_BETWEEN = "\x1e"
_NOTHING = "\x1d"

_NEW_COLUMNS = 15
_REPEAT_COLUMNS = 6


class _DoesNotTravel(Exception):
    """A text holds the very characters that separate texts, or is one empty text alone."""


async def take_plainly(
    connection: Connection, incoming: Sequence[Incoming], events: Sequence[str], decide: Decide
) -> list[Verdict] | None:
    """Store and decide a plain batch; None when it is not one. The connection has no transaction open."""
    arrivals = [one.arrival for one in incoming]
    if not all(_may_be_plain(arrival) for arrival in arrivals):
        return None
    known = await glance_at_keys(connection, arrivals)
    if known.ended_early or groups_to_load(arrivals, known) or _gathers(arrivals, known):
        return None
    seen, now = {glance.alert_id: glance for glance in known.by_key.values()}, known.now
    decided = decide(arrivals, known)
    tellings = list(decided.tellings.values())
    if not all(_opens_one_alert(telling) for telling in tellings):
        return None
    dues = [telling.due_at for telling in tellings]
    try:
        columns = [
            *_opened(tellings, dues, decided.repeats),
            *_repeated({one: decided.repeats[one] for one in sorted(decided.repeats.keys() & seen)}, seen),
            *_kept(incoming, events, decided.verdicts),
        ]
    except _DoesNotTravel:
        return None
    locks = locks_of((one.integration, one.dedup_key) for telling in tellings for one in telling.case.alerts.values())
    bodies = [None if one.raw is None else one.raw.body for one in incoming]
    await connection.execute(SQL["take_in"], now, locks, _notices(tellings, dues), bodies, *columns)
    return decided.verdicts


def _may_be_plain(arrival: Arrival) -> bool:
    return arrival.event.action is Action.TRIGGER or arrival.event.action is Action.CHANGE


def _gathers(arrivals: Sequence[Arrival], known: Known) -> bool:
    """True when a new alert may page together with others."""
    return any(arrival.grouping_key is not None and known.glance(arrival) is None for arrival in arrivals)


def _opens_one_alert(telling: Telling) -> bool:
    case = telling.case
    is_bare = case.run is None and not case.pages and not telling.effects
    return is_bare and case.version == 0 and len(case.alerts) == 1 and case.is_open and case.group.key is None


def _notices(tellings: Sequence[Telling], dues: Sequence[Instant | None]) -> list[str]:
    notices = topics_of([telling.case.group.id for telling in tellings])
    return notices if all(due_at is None for due_at in dues) else ["work", *notices]


# Columns, in the order of the function's parameters.


def _opened(
    tellings: Sequence[Telling], dues: Sequence[Instant | None], repeats: Mapping[AlertId, Repeat]
) -> Sequence[str | None]:
    """New groups, each with its alert and its facts."""
    if not tellings:
        return (None,) * _NEW_COLUMNS
    cases = [telling.case for telling in tellings]
    alerts = [next(iter(case.alerts.values())) for case in cases]
    texts = [codec.encode_new_case(one.case, alert, one.facts) for one, alert in zip(tellings, alerts, strict=True)]
    return (
        _column([case.group.id for case in cases]),
        _instants(dues),
        _column([state for state, _, _ in texts]),
        _column([facts for _, _, facts in texts]),
        _column([alert.id for alert in alerts]),
        _column([alert.integration for alert in alerts]),
        _column([alert.dedup_key for alert in alerts]),
        _column([alert.status for alert in alerts]),
        _column([alert.severity for alert in alerts]),
        _column([alert.service for alert in alerts]),
        _column([alert.summary for alert in alerts]),
        _column([alert.source_group for alert in alerts]),
        _column([str(_count(alert, repeats)) for alert in alerts]),
        _instants([_expiry(alert, repeats) for alert in alerts]),
        _column([text for _, text, _ in texts]),
    )


def _count(alert: Alert, repeats: Mapping[AlertId, Repeat]) -> int:
    return 1 + repeats[alert.id].count if alert.id in repeats else 1


def _expiry(alert: Alert, repeats: Mapping[AlertId, Repeat]) -> Instant | None:
    return expiry_after(alert, repeats[alert.id].expires_at) if alert.id in repeats else alert.expires_at


def _repeated(repeats: Mapping[AlertId, Repeat], seen: Mapping[AlertId, Glance]) -> Sequence[str | None]:
    """Plain repeats by the ids of their alerts, in the one order in which everybody locks them."""
    if not repeats:
        return (None,) * _REPEAT_COLUMNS
    glances = [seen[alert_id] for alert_id in repeats]
    return (
        _column(list(repeats)),
        _column([str(repeat.count) for repeat in repeats.values()]),
        _instants([repeat.expires_at for repeat in repeats.values()]),
        _column([glance.status for glance in glances]),
        _column([glance.severity for glance in glances]),
        _instants([glance.expires_at for glance in glances]),
    )


def _kept(incoming: Sequence[Incoming], events: Sequence[str], verdicts: Sequence[Verdict]) -> Sequence[str | None]:
    """The events themselves; their raw bodies, which need not be text, travel apart."""
    arrivals = [one.arrival for one in incoming]
    return (
        _column([arrival.event_id for arrival in arrivals]),
        _column([one.request_id for one in incoming]),
        _column([arrival.integration for arrival in arrivals]),
        _column([arrival.event.action for arrival in arrivals]),
        _column([arrival.event.dedup_key for arrival in arrivals]),
        _column([verdict.alert_id for verdict in verdicts]),
        _column([verdict.outcome for verdict in verdicts]),
        _column([verdict.status for verdict in verdicts]),
        _column(events),
        _column([None if one.raw is None else codec.encode_head(one.raw) for one in incoming]),
    )


def _instants(instants: Sequence[Instant | None]) -> str:
    return _column([None if instant is None else instant.isoformat() for instant in instants])


def _column(values: Sequence[str | None]) -> str:
    """Values as one text.

    Raises:
        _DoesNotTravel: it could not be taken apart again.
    """
    joined = _BETWEEN.join([_NOTHING if value is None else value for value in values])
    if not joined or joined.count(_BETWEEN) != len(values) - 1 or joined.count(_NOTHING) != values.count(None):
        raise _DoesNotTravel
    return joined
