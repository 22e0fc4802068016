"""Tells a story to the whole product: real doors, core, worker and courier, on the memory store and a fixed clock.

book = Playbook(TEAM)
await book.event("orders late")
book.expect("ada hook")
await book.let_pass(minutes=5)
book.expect("linus hook")
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import msgspec

from tocsin.app.catalogs import load_catalogs
from tocsin.app.configuring import apply_text
from tocsin.app.directories import Directories
from tocsin.channels import CHANNELS
from tocsin.core.directory import Directory
from tocsin.core.events import Action, Event
from tocsin.core.vocabulary import Instant, IntegrationName, Severity
from tocsin.engine.commands import Actor, Counter
from tocsin.engine.courier import Courier
from tocsin.engine.links import Links
from tocsin.engine.notices import Notices
from tocsin.engine.taking import Taker
from tocsin.engine.worker import Worker
from tocsin.ports.channels import Answer, Call, HttpCall, Mail, NoAnswer, Settings
from tocsin.ports.doors import Taken
from tocsin.ports.state import AlertQuery, AlertRecord, Raw
from tocsin.testing import FixedClock, MemoryStore

LEASE = timedelta(seconds=30)

#: Ada, then after five minutes Linus, twice more, then everybody.
TEAM = """
tocsin: 1
users:
  - {name: ada, full_name: Ada, email: ada@example.org, time_zone: Europe/Berlin, role: admin,
     contacts: [{name: hook, channel: webhook, address: "http://ada.example/"},
                {name: mail, channel: email, address: ada@example.org}],
     rules: {high: [{contact: hook}, {after: 2m, contact: mail}], low: [{contact: mail}]}}
  - {name: linus, full_name: Linus, email: linus@example.org, time_zone: Europe/Berlin, role: responder,
     contacts: [{name: hook, channel: webhook, address: "http://linus.example/"}],
     rules: {high: [{contact: hook}], low: [{contact: hook}]}}
teams: [{name: data, members: [ada, linus], lead: linus}]
policies:
  - {name: climb, steps: [{page: [{user: ada}]}, {after: 5m, page: [{user: linus}]}],
     repeat: 1, last_resort: [{team: data}]}
