"""What people change of the rota at run time: overrides, absences, and shifts that they hand to each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from tocsin.core.overriding import Asker, OverrideWish
from tocsin.core.schedules import Absence, Override
from tocsin.core.swapping import Offer, OfferId
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptOverride:
    """An override that was made at run time."""

    schedule: ScheduleName
    override: Override
    #: None: nobody has said so.
    made_by: str | None
    made_at: Instant | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferWish:
    """A stretch of one's own duty that others may take."""

    schedule: ScheduleName
    #: Whose duty it is.
    by: PersonName
    span: Span
    #: Empty: everybody of the team and the schedule.
    to: tuple[PersonName, ...] = ()
    in_return: Span | None = None
    note: str = ""
    #: None: until the span begins; if it has begun, until it ends.
    expires_at: Instant | None = None


class Exchange(Protocol):
    """Where faces change the rota at run time. Every call may be made twice without harm but those that make something.

    Everything raises `Refused` for what cannot be meant, `Forbidden` for what the asker may not do, `NotFound` for what
    is not there, and `Unavailable` while the store is away.
    """

    async def overrides(self, schedule: ScheduleName | None = None) -> Sequence[KeptOverride]:
        """Those in force or to come, in order of their beginning."""
        ...

    async def override(self, wish: OverrideWish, asker: Asker) -> KeptOverride:
        """Make one. Responders put themselves on call; managers anybody, or nobody."""
        ...

    async def end_override(self, name: str, asker: Asker) -> None:
        """End one now, or take it back before it begins. What was on call stays."""
        ...

    async def absences(self, person: PersonName | None = None) -> Sequence[Absence]:
        """Those that last or are to come, entered and from calendars, in order of their beginning."""
        ...

    async def absent(self, person: PersonName, span: Span, note: str, asker: Asker) -> Absence:
        """Somebody is away: the next in each of their rotations takes over. One's own, or as a manager."""
        ...

    async def end_absence(self, name: str, asker: Asker) -> None:
        """The person is back, or does not go."""
        ...

    async def offers(self, *, schedule: ScheduleName | None = None) -> Sequence[Offer]:
        """Those that are open, and those that ended within the last thirty days, newest first."""
        ...

    async def offer(self, wish: OfferWish, asker: Asker) -> Offer:
        """Offer one's shift, or as a manager somebody's; those to whom it is made are told."""
        ...

    async def cover(
        self, asker: Asker, *, lasts: timedelta, schedule: ScheduleName | None, note: str
    ) -> Sequence[Offer]:
        """Ask everybody to take over from now on for so long, in each schedule in which the asker is on call now."""
        ...

    async def take(self, offer_id: OfferId, asker: Asker, *, part: Span | None = None) -> Offer:
        """Take what is left of an offer, or a part of it: the taker is on call for it at once."""
        ...

    async def decline(self, offer_id: OfferId, asker: Asker) -> Offer:
        """Say no."""
        ...

    async def withdraw(self, offer_id: OfferId, asker: Asker) -> Offer:
        """Keep what is left of one's own offer."""
        ...
