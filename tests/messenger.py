"""An installation that tells messages: the real teller, wording and channels, on the memory store and a fixed clock.

messenger = Messenger()
await messenger.put(reminder())
await messenger.work()
messenger.expect("push")
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

import msgspec

from tocsin.app.catalogs import load_catalogs
from tocsin.channels import CHANNELS
from tocsin.core.directory import Directory
from tocsin.core.messages import Message
from tocsin.core.people import Contact, Person, Rule, Rules
from tocsin.core.vocabulary import PersonName, utc
from tocsin.engine.links import Links
from tocsin.engine.memos import Memos
from tocsin.engine.teller import LEASE, Teller
from tocsin.ports.channels import Answer, Call, HttpCall, Mail, NoAnswer, Settings
from tocsin.ports.messages import ClaimedMessage, MessageRecord
from tocsin.store.postgres import PostgresStore
from tocsin.testing import FixedClock, MemoryStore

ADA = PersonName("ada")
START = utc(2026, 11, 22, 8)
CATALOGS = load_catalogs()

DOWN = NoAnswer(why="cannot connect", may_have_arrived=False)
LOST = NoAnswer(why="no answer within 10 seconds", may_have_arrived=True)


def ada(*contacts: str, language: str = "en") -> Person:
    """Ada with these contacts, by their names; her rules for what may wait try all of them in this order."""
    known = {
        "push": Contact(name="push", channel="ntfy", address="ada-phone"),
        "mail": Contact(name="mail", channel="email", address="ada@example.org"),
        "hook": Contact(name="hook", channel="webhook", address="https://ada.example/hook"),
        "pigeon": Contact(name="pigeon", channel="pigeon", address="the roof"),
    }
    low = tuple(Rule(contact=name, after=timedelta(minutes=5)) for name in contacts)
    return Person(
        name=ADA,
        full_name="Ada",
        email="ada@example.org",
        time_zone=ZoneInfo("Europe/Berlin"),
        language=language,
        contacts=tuple(known[name] for name in contacts),
        rules=Rules(low=(*low, *low), high=low[::-1]),
    )


def reminder(key: str = "reminder/a", **more: object) -> Message:
    """A reminder to Ada of a shift that begins in a day, due now."""
    values = {
        "schedule": "data-primary",
        "start": "2026-11-23T08:00:00Z",
        "end": "2026-11-30T08:00:00Z",
        "source": "weekly",
    }
    given = {"person": ADA, "kind": "reminder", "values": values, "due_at": START, **more}
    return Message(key=key, **given)


@dataclass(frozen=True)
class Said:
    """One call that a provider has taken."""

    contact: str
    title: str
    repeat: bool


class Providers:
    """Every provider at once: takes calls, and answers as the story wants."""

    def __init__(self) -> None:
        self.said: list[Said] = []
        self.tried: list[str] = []
        #: Gives a call's answer by the contact's name; None: it is taken.
        self.answers: Callable[[str], Answer | NoAnswer | None] = lambda _contact: None

    async def call(self, channel: str, call: Call) -> Answer | NoAnswer:
        """Take one call."""
        contact, title = _of(call)
        self.tried.append(contact)
        answer = self.answers(contact)
        if answer is None or answer == LOST:
            self.said.append(Said(contact=contact, title=title, repeat=title.startswith("Sent again")))
        return answer or Answer(status=250 if isinstance(call, Mail) else 200)


def _of(call: Call) -> tuple[str, str]:
    if isinstance(call, Mail):
        return "mail", call.subject
    assert isinstance(call, HttpCall)
    return ("hook" if "hook" in call.url else "push"), msgspec.json.decode(call.body)["title"]


class Messenger:
    """One installation in memory."""

    def __init__(self, *people: Person) -> None:
        self.clock = FixedClock(START)
        self.store = MemoryStore(now=self.clock)
        self.providers = Providers()
        self.directory = Directory(people={one.name: one for one in people or (ada("push", "mail"),)})
        self.channels = {channel.name: channel for channel in CHANNELS}
        #: A program is told messages only where a setting says so.
        self.settings: dict[str, Settings] = {"webhook": Settings(values={"messages": "true"})}
        self.teller = self.another()
        self._heard = 0

    def another(self, store: MemoryStore | PostgresStore | None = None) -> Teller:
        """One more node on the same store."""
        links = Links("k" * 40, public_url="https://tocsin.example.org", answers_last=timedelta(days=3))
        return Teller(
            store or self.store,
            lambda: self.directory,
            self.providers,
            Memos(links, CATALOGS),
            channels=self.channels,
            settings=self.settings,
            node="story",
        )

    async def put(self, *messages: Message) -> None:
        """Have these told."""
        await self.store.put_messages(messages)

    async def claim(self) -> tuple[ClaimedMessage, ...]:
        """Claim what is due, as a node does that may be about to die."""
        claimed, _ = await self.store.claim_messages(node="story", limit=50, lease=LEASE)
        return claimed

    async def work(self) -> None:
        """Tell everything that is due now."""
        for claimed in await self.claim():
            await self.teller.tell(claimed)

    async def let_pass(self, *, minutes: int) -> None:
        """Let time pass, telling what falls due on the way."""
        for _ in range(minutes):
            self.clock.move(timedelta(minutes=1))
            await self.work()

    def expect(self, *contacts: str) -> None:
        """Exactly these contacts took something since the last time, in this order."""
        fresh, self._heard = self.providers.said[self._heard :], len(self.providers.said)
        assert [one.contact for one in fresh] == list(contacts)

    async def record(self, key: str = "reminder/a") -> MessageRecord:
        """A message as it stands."""
        [found] = [one for one in await self.store.messages_to(ADA, limit=50) if one.message.key == key]
        return found
