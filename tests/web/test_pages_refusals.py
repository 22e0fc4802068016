"""What the core refuses is said by pages in the reader's words: each text by a real refusal of the real core."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tocsin.app.catalogs import load_catalogs
from tocsin.core.errors import Forbidden, Refused
from tocsin.core.overriding import Asker, OverrideWish
from tocsin.core.people import Role, Standing, TokenWish
from tocsin.core.swapping import Offer, OfferId, Taken, take, withdraw
from tocsin.core.vocabulary import PersonName, ScheduleName, Span, utc
from tocsin.engine.tokens import TokenDesk
from tocsin.ports.exchange import OfferWish
from tocsin.web.pages.reader import Reader
from tocsin.web.pages.refusals import SAID, wrong
from web.test_pages_schedule import OUTSIDER
from web.test_pages_world import House

ROTA = ScheduleName("primary")
ADA, GRACE, MEI, OTTO = map(PersonName, ("ada", "grace", "mei", "otto"))
#: Ada's Monday, Grace's a week later, what is past and what is too far ahead.
MONDAY = Span(utc(2026, 11, 23, 8), utc(2026, 11, 24, 8))
LATER = Span(utc(2026, 11, 30, 8), utc(2026, 12, 1, 8))
PAST = Span(utc(2026, 11, 20, 8), utc(2026, 11, 21, 8))
FAR = Span(utc(2028, 1, 3, 8), utc(2028, 1, 4, 8))
_MOMENT = timedelta(minutes=1)
#: Nobody but Ada serves, and no team owns it.
LONELY = (
    OUTSIDER.replace("name: primary\n    team: data", "name: primary", 1)
    .replace("people: [ada, grace]", "people: [ada]")
    .replace("    overrides: [{person: mei", "    # [{")
)
#: Nobody can reach Grace.
MUTE = OUTSIDER.replace('contacts: [{name: hook, channel: webhook, address: "http://grace.example/"}]', "contacts: []")


class Story:
    """Somebody tries what cannot be."""

    def __init__(self, home: House) -> None:
        self.home = home
        self.exchange: Any = home.context.exchange

    async def override(self, by: PersonName, span: Span = MONDAY, *, people: Any = (MEI,), **more: Any) -> None:
        """Put somebody on call."""
        wish = OverrideWish(schedule=ROTA, people=people, span=span, **more)
        await self.exchange.override(wish, Asker(name=by, person=by, manages=by == ADA))

    async def offer(self, by: PersonName = ADA, span: Span = MONDAY, **more: Any) -> None:
        """Offer a shift."""
        wish = OfferWish(schedule=ROTA, by=by, span=span, **more)
        await self.exchange.offer(wish, Asker(name=by, person=by, manages=False))

    async def take(self, taker: PersonName = GRACE, *, part: Span | None = None, **more: Any) -> None:
        """Take an offer that stands as told."""
        take(self.home.book.directory(), self.known(**more), by=taker, part=part, now=self.home.book.clock())

    async def take_under(self, configuration: str) -> None:
        """Take it when the configuration has changed."""
        await self.home.book.configure(configuration)
        await self.take()

    async def take_while_away(self) -> None:
        """Take it although one has said that one is away."""
        await self.exchange.absent(GRACE, MONDAY, "", Asker(name=GRACE, person=GRACE, manages=False))
        await self.take()

    async def take_what_one_has(self) -> None:
        """Take a shift that one serves together with whoever offers it."""
        await self.override(ADA, people=(ADA, MEI))
        await self.take(MEI)

    async def withdraw_what_is_taken(self) -> None:
        """Withdraw what is not one's own any more."""
        now = self.home.book.clock()
        withdraw(self.home.book.directory(), self.known(taken=(Taken(by=GRACE, span=MONDAY, at=now),)), now=now)

    async def offer_to_nobody(self) -> None:
        """Offer a shift that nobody else could take."""
        await self.home.book.configure(LONELY)
        await self.offer()

    async def end_anothers_override(self) -> None:
        """End what somebody else has made."""
        await self.override(ADA)
        [kept] = await self.exchange.overrides(ROTA)
        await self.exchange.end_override(kept.override.name, Asker(name=GRACE, person=GRACE, manages=False))

    async def anothers_absence(self) -> None:
        """Send somebody else away."""
        await self.exchange.absent(ADA, MONDAY, "", Asker(name=GRACE, person=GRACE, manages=False))

    async def decline_as_nobody(self) -> None:
        """Answer as nobody in particular."""
        await self.exchange.decline(OfferId("x"), Asker(name="setup", person=None, manages=True))

    async def empty_note(self) -> None:
        """Leave a note that says nothing."""
        await self.home.context.handovers.write("primary", by="ada", text=" ")

    async def token(self, **more: Any) -> None:
        """Ask for a token as Grace."""
        book, wish = self.home.book, TokenWish(name="laptop", role=Role.RESPONDER, person=GRACE)
        asker = Standing(role=Role.RESPONDER, person=GRACE)
        await TokenDesk(book.store, book.directory).give(replace(wish, **more), asker, by=GRACE)

    async def second_token(self) -> None:
        """Ask for one of a name that is taken."""
        await self.token()
        await self.token()

    def known(self, **more: Any) -> Offer:
        """An offer of Ada's Monday, or otherwise."""
        values = {"by": ADA, "span": MONDAY, "made_at": self.home.book.clock(), "expires_at": MONDAY.start, **more}
        return Offer(id=OfferId("x"), schedule=ROTA, **values)

    def a_moment_ago(self) -> Any:
        """An instant of the past."""
        return self.home.book.clock() - _MOMENT


