"""The embedded server on real folders with real processes: whatever ends whom, nothing committed is lost."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tocsin.core.errors import Broken, Unavailable
from tocsin.store.binaries import find_binaries, major_of
from tocsin.store.cluster import read_postmaster
from tocsin.store.embedded import EmbeddedPostgres, running
from tocsin.store.launcher import choose_launcher

pytestmark = pytest.mark.postgres

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a program with its owner")

IMPATIENT = timedelta(seconds=0.3)
NOBODY = 65534

#: A Tocsin that owns a server until its input ends.
OWNER = """
import sys
from pathlib import Path
from tocsin.core.errors import Unavailable
from tocsin.store.embedded import EmbeddedPostgres
try:
    with EmbeddedPostgres(Path(sys.argv[1])) as address:
        print(address, flush=True)
        sys.stdin.read()
except Unavailable as refusal:
    print("Unavailable:", refusal, flush=True)
"""


def ask(address: str, *statements: str) -> Any:
    """Run statements, each in its own transaction, and give the single value of the last one."""

    async def asked() -> Any:
        connection = await asyncpg.connect(address)
        try:
            for statement in statements[:-1]:
                await connection.execute(statement)
            return await connection.fetchval(statements[-1])
        finally:
            await connection.close()

    return asyncio.run(asked())


def postmaster_of(data: Path) -> int:
    postmaster = read_postmaster(data / "postgres")
    assert postmaster is not None
    return postmaster.pid


def soon(happens: Callable[[], bool]) -> bool:
    """True as soon as it happens, False when it has not within ten seconds."""
    for _ in range(1000):
        if happens():
            return True
        time.sleep(0.01)
    return False


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def modes(folders: list[Path]) -> list[tuple[int, int]]:
    return [(folder.stat().st_mode, folder.stat().st_uid) for folder in folders]


@contextmanager
def owner(data: Path, *prefix: str) -> Iterator[subprocess.Popen[str]]:
    """Another Tocsin on this data folder."""
    command = [*prefix, sys.executable, "-c", OWNER, str(data)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def first_word(process: subprocess.Popen[str]) -> str:
    """What the other Tocsin says first: its address, or why it has none."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    with EmbeddedPostgres(folder):
        return folder


