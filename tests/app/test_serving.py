"""`tocsin serve` and `tocsin demo` as processes: what keeps them from starting, and how they end."""

from __future__ import annotations

import asyncio
import http.cookiejar
import re
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

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


def test_database_that_refuses(terminal: Terminal, port: str) -> None:
    """A database that is not there is told at once."""
    answer = terminal.run("serve", "--port", port, TOCSIN_DATABASE_URL="postgresql://x:SECRET@127.0.0.1:1/y")
    assert "The database cannot be reached" in sentence(answer)
    assert "SECRET" not in answer.stderr


def test_database_that_says_nothing(terminal: Terminal, port: str) -> None:
    """A database that takes the connection and stays silent is given up within ten seconds."""
    begun = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"postgresql://x@127.0.0.1:{mute.getsockname()[1]}/y"
        assert "cannot be reached" in sentence(terminal.run("serve", "--port", port, TOCSIN_DATABASE_URL=url))
    assert time.monotonic() - begun < 14


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
