"""Which alerts page together: the key that they share, and whether a group still takes one in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.scene import T0, after, minutes, trigger
from tocsin.core.alerts.grouping import FULL, Grouping, group_key, may_join
from tocsin.core.vocabulary import Instant, ServiceName, Severity

BY = Grouping(labels=("cluster", "zone"), window=minutes(5))
DATA, WEB = ServiceName("data"), ServiceName("web")

TEXTS = st.text(st.sampled_from('ab\x1f\x00",[]\\ é'), max_size=4)
SAID = st.tuples(TEXTS, st.sampled_from([None, DATA, WEB]), TEXTS, TEXTS)


def key(route: str, service: ServiceName | None, *values: str) -> str:
    """The key of an event with these values."""
    labels = dict(zip(BY.labels, values, strict=True))
    return group_key(BY, trigger(labels=labels), route=route, service=service)


@given(SAID, SAID)
def test_a_key_is_shared_by_equals_alone(one: tuple, other: tuple) -> None:
    """Two events share a key exactly when route, service and all values are the same, whatever characters they hold."""
    assert (key(*one) == key(*other)) == (one == other)


def test_a_missing_label_counts_as_empty() -> None:
    """An event without a label pages together with one whose label is empty."""
    assert group_key(BY, trigger(), route="r", service=DATA) == key("r", DATA, "", "")


def test_other_labels_do_not_part_a_group() -> None:
    """Only the labels that the route names count."""
    with_host = trigger(labels={"cluster": "a", "zone": "b", "host": "c"}, severity=Severity.CRITICAL)
    assert group_key(BY, with_host, route="r", service=DATA) == key("r", DATA, "a", "b")


@pytest.mark.parametrize(("name", "field"), [("service", "service"), ("severity", "severity"), ("source", "source")])
def test_fields_are_named_like_labels(name: str, field: str) -> None:
    """The event's own service, severity and source may be named; a label of that name goes before."""
    by = Grouping(labels=(name,), window=minutes(5))
    value = Severity.CRITICAL if field == "severity" else "db"
    as_field = group_key(by, trigger(**{field: value}), route="r", service=None)
    as_label = group_key(by, trigger(labels={name: str(value)}), route="r", service=None)
    other = group_key(by, trigger(labels={name: "other"}, **{field: value}), route="r", service=None)
    assert as_field == as_label != other


@pytest.mark.parametrize(
    ("members", "rings", "now", "joins"),
    [
        (1, True, T0, True),
        (1, True, after(4), True),
        (FULL - 1, True, T0, True),
        (FULL, True, T0, False),
        (1, False, T0, False),
        (1, True, after(5), False),
        (1, True, T0 - timedelta(seconds=1), False),
    ],
    ids=["first", "in time", "one place left", "full", "answered", "too late", "before it was"],
)
def test_who_may_join(members: int, now: Instant, *, rings: bool, joins: bool) -> None:
    """A group takes in what comes while it rings, gathers and has room; nothing else."""
    found = may_join(members=members, opened_at=T0, gathers_until=after(5), rings=rings, now=now)
    assert found is joins
