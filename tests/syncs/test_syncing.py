"""A user group follows a schedule, over real HTTP: shifts change, hands meddle, Slack is away, nodes come in pairs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from dataclasses import replace
from datetime import timedelta

import pytest

from syncs.scene import HANDOVER, NAME, Scene, configured, once, scene
from tocsin.core.errors import NotFound, Unavailable
from tocsin.core.schedules import OnCall, Rota
from tocsin.core.syncs import Followed, Same, State, SyncName, Verdict
from tocsin.core.vocabulary import Instant, ScheduleName
from tocsin.engine import syncing
from tocsin.engine.syncing import LONGEST_SLEEP, MOST_CALLS, SHORTEST_SLEEP, Syncing
from tocsin.ports.channels import Answer, HttpCall, NoAnswer, Settings
from tocsin.ports.syncs import Steps, SyncKind, Wish
from tocsin.store.memory import MemoryStore
from tocsin.store.postgres import PostgresStore

FALLBACKS = """syncs:
  - {name: data-oncall, schedule: empty, slack_group: data-oncall%s}
"""


async def test_one_line_is_enough(here: Scene) -> None:
    """Whoever is on call is in the group, and nobody else."""
    await once(here.node())
    assert here.members() == {"ada"}
    [line] = await here.log()
    assert (line.verdict, line.before, line.after) == (Verdict.CHANGED, ("U00000004",), ("ada",))


async def test_it_changes_with_the_shift(here: Scene) -> None:
    """The loop sleeps no longer than until the next change of shift, and then the next one is in the group."""
    node = here.node()
    await once(node)
    here.clock.move_to(HANDOVER - timedelta(seconds=3))
    await once(node)
    assert here.members() == {"ada"}
    assert await once(node) == timedelta(seconds=3)
    await here.let_pass(node, seconds=3)
    assert here.members() == {"grace"}
    assert [line.verdict for line in await here.log()] == [Verdict.CHANGED, Verdict.CHANGED]


async def test_several_schedules_make_one_group(here: Scene) -> None:
    """Whoever is on call by any of them is in it."""
    here.current = configured(
        "syncs: [{name: data-oncall, schedules: [data-primary, data-secondary], slack_group: data-oncall}]"
    )
    await once(here.node())
    assert here.members() == {"ada", "linus"}


async def test_a_change_by_hand_is_repaired(here: Scene) -> None:
    """Somebody puts others in: within five minutes it is as the schedule says, and the log says who it was."""
    node = here.node()
    await once(node)
    group, linus = here.slack.workspace.group("data-oncall"), here.people["linus"]
    here.slack.workspace.replace_members({"usergroup": group.id, "users": linus}, linus)
    await here.let_pass(node, minutes=4, seconds=59)
    assert here.members() == {"linus"}
    await here.let_pass(node, seconds=1)
    assert here.members() == {"ada"}
    line = (await here.log())[-1]
    assert (line.verdict, line.before, line.after) == (Verdict.REPAIRED, (linus,), ("ada",))
    assert line.text == f"last changed by {linus}"


async def test_nothing_is_written_while_all_is_well(here: Scene) -> None:
    """Between looks Slack is left alone, and a look that finds all well changes nothing, there or in the log."""
    node = here.node()
    await once(node)
    calls = len(here.slack.calls)
    await here.let_pass(node, minutes=1)
    assert len(here.slack.calls) == calls
    for _ in range(5):
        await here.let_pass(node, minutes=5)
    assert here.slack.called("usergroups.users.update") == 1
    assert here.slack.called("users.lookupByEmail") == 1
    assert len(await here.log()) == 1


async def test_another_configuration_is_applied_at_once(here: Scene) -> None:
    """Whoever lets it follow another schedule, or keep another group, need not wait."""
    node = here.node()
    await once(node)
    here.slack.workspace.add_group("night")
    here.current = configured("syncs: [{name: data-oncall, schedule: data-secondary, slack_group: data-oncall}]")
    await here.let_pass(node, seconds=1)
    assert here.members() == {"linus"}
    here.current = configured("syncs: [{name: data-oncall, schedule: data-secondary, slack_group: night}]")
    await here.let_pass(node, seconds=1)
    assert here.members("night") == {"linus"}


@pytest.mark.parametrize(
    ("fallback", "members"),
    [("", {"last-year"}), (", fallback: team", {"ada", "grace", "linus"}), (", fallback: linus", {"linus"})],
)
async def test_with_nobody_on_call_the_fallback_holds(here: Scene, fallback: str, members: set[str]) -> None:
    """The group stays as it was, and that is said; or the team stands in; or somebody does."""
    here.current = configured(FALLBACKS % fallback)
    await once(here.node())
    assert here.members() == members
    [line] = await here.log()
    if not fallback:
        assert (line.verdict, line.text) == (Verdict.KEPT, "nobody is on call (no layer)")


async def test_a_group_that_was_switched_off_is_switched_on(here: Scene) -> None:
    """Somebody has switched the group off: nobody could be called by it."""
    node = here.node()
    await once(node)
    group = here.slack.workspace.group("data-oncall")
    here.slack.workspace.disable({"usergroup": group.id}, here.people["linus"])
    await here.let_pass(node, minutes=5)
    assert (group.date_delete, here.members()) == (0, {"ada"})
    assert (await here.log())[-1].verdict is Verdict.REPAIRED


async def test_a_large_workspace_is_read_whole(here: Scene) -> None:
    """The list of all groups may be long; ours may be the last."""
    for number in range(2_000):
        here.slack.workspace.add_group(f"other-{number}")
    here.slack.workspace.add_group("zz-last")
    here.current = configured("syncs: [{name: data-oncall, schedule: data-primary, slack_group: zz-last}]")
    await once(here.node())
    assert here.members("zz-last") == {"ada"}


async def test_slack_is_left_alone_when_it_asks_for_it(here: Scene) -> None:
    """Until `Retry-After` has passed nobody asks again; a rate limit alone alarms nobody."""
    node = here.node()
    here.slack.limit("usergroups.users.update")
    await once(node)
    state = await here.state()
    assert (state.verdict, state.failures) == (Verdict.FAILED, 0)
    here.slack.relax()
    calls = len(here.slack.calls)
    await here.let_pass(node, seconds=29)
    assert len(here.slack.calls) == calls
    await here.let_pass(node, seconds=1)
    assert here.members() == {"ada"}
    assert await here.told("sync_failed") == []


async def test_a_revoked_token_is_an_alarm_and_its_end_is_told(here: Scene) -> None:
    """The team's lead and the administrators hear of it once, with what to do, and hear once that it is over."""
    node = here.node()
    await once(node)
    here.slack.tokens[here.slack.token].refusal = "token_revoked"
    for _ in range(5):
        await here.let_pass(node, minutes=5)
    assert await here.told("sync_failed") == ["ada", "linus"]
    [record] = await here.store.messages_to("linus", limit=10)
    assert record.message.values["sync"] == "data-oncall"
    assert record.message.values["error"] == (
        "@data-oncall: the token was revoked (token_revoked): install the app again and set its new token: "
        "syncs.slack.token, or TOCSIN_SYNC_SLACK_TOKEN"
    )
    assert node.troubles == ("the sync data-oncall fails since 2026-11-22 03:16 UTC",)
    here.slack.tokens[here.slack.token].refusal = None
    for _ in range(3):
        await here.let_pass(node, minutes=5)
    assert await here.told("sync_recovered") == ["ada", "linus"]
    assert node.troubles == ()
    assert [line.verdict for line in await here.log()] == [Verdict.CHANGED, Verdict.FAILED, Verdict.RECOVERED]


