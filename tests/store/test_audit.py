"""Tokens and the record of changes, on memory and on PostgreSQL alike."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from store.scene import START, Scene
from tocsin.core.errors import Refused
from tocsin.ports.audit import AuditQuery, Record
from tocsin.ports.state import Document, Token
from tocsin.store.audit import cursor_after

TOKEN = Token(
    hash="h1",
    name="grafana",
    role="responder",
    scope=frozenset({"look", "answer"}),
    expires_at=START + timedelta(days=90),
    made_by="ada",
)


def told(records: tuple[Record, ...]) -> list[tuple[str, str, str, bool, bool]]:
    """Who, what, and whether it was and is there."""
    return [(one.by, one.kind, one.name, one.before is not None, one.after is not None) for one in records]


async def configured(scene: Scene) -> None:
    """A schedule made by ada, changed by grace and dropped by linus, an hour apart each."""
    weekly = Document(kind="schedule", name="data", body={"name": "data", "time_zone": "UTC"})
    await scene.store.change(put=[weekly], drop=[], by="ada", at_revision=0)
    await scene.let_pass(hours=1)
    berlin = replace(weekly, body={"name": "data", "time_zone": "Europe/Berlin"})
    await scene.store.change(put=[berlin], drop=[], by="grace", at_revision=1)
    await scene.let_pass(hours=1)
    await scene.store.change(put=[], drop=[("schedule", "data")], by="linus", at_revision=2)


async def test_a_token_is_kept_as_it_was_given(scene: Scene) -> None:
    """Scope, end and giver are kept; its use is written down when it is used."""
    given = await scene.store.give_token(TOKEN, by="ada")
    assert given == replace(TOKEN, made_at=START)
    assert await scene.store.tokens() == (given,)
    await scene.let_pass(hours=1)
    await scene.store.use_token("grafana")
    [used] = await scene.store.tokens()
    assert used.used_at == START + timedelta(hours=1)


async def test_no_two_tokens_share_a_name(scene: Scene) -> None:
    """The second is refused, and the first stays as it is."""
    given = await scene.store.give_token(TOKEN, by="ada")
    with pytest.raises(Refused, match="there is a token 'grafana' already"):
        await scene.store.give_token(replace(TOKEN, hash="h2", role="admin"), by="linus")
    assert await scene.store.tokens() == (given,)


async def test_tokens_are_in_the_log_without_their_hash(scene: Scene) -> None:
    """Giving out and ending are told, newest first; ending twice is told once."""
    await scene.store.give_token(TOKEN, by="ada")
    assert await scene.store.end_token("grafana", by="linus")
    assert not await scene.store.end_token("grafana", by="linus")
    ended, made = await scene.store.records(AuditQuery())
    assert told((ended, made)) == [
        ("linus", "token", "grafana", True, False),
        ("ada", "token", "grafana", False, True),
    ]
    assert made.after == {
        "name": "grafana",
        "role": "responder",
        "person": None,
        "scope": ["answer", "look"],
        "expires_at": TOKEN.expires_at.isoformat(timespec="seconds") if TOKEN.expires_at else None,
    }


async def test_each_change_has_what_was_there_before(scene: Scene) -> None:
    """Made, changed, deleted: before and after as they were."""
    await configured(scene)
    dropped, changed, made = await scene.store.records(AuditQuery())
    assert told((dropped, changed, made)) == [
        ("linus", "schedule", "data", True, False),
        ("grace", "schedule", "data", True, True),
        ("ada", "schedule", "data", False, True),
    ]
    assert changed.before == made.after == {"name": "data", "time_zone": "UTC"}
    assert changed.after == dropped.before == {"name": "data", "time_zone": "Europe/Berlin"}
    assert [one.at for one in (dropped, changed, made)] == [START + timedelta(hours=n) for n in (2, 1, 0)]


@pytest.mark.parametrize(
    ("query", "by"),
    [
        (AuditQuery(by="grace"), ["grace"]),
        (AuditQuery(kind="token"), []),
        (AuditQuery(name="data"), ["linus", "grace", "ada"]),
        (AuditQuery(name="dat"), []),
        (AuditQuery(text="BERLIN"), ["linus", "grace"]),
        (AuditQuery(text="grac"), ["grace"]),
        (AuditQuery(since=START + timedelta(hours=1)), ["linus", "grace"]),
        (AuditQuery(until=START + timedelta(hours=1)), ["ada"]),
    ],
)
async def test_changes_are_found(scene: Scene, query: AuditQuery, by: list[str]) -> None:
    """By whom, what, when, and by any text that was there before or after."""
    await configured(scene)
    assert [one.by for one in await scene.store.records(query)] == by


async def test_the_log_is_read_in_parts(scene: Scene) -> None:
    """Each part begins where the one before ended, one more than asked tells that there is more, and none is twice."""
    rows = [Document(kind="team", name=name, body={"name": name}) for name in ("a", "B", "c", "d")]
    await scene.store.change(put=rows, drop=[], by="ada", at_revision=0)
    await scene.store.give_token(TOKEN, by="ada")
    whole = await scene.store.records(AuditQuery())
    assert len(whole) == 5
    read: list[Record] = []
    cursor = None
    while True:
        part = await scene.store.records(AuditQuery(limit=2, cursor=cursor))
        read += part[:2]
        if len(part) <= 2:
            break
        cursor = cursor_after(part[1])
    assert tuple(read) == whole


@pytest.mark.parametrize("cursor", ["", "x", "bm9uZQ", "WzEsMl0", "é"])
async def test_a_cursor_that_was_never_given_out_is_refused(scene: Scene, cursor: str) -> None:
    """It is the asker's mistake, and told as one."""
    with pytest.raises(Refused, match="cursor"):
        await scene.store.records(AuditQuery(cursor=cursor))


async def test_nodes_that_start_at_once_all_put_their_token(scene: Scene) -> None:
    """The environment gives each the same one: it is put once, and none of them stumbles over the others."""
    for number in range(10):
        token = replace(TOKEN, name=f"n{number}", hash=f"h{number}")
        await asyncio.gather(*(scene.store.put_token(token) for _ in range(8)))
    assert len(await scene.store.tokens()) == 10
