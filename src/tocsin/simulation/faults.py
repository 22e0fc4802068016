"""The faults of a world that last for a while: which of them are at work, and what they come to together."""

from __future__ import annotations

from collections.abc import Callable

from tocsin.simulation.chance import Chance
from tocsin.simulation.loop import SimulatedLoop
from tocsin.simulation.providers import Providers
from tocsin.simulation.script import NoticesLost, ProviderFails, RoughStore, StoreAway
from tocsin.simulation.shelf import Shelf, Weather
from tocsin.simulation.town import CHANNELS

Lasting = RoughStore | StoreAway | NoticesLost | ProviderFails


class Faults:
    """What is wrong with the store and the providers at present. Of two that are at odds the newer one holds."""

    def __init__(self, loop: SimulatedLoop, shelf: Shelf, providers: Providers, *, ended: Callable[[], None]) -> None:
        self._ended = ended
        self._loop = loop
        self._shelf = shelf
        self._providers = providers
        self._at_work: list[tuple[Lasting, Chance]] = []

    def begin(self, fault: Lasting) -> None:
        """It begins, and ends by itself."""
        rolls = 0 if isinstance(fault, StoreAway) else fault.rolls
        at_work = (fault, Chance(f"rolls/{rolls}"))
        self._at_work.append(at_work)
        self._apply()
        self._loop.at(self._loop.world() + fault.lasts, lambda: self._end(at_work))

    def _end(self, at_work: tuple[Lasting, Chance]) -> None:
        self._at_work.remove(at_work)
        self._apply()
        self._ended()

    def _apply(self) -> None:
        weather, behaviour = Weather(), {}
        for fault, rolls in self._at_work:
            match fault:
                case StoreAway():
                    weather.away = True
                case RoughStore():
                    weather.rolls, weather.fails = rolls, fault.fails
                    weather.unanswered, weather.crawls = fault.unanswered, fault.crawls
                case NoticesLost():
                    weather.notices, weather.lost = rolls, fault.lost
                case ProviderFails():
                    behaviour[fault.channel] = (fault.behaviour, rolls)
        self._shelf.weather, self._providers.behaviour = weather, behaviour

    @property
    def excuse_delays(self) -> bool:
        """True when nobody could ring anybody: the store is in trouble, or no provider does its work."""
        return not self._shelf.weather.is_calm or not any(map(self._providers.works, CHANNELS))