services: [{name: pipelines, team: data, policy: climb}]
integrations: [{name: native, protocol: tocsin, service: pipelines, key: native-key-000000}]
"""


@dataclass(frozen=True)
class Rang:
    """One call that reached a provider."""

    at: Instant
    person: str
    contact: str
    text: str
    repeat: bool
    link: str
    alert_ids: tuple[str, ...]


class Providers:
    """Every provider at once: takes calls, and answers as the story wants."""

    def __init__(self, clock: FixedClock) -> None:
        self._clock = clock
        self.rang: list[Rang] = []
        self.tried: list[str] = []
        #: Gives a call's answer by its address; None: 200.
        self.answers: Callable[[str], Answer | NoAnswer | None] = lambda _address: None

    async def call(self, channel: str, call: Call) -> Answer | NoAnswer:
        """Take one call."""
        address = call.url if isinstance(call, HttpCall) else call.to
        self.tried.append(address)
        answer = self.answers(address)
        if answer is not None and not (isinstance(answer, NoAnswer) and answer.may_have_arrived):
            return answer
        self.rang.append(self._rang(channel, call))
        return answer or Answer(status=250 if isinstance(call, Mail) else 200)

    def _rang(self, channel: str, call: Call) -> Rang:
        if isinstance(call, HttpCall):
            body = msgspec.json.decode(call.body)
            person = body["person"] or call.url
            return Rang(
                at=self._clock(),
                person=person,
                contact="hook",
                text=body["summary"],
                repeat=body["repeat"],
                link=body["acknowledge_url"],
                alert_ids=tuple(body["alert_ids"]),
            )
        assert isinstance(call, Mail)
        link = next(word for word in call.text.split() if "/a/" in word)
        return Rang(
            at=self._clock(),
            person=call.to.split("@")[0],
            contact="mail",
            text=call.subject,
            repeat=False,
            link=link,
            alert_ids=(),
        )


class Playbook:
    """One installation in memory."""

    def __init__(self, configuration: str = TEAM, *, start: Instant | None = None) -> None:
        self.clock = FixedClock(start)
        self.store = MemoryStore(now=self.clock)
        self.providers = Providers(self.clock)
        self._configuration = configuration
        self.directories = Directories(self.store)
        self._heard = 0
        links = Links("k" * 40, public_url="http://tocsin.example", answers_last=timedelta(days=3))
        self.links = links
        self.counter = Counter(self.store, self.directory)
        self.taker = Taker(self.store, self.directory)
        self.courier = Courier(
            self.store,
            self.directory,
            self.providers,
            Notices(self.directory, links, load_catalogs()),
            channels={channel.name: channel for channel in CHANNELS},
            settings={"webhook": Settings(values={"secret": "s" * 32})},
            node="story",
            lease=LEASE,
        )
        self.worker = Worker(self.store, self.directory, self.courier, node="story", lease=LEASE)

    def directory(self) -> Directory:
        """The configuration in force."""
        return self.directories.current()

    async def configure(self, configuration: str | None = None) -> None:
        """Apply a configuration."""
        text = configuration or self._configuration
        await apply_text(self.store, [("story.yaml", text)], by="story", environment={})
        await self.directories.refresh()
        await self.store.wake_all()

    async def event(
        self,
        summary: str = "orders late",
        *,
        key: str | None = None,
        action: Action = Action.TRIGGER,
        severity: Severity = Severity.CRITICAL,
        integration: str = "native",
        **more: object,
    ) -> Taken:
        """One event through intake, then whatever it leads to at once."""
        if not self.directory().integrations:
            await self.configure()
        event = Event(action=action, dedup_key=key or summary, summary=summary, severity=severity, **more)
        known = self.directory().integrations[IntegrationName(integration)]
        raw = Raw(method="POST", path="/", headers={}, body=b"")
        (taken,) = await self.taker.take(known, (event,), raw)
        await self.work()
        return taken

    async def work(self) -> None:
        """Do everything that is due now."""
        for _ in range(1_000):
            calm = self.directory().habits.calm
            worked = await self.store.work(node="story", limit=64, lease=LEASE, calm=calm, decide=self.worker.decide)
            claims = await self.store.claim(node="story", limit=64, lease=LEASE)
            for claimed in (*worked.claimed, *claims.claimed):
                await self.courier.deliver(claimed)
            if not worked.count and not claims.count:
                return
        raise AssertionError("work does not come to rest")

    async def let_pass(self, *, minutes: float = 0, seconds: float = 0) -> None:
        """Let time pass in small steps, doing what falls due on the way."""
        end = self.clock() + timedelta(minutes=minutes, seconds=seconds)
        while self.clock() < end:
            self.clock.move(min(timedelta(seconds=1), end - self.clock()))
            await self.work()

    def heard(self) -> list[str]:
        """Who rang since the last time that this was asked: "ada hook"."""
        fresh, self._heard = self.providers.rang[self._heard :], len(self.providers.rang)
        return [f"{rang.person} {rang.contact}" for rang in fresh]

    def expect(self, *rings: str) -> None:
        """Exactly these rang since the last time, in this order."""
        heard = self.heard()
        assert heard == list(rings), f"expected {list(rings)}, heard {heard}"

    async def answer_by_link(self, rang: Rang) -> None:
        """Press the button behind the link of a call."""
        link = self.links.read_answer(rang.link.rsplit("/", 1)[-1])
        await self.counter.answer(link.delivery_id, link.recipient)
        await self.work()

    async def alert(self, taken: Taken) -> AlertRecord:
        """An alert as it stands."""
        assert taken.alert_id is not None
        return await self.counter.alert(taken.alert_id)

    async def alerts(self) -> tuple[AlertRecord, ...]:
        """All alerts, newest first."""
        return (await self.store.alerts(AlertQuery(limit=500))).items


def by(person: str) -> Actor:
    """Somebody on the web."""
    return Actor(name=person, via="web")