@pytest.fixture
def data(made: Path, tmp_path: Path) -> Path:
    """A data folder in which a server has been before."""
    subprocess.run(["cp", "-a", made, tmp_path / "data"], check=True)
    return tmp_path / "data"


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A data folder that does not exist yet."""
    return tmp_path / "fresh"


def test_rows_are_kept_from_start_to_start(fresh: Path) -> None:
    """What was committed in the first start is there in the second, which finds all that it needs."""
    with EmbeddedPostgres(fresh) as address:
        ask(address, "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (7)", "SELECT 1")
    assert running(fresh) is None
    with EmbeddedPostgres(fresh) as address:
        assert ask(address, "SELECT n FROM kept") == 7


def test_the_database_is_the_one_that_was_promised(fresh: Path) -> None:
    """Database and user are `tocsin`, text is UTF-8, pages have checksums, time is UTC, commits are durable."""
    with EmbeddedPostgres(fresh) as address:
        assert ask(address, "SELECT current_database() || ' ' || current_user") == "tocsin tocsin"
        shown = {name: ask(address, f"SHOW {name}") for name in ("server_encoding", "data_checksums", "timezone")}
        durable = [ask(address, f"SHOW {name}") for name in ("fsync", "synchronous_commit", "full_page_writes")]
    assert shown == {"server_encoding": "UTF8", "data_checksums": "on", "timezone": "UTC"}
    assert durable == ["on", "on", "on"]


def test_tocsin_is_no_superuser(data: Path) -> None:
    """A hole in a query does not become a shell: the user of the address may not run programs."""
    with EmbeddedPostgres(data) as address:
        assert ask(address, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            ask(address, "COPY (SELECT 1) TO PROGRAM 'true'")


@on_linux
def test_a_killed_owner_takes_its_server_along(data: Path) -> None:
    """After kill -9 of Tocsin its server ends by itself, and the next start has every committed row."""
    with owner(data) as other:
        address = first_word(other)
        ask(address, "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (7)", "SELECT 1")
        postmaster = postmaster_of(data)
        other.kill()
        assert soon(lambda: gone(postmaster))
    with EmbeddedPostgres(data) as address:
        assert ask(address, "SELECT n FROM kept") == 7


def test_a_killed_server_starts_again(data: Path) -> None:
    """After kill -9 of the server its owner sees that it is dead, and a new start recovers every committed row."""
    server = EmbeddedPostgres(data)
    try:
        ask(server.start(), "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (7)", "SELECT 1")
        os.kill(postmaster_of(data), signal.SIGKILL)
        assert soon(lambda: not server.lives())
        assert running(data) is None
        assert ask(server.start(), "SELECT n FROM kept") == 7
    finally:
        server.stop()


def test_the_children_of_a_killed_server_are_waited_for(data: Path) -> None:
    """While a statement of a killed server still runs, which would damage the data, no second server starts."""

    async def busy(address: str) -> None:
        connection = await asyncpg.connect(address)
        with suppress(asyncpg.PostgresError, OSError):
            await connection.execute("DO 'BEGIN FOR i IN 1..30000000 LOOP END LOOP; END'")  # Looks up at nothing.

    server = EmbeddedPostgres(data)
    address = server.start()
    thread = threading.Thread(target=lambda: asyncio.run(busy(address)))
    thread.start()
    try:
        child = None
        while child is None:
            child = ask(address, "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'DO %'")
        os.kill(postmaster_of(data), signal.SIGKILL)
        assert soon(lambda: not server.lives())
        assert not gone(child)
        server.start()
        assert gone(child)
    finally:
        server.stop()
        thread.join()


@on_linux
def test_a_stale_process_id_with_a_new_bearer_is_no_obstacle(data: Path) -> None:
    """When a killed server's id has gone to another process, as in a restarted container, the start succeeds."""
    server = EmbeddedPostgres(data)
    server.start()
    killed = postmaster_of(data)
    os.kill(killed, signal.SIGKILL)
    assert soon(lambda: not server.lives())
    server.stop()
    user = (data / "postgres").stat().st_uid
    bearer = subprocess.Popen(["sleep", "60"], user=user if os.geteuid() == 0 else None)
    try:
        for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
            file = data / "postgres" / name
            file.write_text(file.read_text().replace(str(killed), str(bearer.pid), 1))
        with EmbeddedPostgres(data) as address:
            assert ask(address, "SELECT 1") == 1
        assert bearer.poll() is None
    finally:
        bearer.kill()
        bearer.wait()


@as_root
def test_root_works_in_a_closed_folder_and_opens_nothing(tmp_path: Path) -> None:
    """As root, below a folder that only root may enter, the server runs as somebody else and no mode above changes."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    above = [closed, *closed.parents]
    before = modes(above)
    with EmbeddedPostgres(closed / "data") as address:
        assert ask(address, "SELECT 1") == 1
        status = Path(f"/proc/{postmaster_of(closed / 'data')}/status").read_text()
    assert modes(above) == before
    assert re.search(r"^Uid:\t(\d+)\t\1\t\1\t\1$", status, re.MULTILINE)
    assert not re.search(r"^Uid:\t0", status, re.MULTILINE)
    assert "NoNewPrivs:\t1" in status


@as_root
def test_root_grants_no_capability_where_the_way_is_open() -> None:
    """Where the server's user can pass by itself, it gets no capability at all."""
    program = find_binaries() / "postgres"
    if not all(folder.stat().st_mode & stat.S_IXOTH for folder in program.parents):
        pytest.skip("the programs themselves lie in a closed folder")
    with tempfile.TemporaryDirectory() as way:  # pytest's own folders are closed above, too.
        assert "--ambient-caps" in choose_launcher(program, Path(way, "postgres")).prefix
        Path(way).chmod(0o711)
        assert "--ambient-caps" not in choose_launcher(program, Path(way, "postgres")).prefix


def test_no_port_is_opened(data: Path) -> None:
    """The server listens on one socket file, in a folder that is closed to others, and on no address."""
    with EmbeddedPostgres(data) as address:
        assert ask(address, "SHOW listen_addresses") == ""
        sockets = read_postmaster(data / "postgres").sockets  # type: ignore[union-attr]
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
        assert stat.S_IMODE((sockets / ".s.PGSQL.5432").stat().st_mode) == 0o700
        descriptors = Path(f"/proc/{postmaster_of(data)}/fd")
        if descriptors.exists():
            own = {descriptor.readlink().name[8:-1] for descriptor in descriptors.iterdir()}
            table = "".join(Path(f"/proc/net/{kind}").read_text() for kind in ("tcp", "tcp6"))
            assert not own & {line.split()[9] for line in table.splitlines() if ":" in line.split()[1]}


