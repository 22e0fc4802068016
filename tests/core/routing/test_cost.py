"""What patterns cost: never less than the places they have, and with that a bound on the steps of any event."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tocsin.configuration.mistakes import BadConfiguration
from tocsin.configuration.reading import read
from tocsin.core.routing import Condition
from tocsin.core.routing.cost import IN_A_LOOP, LARGEST, cost_of, too_costly
from tocsin.intake.values import LONGEST_DESCRIPTION

#: A pattern and how many places it has: written by hand for what is whole, counted for what is put together.
Counted = tuple[str, int]

#: A class of Unicode has many ranges; for an engine of bytes these are its places.
WHOLE: list[Counted] = [
    ("a", 1), ("é", 2), ("火", 3), (r"\.", 1), (".", 4), ("[a-z]", 1), ("[abc]", 3), ("[^a]", 4), (r"[\w.-]", 22),
    (r"\d", 8), (r"\w", 20), (r"\s", 4), (r"\pL", 30), (r"\p{Greek}", 10), (r"\x{1F525}", 4), (r"\b", 1),
    ("^", 1), ("[]a]", 2), ("[[:alpha:]]", 2),
]  # fmt: skip


def grown(inner: st.SearchStrategy[Counted]) -> st.SearchStrategy[Counted]:
    """Sequences, choices, groups and repeats of smaller patterns; the repeats are written out in the count."""
    several = st.lists(inner, min_size=1, max_size=3)
    counts = st.tuples(st.integers(0, 40), st.integers(0, 40)).map(sorted)
    return st.one_of(
        several.map(lambda parts: ("".join(text for text, _ in parts), sum(size for _, size in parts))),
        several.map(lambda parts: (f"({'|'.join(text for text, _ in parts)})", sum(size for _, size in parts))),
        st.builds(lambda one, mark: (f"(?:{one[0]}){mark}", one[1]), inner, st.sampled_from(["*", "+", "?", "*?"])),
        st.builds(lambda one, n: (f"(?P<x>{one[0]}){{{n[0]},{n[1]}}}", one[1] * n[1]), inner, counts),
        st.builds(lambda one, n: (f"(?i:{one[0]}){{{n}}}", one[1] * n), inner, st.integers(0, 40)),
        st.builds(lambda one, n: (f"({one[0]}){{{n},}}", one[1] * n), inner, st.integers(0, 40)),
    )


PATTERNS = st.recursive(st.sampled_from(WHOLE), grown, max_leaves=8)


@given(PATTERNS)
def test_the_cost_is_never_less_than_the_places(counted: Counted) -> None:
    """Whatever is put together, and however often it is repeated, what is counted is at least what is written out."""
    pattern, places = counted
    assert cost_of(pattern) >= places


@given(PATTERNS)
def test_no_accepted_pattern_can_take_many_steps(counted: Counted) -> None:
    """A pattern that is accepted takes a bounded number of steps on the longest text that any door lets in."""
    pattern, places = counted
    assume(too_costly(cost_of(pattern)) is None)
    assert places * LONGEST_DESCRIPTION <= 7_500_000


@given(st.text(alphabet="ab()[]{}0123456789,|*+?\\.^$wdp:<>Pi-", max_size=40))
def test_any_text_has_a_cost(pattern: str) -> None:
    """Whatever stands there is counted, and counting ends."""
    assert cost_of(pattern) >= 0


@pytest.mark.parametrize(
    "pattern",
    ["^db-[0-9]+$", r"(?i)disk.*(full|9\d%)", r"^[\w.-]+@[\w.-]+$", r"\d{1,3}(\.\d{1,3}){3}", "(a|b)*c", ".*x.*y.*z"],
)
def test_what_people_write_is_cheap(pattern: str) -> None:
    """Usual patterns are far from the bound."""
    assert cost_of(pattern) < LARGEST / 3


def test_a_loop_costs_more() -> None:
    """A pattern inside a loop over labels meets many texts."""
    once = Condition('summary.matches("^a+$")').cost
    assert Condition('labels.exists(k, labels[k].matches("^a+$")) && summary.matches("^a+$")').cost == once * (
        IN_A_LOOP + 1
    )
    assert Condition('summary == "x.matches(y)"').cost == 0


def test_costly_patterns_are_refused_when_they_are_applied() -> None:
    """In routes and in silences, with their place and what helps; what was stored before stays readable."""
    text = """\
tocsin: 1
routes:
  - {when: 'summary.matches("[ab]{1,20}")'}
  - {when: 'summary.matches("[ab]*a[ab]{300}c")'}
silences:
  - {name: s, match: ["job=~[ab]{1,20}", "job=~([ab]{1,99}){9}"], from: 2026-01-01T00:00Z, to: 2026-01-02T00:00Z}
"""
    with pytest.raises(BadConfiguration) as refused:
        read([("a.yaml", text)], environment={}, channels=frozenset(), protocols=frozenset())
    assert [mistake.field for mistake in refused.value.mistakes] == ["routes[1].when", "silences[0].match[1]"]
    assert Condition('summary.matches("[ab]*a[ab]{300}c")').matches({"summary": "a"}) is False
