"""What is known of providers, and what a page makes of it: nobody waits for a dead one, and nobody is passed over."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.scene import T0
from tocsin.core.paging.attempt import (
    PASSES,
    AttemptMade,
    AttemptSucceeded,
    ContactPassed,
    Fact,
    Limits,
    Line,
    NobodyReached,
    Page,
    Sent,
    Standing,
    TimePasses,
    TryLater,
    begin,
    decide,
    evolve,
)
from tocsin.core.paging.provider import (
    IN_A_ROW,
    LAPSES,
    TRIED_EVERY,
    WITHIN,
    Provider,
    Providers,
    Record,
    called,
    failed,
    provider_of,
    succeeded,
)
from tocsin.core.vocabulary import Instant, PageId, PersonName, Urgency

CHANNELS = ("sms", "mail", "push")


def after_failures(count: int, *, apart: timedelta = timedelta(seconds=10), start: Instant = T0) -> Record:
    """What is known after so many failures."""
    record: Record | None = None
    for number in range(count):
        record = failed(record, start + apart * number, "down")
    assert record is not None
    return record


@pytest.mark.parametrize(
    ("channel", "address", "provider"),
    [
        ("email", "ada@example.org", Provider(channel="email")),
        ("ntfy", "ada-phone", Provider(channel="ntfy")),
        ("ntfy", "https://NTFY.example/ada", Provider(channel="ntfy", host="ntfy.example")),
        (
            "webhook",
            "http://user:secret@hooks.example:8443/a?b",
            Provider(channel="webhook", host="hooks.example:8443"),
        ),
        ("webhook", "http://[broken", Provider(channel="webhook", host="http://[broken")),
    ],
)
def test_a_provider_is_a_channel_with_a_host(channel: str, address: str, provider: Provider) -> None:
    """Addresses behind one host share a provider, whose name holds no secret; others are the channel's own server."""
    assert provider_of(channel, address) == provider


def test_it_fails_after_three_in_a_row() -> None:
    """Two failures are a stumble; the third tells since when it has been failing, which is the first."""
    assert after_failures(IN_A_ROW - 1).failing_since is None
    record = after_failures(IN_A_ROW)
    assert (record.failing_since, record.failures, record.why) == (T0, IN_A_ROW, "down")


def test_failures_far_apart_are_none_in_a_row() -> None:
    """What happens once an evening says nothing about tonight."""
    assert after_failures(20, apart=WITHIN).failing_since is None


def test_one_success_is_enough() -> None:
    """It took a call: it works."""
    assert not succeeded(T0).is_failing(T0)
    assert failed(succeeded(T0), T0, "down").failing_since is None


def test_what_nobody_tries_is_not_known_to_fail() -> None:
    """After two minutes without a call it has a fair try; when that fails it is failing at once."""
    record = after_failures(IN_A_ROW)
    assert record.is_failing(record.tried_at + LAPSES - timedelta(seconds=1))
    assert not record.is_failing(record.tried_at + LAPSES)
    again = failed(called(record, T0 + LAPSES * 3), T0 + LAPSES * 3, "down")
    assert again.is_failing(T0 + LAPSES * 3)
    assert again.failing_since == T0


@dataclass
class Reaching:
    """A page while providers come and go; `dead`: the channels that do not work."""

    waits: tuple[int, ...]
    dead: set[str] = field(default_factory=set)
    records: dict[Provider, Record] = field(default_factory=dict)
    now: Instant = T0
    facts: list[Fact] = field(default_factory=list)
    page: Page | None = None

    def begin(self) -> None:
        """Open the page."""
        plan = tuple(
            Line(after=timedelta(seconds=wait), contact=channel, channel=channel, address=channel)
            for wait, channel in zip(self.waits, CHANNELS, strict=False)
        )
        page = Page(
            id=PageId("p"),
            rung=1,
            person=PersonName("ada"),
            recipient="ada",
            because="user ada",
            urgency=Urgency.HIGH,
            opened_at=self.now,
            plan=plan,
        )
        self.take(begin(page, self.known))

    @property
    def known(self) -> Providers:
        """What this node knows."""
        return Providers(records=dict(self.records))

    @property
    def stands(self) -> Page:
        """The page."""
        assert self.page is not None
        return self.page

    def take(self, facts: tuple[Fact, ...]) -> None:
        """Remember what happened; every call is answered at once."""
        for fact in facts:
            self.page = evolve(self.page, fact) if self.page is not None else fact.page  # type: ignore[union-attr]
            self.facts.append(fact)
        for number in [one.number for one in self.stands.attempts.values() if one.standing is Standing.CALLING]:
            self.answer(number)

    def answer(self, number: int) -> None:
        """The provider answers one call."""
        line = self.stands.plan[self.stands.attempts[number].line]
        provider = provider_of(line.channel, line.address)
        if line.channel in self.dead:
            self.records[provider] = failed(self.records.get(provider), self.now, "down")
            command: TryLater | Sent = TryLater(now=self.now, number=number, why="down", limits=Limits())
        else:
            self.records[provider] = succeeded(self.now)
            command = Sent(now=self.now, number=number)
        self.take(decide(self.stands, command, self.known))

    def let_pass(self, seconds: int) -> None:
        """Let time pass."""
        end = self.now + timedelta(seconds=seconds)
        while (due := self.stands.due_at) is not None and due <= end:
            self.now = max(due, self.now)
            self.take(decide(self.stands, TimePasses(now=self.now), self.known))
        self.now = end

    def called(self) -> set[str]:
        """The channels that were called."""
        made = (fact for fact in self.facts if isinstance(fact, AttemptMade))
        return {self.stands.plan[fact.line].channel for fact in made}


