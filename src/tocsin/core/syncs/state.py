"""What is known of a sync from one attempt to the next, and the log of what it did."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tocsin.core.syncs.sync import SyncName, Unmatched
from tocsin.core.vocabulary import Instant, PersonName


class Verdict(StrEnum):
    """What an attempt meant."""

    #: All was as it should be.
    UNCHANGED = "unchanged"
    #: Others are on call, or the sync is another one.
    CHANGED = "changed"
    #: Somebody had changed it by hand.
    REPAIRED = "repaired"
    #: Nobody to put there: it stays as it is.
    KEPT = "kept"
    FAILED = "failed"
    #: All was as it should be, after failures.
    RECOVERED = "recovered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """Somebody who is wanted and could not be put there, and since when that is so."""

    person: PersonName
    why: str
    since: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What is known of a sync."""

    name: SyncName
    #: The sync as it was at the last attempt.
    setup: str
    #: Who was wanted at the last attempt, and since when.
    wanted: tuple[PersonName, ...]
    wanted_since: Instant
    #: Who was put there last, by this setup; None: never yet.
    applied: tuple[PersonName, ...] | None = None
    #: The last attempt that did not fail; None: none yet.
    applied_at: Instant | None = None
    #: Who was there after it, as the other side has it.
    members: tuple[str, ...] = ()
    tried_at: Instant
    #: When to look again, also when nothing has changed.
    next_at: Instant
    verdict: Verdict
    #: The last verdict in words; empty when all is well.
    text: str = ""
    missed: tuple[Missed, ...] = ()
    #: None: the last attempt did not fail.
    failing_since: Instant | None = None
    #: Failures in a row, those of a busy other side left out.
    failures: int = 0
    #: True once people were told of the failure.
    alarmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a sync's log: something was changed, kept or failed."""

    sync: SyncName
    at: Instant
    verdict: Verdict
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    text: str = ""
    unmatched: tuple[Unmatched, ...] = ()