@on_linux
def test_no_secret_reaches_the_server(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What Tocsin knows from its environment is not handed to PostgreSQL."""
    monkeypatch.setenv("TOCSIN_SECRET", "swordfish")
    with EmbeddedPostgres(data):
        assert b"swordfish" not in Path(f"/proc/{postmaster_of(data)}/environ").read_bytes()


def test_data_of_another_version_is_refused(data: Path) -> None:
    """A folder that a newer PostgreSQL wrote is left alone, and one sentence says which version it needs."""
    (data / "postgres" / "PG_VERSION").write_text("99\n")
    with pytest.raises(Unavailable, match=r"written by PostgreSQL 99 .*: install PostgreSQL 99"):
        EmbeddedPostgres(data).start()


def test_a_folder_that_is_no_database_is_left_alone(fresh: Path) -> None:
    """Where something else lies in the database's place, it is neither touched nor overwritten."""
    (fresh / "postgres").mkdir(parents=True)
    (fresh / "postgres" / "letter.txt").write_text("dear")
    with pytest.raises(Unavailable, match="move it away"):
        EmbeddedPostgres(fresh).start()
    assert [path.name for path in (fresh / "postgres").iterdir()] == ["letter.txt"]


def test_a_folder_that_cannot_be_is_refused(tmp_path: Path) -> None:
    """A data folder below a plain file is refused in one sentence that names it."""
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match=r"cannot keep its database in .*/file/data: Not a directory\.$"):
        EmbeddedPostgres(tmp_path / "file" / "data").start()


@as_root
@on_linux
def test_a_read_only_folder_is_refused(tmp_path: Path) -> None:
    """Who may read but not write the data folder is told so in one sentence that names it."""
    (tmp_path / "data").mkdir(mode=0o555)
    read_only = ["--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search"]
    with owner(tmp_path / "data", "setpriv", "--reuid", str(NOBODY), "--clear-groups", *read_only) as other:
        assert re.match(r"Unavailable: Tocsin cannot keep .*/data: Permission denied\.$", first_word(other))


@as_root
@on_linux
def test_an_ordinary_user_needs_no_root(tmp_path: Path) -> None:
    """An ordinary user's server is that user's process, and root can attach to it without taking it over."""
    (tmp_path / "data").mkdir()
    os.chown(tmp_path / "data", NOBODY, NOBODY)
    user = ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"]
    reading = [
        "--inh-caps",
        "+dac_read_search",
        "--ambient-caps",
        "+dac_read_search",
    ]  # Only for pytest's closed folder.
    with owner(tmp_path / "data", *user, *reading) as other:
        assert first_word(other).startswith("postgresql://")
        assert Path(f"/proc/{postmaster_of(tmp_path / 'data')}").stat().st_uid == NOBODY
        with EmbeddedPostgres(tmp_path / "data", attach=True) as address:
            assert ask(address, "SELECT 1") == 1
        other.communicate("")
    with EmbeddedPostgres(tmp_path / "data"):
        assert (tmp_path / "data" / "postgres").stat().st_uid == NOBODY


def test_an_interrupted_first_start_is_made_good(fresh: Path) -> None:
    """Killed in the middle of its first start, Tocsin starts afresh the next time, and no half folder stays."""
    with owner(fresh) as other:
        assert soon(lambda: any(fresh.glob("postgres.unfinished-*/PG_VERSION")))
        other.kill()
    assert not (fresh / "postgres").exists()
    with EmbeddedPostgres(fresh) as address:
        assert ask(address, "SELECT 1") == 1
    assert not list(fresh.glob("*unfinished*"))


def test_a_second_tocsin_attaches_to_the_first(data: Path) -> None:
    """A second start on the same folder finds the running server, may use it, and leaves it running."""
    with EmbeddedPostgres(data) as address:
        assert running(data) == address
        with EmbeddedPostgres(data, attach=True) as attached:
            assert attached == address
        assert running(data) == address
        with pytest.raises(Unavailable, match="another Tocsin to leave"):
            EmbeddedPostgres(data, patience=IMPATIENT).start()
        assert ask(address, "SELECT 1") == 1


