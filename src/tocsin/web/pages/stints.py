"""How long somebody is on call without a break, and who comes after: what people ask of a schedule first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from tocsin.core.schedules import OnCall, Rota
from tocsin.core.vocabulary import Instant, ScheduleName

#: So far ahead a change of people is looked for.
_SEARCH = timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stint:
    """Who is on call at an instant, and until when the same people are, whatever says so."""

    present: OnCall
    #: None: without an end in sight.
    until: Instant | None
    #: Who is on call from then on; nobody is an answer. None: there is no end in sight.
    after: OnCall | None

    @property
    def people(self) -> tuple[str, ...]:
        """Who is on call; empty: nobody."""
        return self.present.people


def stint(rota: Rota, name: ScheduleName, at: Instant) -> Stint:
    """The stint of a schedule at an instant.

    Raises:
        KeyError: there is no schedule of this name.
    """
    present = rota.on_call(name, at)
    until = present.until
    while until is not None and until < at + _SEARCH:
        after = rota.on_call(name, until)
        if after.people != present.people:
            return Stint(present=present, until=until, after=after)
        until = after.until
    return Stint(present=present, until=None, after=None)