async def test_an_alarm_is_raised_within_minutes(here: Scene) -> None:
    """Three tries are made within two minutes; nobody waits for three times five."""
    node = here.node()
    here.slack.outage = 503
    for _ in range(9):
        await here.let_pass(node, seconds=15)
    assert await here.told("sync_failed") == ["ada", "linus"]


async def test_somebody_unknown_to_slack_is_told_of(here: Scene) -> None:
    """The others are put there; who is missing, the lead and the administrators hear of it, once."""
    here.current = configured("syncs: [{name: data-oncall, schedule: no-mail, slack_group: data-oncall}]")
    node = here.node()
    for _ in range(4):
        await here.let_pass(node, minutes=5)
    assert here.members() == {"ada"}
    assert await here.told("sync_unmatched") == ["ada", "linus", "mei"]
    [missed] = (await here.state()).missed
    assert (missed.person, missed.why) == ("mei", "no email address is written down for them")


async def test_people_are_looked_up_once_a_day(here: Scene) -> None:
    """What Slack calls somebody is remembered by their address, and asked again the day after."""
    node = here.node()
    await once(node)
    for _ in range(24):
        await here.let_pass(node, hours=1)
    assert here.slack.called("users.lookupByEmail") == 1
    here.clock.move_to(HANDOVER)
    await once(node)
    here.current = configured("syncs: [{name: data-oncall, schedule: data-secondary, slack_group: data-oncall}]")
    await here.let_pass(node, hours=20)
    assert here.members() == {"ada"}
    assert here.slack.called("users.lookupByEmail") == 3


