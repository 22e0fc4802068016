"""A small installation in memory, and a client that calls its server in-process."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from tocsin.app.audit import StoredAudit
from tocsin.app.catalogs import load_catalogs
from tocsin.app.directories import Directories
from tocsin.app.exchange import StoredExchange
from tocsin.core.alerts.quiet import Silence
from tocsin.core.case import Case
from tocsin.core.directory import Directory, Integration
from tocsin.core.errors import NotFound
from tocsin.core.escalation.policy import Policy, Step
from tocsin.core.escalation.steps import OnePerson, OnSchedule
from tocsin.core.events import Action, Event
from tocsin.core.flow import Telling
from tocsin.core.flow import World as Surroundings
from tocsin.core.people import Contact, Person, Role, Team
from tocsin.core.schedules import Layer, Rotation, Schedule, Turn, Unit
from tocsin.core.services import Service
from tocsin.core.vocabulary import Instant, Severity, utc
from tocsin.engine.calendars import Calendars
from tocsin.engine.commands import Counter
from tocsin.engine.handovers import Handovers
from tocsin.engine.hashing import Hashing
from tocsin.engine.links import Links, Session, token_hash
from tocsin.engine.live import Live
from tocsin.engine.passwords import PasswordDesk
from tocsin.engine.sessions import SessionBook
from tocsin.engine.taking import Taker
from tocsin.ports.state import Raw, Token
from tocsin.testing import FixedClock, MemoryStore
from tocsin.web.api.silences import KeptSilence, SilenceWish
from tocsin.web.context import Context, Readiness
from tocsin.web.server import create_app

#: Secrets of API tokens, by what may be done with them.
TOKENS = {"admin": "admin-" + "a" * 30, "grace": "grace-" + "g" * 30, "stan": "stan-" + "s" * 30}
NOBODY = "00000000-0000-7000-8000-000000000000"


def person(name: str, role: Role) -> Person:
    """Somebody with one contact."""
    return Person(
        name=name,
        full_name=name.capitalize(),
        email=f"{name}@example.org",
        time_zone=ZoneInfo("Europe/Berlin"),
        role=role,
        contacts=(Contact(name="hook", channel="webhook", address=f"https://chat.example.org/secret/{name}"),),
    )


def directory() -> Directory:
    """Four people, one team, one weekly rota, two services."""
    people = [
        person("ada", Role.ADMIN),
        person("grace", Role.RESPONDER),
        person("linus", Role.MANAGER),
        person("stan", Role.STAKEHOLDER),
    ]
    rotation = Rotation(
        every=Turn(count=1, unit=Unit.WEEKS),
        anchor=utc(2026, 1, 5, 9).replace(tzinfo=None),
        participants=(("ada",), ("grace",)),
    )
    schedule = Schedule(
        name="data-primary",
        team="data",
        time_zone=ZoneInfo("Europe/Berlin"),
        layers=(Layer(name="weekly", rotation=rotation),),
    )
    steps = (
        Step(targets=(OnSchedule(schedule="data-primary"),)),
        Step(targets=(OnePerson(person="linus"),), after=timedelta(minutes=5)),
    )
    native = Integration(name="native", protocol="tocsin", key_hash=token_hash("n" * 20), service="pipelines")
    services = [Service(name="pipelines", team="data", policy="climb", tier=1), Service(name="website")]
    return Directory(
        revision=1,
        people={one.name: one for one in people},
        teams={"data": Team(name="data", members=("ada", "grace", "linus"), lead="linus")},
        schedules={"data-primary": schedule},
        policies={"climb": Policy(name="climb", steps=steps)},
        services={one.name: one for one in services},
        integrations={"native": native},
    )


class Silences:
    """Keeps silences in a list."""

    def __init__(self) -> None:
        self.kept: dict[str, KeptSilence] = {}

    async def list(self) -> tuple[KeptSilence, ...]:
        """All."""
        return tuple(self.kept.values())

    async def add(self, wish: SilenceWish) -> KeptSilence:
        """Keep one."""
        name = wish.name or f"silence-{len(self.kept)}"
        silence = Silence(name=name, matchers=wish.matchers, span=wish.span)
        self.kept[name] = KeptSilence(silence=silence, comment=wish.comment, by=wish.by)
        return self.kept[name]

    async def end(self, name: str, *, by: str) -> None:
        """Forget one."""
        if self.kept.pop(name, None) is None:
            raise NotFound(f"there is no silence {name!r}", field="name")


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes = b""
    #: What the server was handed again after it had answered.
    raised: Exception | None = None

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass
class World:
    """One installation and its server."""

    clock: FixedClock = field(default_factory=FixedClock)
    ready: Readiness = field(default_factory=lambda: Readiness(ready=True))
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.store = MemoryStore(now=self.clock)
        self.directory = directory()
        self.silences = Silences()
        self.links = Links("k" * 40, public_url="https://tocsin.example.org", answers_last=timedelta(days=3))
        self.taker = Taker(self.store, lambda: self.directory)
        self.context = Context(
            counter=Counter(self.store, lambda: self.directory),
            links=self.links,
            live=Live(),
            catalogs=load_catalogs(),
            upkeep=self.store,
            tokens=self.store,
            sessions=SessionBook(self.store),
            passwords=PasswordDesk(self.store, lambda: self.directory, self.links, hashing=Hashing(), mails=False),
            audit=StoredAudit(store=self.store),
            handovers=Handovers(self.store, lambda: self.directory),
            exchange=StoredExchange(self.store, Directories(self.store)),
            calendars=Calendars(self.store, lambda: self.directory, self.links),
            doors=(),
            readiness=self._readiness,
            metrics=lambda: b"tocsin_up 1\n",
            version="1.2.3",
        )
        self.app = create_app(self.context, **{"silences": self.silences, **self.options})

    async def _readiness(self) -> Readiness:
        return self.ready

    async def open(self) -> World:
        """Give the tokens out."""
        for name, secret in TOKENS.items():
            owner = None if name == "admin" else name
            role = "responder" if name == "grace" else "stakeholder" if name == "stan" else "admin"
            await self.store.put_token(Token(hash=token_hash(secret), name=name, role=role, person=owner))
        return self

    async def trigger(self, summary: str = "disk full", *, key: str | None = None, **more: Any) -> str:
        """An alert's id."""
        event = Event(
            action=Action.TRIGGER,
            dedup_key=key or summary,
            summary=summary,
            **{"severity": Severity.CRITICAL, "source": "db-1", "labels": {"host": "db-1"}, **more},
        )
        raw = Raw(method="POST", path="/api/v1/events", headers={"user-agent": "test"}, body=b'{"summary": "x"}')
        (taken,) = await self.taker.take(self.directory.integrations["native"], (event,), raw)
        assert taken.alert_id is not None
        return taken.alert_id

    async def work(self) -> None:
        """Decide what is due; calls are claimed and go nowhere."""

        def decide(case: Case, now: Instant, turn: Any) -> Telling:
            telling = Telling(case, Surroundings(directory=self.directory, now=now, turn=turn))
            telling.settle()
            return telling

        calm = self.directory.habits.calm
        await self.store.work(node="test", limit=64, lease=timedelta(seconds=30), calm=calm, decide=decide)

    def cookie(self, subject: str, role: str) -> str:
        """The cookie header of somebody who is signed in."""
        return f"tocsin_session={self.links.session_text(Session(subject=subject, role=role))}"

    async def get(self, path: str, *, by: str | None = "admin", **headers: str) -> Answer:
        """Look."""
        return await self.call("GET", path, by=by, **headers)

    async def post(self, path: str, body: object = None, *, by: str | None = "admin", **headers: str) -> Answer:
        """Act."""
        return await self.call("POST", path, json.dumps(body or {}).encode(), by=by, **headers)

    async def call(
        self, method: str, path: str, body: bytes = b"", *, by: str | None = "admin", **headers: str
    ) -> Answer:
        """One request by the token of somebody; header names with `_` for `-`."""
        sent = {"host": "tocsin.example.org", "content-type": "application/json", "content-length": str(len(body))}
        if by is not None:
            sent["authorization"] = f"Bearer {TOKENS.get(by, by)}"
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return await called(self.app, method, path, body, sent)


async def called(app: Any, method: str, address: str, body: bytes, headers: dict[str, str]) -> Answer:
    """One request, as a server hands it to an application."""
    path, _, query = address.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": method,
        "scheme": "https",
        "path": path,
        "raw_path": quote(path).encode(),
        "query_string": quote(query, safe="=&%+").encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("tocsin.example.org", 443),
    }
    answer = Answer(status=0, headers={})

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            answer.body += message.get("body", b"")

    try:
        await app(scope, receive, send)
    except Exception as raised:
        answer.raised = raised
    return answer