def test_a_successor_waits_for_its_predecessor(data: Path) -> None:
    """A new Tocsin that comes while the old one is still leaving waits for it, then starts."""
    with owner(data) as other:
        first_word(other)
        assert other.stdin is not None
        leaving = threading.Timer(0.5, other.stdin.close)
        leaving.start()
        with EmbeddedPostgres(data) as address:
            assert other.wait() == 0
            assert ask(address, "SELECT 1") == 1
        leaving.join()


def test_a_server_without_an_owner_is_ended_first(data: Path) -> None:
    """A leftover server, from a system that cannot tie it to its owner, is ended in order before a new one starts."""
    program = find_binaries() / "postgres"
    launcher = choose_launcher(program, data / "postgres")
    options = ("--listen_addresses=", f"--unix_socket_directories={data / 'postgres'}")
    with (data / "leftover.log").open("wb") as log:
        leftover = launcher.start(program, "-D", data / "postgres", *options, log=log.fileno())
    assert soon(lambda: running(data) is not None)
    threading.Thread(target=leftover.wait).start()  # As init would: a zombie has no name.
    with EmbeddedPostgres(data) as address:
        assert postmaster_of(data) != leftover.pid
        assert ask(address, "SELECT 1") == 1
    assert leftover.wait() == 0
    assert "database system is shut down" in (data / "leftover.log").read_text()


def test_a_path_too_long_for_a_socket_is_no_obstacle(tmp_path: Path) -> None:
    """Deep below long names the socket lies elsewhere, closed to others, found by a second Tocsin, and cleared away."""
    data = tmp_path / ("long," + "g" * 90) / "data"
    with EmbeddedPostgres(data) as address:
        assert ask(address, "SELECT 1") == 1
        assert running(data) == address
        sockets = read_postmaster(data / "postgres").sockets  # type: ignore[union-attr]
        assert data not in sockets.parents
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    assert not sockets.exists()
    sockets.mkdir(mode=0o755)
    try:
        with pytest.raises(Unavailable, match="open to others or theirs"):
            EmbeddedPostgres(data).start()
    finally:
        sockets.rmdir()


def test_a_data_folder_may_have_any_name(tmp_path: Path) -> None:
    """Blanks, quotes, signs, letters of any script, and bytes that are no text do no harm in the data folder's name."""
    for name in ('it\'s "100% & $HOME" \N{SNOWMAN}', os.fsdecode(b"caf\xe9\n")):
        with EmbeddedPostgres(tmp_path / name) as address:
            assert ask(address, "SELECT 1") == 1
            assert running(tmp_path / name) == address


def test_a_long_log_is_set_aside(data: Path) -> None:
    """The log does not grow for ever, and goes on after it was set aside under the eyes of the server."""
    log = data / "postgres.log"
    server = EmbeddedPostgres(data)
    address = server.start()
    try:
        with log.open("a") as file:
            file.write("x" * 5_000_000)
        server.trim_log()
        assert log.stat().st_size == 0
        assert (data / "postgres.log.1").stat().st_size > 5_000_000
        with pytest.raises(asyncpg.UndefinedTableError):
            ask(address, "SELECT * FROM nowhere WHERE 'a secret' <> ''")
        assert "nowhere" in log.read_text()
        assert "a secret" not in log.read_text()
    finally:
        server.stop()


def test_a_start_from_another_thread_is_refused(data: Path) -> None:
    """A server would end with the thread that started it, so only the main thread may."""
    said: list[str] = []

    def start() -> None:
        try:
            EmbeddedPostgres(data).start()
        except Broken as error:
            said.append(str(error))

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert said == ["The embedded PostgreSQL would end with this thread: start it from the main thread."]


def test_the_programs_that_wrote_the_data_are_preferred(tmp_path: Path) -> None:
    """Data of a PostgreSQL that the system has is served by it, whatever the wheel brings."""
    newest = major_of(find_binaries())
    for folder in Path("/usr/lib/postgresql").glob("*/bin"):
        if (major := major_of(folder)) not in (None, newest):
            (tmp_path / "PG_VERSION").write_text(f"{major}\n")
            assert major_of(find_binaries(tmp_path)) == major
            return
    pytest.skip("the system has no other PostgreSQL")