async def test_somebody_who_leaves_slack_is_noticed(here: Scene) -> None:
    """What was remembered of them no longer holds: they are missing, and the group is not emptied."""
    node = here.node()
    await once(node)
    here.slack.workspace.deactivate(here.people["ada"])
    here.slack.workspace.group("data-oncall").users = [here.people["linus"]]
    await here.let_pass(node, minutes=5)
    assert here.members() == {"linus"}
    state = await here.state()
    assert (state.verdict, [one.person for one in state.missed]) == (Verdict.KEPT, ["ada"])


async def test_one_address_is_one_person_in_any_case(here: Scene) -> None:
    """Slack and the configuration need not agree on capital letters."""
    assert here.current.people["ada"].email == "Ada@example.org"
    node = here.node()
    await once(node)
    await here.let_pass(node, minutes=5)
    assert (await here.state()).members == ("ada",)


async def test_two_nodes_make_one_change(here: Scene) -> None:
    """Both wake at the change of shift; one does it, the other finds it done."""
    nodes = (here.node(), here.node())
    for _ in range(3):
        await asyncio.gather(*map(once, nodes))
    assert here.slack.called("usergroups.users.update") == 1
    here.clock.move_to(HANDOVER)
    for _ in range(3):
        await asyncio.gather(*map(once, nodes))
    assert here.slack.called("usergroups.users.update") == 2
    assert here.members() == {"grace"}
    assert len(await here.log()) == 2


@pytest.mark.postgres
async def test_two_nodes_on_one_database_make_one_change(database_url: str) -> None:
    """The same on PostgreSQL: each node with connections of its own."""
    one, other = await PostgresStore.connect(database_url), await PostgresStore.connect(database_url)
    try:
        async with scene(make=lambda _clock: one) as here:
            here.current = configured(
                "syncs: [{name: data-oncall, schedule: both, slack_group: data-oncall}]", people=BOTH
            )
            nodes = (here.node(one), here.node(other))
            for _ in range(3):
                await asyncio.gather(*map(once, nodes))
            assert here.members() == {"ada", "linus"}
            assert here.slack.called("usergroups.users.update") == 1
            assert len(await here.log()) == 1
    finally:
        await asyncio.gather(one.close(), other.close())


