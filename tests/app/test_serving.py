"""`tocsin serve` and `tocsin demo` as processes: what keeps them from starting, and how they end."""

from __future__ import annotations

import asyncio
import http.cookiejar
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest

from app.conftest import Terminal, ended, line_with

Starting = Callable[[subprocess.Popen[str]], subprocess.Popen[str]]

KEY = {"TOCSIN_SECRET_KEY": "k" * 32}


def sentence(answer: subprocess.CompletedProcess[str], code: int = 3) -> str:
    """The one plain sentence that a start has ended with."""
    said = [line for line in answer.stderr.splitlines() if not line.startswith("{")]
    assert answer.returncode == code, answer
    assert len(said) == 1, answer.stderr
    return said[0]


def test_port_in_use(terminal: Terminal) -> None:
    """A port that somebody has is named, and nothing is begun."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = str(taken.getsockname()[1])
        assert f"Port {number} on 127.0.0.1 is in use" in sentence(terminal.run("serve", "--port", number))
    assert not (terminal.folder / "tocsin-data" / "postgres").exists()


@pytest.mark.parametrize(("data", "key"), [("file/below", {}), ("file", KEY), ("/proc/tocsin", KEY)])
def test_data_folder_that_cannot_be(terminal: Terminal, port: str, data: str, key: dict[str, str]) -> None:
    """Where nothing can be written, one sentence names the folder."""
    terminal.write("file", "")
    assert data in sentence(terminal.run("serve", "--data", data, "--port", port, **key))


def test_data_of_a_newer_postgres(terminal: Terminal, port: str) -> None:
    """A database that this one's programs cannot read is left alone, with a way out."""
    cluster = terminal.folder / "tocsin-data" / "postgres"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("99\n")
    assert "written by PostgreSQL 99" in sentence(terminal.run("serve", "--port", port))


def test_data_of_a_newer_tocsin(terminal: Terminal, port: str, database_url: str) -> None:
    """A schema that this version does not know is left alone."""

    async def age() -> None:
        connection = await asyncpg.connect(database_url)
        await connection.execute("INSERT INTO migrations (number, name) VALUES (9999, 'tomorrow')")
        await connection.close()

    asyncio.run(age())
    answer = terminal.run("serve", "--port", port, TOCSIN_DATABASE_URL=database_url)
    assert "newer Tocsin" in sentence(answer)


