"""Calendars that are kept elsewhere, read from a real server and from files: politely, and never lost."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web

from tocsin.app.configuring import apply_text
from tocsin.app.directories import Directories
from tocsin.calendars import read
from tocsin.core.errors import Refused
from tocsin.core.schedules import CalendarName
from tocsin.core.vocabulary import PersonName, ScheduleName, Span, utc
from tocsin.engine.feeding import Feeding
from tocsin.engine.transport import Transport
from tocsin.ports.feeds import Contents, Feed
from tocsin.testing import FixedClock, MemoryStore

START = utc(2026, 1, 5, 12)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ROTA, TEAM, ADA = ScheduleName("rota"), CalendarName("team"), PersonName("ada")


def calendar(who: str, *, head: str = "X-PUBLISHED-TTL:PT30M") -> str:
    """Somebody every day from nine to five."""
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", head, "BEGIN:VEVENT", "UID:1",
        "DTSTAMP:20260101T000000Z", "DTSTART:20260105T090000Z", "DTEND:20260105T170000Z", "RRULE:FREQ=DAILY",
        f"SUMMARY:{who}", "END:VEVENT", "END:VCALENDAR", "",
    ]  # fmt: skip
    return "\r\n".join(lines)


@dataclass
class Publisher:
    """A server that publishes one calendar."""

    text: str = field(default_factory=lambda: calendar("ada"))
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    #: Status of each answer.
    answered: list[int] = field(default_factory=list)
    url: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        """As calendar servers do: 304 for whoever has the newest."""
        etag = f'"{hash(self.text):x}"'
        fresh = self.status == 200 and request.headers.get("If-None-Match") == etag
        status = 304 if fresh else self.status
        self.answered.append(status)
        return web.Response(status=status, text="" if fresh else self.text, headers={"ETag": etag, **self.headers})


def leads_to(address: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    """An address that has moved."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": address})

    return answer


async def leads_inward(request: web.Request) -> web.Response:
    """An address that has moved to the same program by another name of this machine."""
    return web.Response(status=302, headers={"Location": f"http://localhost:{request.url.port}/basic.ics"})


@dataclass
class House:
    """An installation that reads it."""

    publisher: Publisher
    transport: Transport
    clock: FixedClock = field(default_factory=lambda: FixedClock(START))

    def __post_init__(self) -> None:
        self.store = MemoryStore(now=self.clock)
        self.directories = Directories(self.store)
        self.feeding = Feeding(self.store, self.directories.current, self.transport, read=read)

    async def configure(self, source: str | None = None, *, more: str = "") -> None:
        """One schedule by the calendar, above whoever is on call else."""
        source = source or f'url: "{self.publisher.url}"'
        text = f"""
tocsin: 1
calendars: [{{name: team, {source}}}]
users:
  - {{name: ada, role: admin, contacts: [{{name: mail, channel: email, address: ada@example.org}}]}}
  - {{name: grace, {more or "email: grace@example.org"}}}
schedules:
  - name: rota
    time_zone: UTC
    layers:
      - {{name: always, rotation: {{every: 1 week, from: "2026-01-05T00:00", people: [grace, ada]}}}}
      - {{name: imported, calendar: team}}
"""
        await apply_text(self.store, [("f.yaml", text)], by="test", environment={})
        await self.directories.refresh()

    async def round(self, after: timedelta = timedelta()) -> None:
        """Some time later, one round."""
        self.clock.move(after)
        await self.feeding.round()
        await self.directories.refresh()

    async def feed(self) -> Feed:
        """What is known of the calendar."""
        [feed] = await self.store.feeds()
        return feed

    def on_call(self) -> tuple[str, ...] | None:
        """Who is on call now."""
        return self.directories.current().on_call(ROTA, self.clock())


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """A publisher on loopback, and an installation."""
    publisher = Publisher()
    application = web.Application()
    application.router.add_get("/basic.ics", publisher.answer)
    application.router.add_get("/moved.ics", leads_to("/basic.ics"))
    application.router.add_get("/round.ics", leads_to("/round.ics"))
    application.router.add_get("/inward.ics", leads_to("http://127.0.0.1:1/basic.ics"))
    application.router.add_get("/renamed.ics", leads_inward)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    publisher.url = f"http://127.0.0.1:{port}/basic.ics"
    async with Transport({}) as transport:
        yield House(publisher, transport)
    await runner.cleanup()


