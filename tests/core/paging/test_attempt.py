"""One page: which contact is tried when, what a failure leads to, when the climb is told."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.scene import T0, after, minutes, seconds
from tocsin.core.paging.attempt import (
    AttemptFailed,
    AttemptMade,
    Command,
    Fact,
    Limits,
    Line,
    NobodyReached,
    Page,
    PageOpened,
    PageStopped,
    Refused,
    Sent,
    Standing,
    Stop,
    Stopped,
    TimePasses,
    TryLater,
    begin,
    decide,
    evolve,
)
from tocsin.core.vocabulary import Instant, PageId, PersonName, Urgency

ONCE = Limits(tries=1)


@dataclass
class Reaching:
    """A page that remembers what it did."""

    waits: tuple[float, ...] = (0, 2, 10)
    now: Instant = T0
    page: Page | None = None
    facts: list[Fact] = field(default_factory=list)

    @property
    def stands(self) -> Page:
        assert self.page is not None
        return self.page

    def begin(self) -> Reaching:
        contacts = ("hook", "mail", "phone", "pigeon")
        plan = tuple(
            Line(after=minutes(wait), contact=contact, channel="webhook", address=contact)
            for wait, contact in zip(self.waits, contacts, strict=False)
        )
        fresh = Page(
            id=PageId("p"),
            rung=1,
            person=PersonName("ada"),
            recipient="ada",
            because="user ada",
            urgency=Urgency.HIGH,
            opened_at=self.now,
            plan=plan,
        )
        return self.took(begin(fresh))

    def give(self, kind: type, **more: object) -> Reaching:
        command: Command = kind(now=self.now, **more)
        return self.took(decide(self.stands, command))

    def later(
        self, number: int = 1, *, uncertain: bool = False, limits: Limits | None = None, **more: object
    ) -> Reaching:
        return self.give(TryLater, number=number, why="busy", limits=limits or Limits(), uncertain=uncertain, **more)

    def took(self, facts: tuple[Fact, ...]) -> Reaching:
        for fact in facts:
            self.page = fact.page if isinstance(fact, PageOpened) else evolve(self.stands, fact)
        self.facts += facts
        return self

    def let_pass(self, *, to: float) -> Reaching:
        """Time passes to so many seconds after the beginning; what is due between is done when it is due."""
        end = T0 + seconds(to)
        while self.stands.due_at is not None and self.stands.due_at <= end:
            self.now = max(self.now, self.stands.due_at)
            self.give(TimePasses)
        self.now = end
        return self

    @property
    def story(self) -> list[str]:
        """`120 mail` for an attempt, `120 mail again` for a retry, `120 mail repeat` where it may arrive twice."""
        return [line for fact in self.facts if (line := self._line(fact))]

    def _line(self, fact: Fact) -> str:
        second = f"{(fact.at - T0).total_seconds():g}"
        match fact:
            case AttemptMade():
                again = " repeat" if fact.repeat else " again" if fact.tries > 1 else ""
                return f"{second} {self.stands.plan[fact.line].contact}{again}"
            case NobodyReached():
                return f"{second} nobody"
            case PageStopped():
                return f"{second} stopped"
        return ""


def reaching(*waits: float) -> Reaching:
    """A page to contacts so many minutes apart, begun."""
    return Reaching(waits=waits or (0, 2, 10)).begin()


def test_contacts_are_tried_at_their_distances() -> None:
    """One contact after the other, each so long after the one before, although each was taken by its provider."""
    page = reaching(0, 2, 10).give(Sent, number=1).let_pass(to=119)
    assert page.story == ["0 hook"]
    page.let_pass(to=120).give(Sent, number=2).let_pass(to=720).give(Sent, number=3)
    assert page.story == ["0 hook", "120 mail", "720 phone"]
    assert page.stands.due_at is None


def test_the_first_contact_may_wait() -> None:
    """A person's first line may have a wait of its own."""
    assert reaching(1, 2).let_pass(to=180).story == ["60 hook", "180 mail"]