#: Somebody is on call at any time, whatever the database's clock says.
BOTH = """
tocsin: 1
users: [{name: ada, email: ada@example.org, role: admin}, {name: linus, email: linus@example.org}]
schedules:
  - {name: both, time_zone: UTC, layers: [
      {name: always, rotation: {every: 1 week, from: "2020-01-06T09:00", people: [[ada, linus]]}}]}
"""


async def test_while_another_node_is_at_it_nobody_else_is(here: Scene) -> None:
    """A node that finds the sync taken looks again soon; whoever asks for it by hand is told."""
    node = here.node()
    async with here.store.alone(f"sync/{NAME}") as let_in:
        assert let_in
        assert await once(node) == SHORTEST_SLEEP
        with pytest.raises(Unavailable, match="another node"):
            await node.attempt(NAME, dry=False)
    assert here.slack.calls == []
    await once(node)
    assert here.members() == {"ada"}


async def test_a_dry_run_changes_nothing(here: Scene) -> None:
    """It says what would be done; Slack, the log and the state stay as they are."""
    attempted = await here.node().attempt(NAME, dry=True)
    assert attempted.judged.state.verdict is Verdict.CHANGED
    assert attempted.members == (("U00000004",), ("ada",))
    assert here.members() == {"last-year"}
    assert (await here.store.sync_states(), await here.log()) == ((), [])
    assert here.slack.called("usergroups.users.update") == 0


async def test_an_attempt_by_hand_waits_for_nothing(here: Scene) -> None:
    """Whoever has mended the token need not wait until it is tried again."""
    node = here.node()
    here.slack.tokens[here.slack.token].refusal = "token_revoked"
    await once(node)
    here.slack.tokens[here.slack.token].refusal = None
    attempted = await node.attempt(NAME, dry=False)
    assert attempted.judged.state.verdict is Verdict.CHANGED
    assert here.members() == {"ada"}


async def test_an_unknown_name_is_told_the_known_ones(here: Scene) -> None:
    """Neither an attempt nor a log of a sync that is not there."""
    node = here.node()
    with pytest.raises(NotFound) as refusal:
        await node.attempt(SyncName("data"), dry=True)
    assert refusal.value.hint == "syncs: data-oncall"
    with pytest.raises(NotFound):
        await node.log(SyncName("data"), limit=1)


async def test_without_syncs_the_loop_sleeps(here: Scene) -> None:
    """Nobody is asked anything when nothing follows."""
    here.current = configured("")
    assert await once(here.node()) == LONGEST_SLEEP
    assert here.slack.calls == []


async def test_one_sync_that_fails_does_not_hold_up_another(here: Scene) -> None:
    """A program that is away is its own trouble."""
    here.current = configured(
        "syncs:\n"
        "  - {name: away, schedule: data-primary, webhook: 'http://127.0.0.1:9/'}\n"
        "  - {name: data-oncall, schedule: data-primary, slack_group: data-oncall}\n"
    )
    await once(here.node())
    assert here.members() == {"ada"}
    assert (await here.state("away")).verdict is Verdict.FAILED


class Stumbling(Rota):
    """A rota that cannot say who is on call by one of its schedules."""

    def on_call(self, name: ScheduleName, at: Instant) -> OnCall:
        """Stumble, or answer."""
        if name == "empty":
            raise ZeroDivisionError
        return super().on_call(name, at)


async def test_a_schedule_that_cannot_be_asked_holds_up_nobody_else(here: Scene) -> None:
    """A fault in one schedule is its own syncs' trouble."""
    here.current = configured(
        "syncs:\n"
        "  - {name: a-stumbler, schedule: empty, slack_group: night}\n"
        "  - {name: data-oncall, schedule: data-primary, slack_group: data-oncall}\n"
    )
    object.__setattr__(here.current, "rota", Stumbling(here.current.schedules, here.current.circumstances))
    node = here.node()
    await once(node)
    assert here.members() == {"ada"}
    assert node.pulse.stumbles


# What no plug-in may do to us.


