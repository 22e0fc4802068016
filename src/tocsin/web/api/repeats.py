"""A call that says again what the same asker said last is the same call: its answer was lost on the way.

Acknowledging twice is harmless by itself. Escalating, handing over, calling somebody in and writing a note are not, so
a client that tries again after a broken connection must not ring anybody twice.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from tocsin.core.case import Fact
from tocsin.core.vocabulary import Instant
from tocsin.ports.state import AlertRecord, Entry
from tocsin.web.context import Context

#: What comes later is meant as a call of its own.
WITHIN = timedelta(seconds=30)


async def said_before(context: Context, alert_id: str, is_same: Callable[[Fact], bool]) -> AlertRecord | None:
    """The alert, when the last thing that anybody did about its group is the same; None: it is to be done.

    Raises:
        NotFound: there is no such alert.
    """
    record = await context.counter.alert(alert_id)
    now = await context.counter.reads.now()
    last = _last_act(await context.counter.reads.story(record.group_id), since=now - WITHIN)
    return record if last is not None and is_same(last) else None


def _last_act(story: tuple[Entry, ...], *, since: Instant) -> Fact | None:
    """The newest fact that somebody brought about by hand."""
    for entry in reversed(story):
        if entry.at < since:
            return None
        for fact in reversed(entry.facts):
            if getattr(fact, "by", None) is not None:
                return fact
    return None