async def test_a_calendar_puts_people_on_call(house: House) -> None:
    """Before it is read the layer has nobody; then whoever it books, on top of the layer below."""
    await house.configure()
    assert house.on_call() == ("grace",)
    await house.round()
    assert house.on_call() == ("ada",)
    house.clock.move(6 * HOUR)
    assert house.on_call() == ("grace",)


async def test_a_calendar_says_when_somebody_is_away(house: House) -> None:
    """Grace's own calendar makes Ada serve while Grace is away."""
    house.publisher.text = calendar("busy")
    await house.configure(more="away: team")
    await house.round()
    assert [one.person for one in house.directories.current().circumstances.absences][:1] == ["grace"]
    assert house.on_call() == ("ada",)


async def test_it_is_asked_politely(house: House) -> None:
    """As seldom as it wishes, and whether there is anything new; nothing new changes nothing."""
    await house.configure()
    await house.round()
    version = await house.store.feeds_version()
    for _ in range(4):
        await house.round(10 * MINUTE)
    assert house.publisher.answered == [200, 304]
    assert await house.store.feeds_version() == version
    assert (await house.feed()).good_at == START + 30 * MINUTE


async def test_what_is_new_is_in_force_at_once(house: House) -> None:
    """The next copy counts as soon as it is read."""
    await house.configure()
    await house.round()
    house.publisher.text = calendar("grace")
    await house.round(30 * MINUTE)
    assert house.on_call() == ("grace",)


@pytest.mark.parametrize(
    "broken",
    [
        lambda publisher: setattr(publisher, "status", 500),
        lambda publisher: setattr(publisher, "text", "<html>sign in</html>"),
        lambda publisher: setattr(publisher, "text", "x" * 5_000_001),
    ],
)
async def test_the_last_good_copy_stays(house: House, broken: Callable[[Publisher], None]) -> None:
    """Whatever goes wrong: Ada is on call the next day, too; the waits grow; its age and the trouble are known."""
    await house.configure()
    await house.round()
    broken(house.publisher)
    before = len(house.publisher.answered)
    for _ in range(60):
        await house.round(MINUTE)
    feed = await house.feed()
    assert (feed.good_at, feed.failing_since, feed.error is not None) == (START, START + 30 * MINUTE, True)
    assert 4 <= len(house.publisher.answered) - before <= 6
    house.clock.move(DAY - HOUR)
    assert house.on_call() == ("ada",)


async def test_trouble_that_lasts_is_told_once(house: House) -> None:
    """After an hour the administrators hear of it; when it is over the feed is as it was."""
    await house.configure()
    await house.round()
    house.publisher.status = 404
    for _ in range(12):
        await house.round(15 * MINUTE)
    told = await house.store.messages_to(ADA, limit=10)
    assert [record.message.kind for record in told] == ["feed_stale"]
    assert told[0].message.values["calendar"] == "team"
    assert house.publisher.url not in str(told[0].message.values)
    house.publisher.status = 200
    await house.round(2 * HOUR)
    feed = await house.feed()
    assert (feed.failing_since, feed.failures, feed.error) == (None, 0, None)


async def test_a_source_that_wishes_to_be_left_alone_is(house: House) -> None:
    """Retry-After counts where it is longer than our own wait."""
    await house.configure()
    house.publisher.status, house.publisher.headers = 503, {"Retry-After": "7200"}
    await house.round()
    assert (await house.feed()).next_at == START + 2 * HOUR


@pytest.mark.parametrize("wish", ["9" * 30, "\u00b2", "-5", "soon"])
async def test_a_wish_that_cannot_be_granted_is_passed_over(house: House, wish: str) -> None:
    """Our own wait counts, or the longest; the round goes on."""
    await house.configure()
    house.publisher.status, house.publisher.headers = 503, {"Retry-After": wish}
    await house.round()
    assert (await house.feed()).error == "it answered 503"
    assert (await house.feed()).next_at <= START + DAY


async def test_an_address_that_leads_nowhere(house: House) -> None:
    """What comes from outside is no address: that is trouble with this calendar and no other."""
    await house.configure()
    house.publisher.status, house.publisher.headers = 302, {"Location": "http://[nowhere"}
    await house.round()
    assert (await house.feed()).error == "it leads to an address that is none"