def kind_of(follow: object) -> SyncKind:
    """A kind that stands in for Slack's."""
    return SyncKind(name="slack", follow=follow, shown=lambda target: target)  # type: ignore[arg-type]


def node_with(here: Scene, follow: object) -> Syncing:
    """A node that knows only this kind."""
    current = here.current
    return Syncing(
        here.store, lambda: current, here.transport, kinds=[kind_of(follow)], settings={}, environment=here.environment
    )


def get(url: str) -> HttpCall:
    """A call."""
    return HttpCall(method="GET", url=url, headers=(), body=b"")


async def test_a_kind_that_stumbles_has_failed(here: Scene) -> None:
    """A fault of ours is a failure of the attempt, is tried again at a distance, and is no end of the loop."""

    def follow(_wish: Wish, _settings: Settings) -> Steps:
        yield get(here.slack.url)
        raise ZeroDivisionError

    await once(node_with(here, follow))
    state = await here.state()
    assert (state.verdict, state.text) == (Verdict.FAILED, "Tocsin stumbled: its log says over what")
    assert state.next_at > here.clock()


async def test_a_kind_that_never_ends_has_failed(here: Scene) -> None:
    """It may ask a good many questions, not any number."""

    def follow(_wish: Wish, _settings: Settings) -> Generator[HttpCall, Answer | NoAnswer, Followed]:
        while True:
            yield get(f"{here.slack.url}auth.test")

    await once(node_with(here, follow))
    assert (await here.state()).text == f"it took more than {MOST_CALLS} calls"


async def test_an_attempt_has_an_end(here: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it waits for, after its time it has failed."""
    monkeypatch.setattr(syncing, "LONGEST_ATTEMPT", timedelta(milliseconds=50))

    class Slow:
        async def call(self, channel: str, call: HttpCall, *, most: int | None = None) -> Answer | NoAnswer:
            await asyncio.sleep(5)
            raise AssertionError

    node = here.node()
    monkeypatch.setattr(node, "_caller", Slow())
    async with asyncio.timeout(3):
        await once(node)
    assert (await here.state()).text == "it took longer than 0 s"


async def test_a_dry_run_cannot_write(here: Scene) -> None:
    """A kind that would change something in a dry run is stopped before its call leaves."""

    def follow(wish: Wish, _settings: Settings) -> Steps:
        yield replace(get(f"{here.slack.url}usergroups.enable"), method="POST")
        return Followed(result=Same(members=()))

    attempted = await node_with(here, follow).attempt(NAME, dry=True)
    assert attempted.judged.state.verdict is Verdict.FAILED
    assert here.slack.calls == []


async def test_a_kind_that_nobody_knows_has_failed(here: Scene) -> None:
    """A newer configuration on an older node says so."""
    node = Syncing(here.store, lambda: here.current, here.transport, kinds=[], settings={}, environment={})
    await once(node)
    assert "knows no sync of the kind 'slack'" in (await here.state()).text


class Away(MemoryStore):
    """A store that is away for a while."""

    away = True

    async def sync_states(self) -> tuple[State, ...]:
        """Nothing, while it is away."""
        if self.away:
            raise Unavailable("the database does not answer", retry_seconds=0.01)
        return await super().sync_states()


async def test_the_loop_outlives_its_store(monkeypatch: pytest.MonkeyPatch) -> None:
    """While the store is away the loop waits, and goes on when it is back."""
    monkeypatch.setattr(syncing, "SHORTEST_SLEEP", timedelta(milliseconds=10))
    async with scene(make=Away) as here:
        node = here.node()
        loop = asyncio.create_task(node.run())
        await becomes(lambda: node.pulse.stumbles > 0)
        here.store.away = False
        await becomes(lambda: here.members() == {"ada"})
        loop.cancel()


async def becomes(true: Callable[[], bool]) -> None:
    """Wait until something has happened."""
    for _ in range(500):
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it has not happened within five seconds")
