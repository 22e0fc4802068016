"""The course of troubles: told once, reminded, told when over; and never a storm, whatever happens."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.vocabulary import Instant, utc
from tocsin.core.watch import Book, Key, Name, Telling, Trouble, judge, merged, told
from tocsin.core.watch.course import AGAIN, CALM, GAP, LASTING, REMEMBERED, REMIND, TRYING, WORTH_A_WORD

START = utc(2026, 11, 22, 3, 11)
LOOK = timedelta(seconds=3)


def trouble(name: Name = Name.STEPS_LATE, *, threatens: bool = True, since: Instant = START) -> Trouble:
    """Something that is wrong."""
    return Trouble(key=Key(name=name), threatens=threatens, since=since)


class Watch:
    """Looks every few seconds, and tells at once what there is to tell."""

    def __init__(self, *, reached: bool = True) -> None:
        self.book = Book()
        self.now = START
        self.tellings: list[Telling] = []
        self.words: list[Trouble] = []
        self._reached = reached

    def look(self, *seen: Trouble, lasting: timedelta = LOOK) -> None:
        """See the same for so long."""
        end = self.now + lasting
        while self.now < end:
            judged = judge(self.book, seen, self.now)
            self.book = judged.book
            self.words += judged.words
            if judged.telling is not None:
                self.tellings.append(judged.telling)
                self.book = told(self.book, judged.telling) if self._reached else self.book
            self.now += LOOK

    def kinds(self) -> list[str]:
        """What each telling was about."""
        return [
            "".join(kind for kind in ("began", "goes_on", "over") if getattr(telling, kind))
            for telling in self.tellings
        ]


def test_it_is_known_at_once_and_told_when_it_lasts() -> None:
    """A trouble stands in the book from the first look; what mends itself soon wakes nobody."""
    watch = Watch()
    watch.look(trouble())
    assert watch.book.threatens
    watch.look(trouble(), lasting=LASTING - LOOK * 2)
    watch.look(lasting=CALM * 2)
    assert watch.tellings == []
    assert watch.book.going_on == ()


def test_it_is_told_once_then_reminded_then_over() -> None:
    """Told when it has lasted, again each half hour, and once when it is over."""
    watch = Watch()
    watch.look(trouble(), lasting=LASTING + REMIND * 2 + GAP)
    assert watch.kinds() == ["began", "goes_on", "goes_on"]
    watch.look(lasting=REMIND)
    assert watch.kinds()[3:] == ["over"]
    assert watch.tellings[-1].over[0].since == START


def test_what_comes_and_goes_is_one_trouble() -> None:
    """Where it is gone for less than a minute it goes on, since when it began first."""
    watch = Watch()
    for _ in range(10):
        watch.look(trouble(since=watch.now))
        watch.look(lasting=CALM - LOOK * 2)
    assert watch.kinds() == ["began"]
    assert watch.book.going_on[0].since == START


def test_what_comes_back_after_its_end_is_told_again_later() -> None:
    """One that was said to be over is not told again within ten minutes."""
    watch = Watch()
    watch.look(trouble(), lasting=LASTING + LOOK)
    watch.look(lasting=CALM * 2)
    over_at = watch.tellings[-1].at
    watch.look(trouble(since=watch.now), lasting=AGAIN * 2)
    assert watch.kinds() == ["began", "over", "began"]
    assert watch.tellings[-1].at >= over_at + AGAIN


def test_what_nobody_could_be_told_is_tried_again() -> None:
    """When nobody was reached, or the node that was to tell is gone, it is told again after two minutes."""
    watch = Watch(reached=False)
    watch.look(trouble(), lasting=LASTING + TRYING + LOOK * 2)
    assert watch.kinds() == ["began", "began"]


def test_a_word_is_written_once() -> None:
    """What threatens nothing pages nobody; it is worth one message when it lasts."""
    watch = Watch()
    seen = trouble(Name.INBOUND_SILENT, threatens=False)
    watch.look(seen, lasting=WORTH_A_WORD)
    assert watch.words == []
    watch.look(seen, lasting=timedelta(hours=3))
    assert [one.key for one in watch.words] == [seen.key]
    assert watch.tellings == []


def test_what_has_messages_of_its_own_is_not_told_twice() -> None:
    """A sync tells of its own failure: the watch lists it and says nothing."""
    watch = Watch()
    watch.look(trouble(Name.SYNC_FAILING, threatens=False), lasting=timedelta(hours=1))
    assert (watch.words, watch.tellings) == ([], [])
    assert watch.book.going_on


def test_a_word_that_becomes_a_danger_is_told() -> None:
    """A clock that runs away further is told as the danger that it has become."""
    watch = Watch()
    watch.look(trouble(Name.CLOCK_SKEWED, threatens=False), lasting=timedelta(minutes=10))
    watch.look(trouble(Name.CLOCK_SKEWED), lasting=LOOK)
    assert watch.kinds() == ["began"]


def test_what_is_over_is_forgotten() -> None:
    """The book does not grow: what is long over leaves it."""
    watch = Watch()
    watch.look(trouble())
    watch.look(lasting=REMEMBERED + CALM * 2)
    assert watch.book.courses == ()


def test_two_nodes_tell_once() -> None:
    """The book is shared: what one node is at telling the other leaves alone."""
    later = START + LASTING
    first = judge(Book(), [trouble()], START)
    one = judge(first.book, [trouble()], later)
    two = judge(one.book, [trouble()], later + LOOK)
    assert one.telling is not None
    assert two.telling is None


def test_another_node_sees_what_one_does_not() -> None:
    """It goes on as long as any node sees it."""
    watch = Watch()
    for _ in range(200):
        watch.look(trouble())
        watch.look()
    assert watch.book.going_on
    assert watch.kinds() == ["began"]


def test_what_was_told_while_the_store_was_away_is_known_to_all() -> None:
    """A node's own book is taken into the book of all: nothing is told twice, and its end is told."""
    alone = Watch()
    away = trouble(Name.STORE_AWAY)
    alone.look(away, lasting=LASTING + LOOK)
    assert alone.kinds() == ["began"]
    back = Watch()
    back.now, back.book = alone.now, merged(Book(), alone.book)
    back.look(lasting=CALM * 3)
    assert back.kinds() == ["over"]
    assert merged(back.book, back.book) == back.book