def test_contacts_without_distance_are_tried_together() -> None:
    """Lines without a wait leave at once."""
    assert reaching(0, 0, 0).story == ["0 hook", "0 mail", "0 phone"]


def test_a_plan_without_contacts_reaches_nobody() -> None:
    """Where there is nothing to try the climb is told at once."""
    assert Reaching(waits=()).begin().story == ["0 nobody"]


# Failures


@pytest.mark.parametrize("kind", ["refused", "later"])
def test_a_contact_that_fails_is_left_at_once(kind: str) -> None:
    """The next contact is tried without its wait when the one before it failed, passing or not."""
    page = reaching(0, 2, 10)
    page = page.give(Refused, number=1, why="gone") if kind == "refused" else page.later()
    assert page.story == ["0 hook", "0 mail"]
    assert page.stands.next_at == after(10)


def test_a_passing_failure_is_tried_again_at_growing_distances() -> None:
    """The wait doubles from try to try, up to the limit of tries; the climb is told once, at the first failure."""
    page = reaching(0)
    for number, second in ((1, 10), (2, 30), (3, 70), (4, 150)):
        page.later(number).let_pass(to=second)
    assert page.story == ["0 hook", "0 nobody", "10 hook again", "30 hook again", "70 hook again"]
    assert page.stands.due_at is None


@pytest.mark.parametrize(("wish", "second"), [(5, 10), (60, 60), (None, 10)])
def test_the_wish_of_a_provider_is_heard(wish: int | None, second: int) -> None:
    """A provider may ask for a longer wait, not for a shorter one."""
    page = reaching(0).later(wait=None if wish is None else seconds(wish))
    assert page.let_pass(to=second - 1).story == ["0 hook", "0 nobody"]
    assert page.let_pass(to=second).story[-1] == f"{second} hook again"


def test_a_refusal_is_not_tried_again() -> None:
    """What a provider will never take is not offered to it again."""
    page = reaching(0).give(Refused, number=1, why="gone").let_pass(to=3_600)
    assert page.story == ["0 hook", "0 nobody"]


def test_a_retry_that_fails_does_not_hurry_the_contacts_behind() -> None:
    """While a later contact has its time, the failing retry of an earlier one changes nothing for the next."""
    page = reaching(0, 2, 10).later(1).give(Sent, number=2).let_pass(to=10)
    page.later(3)
    assert page.story == ["0 hook", "0 mail", "10 hook again"]
    assert page.let_pass(to=600).story[-1] == "600 phone"


def test_the_newest_contact_that_fails_is_left_at_once_although_an_older_was_reached() -> None:
    """Nobody has answered the older one, so the next is tried as soon as the newest fails."""
    page = reaching(0, 2, 10).give(Sent, number=1).let_pass(to=120).give(Refused, number=2, why="gone")
    assert page.story == ["0 hook", "120 mail", "120 phone"]


def test_a_retry_that_fails_for_good_after_another_contact_failed() -> None:
    """When the last hope of a page fails the climb is told, once."""
    page = reaching(0, 2).later(1, limits=Limits(tries=2)).give(Refused, number=2, why="gone")
    assert page.story == ["0 hook", "0 mail", "0 nobody"]
    page.let_pass(to=10).later(3, limits=Limits(tries=2)).let_pass(to=3_600)
    assert page.story == ["0 hook", "0 mail", "0 nobody", "10 hook again"]


def test_a_retry_may_still_succeed_after_the_climb_was_told() -> None:
    """Attempts that can be made again still are, and what is taken then ends the trying."""
    page = reaching(0).later(1).let_pass(to=10).give(Sent, number=2).let_pass(to=3_600)
    assert page.story == ["0 hook", "0 nobody", "10 hook again"]
    assert page.stands.attempts[2].standing is Standing.SENT
    assert page.stands.is_live


