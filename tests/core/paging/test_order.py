"""Who goes first: what has waited the longest, and beside it the first of everybody else."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.paging.order import in_turn, next_round

WAITING = st.lists(st.tuples(st.sampled_from("abcde"), st.integers(0, 9)), max_size=60)


def party(item: tuple[str, int]) -> str:
    """Whose it is."""
    return item[0]


def test_everybody_has_a_turn() -> None:
    """The first of each comes before the second of any, in the order in which they came."""
    assert in_turn("aaabba", lambda letter: letter) == list("ababaa")
    assert in_turn([], party) == []


def test_the_first_of_a_quiet_one_goes_with_the_first_round() -> None:
    """A thousand of another are ahead of it, and it does not wait for them."""
    waiting = [("loud", number) for number in range(1_000)] + [("quiet", 0)]
    chosen = next_round(waiting, party, limit=64)
    assert ("quiet", 0) in chosen
    assert len(chosen) == 64 + 2 + 1


@given(WAITING)
def test_turns_keep_everything(items: list[tuple[str, int]]) -> None:
    """Nothing is lost or doubled, each keeps its own order, and nobody is two turns ahead of one who still waits."""
    turned = in_turn(items, party)
    assert Counter(turned) == Counter(items)
    for name in "abcde":
        assert [item for item in turned if party(item) == name] == [item for item in items if party(item) == name]
    met: Counter[str] = Counter()
    rest = Counter(map(party, items))
    for item in turned:
        assert all(met[name] >= met[party(item)] for name in rest if rest[name] > met[name])
        met[party(item)] += 1


@given(WAITING, st.integers(1, 20), st.integers(1, 5))
def test_a_round_holds_the_oldest_and_some_of_each(items: list[tuple[str, int]], limit: int, each: int) -> None:
    """What has waited the longest is in it, whoever waits has some in it, and nothing is in it twice."""
    numbered = list(enumerate(items))
    chosen = next_round(numbered, lambda pair: party(pair[1]), limit=limit, each=each)
    assert chosen[:limit] == numbered[:limit]
    assert len(set(chosen)) == len(chosen)
    beside, left = (Counter(party(item) for _, item in part) for part in (chosen[limit:], numbered[limit:]))
    assert beside == {name: min(count, each) for name, count in left.items()}