def answer_of(port: str, path: str) -> tuple[int, str, str | None]:
    """What a server says: status, text, when to come again; 0 when nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode(), answer.headers.get("retry-after")
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode(), refusal.headers.get("retry-after")
    except OSError:
        return 0, "", None


def becomes(port: str, path: str, status: int, *, seconds: float = 20) -> tuple[int, str, str | None]:
    """The first answer of this status."""
    until = time.monotonic() + seconds
    while (found := answer_of(port, path))[0] != status:
        assert time.monotonic() < until, found
        time.sleep(0.05)
    return found


def test_a_start_waits_for_a_database_that_is_away(
    terminal: Terminal, port: str, starting: Starting, postgres_server: str, database_url: str
) -> None:
    """While the database is away the node lives, takes nothing and says why; then it is ready by itself."""
    folder = parse_qs(urlsplit(postgres_server).query)["host"][0]
    aside = terminal.folder / "aside"
    url = database_url.replace(folder, str(aside))
    process = starting(terminal.start("serve", "--port", port, TOCSIN_DATABASE_URL=url, **KEY))
    assert "Waiting for the database" in line_with(process, "database")
    assert answer_of(port, "/healthz")[0] == 200
    status, text, _ = answer_of(port, "/readyz")
    assert (status, "cannot be reached" in text) == (503, True)
    status, _, again = answer_of(port, "/api/v1/events")
    assert (status, again) == (503, "5")
    aside.symlink_to(folder)
    line_with(process, "Tocsin is ready")
    assert becomes(port, "/readyz", 200)[0] == 200
    code, _, complained = ended(process)
    assert (code, "Traceback" in complained) == (0, False)


def test_a_start_that_waits_can_be_ended(terminal: Terminal, port: str, starting: Starting) -> None:
    """Somebody who does not want to wait for the database any longer ends the node as ever; no secret was said."""
    url = "postgresql://x:SECRET@127.0.0.1:1/y"
    process = starting(terminal.start("serve", "--port", port, TOCSIN_DATABASE_URL=url, **KEY))
    line = line_with(process, "Waiting for the database")
    code, _, complained = ended(process)
    assert (code, "Traceback" in complained, "SECRET" in line + complained) == (0, False, False)


def test_commands_do_not_wait(terminal: Terminal) -> None:
    """Who types a command is told at once that the database is not there."""
    answer = terminal.run("export", TOCSIN_DATABASE_URL="postgresql://x:SECRET@127.0.0.1:1/y", **KEY)
    assert "The database cannot be reached" in sentence(answer)
    assert "SECRET" not in answer.stderr


def test_a_database_that_says_nothing_is_not_there(terminal: Terminal) -> None:
    """A database that takes the connection and stays silent is given up within ten seconds."""
    begun = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"postgresql://x@127.0.0.1:{mute.getsockname()[1]}/y"
        assert "cannot be reached" in sentence(terminal.run("export", TOCSIN_DATABASE_URL=url, **KEY))
    assert time.monotonic() - begun < 14


def test_who_is_not_let_in_need_not_wait(terminal: Terminal, port: str, database_url: str) -> None:
    """A database that somebody has to make first is told at once, and the start ends."""
    url = database_url.replace("/test_", "/nobody_made_")
    answer = terminal.run("serve", "--port", port, TOCSIN_DATABASE_URL=url, **KEY)
    assert "does not exist" in sentence(answer)


@pytest.mark.parametrize("role", ["web", "worker"])
def test_half_a_node_needs_a_database_that_is_shared(terminal: Terminal, port: str, role: str) -> None:
    """With the embedded database, which no other node reaches, a role would leave half of the work undone."""
    answer = terminal.run("serve", "--port", port, "--role", role, **KEY)
    assert f"a node of the role {role}" in answer.stderr
    assert answer.returncode == 2


def test_a_role_that_there_is_not(terminal: Terminal, port: str) -> None:
    """A role is one of three, and a mistake names them."""
    answer = terminal.run("serve", "--port", port, TOCSIN_ROLE="wroker", **KEY)
    assert "all, web, worker" in answer.stderr
    assert answer.returncode == 2


def test_address_of_a_database_that_is_none(terminal: Terminal, port: str) -> None:
    """An address that cannot be read is bad input."""
    answer = terminal.run("serve", "--port", port, TOCSIN_DATABASE_URL="postgresql://x@[::1")
    assert "TOCSIN_DATABASE_URL cannot be read" in sentence(answer, 2)


def test_bad_configuration_at_start(terminal: Terminal, port: str, database_url: str) -> None:
    """The mistakes are listed, and nothing is served."""
    terminal.write("bad.yaml", "tocsin: 1\nusers: [{name: ada, emial: a@example.org}]\n")
    answer = terminal.run("serve", "--config", "bad.yaml", "--port", port, TOCSIN_DATABASE_URL=database_url)
    assert sentence(answer, 2) == "bad.yaml:2:21: users[0].emial: unknown field (did you mean 'email'?)"


def test_one_owner_of_a_data_folder(terminal: Terminal, port: str, starting: Starting) -> None:
    """A second server is turned away after some seconds; one that was killed is succeeded, and SIGTERM ends with 0."""
    first = starting(terminal.start("serve", "--port", port))
    line_with(first, "Tocsin is ready")
    begun = time.monotonic()
    second = terminal.run("serve", "--port", str(int(port) - 1))
    assert "Another Tocsin runs on the data folder tocsin-data" in sentence(second)
    assert time.monotonic() - begun < 10
    first.kill()
    third = starting(terminal.start("serve", "--port", port))
    line_with(third, "Tocsin is ready")
    code, _, complained = ended(third)
    assert (code, "Traceback" in complained) == (0, False)


def test_demo_is_reached_by_its_link_and_leaves_nothing(terminal: Terminal, port: str, starting: Starting) -> None:
    """Within ten seconds there is an address; its link signs in and leads to the demo; its end leaves no trace."""
    begun = time.monotonic()
    demo = starting(terminal.start("demo", "--port", port, TMPDIR=str(terminal.folder)))
    link = re.search(r"http://\S+", line_with(demo, "http://", stream="stdout"))
    assert link is not None
    assert time.monotonic() - begun < 10
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    with browser.open(link[0], timeout=10) as page:
        assert (page.status, page.url) == (200, f"http://127.0.0.1:{port}/demo")
    code, _, complained = ended(demo)
    assert (code, complained) == (0, "")
    assert left_by(terminal.folder) == []


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_demo_that_is_ended_while_it_starts(
    terminal: Terminal, port: str, starting: Starting, number: int, code: int
) -> None:
    """Ctrl-C while the database is made ends at once, without a traceback, and leaves nothing."""
    demo = starting(terminal.start("demo", "--port", port, TMPDIR=str(terminal.folder)))
    until = time.monotonic() + 20
    while not list(terminal.folder.glob("tocsin-demo-*/postgres.unfinished-*")) and time.monotonic() < until:
        time.sleep(0.005)
    found, said, complained = ended(demo, number)
    assert (found, said, complained) == (code, "", "")
    assert left_by(terminal.folder) == []


def left_by(folder: Path) -> list[str]:
    """The files below a folder, and the processes that were told of it."""
    commands = (path.read_bytes() for path in processes())
    return [str(path) for path in folder.iterdir()] + [
        command.replace(b"\0", b" ").decode() for command in commands if str(folder).encode() in command
    ]


def processes() -> list[Path]:
    """Where the kernel keeps each process's command; empty where it keeps none."""
    return [path for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
