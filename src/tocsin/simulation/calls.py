"""The promises of calls: each was claimed, in time, for what rang then, and rings nobody twice without the mark.

One ring is one recipient, one rung, one alert, at one address. A later contact of the same plan is another address and
another ring; so is the next rung. What a provider has refused for certain has rung nobody. What it may have taken is
judged by whether in truth it had.
"""

from __future__ import annotations

from collections.abc import Callable

from tocsin.core.case import Case
from tocsin.core.paging.outbox import Item
from tocsin.core.vocabulary import GroupId
from tocsin.ports.state import Claimed
from tocsin.simulation.history import History
from tocsin.simulation.nodes import LEASE
from tocsin.simulation.promises import ONCE, SHOWN, Promises
from tocsin.simulation.providers import Rung
from tocsin.simulation.shelf import Books


class Calls:
    """Watches over the calls of one world."""

    def __init__(self, world: Callable[[], float], books: Books, promises: Promises, history: History) -> None:
        self._world = world
        self._books = books
        self._promises = promises
        self._history = history
        #: By node and delivery: the newest claim that the store has made for it, and when.
        self._claims: dict[tuple[str, str], tuple[Claimed, float]] = {}
        self._rings: set[tuple[str, int, str, str]] = set()
        self._begun: dict[str, int] = {}

    def written(self) -> None:
        """The store has written outcomes."""
        for delivery_id in self._books.overwritten:
            name = self._history.name("delivery", delivery_id)
            self._promises.break_(
                SHOWN, f"the outcome of {name} was written by a node whose claim was another's by then"
            )

    def claimed(self, node: str, claimed: Claimed) -> None:
        """The store has let a node call."""
        self._claims[node, claimed.delivery.id] = (claimed, self._world())
        homes = {item.group_id: self._books.case_now(item.group_id) for item in claimed.delivery.items}
        told = {alert.id for case in homes.values() for alert in case.told}
        name = self._history.name("delivery", claimed.delivery.id)
        if any(mention.alert_id not in told for mention in claimed.mentions):
            self._promises.break_(ONCE, f"{name} is to ring for an alert that is over")
        if not any(_may_ring(homes[item.group_id], item) for item in claimed.delivery.items):
            self._promises.break_(ONCE, f"{name} is to ring for what is quiet")

    def begun(self, node: str, rung: Rung, takes: bool) -> None:
        """A node calls. `takes`: in truth the provider takes it, whatever it will say."""
        name = self._history.name("delivery", rung.delivery_id)
        mark = " again" if rung.repeat else ""
        if rung.repeat:
            self._history.counts["call again"] += 1
        self._history.tell("call", f"{node} calls {rung.address}{mark} on rung {rung.step}: {name}")
        claimed, since = self._claims.get((node, rung.delivery_id), (None, 0.0))
        if claimed is None:
            self._promises.break_(ONCE, f"{node} calls for {name} without a claim")
            return
        if self._world() - since > LEASE.total_seconds():
            late = self._world() - since
            self._promises.break_(ONCE, f"{node} calls for {name} {late:.0f} s after its claim: it is another's now")
        self._begun[rung.delivery_id] = self._begun.get(rung.delivery_id, 0) + 1
        if self._books.kept(claimed.delivery.id) is None:
            self._promises.break_(SHOWN, f"{name} is called and not kept")
        self._ring(claimed, rung, takes=takes)

    def _ring(self, claimed: Claimed, rung: Rung, *, takes: bool) -> None:
        said = {mention.alert_id for mention in claimed.mentions}
        for item in claimed.delivery.items:
            for alert_id in said.intersection(item.alert_ids):
                ring = (claimed.delivery.person or "", item.rung, alert_id, rung.address)
                if takes and not rung.repeat and ring in self._rings:
                    alert = self._history.name("alert", alert_id)
                    sentence = f"{rung.address} is rung twice for {alert} on rung {item.rung}, and not told so"
                    self._promises.break_(ONCE, sentence)
                if takes:
                    self._rings.add(ring)

    def rang(self, rung: Rung) -> tuple[GroupId, ...]:
        """A device rings: for these cases."""
        homes = dict.fromkeys(self._books.home_of(alert_id) for alert_id in rung.alert_ids)
        found = tuple(home for home in homes if home is not None)
        if rung.person is not None:
            self._history.tell("ring", f"{rung.person} by {rung.channel}{' again' if rung.repeat else ''}")
            for home in found:
                self._promises.rang(home)
        return found

    def look(self) -> None:
        """Every call that was begun has its record."""
        for delivery_id in self._begun:
            kept = self._books.kept(delivery_id)
            name = self._history.name("delivery", delivery_id)
            if kept is None or kept.status in ("waiting", "cancelled"):
                status = kept.status if kept is not None else "gone"
                self._promises.break_(SHOWN, f"{name} was called, and its record says that it is {status}")
            elif kept.status != "calling" and not kept.answer and kept.status != "sent":
                self._promises.break_(SHOWN, f"{name} was called, and its record has no evidence")
        self._begun = {
            delivery_id: calls for delivery_id, calls in self._begun.items() if self._books.is_under_way(delivery_id)
        }


def _may_ring(case: Case, item: Item) -> bool:
    page = case.pages.get(item.page_id)
    return bool(case.ringing) or (page is not None and page.by_hand)