def test_while_a_call_is_under_way_there_is_hope() -> None:
    """The climb is not told before the last call has come back."""
    page = reaching(0, 0).give(Refused, number=1, why="gone")
    assert page.story == ["0 hook", "0 mail"]
    assert page.give(Refused, number=2, why="gone").story[-1] == "0 nobody"


# Repeats


def test_what_may_have_arrived_is_marked_when_it_is_sent_again() -> None:
    """Only after an outcome that cannot be known is the next call to the same contact marked, and all after it."""
    page = reaching(0).later(1).let_pass(to=10).later(2, uncertain=True).let_pass(to=30).later(3).let_pass(to=70)
    assert page.story == ["0 hook", "0 nobody", "10 hook again", "30 hook repeat", "70 hook repeat"]


def test_another_contact_is_not_a_repeat() -> None:
    """An uncertain call to one contact does not mark the first one to another."""
    assert reaching(0, 2).later(1, uncertain=True).story == ["0 hook", "0 mail"]


# Too late, twice, stopped


@pytest.mark.parametrize("number", [1, 2, 99])
def test_outcomes_count_once(number: int) -> None:
    """A second outcome of an attempt, and that of an attempt that never was, change nothing."""
    page = reaching(0, 2).give(Refused, number=1, why="gone").give(Sent, number=2)
    before = list(page.facts)
    page.give(Sent, number=number).give(Refused, number=number, why="gone").later(number)
    assert page.facts == before


@pytest.mark.parametrize("why", list(Stopped))
def test_a_stopped_page_makes_no_attempt(why: Stopped) -> None:
    """Stopped once, for a reason that is kept; what comes back afterwards is noted and leads to nothing."""
    page = reaching(0, 2).give(Stop, why=why).give(Stop, why=why)
    page.later(1).let_pass(to=3_600)
    assert page.story == ["0 hook", "0 stopped"]
    assert (page.stands.stopped, page.stands.due_at) == (why, None)
    assert not page.stands.attempts[1].retry_at


@given(
    st.lists(st.sampled_from([0, 0, 1, 2]), max_size=4),
    st.lists(
        st.tuples(st.sampled_from(["sent", "later", "uncertain", "refused", "pass", "stop"]), st.integers(0, 9)),
        max_size=30,
    ),
)
def test_any_page_ends(waits: list[int], deeds: list[tuple[str, int]]) -> None:
    """Whatever providers answer, in whatever order: each contact has its tries, no more; the climb is told once."""
    page = Reaching(waits=tuple(waits)).begin()
    for deed, number in deeds:
        match deed:
            case "sent":
                page.give(Sent, number=number)
            case "later" | "uncertain":
                page.later(number, uncertain=deed == "uncertain", limits=Limits(tries=3))
            case "refused":
                page.give(Refused, number=number, why="gone")
            case "pass":
                page.now += seconds(number * 7)
                page.give(TimePasses)
            case "stop":
                page.give(Stop, why=Stopped.ANSWERED)
        assert page.stands.due_at is None or page.stands.due_at > page.now
        _fits(page)
    page.let_pass(to=36_000)
    if page.stands.is_live and all(each.standing is not Standing.CALLING for each in page.stands.attempts.values()):
        sent = any(each.standing is Standing.SENT for each in page.stands.attempts.values())
        assert sent or any(isinstance(fact, NobodyReached) for fact in page.facts)


def _fits(page: Reaching) -> None:
    made = [fact for fact in page.facts if isinstance(fact, AttemptMade)]
    assert [fact.number for fact in made] == list(range(1, len(made) + 1))
    for line in range(len(page.stands.plan)):
        assert [fact.tries for fact in made if fact.line == line] == list(
            range(1, 1 + sum(fact.line == line for fact in made))
        )
    assert all(fact.tries <= 3 for fact in made)
    assert sum(isinstance(fact, NobodyReached) for fact in page.facts) <= 1
    failed = [fact.number for fact in page.facts if isinstance(fact, AttemptFailed)]
    assert len(failed) == len(set(failed))
