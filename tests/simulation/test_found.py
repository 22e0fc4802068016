"""Scripts that found something once, each beside the part as it was then: it must break there, and nowhere any more."""

from __future__ import annotations

import pytest

from tocsin.core.paging.attempt import Page
from tocsin.ports.words import Catalogs
from tocsin.simulation.nodes import Parts
from tocsin.simulation.promises import RUNG, SHOWN
from tocsin.simulation.run import Outcome, simulate
from tocsin.simulation.script import Behaviour, Ends, Fails, Killed, ProviderFails, Script, Step
from tocsin.simulation.shelf import Books
from tocsin.store.memory_readings import Kept

HOUR = 3_600.0

#: Found by seed 5: the node dies in a call, and by the end of its lease nothing rings any more.
DIES_IN_A_CALL: Script = (
    *(Killed(at=999.0, node=node, step=Step.CALLING, back_after=5.0, leaves_orphans=True) for node in range(3)),
    Fails(at=1_000.0, key="disk", service=0),
    Ends(at=1_015.0, key="disk", service=0),
)

#: Found by seed 129: what is not urgent goes by letters alone, and letters do not arrive for hours.
NO_LETTERS: tuple[Script, ...] = tuple(
    (
        ProviderFails(at=900.0, channel="letter", lasts=HOUR, behaviour=Behaviour.GONE, rolls=1),
        Fails(at=1_000.0, key="disk", service=service, severity="warning"),
        Ends(at=1_000.0 + HOUR, key="disk", service=service),
    )
    for service in range(4)
)


class CancelsWhatWasCalled(Books):
    """A call that nobody told the end of is written down as one that was never made."""

    def _claim(self, kept: Kept, *values: object) -> object:
        was_calling = kept.status == "calling"
        claim = super()._claim(kept, *values)
        if was_calling and claim is None:
            kept.status = "cancelled"
        return claim


def lived(script: Script, catalogs: Catalogs, parts: Parts | None = None) -> Outcome:
    """What comes of a script in the world of seed 1."""
    return simulate(1, days=0.2, catalogs=catalogs, script=script, parts=parts)


def test_a_call_that_may_have_arrived_is_not_shown_as_cancelled(catalogs: Catalogs) -> None:
    """The record of a delivery whose node died in the call says that it may have arrived."""
    broken = lived(DIES_IN_A_CALL, catalogs, Parts(books=CancelsWhatWasCalled)).broken
    assert broken is not None
    assert broken.promise == SHOWN
    assert lived(DIES_IN_A_CALL, catalogs).broken is None


def test_whom_no_rule_reaches_is_rung_all_the_same(catalogs: Catalogs, monkeypatch: pytest.MonkeyPatch) -> None:
    """Letters alone for what is not urgent, and no letters: somebody is rung by another contact."""
    assert [lived(script, catalogs).broken for script in NO_LETTERS] == [None] * len(NO_LETTERS)
    monkeypatch.setattr(Page, "was_in_vain", False)
    promises = {broken.promise for script in NO_LETTERS if (broken := lived(script, catalogs).broken) is not None}
    assert promises == {RUNG}