#: By text: the field beside which it stands, and what brings it about.
CASES: dict[str, tuple[str | None, Callable[[Story], Awaitable[None]]]] = {
    "wrong.backwards": ("to", lambda story: story.offer(span=Span(MONDAY.end, MONDAY.start))),
    "wrong.over": ("to", lambda story: story.override(ADA, PAST)),
    "wrong.too_far": ("to", lambda story: story.override(ADA, FAR)),
    "wrong.too_long": ("to", lambda story: story.offer(span=FAR)),
    "wrong.unknown_person": ("who", lambda story: story.override(ADA, people=("zoe",))),
    "wrong.themself": ("instead_of", lambda story: story.override(ADA, instead_of=MEI)),
    "wrong.only_oneself": ("who", lambda story: story.override(GRACE)),
    "wrong.stranger": ("schedule", lambda story: story.override(OTTO, people=(OTTO,))),
    "wrong.not_a_person": (None, Story.decline_as_nobody),
    "wrong.not_yours": ("person", Story.anothers_absence),
    "wrong.not_your_override": ("name", Story.end_anothers_override),
    "wrong.not_on_call_then": ("from", lambda story: story.offer(GRACE)),
    "wrong.not_on_call_in_return": (
        "in_return",
        lambda story: story.offer(to=(GRACE,), in_return=Span(MONDAY.end, LATER.start)),
    ),
    "wrong.cannot_take": ("to_whom", lambda story: story.offer(to=(ADA,))),
    "wrong.nobody_else": ("to_whom", Story.offer_to_nobody),
    "wrong.offer_end": ("to", lambda story: story.offer(expires_at=story.a_moment_ago())),
    "wrong.offer_taken": ("id", Story.withdraw_what_is_taken),
    "wrong.offer_withdrawn": ("id", lambda story: story.take(withdrawn_at=story.a_moment_ago())),
    "wrong.offer_expired": ("id", lambda story: story.take(expires_at=story.a_moment_ago())),
    "wrong.not_offered_to_you": ("id", lambda story: story.take(OTTO)),
    "wrong.part_gone": ("from", lambda story: story.take(part=LATER)),
    "wrong.exchange_whole": (
        "from",
        lambda story: story.take(to=(GRACE,), in_return=LATER, part=Span(MONDAY.start, MONDAY.end - _MOMENT)),
    ),
    "wrong.exchange_one": ("to_whom", lambda story: story.offer(in_return=LATER)),
    "wrong.exchange_overlap": ("in_return", lambda story: story.offer(to=(GRACE,), in_return=MONDAY)),
    "wrong.no_longer_on_call": ("id", lambda story: story.take(MEI, by=GRACE)),
    "wrong.on_call_already": ("from", Story.take_what_one_has),
    "wrong.unreachable": ("by", lambda story: story.take_under(MUTE)),
    "wrong.away": ("by", Story.take_while_away),
    "wrong.note_length": ("text", Story.empty_note),
    "wrong.token_name": ("name", lambda story: story.token(name="a/b")),
    "wrong.token_taken": ("name", Story.second_token),
    "wrong.token_role": ("role", lambda story: story.token(role=Role.ADMIN)),
    "wrong.token_scope": ("scope", lambda story: story.token(scope=frozenset())),
}


def test_every_text_has_a_case() -> None:
    """No text stands for a refusal that the core does not know."""
    assert set(CASES) == set(SAID)


@pytest.mark.parametrize("text_id", CASES)
async def test_a_refusal_of_the_core_is_said_in_the_readers_words(text_id: str) -> None:
    """Each is recognised by its own text and no other, beside its field, with full names, in both languages."""
    story = Story(await House(OUTSIDER).open())
    field, tried = CASES[text_id]
    with pytest.raises(Refused) as caught:
        await tried(story)
    assert [one for one, pattern in SAID.items() if re.fullmatch(pattern, caught.value.detail)] == [text_id]
    told = {language: wrong(caught.value, reader(story, language), form="x") for language in ("en", "zh")}
    assert told["en"].text != told["zh"].text
    for one in told.values():
        assert (one.form, one.field) == ("x", field)
        assert caught.value.detail not in one.text
        assert "%(" not in one.text
        assert text_id not in one.text
        assert not re.search(r"\b(?:ada|grace|mei|otto)\b", one.text)
        assert one.status == (403 if isinstance(caught.value, Forbidden) else 422)


async def test_what_nobody_foresaw_is_said_as_the_core_says_it() -> None:
    """A refusal without a text of ours is told with its hint, never swallowed."""
    story = Story(await House(OUTSIDER).open())
    said = wrong(Refused("the moon is full", field="people", hint="wait"), reader(story, "en"), form="x")
    assert (said.text, said.field) == ("the moon is full. wait", "who")
    assert wrong(Refused("the moon is full"), reader(story, "en"), form="x").text == "the moon is full"


def reader(story: Story, language: str) -> Reader:
    """Somebody who reads it."""
    people = story.home.book.directory().people.values()
    return Reader(
        catalog=load_catalogs().of(language),
        zone=ZoneInfo("Europe/Berlin"),
        now=story.home.book.clock(),
        names={str(person.name): person.full_name for person in people},
    )
