"""The watchdog: what it calls a danger, whom it tells by which way, and that nothing ever ends the watch."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import msgspec
import pytest

from messenger import ADA, CATALOGS, START, Messenger, ada, reminder
from tocsin.channels import CHANNELS
from tocsin.core.directory import Directory, Habits, Integration, Watched
from tocsin.core.errors import Unavailable
from tocsin.core.people import Contact, Role
from tocsin.core.vocabulary import Instant, IntegrationName, PersonName
from tocsin.core.watch import FailingProvider, Judged, Name, Presence
from tocsin.core.watch.course import CALM, LASTING, REMIND, WORTH_A_WORD
from tocsin.engine.alarm import Alarm, Ways
from tocsin.engine.hearing import Hearing
from tocsin.engine.pulse import Pulse
from tocsin.engine.watchdog import KEEP_MESSAGES, SILENT, Ward, Watchdog
from tocsin.ports.channels import Answer, Call, HttpCall, Mail, NoAnswer, Settings
from tocsin.ports.state import Health
from tocsin.testing import FixedClock, MemoryStore

PING = "https://outside.example/ping"
HOOK = "https://outside.example/hook"
LINUS = PersonName("linus")


@dataclass(frozen=True)
class Heard:
    """One call that somebody took: to whom, and what it said."""

    to: str
    text: str


class Outside:
    """Everybody who may be called: they take every call, unless the story wants otherwise."""

    def __init__(self) -> None:
        self.pings = 0
        self.heard: list[Heard] = []
        self.answers: Callable[[str], Answer | NoAnswer] = lambda _to: Answer(status=200)
        self.before: Callable[[], Awaitable[None]] | None = None

    async def call(self, channel: str, call: Call) -> Answer | NoAnswer:
        """Take one call."""
        if self.before is not None:
            await self.before()
        if isinstance(call, HttpCall) and call.url == PING:
            self.pings += 1
            return self.answers(PING)
        if isinstance(call, Mail):
            to, text = call.to, f"{call.subject}\n{call.text}"
        else:
            assert isinstance(call, HttpCall)
            to, text = call.url, call.body.decode()
        answer = self.answers(to)
        if isinstance(answer, Answer) and answer.status < 300:
            self.heard.append(Heard(to=to, text=text))
        return Answer(status=250) if isinstance(call, Mail) and answer == Answer(status=200) else answer


class Away(MemoryStore):
    """A store that is away when the story wants it."""

    def __init__(self, now: Callable[[], Instant]) -> None:
        super().__init__(now)
        self.is_away = False

    async def health(self, *, allowed: timedelta, counted: bool = True) -> Health:
        self._answer()
        return await super().health(allowed=allowed, counted=counted)

    async def be_present(self, node: str, *, role: str, version: str) -> tuple[Instant, tuple[Presence, ...]]:
        self._answer()
        return await super().be_present(node, role=role, version=version)

    async def judge_troubles(self, judge: Callable[..., Judged]) -> Judged:
        self._answer()
        return await super().judge_troubles(judge)

    def _answer(self) -> None:
        if self.is_away:
            raise Unavailable("the database cannot be reached")


ADMINS = {
    ADA: replace(ada("push", "mail"), role=Role.ADMIN),
    LINUS: replace(ada("hook"), name=LINUS, role=Role.ADMIN, language="zh"),
}
HABITS = Habits(dead_man_url=PING, dead_man_every=timedelta(0))


class Scene:
    """One node with a worker and a teller, over which a watchdog watches."""

    def __init__(self, *, name: str = "one", store: Away | None = None, clock: FixedClock | None = None) -> None:
        self.clock = clock or FixedClock(START)
        self.store = store or Away(self.clock)
        self.outside = Outside()
        self.directory = Directory(people=ADMINS, habits=HABITS)
        self.worker, self.teller = Pulse("worker"), Pulse("teller")
        self.providers: tuple[FailingProvider, ...] = ()
        self.heard: dict[IntegrationName, int] = {}
        self.waiting = 0
        ways = Ways(
            channels={channel.name: channel for channel in CHANNELS},
            settings={"ntfy": Settings(values={"server": "https://ntfy.example"})},
            catalogs=CATALOGS,
            public_url="http://tocsin.example",
            node=name,
        )
        self.alarm = Alarm(
            lambda: self.directory, self.outside, ways, is_failing=lambda contact: contact.channel in self.failing()
        )
        self.ward = Ward(
            node=name,
            hearing=Hearing(self.store, lambda: self.directory),
            intake=lambda: self.waiting,
            heard=lambda: self.heard,
            providers=lambda: self.providers,
            clock=self.clock,
        )
        self.watchdog = Watchdog(
            self.store,
            lambda: self.directory,
            self.outside,
            (self.worker,),
            beside=(self.teller,),
            ward=self.ward,
            alarm=self.alarm,
        )

    def failing(self) -> set[str]:
        """The channels that cannot be used."""
        return {provider.channel for provider in self.providers}

    async def let_pass(self, lasting: timedelta = timedelta(0), *, every: float = 15) -> None:
        """Let time pass, looking now and then; one look at least."""
        end = self.clock() + lasting
        await self.watchdog.look()
        while self.clock() < end:
            self.clock.move(min(timedelta(seconds=every), end - self.clock()))
            await self.watchdog.look()

    def names(self) -> set[Name]:
        """What goes on."""
        return {trouble.key.name for trouble in self.watchdog.book.going_on}

    def told(self) -> list[str]:
        """Who was told since the last time that this was asked."""
        heard, self.outside.heard = self.outside.heard, []
        return [one.to for one in heard]


def fall_silent(pulse: Pulse, seconds: float = 0) -> None:
    """Let a loop give no sign of life for longer than any may."""
    pulse._last -= seconds or SILENT.total_seconds() + 1


async def test_all_is_well() -> None:
    """Where nothing is wrong nobody is told anything, and the outside hears that all is well."""
    scene = Scene()
    await scene.let_pass(timedelta(minutes=1))
    assert (scene.watchdog.troubles(), scene.told(), scene.outside.pings) == ((), [], 5)


async def test_the_outside_is_called_no_more_often_than_it_wishes() -> None:
    """The watch looks every few seconds; whoever listens outside hears of it once a minute."""
    scene = Scene()
    scene.directory = replace(scene.directory, habits=Habits(dead_man_url=PING))
    for _ in range(10):
        await scene.watchdog.look()
    assert scene.outside.pings == 1


async def test_a_stuck_teller_calls_nobody() -> None:
    """It is a trouble that people see, and no danger for pages: the outside goes on hearing that all is well."""
    scene = Scene()
    fall_silent(scene.teller, 120)
    await scene.let_pass(LASTING * 4)
    assert scene.watchdog.troubles() == ("The teller on one has given no sign of life for 2 min",)
    assert (scene.told(), scene.outside.pings > 0) == ([], True)


async def test_a_silent_worker_is_a_danger() -> None:
    """When a loop that pages depend on stands still it is known at once, the outside hears nothing more, and
    administrators are told by contacts of their own, without any loop.
    """
    scene = Scene()
    fall_silent(scene.worker)
    await scene.watchdog.look()
    assert (scene.names(), scene.outside.pings, scene.told()) == ({Name.LOOP_SILENT}, 0, [])
    fall_silent(scene.worker, 30)
    await scene.let_pass()
    assert sorted(scene.told()) == ["ada@example.org", "https://ada.example/hook"]


async def test_it_is_told_in_the_words_of_each() -> None:
    """Each is told in their own language what is wrong, by which node, and that it is over."""
    scene = Scene()
    scene.store.is_away = True
    await scene.let_pass(LASTING)
    mail = next(one.text for one in scene.outside.heard if "@" in one.to)
    hook = msgspec.json.decode(next(one.text for one in scene.outside.heard if "@" not in one.to))
    assert mail.startswith("Pages are in danger: The database does not answer one\n")
    assert "watchdog of one" in mail
    assert hook["title"].startswith("呼叫面临风险：")
    assert (hook["kind"], hook["values"]["node"]) == ("watch_danger", "one")
    scene.told()
    scene.store.is_away = False
    await scene.let_pass(CALM * 3)
    assert [one.text.startswith("Over: ") for one in scene.outside.heard if "@" in one.to] == [True]


async def test_it_is_told_by_another_way_than_the_one_that_fails() -> None:
    """A contact behind a failing provider comes last; when the next one fails as well it is tried all the same."""
    scene = Scene()
    failing = FailingProvider(channel="email", host="", since=START - LASTING, why="down", people=2)
    scene.providers = (failing,)
    await scene.let_pass()
    assert sorted(scene.told()) == ["https://ada.example/hook", "https://ntfy.example/"]
    scene = Scene()
    scene.providers = (failing,)
    scene.outside.answers = lambda to: Answer(status=200) if "@" in to else NoAnswer(why="down", may_have_arrived=False)
    await scene.let_pass()
    assert scene.told() == ["ada@example.org"]


async def test_the_settings_order_the_channels() -> None:
    """The channels that the settings name come first, and an outside address is told as well."""
    scene = Scene()
    watched = Watched(tell=HOOK, channels=("ntfy",))
    scene.directory = replace(scene.directory, habits=replace(HABITS, watchdog=watched))
    fall_silent(scene.worker, 60)
    await scene.let_pass()
    document = msgspec.json.decode(next(one.text for one in scene.outside.heard if one.to == HOOK))
    assert sorted(scene.told()) == ["https://ada.example/hook", "https://ntfy.example/", HOOK]
    assert (document["status"], document["node"]) == ("danger", "one")
    (listed,) = document["troubles"]
    assert (listed["name"], listed["subject"], listed["state"]) == ("loop_silent", "worker on one", "began")


async def test_it_goes_on_without_the_store() -> None:
    """While the database is away each node tells by itself, with the people that it knows, and reminds."""
    scene = Scene()
    await scene.let_pass()
    scene.store.is_away = True
    scene.clock.move(timedelta(seconds=1))
    loop = asyncio.get_running_loop()
    begun, loop_time = loop.time(), loop.time
    try:
        for minutes in (0.0, 0.6, 5.0, 29.0, 31.0):
            loop.time = lambda at=begun + minutes * 60: at  # type: ignore[method-assign, misc]
            await scene.watchdog.look()
    finally:
        loop.time = loop_time  # type: ignore[method-assign]
    assert scene.told().count("ada@example.org") == 2
    assert scene.watchdog.health is None


async def test_nodes_tell_once() -> None:
    """Of two nodes that see the same one tells; the other goes on watching."""
    one = Scene()
    two = Scene(name="two", store=one.store, clock=one.clock)
    await one.store.be_present("web", role="web", version="")
    for _ in range(12):
        for scene in (one, two):
            scene.providers = (FailingProvider(channel="email", host="", since=START, why="down", people=2),)
            await scene.watchdog.look()
        one.clock.move(timedelta(seconds=5))
    assert len(one.outside.heard) + len(two.outside.heard) == 2
    assert one.names() == two.names() == {Name.PROVIDER_FAILING, Name.NODE_GONE}


async def test_it_never_storms() -> None:
    """With thirty things wrong for hours, each administrator is told all at once, and then each half hour."""
    scene = Scene()
    scene.providers = tuple(
        FailingProvider(channel="webhook", host=f"h{number}", since=START, why="down", people=2) for number in range(30)
    )
    await scene.let_pass(REMIND * 4 + LASTING, every=30)
    assert scene.told().count("ada@example.org") == 5


async def test_nobody_to_be_reached_is_tried_again() -> None:
    """When no contact takes it, it is told again as soon as one does."""
    scene = Scene()
    fall_silent(scene.worker, 60)
    scene.outside.answers = lambda _to: NoAnswer(why="down", may_have_arrived=False)
    await scene.let_pass()
    assert (scene.told(), scene.alarm.unheard) == ([], 1)
    scene.outside.answers = lambda _to: Answer(status=200)
    fall_silent(scene.worker, 180)
    await scene.let_pass(timedelta(minutes=3))
    assert "ada@example.org" in scene.told()


async def test_providers_that_hang_do_not_hold_up_the_watch() -> None:
    """While a telling and a ping wait for an answer the watch goes on, and this node is not missed."""
    scene = Scene()
    await scene.let_pass()

    async def hang() -> None:
        await asyncio.sleep(3_600)

    scene.outside.before = hang
    fall_silent(scene.worker, 60)
    begun = asyncio.get_running_loop().time()
    for _ in range(3):
        scene.clock.move(timedelta(seconds=3))
        await scene.watchdog.look()
    assert asyncio.get_running_loop().time() - begun < 5
    _, nodes = await scene.store.presences()
    assert [one.seen_at for one in nodes] == [scene.clock()]


async def test_a_contact_that_cannot_be_used_does_not_end_the_telling() -> None:
    """A contact on a channel that there is not, and a provider that fails loudly, are left for the next one."""
    scene = Scene()
    pigeon = Contact(name="pigeon", channel="pigeon", address="the roof")
    contacts = (pigeon, *ADMINS[ADA].contacts)
    scene.directory = replace(scene.directory, people={ADA: replace(ADMINS[ADA], contacts=contacts)})

    def loudly(to: str) -> Answer:
        if "@" in to:
            raise ValueError("ours")
        return Answer(status=200)

    scene.outside.answers = loudly
    fall_silent(scene.worker, 60)
    await scene.let_pass()
    assert scene.told() == ["https://ntfy.example/"]


async def test_what_threatens_nothing_is_a_message() -> None:
    """A clock that is off by a little is told once to each administrator, by the ordinary way of messages."""
    scene = Scene()
    scene.ward = replace(scene.ward, clock=lambda: scene.clock() + timedelta(seconds=3))
    scene.watchdog = Watchdog(
        scene.store, lambda: scene.directory, scene.outside, (), ward=scene.ward, alarm=scene.alarm
    )
    await scene.let_pass(WORTH_A_WORD * 3)
    (message,) = await scene.store.messages_to(ADA, limit=5)
    assert (message.message.kind, message.message.values) == ("trouble_clock_skewed", {"node": "one", "skew": "3.0 s"})
    assert (scene.names(), scene.told()) == ({Name.CLOCK_SKEWED}, [])


async def test_an_integration_that_falls_silent_is_told() -> None:
    """One that spoke every minute for three weeks is missed, unless it may fall silent."""
    scene = Scene()
    loud, free = IntegrationName("loud"), IntegrationName("free")
    known = {
        name: Integration(name=name, protocol="tocsin", key_hash="", may_fall_silent=name == free)
        for name in (loud, free)
    }
    scene.directory = replace(scene.directory, integrations=known)
    for number in range(21 * 24 * 6):
        scene.heard = {loud: number + 1, free: number + 1}
        await scene.ward.hearing.listen(scene.heard, scene.clock())  # type: ignore[union-attr]
        scene.clock.move(timedelta(minutes=10))
    scene.clock.move(timedelta(minutes=-10) + timedelta(minutes=15))
    await scene.let_pass(timedelta(minutes=30), every=60)
    assert scene.names() == set()
    await scene.let_pass(timedelta(minutes=30), every=60)
    assert [one.key.subject for one in scene.watchdog.book.going_on] == [loud]
    scene.heard = {loud: 99_999, free: 5}
    await scene.let_pass(CALM * 2)
    assert scene.names() == set()


async def test_a_node_that_ends_in_order_is_not_missed() -> None:
    """Who says goodbye is gone for good; who vanishes is missed by the others within fifteen seconds."""
    one = Scene()
    two = Scene(name="two", store=one.store, clock=one.clock)
    running = asyncio.create_task(two.watchdog.run())
    await asyncio.sleep(0)
    await one.let_pass()
    assert len((await one.store.presences())[1]) == 2
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await one.let_pass(timedelta(seconds=30), every=3)
    assert one.names() == set()
    await two.watchdog.look()
    await one.let_pass(timedelta(seconds=12), every=3)
    assert one.names() == {Name.NODE_GONE}


async def test_old_messages_are_tidied_away() -> None:
    """What was told longer ago than messages are kept is deleted, in passing."""
    messenger = Messenger()
    await messenger.put(reminder())
    await messenger.work()
    messenger.clock.move(KEEP_MESSAGES)
    await Watchdog(messenger.store, lambda: messenger.directory, Outside(), ()).look()
    assert len(await messenger.store.messages_to(ADA, limit=5)) == 1
    messenger.clock.move(timedelta(seconds=1))
    await Watchdog(messenger.store, lambda: messenger.directory, Outside(), ()).look()
    assert await messenger.store.messages_to(ADA, limit=5) == ()


@pytest.mark.parametrize("trouble", [Unavailable("away"), ValueError("ours")])
async def test_trouble_with_tidying_does_not_end_the_watch(trouble: Exception) -> None:
    """When nothing can be tidied away the watch goes on, and the outside hears that the pages are well."""

    class Untidy(Away):
        async def forget_messages(self, *, older_than: timedelta, limit: int) -> int:
            raise trouble

    clock = FixedClock(START)
    scene = Scene(store=Untidy(clock), clock=clock)
    health = await scene.watchdog.look()
    assert (scene.watchdog.health, scene.watchdog.troubles(), scene.outside.pings) == (health, (), 1)


async def test_a_dead_man_address_that_is_mute_is_told() -> None:
    """When the outside address does not answer somebody has to know: there, all seems lost."""
    scene = Scene()
    scene.outside.answers = lambda to: (
        NoAnswer(why="down", may_have_arrived=False) if to == PING else Answer(status=200)
    )
    await scene.let_pass(timedelta(minutes=1))
    assert scene.names() == {Name.DEAD_MAN_MUTE}
    scene.outside.answers = lambda _to: Answer(status=200)
    await scene.let_pass(CALM * 2)
    assert scene.names() == set()


async def test_without_a_name_promises_and_loops_are_watched_alone() -> None:
    """A node by itself, as in a simulation, asks the store for the promises and for nothing else."""
    store = MemoryStore(now=FixedClock(START))
    worker = Pulse("worker")
    watchdog = Watchdog(store, Directory, Outside(), (worker,))
    await watchdog.look()
    assert watchdog.troubles() == ()
    fall_silent(worker)
    await watchdog.look()
    assert watchdog.troubles() == ("loop silent worker on",)
    assert (await store.presences())[1] == ()
