"""What no rota may do to a person, however well it would suit: rest, gaps, and how much at most."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TypeAlias

from tocsin.core.vocabulary import PersonName

#: Duties with less time than this between them are one after the other: nights of one week as well as days of it.
IN_A_ROW = timedelta(days=1)


class Of(StrEnum):
    """What is counted."""

    DUTIES = "duties"
    #: Whole ones, of each duty those that the clock on the wall shows.
    HOURS = "hours"
    NIGHTS = "nights"
    #: Whole ones: somebody who has the Saturday may as well have the Sunday. Each belongs to its Saturday.
    WEEKENDS = "weekends"
    HOLIDAYS = "holidays"


class Per(StrEnum):
    """Over which time it is counted, on the person's own calendar; duties and hours belong to the day they begin on."""

    #: Monday to Sunday.
    WEEK = "week"
    MONTH = "month"
    PLAN = "plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """So much time between the end of a duty and the start of the person's next one."""

    at_least: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """From the start of each duty on, so much time free in one piece within such a time: 11 h in every 24 h."""

    at_least: timedelta
    in_every: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Most:
    """So many at most."""

    count: int
    of: Of = Of.DUTIES
    per: Per = Per.MONTH


@dataclass(frozen=True, slots=True, kw_only=True)
class InARow:
    """So many duties at most, one after the other with less than a day between them."""

    most: int


Rule: TypeAlias = Gap | Rest | Most | InARow


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One rule, for everybody or for some."""

    #: How it is quoted: "11 h rest".
    name: str
    rule: Rule
    #: None: everybody.
    people: frozenset[PersonName] | None = None

    def holds_for(self, person: PersonName) -> bool:
        """True when this person may rely on it."""
        return self.people is None or person in self.people