async def test_a_reader_that_stumbles_harms_no_other(house: House, tmp_path: Path) -> None:
    """Whatever text makes a library do: its source is asked seldomer, the others are read."""

    def stumbling(text: str, *, window: Span, zone: ZoneInfo | None) -> Contents:
        if "grace" in text:
            raise RuntimeError("nobody has thought of this")
        return read(text, window=window, zone=zone)

    (tmp_path / "bad.ics").write_text(calendar("grace"))
    await house.configure(f'url: "{house.publisher.url}"}}, {{name: bad, file: "{tmp_path / "bad.ics"}"')
    house.feeding = Feeding(house.store, house.directories.current, house.transport, read=stumbling)
    await house.round()
    bad, good = await house.store.feeds()
    assert (bad.error, bad.failures) == ("the calendar cannot be read: RuntimeError", 1)
    assert good.appointments


async def test_a_copy_that_cannot_be_worked_out_any_more_stays(house: House) -> None:
    """It is tried once a day, and what it said stays."""
    await house.configure()
    await house.round()
    told = (await house.feed()).appointments
    house.publisher.status, asked = 500, []

    def refusing(text: str, *, window: Span, zone: ZoneInfo | None) -> Contents:
        asked.append(window)
        raise Refused("too much of it")

    house.feeding = Feeding(house.store, house.directories.current, house.transport, read=refusing)
    for _ in range(50):
        await house.round(HOUR)
    assert (await house.feed()).appointments == told
    assert len(asked) == 2


@pytest.mark.parametrize("name", ["pipe", "folder", "zero"])
async def test_what_is_no_file_is_not_opened(house: House, tmp_path: Path, name: str) -> None:
    """A pipe waits for ever and a device has no end."""
    path = tmp_path / name
    if name == "pipe":
        os.mkfifo(path)
    elif name == "folder":
        path.mkdir()
    else:
        path.symlink_to("/dev/zero")
    await house.configure(f'file: "{path}"')
    await house.round()
    assert (await house.feed()).error == f"{path} is no file"


async def test_addresses_that_lead_elsewhere(house: House) -> None:
    """One that has moved is followed; one that leads to itself is not for ever."""
    await house.configure(f'url: "{house.publisher.url.replace("basic", "moved")}"')
    await house.round()
    assert house.on_call() == ("ada",)
    await house.configure(f'url: "{house.publisher.url.replace("basic", "round")}"')
    await house.round(MINUTE)
    assert (await house.feed()).error == "it leads from one address to the next"


async def test_another_address_is_another_calendar(house: House) -> None:
    """It is read at once, and what the old one said counts no longer."""
    await house.configure()
    await house.round()
    await house.configure('url: "http://127.0.0.1:9/gone.ics"')
    await house.round(MINUTE)
    assert house.on_call() == ("grace",)
    assert (await house.feed()).appointments == ()


async def test_a_calendar_that_is_not_configured_any_more(house: House) -> None:
    """It is forgotten."""
    await house.configure()
    await house.round()
    await apply_text(house.store, [("f.yaml", "tocsin: 1\nusers: [{name: ada}]\n")], by="test", environment={})
    await house.directories.refresh()
    await house.round(MINUTE)
    assert await house.store.feeds() == ()


async def test_a_file_is_read_when_it_changes(house: House, tmp_path: Path) -> None:
    """And the last good copy stays when it is gone."""
    path = tmp_path / "team.ics"
    path.write_text(calendar("ada"))
    await house.configure(f'file: "{path}"')
    await house.round()
    assert house.on_call() == ("ada",)
    path.write_text(calendar("Grace", head="X-PUBLISHED-TTL:PT15M"))
    await house.round(30 * MINUTE)
    assert house.on_call() == ("grace",)
    path.unlink()
    await house.round(30 * MINUTE)
    feed = await house.feed()
    assert feed.error is not None
    assert "no such file" in feed.error
    assert (await house.feed()).appointments


async def test_what_it_says_is_worked_out_anew_every_day(house: House) -> None:
    """A repetition without an end is known a year ahead also after half a year of a source that does not answer."""
    await house.configure()
    await house.round()
    house.publisher.status = 500
    for _ in range(30):
        await house.round(6 * DAY)
    feed = await house.feed()
    assert feed.appointments[-1].span.start > house.clock() + 390 * DAY
    assert house.on_call() == ("ada",)


@pytest.mark.parametrize("path", ["inward.ics", "renamed.ics"])
async def test_a_calendar_does_not_lead_inward(house: House, path: str) -> None:
    """Where a calendar leads its publisher has said, not the configuration: to other servers in the world alone."""
    await house.configure(f'url: "{house.publisher.url.replace("basic.ics", path)}"')
    await house.round()
    feed = await house.feed()
    assert feed.text is None
    assert "it is this machine" in (feed.error or "")
    assert house.publisher.answered == []
