"""What comes of asking for a rota: one that is proposed, the proof that there is none, or nothing found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from tocsin.core.planning.duty import DutyId
from tocsin.core.planning.problem import Assignment, Reason
from tocsin.core.planning.scoring import Cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A rota that keeps to everything that must be kept. A person accepts it, or pins duties and asks again."""

    assignment: Assignment
    cost: Cost
    #: No rota whatever costs less than this; None: nothing is known.
    bound: int | None

    @property
    def is_optimal(self) -> bool:
        """True when it is proven that no rota costs less."""
        return self.bound is not None and self.bound >= self.cost.total

    @property
    def gap(self) -> int | None:
        """So much less might another rota cost; None: nobody knows."""
        return None if self.bound is None else max(0, self.cost.total - self.bound)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """There is no rota, and this is why: give up any one of the reasons, and they clash no more."""

    #: Empty: there is none even without any wish, limit, pin and absence.
    reasons: tuple[Reason, ...]
    #: The duties that these reasons leave nobody for.
    duties: tuple[DutyId, ...]
    #: True: no smaller set of reasons clashes. False: other sets may be smaller, though this one has nothing idle.
    smallest: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NoneFound:
    """No rota was found, which does not prove that there is none."""


Answer: TypeAlias = Proposal | Clash | NoneFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How hard to look. The same effort and problem give the same answer, unless the time ran out first."""

    seconds: float = 10.0
    workers: int = 2
    #: Another seed may find another rota of the same cost.
    seed: int = 1
