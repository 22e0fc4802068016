"""Signed links between nodes whose clocks differ."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tocsin.core.errors import Forbidden
from tocsin.core.vocabulary import DeliveryId, Instant, utc
from tocsin.engine.links import AnswerLink, Links

NOW = utc(2026, 11, 22, 3)
LINK = AnswerLink(delivery_id=DeliveryId("d"), recipient="ada")


def links(now: Instant) -> Links:
    """The links of a node whose clock says this."""
    return Links("k" * 40, public_url="", answers_last=timedelta(days=3), now=lambda: now)


@pytest.mark.parametrize("ahead", [1, 60, 7_200, 86_400])
def test_a_link_of_a_node_that_is_ahead_is_good(ahead: int) -> None:
    """Whoever presses at once what a node has made whose clock is ahead is not told that it has expired."""
    text = links(NOW + timedelta(seconds=ahead)).answer_url(LINK).rsplit("/", 1)[-1]
    assert links(NOW).read_answer(text) == LINK


def test_a_link_ends_by_the_clock_of_its_reader() -> None:
    """After three days by the clock of the node that reads it a link is over."""
    text = links(NOW).answer_url(LINK).rsplit("/", 1)[-1]
    assert links(NOW + timedelta(days=3)).read_answer(text) == LINK
    with pytest.raises(Forbidden, match="expired"):
        links(NOW + timedelta(days=3, seconds=2)).read_answer(text)