@given(st.lists(st.sets(st.sampled_from([Name.STEPS_LATE, Name.STORE_AWAY, Name.NOBODY_PAGES])), max_size=400))
def test_it_never_storms(seen: list[set[Name]]) -> None:
    """Whatever comes and goes: tellings are a minute apart, and each trouble begins and is over in turn."""
    watch = Watch()
    for names in seen:
        watch.look(*(trouble(name, since=watch.now) for name in names), lasting=LOOK * 7)
    instants = [telling.at for telling in watch.tellings]
    assert all(later - earlier >= GAP for earlier, later in pairwise(instants))
    for name in Name:
        began = sum(any(one.key.name is name for one in telling.began) for telling in watch.tellings)
        over = sum(any(one.key.name is name for one in telling.over) for telling in watch.tellings)
        assert began - over in (0, 1)
        assert began <= 1 + (watch.now - START) / AGAIN


@given(st.lists(st.booleans(), max_size=200))
def test_what_lasts_is_always_told(others: list[bool]) -> None:
    """Whatever else comes and goes, a danger that lasts is told within two minutes of having lasted."""
    watch = Watch()
    for other in others:
        watch.look(*([trouble(Name.STEPS_LATE, since=watch.now)] if other else []), lasting=LOOK * 5)
    begun = watch.now
    watch.look(trouble(Name.STORE_AWAY, since=begun), lasting=LASTING + GAP * 2)
    assert any(one.key.name is Name.STORE_AWAY for telling in watch.tellings for one in telling.began)
