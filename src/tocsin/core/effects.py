"""What the core asks of the world, as values. Who carries them out is the engine's business."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.core.vocabulary import AlertId, GroupId, Instant, PageId, PersonName, PolicyName, ServiceName, Urgency


@dataclass(frozen=True, slots=True, kw_only=True)
class SendPage:
    """Try one contact for one page."""

    page_id: PageId
    #: The attempt's number within its page, from 1.
    attempt: int
    group_id: GroupId
    #: The alerts that ring when the attempt is made.
    alert_ids: tuple[AlertId, ...]
    #: None: a program behind `address`.
    person: PersonName | None
    contact: str
    channel: str
    address: str
    urgency: Urgency
    rung: int
    at: Instant
    #: True when an earlier try at this contact may have arrived.
    repeat: bool = False
    #: Why just this one is reached: "schedule data-primary".
    because: str = ""
    #: Whose alerts they are: where much is due at once, services take turns. None: of no service.
    service: ServiceName | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StopPage:
    """What is not yet on its way for this page must not leave."""

    page_id: PageId


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeTurn:
    """A round robin has moved on by one."""

    policy: PolicyName
    step: int


Effect = SendPage | StopPage | TakeTurn