def failing(*channels: str) -> dict[Provider, Record]:
    """These have just failed three times."""
    record = after_failures(IN_A_ROW, apart=timedelta(0))
    return {provider_of(channel, channel): record for channel in channels}


def test_the_next_contact_does_not_wait() -> None:
    """A failing contact is passed over in the moment in which it is due, and the next one is called in the same."""
    page = Reaching((0, 120), dead={"sms"}, records=failing("sms"))
    page.begin()
    assert [type(fact).__name__ for fact in page.facts[1:]] == ["ContactPassed", "AttemptMade", "AttemptSucceeded"]
    assert page.called() == {"mail"}


def test_one_way_left_is_taken() -> None:
    """Where all fail, each is called in its turn and the climb is told, as if nothing were known."""
    knowing, unknowing = (
        Reaching((0, 120), dead={"sms", "mail"}, records=failing("sms", "mail")),
        Reaching((0, 120), dead={"sms", "mail"}),
    )
    for page in (knowing, unknowing):
        page.begin()
    kinds = [[type(fact) for fact in page.facts] for page in (knowing, unknowing)]
    assert kinds[0] == kinds[1]
    assert NobodyReached in kinds[0]


def test_it_is_passed_over_only_so_often() -> None:
    """Four times for one page at most; the probes of others tell when it works again."""
    page = Reaching((0, 120), dead={"sms"}, records=failing("sms"))
    page.begin()
    for _ in range(200):
        known = page.records[provider_of("sms", "sms")]
        page.records[provider_of("sms", "sms")] = called(known, page.now)  # others try it all the time
        page.let_pass(2)
    assert sum(isinstance(fact, ContactPassed) for fact in page.facts) == PASSES
    assert page.stands.due_at is None


def test_a_probe_goes_out_when_nobody_has_tried() -> None:
    """What was passed over is called once the provider was left alone for long enough."""
    page = Reaching((0, 120), dead={"sms"}, records=failing("sms"))
    page.begin()
    page.let_pass(int(TRIED_EVERY.total_seconds()) + 20)
    assert page.called() == {"sms", "mail"}
    probe = next(fact for fact in page.facts if isinstance(fact, AttemptMade) and fact.line == 0)
    assert probe.failing_since == T0


WAITS = st.lists(st.sampled_from([0, 5, 60, 300]), min_size=1, max_size=3).map(tuple)
SOME = st.sets(st.sampled_from(CHANNELS))


@given(WAITS, SOME, st.lists(st.tuples(SOME, st.integers(0, 200)), max_size=6))
def test_nobody_is_passed_over_for_good(
    waits: tuple[int, ...], known_dead: set[str], days: list[tuple[set[str], int]]
) -> None:
    """Whatever fails and recovers: the climb is told only when every contact was really called, and as long as a page
    lives it has reached somebody, has something due, or has told that it reached nobody.
    """
    page = Reaching(waits, dead=set(known_dead), records=failing(*known_dead))
    page.begin()
    for dead, seconds in days:
        page.dead = dead
        page.let_pass(seconds)
        contacts = {line.channel for line in page.stands.plan}
        told = [at for at, fact in enumerate(page.facts) if isinstance(fact, NobodyReached)]
        if told:
            made = {fact.line for fact in page.facts[: told[0]] if isinstance(fact, AttemptMade)}
            assert made == set(range(len(contacts)))
        sent = any(one.standing is Standing.SENT for one in page.stands.attempts.values())
        assert sent or page.stands.due_at is not None or page.stands.told


@given(WAITS, SOME, st.lists(st.tuples(SOME, st.integers(0, 200)), max_size=6))
def test_nothing_is_late_for_what_is_known(
    waits: tuple[int, ...], known_dead: set[str], days: list[tuple[set[str], int]]
) -> None:
    """To know that a provider is dead never makes the first message later than not to know it."""
    knowing = Reaching(waits, dead=set(known_dead), records=failing(*known_dead))
    unknowing = Reaching(waits, dead=set(known_dead))
    for page in (knowing, unknowing):
        page.begin()
        for _, seconds in days:
            page.let_pass(seconds)
    assert _first_sent(knowing) == _first_sent(unknowing)


def _first_sent(page: Reaching) -> Instant | None:
    return min((fact.at for fact in page.facts if isinstance(fact, AttemptSucceeded)), default=None)
