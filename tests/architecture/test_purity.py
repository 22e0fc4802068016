"""The core decides and touches nothing; doors in and out compute and open nothing; one file reads the time."""

from __future__ import annotations

import pytest

from architecture.house import Module, house, imported, listed, references, snippet

#: The only file that may ask what time it is.
CLOCK = "engine/clock.py"

#: Rooms of plain values and functions. The doors are held to the core's law: they translate, the engine calls.
PURE_ROOMS = ("core", "intake", "channels", "syncs")

#: Rooms that may measure how long something took. A stopwatch tells nobody the time.
MEASURING_ROOMS = ("engine", "web", "app", "store")

WALL_CLOCKS = frozenset(
    {
        "datetime.datetime.now",
        "datetime.datetime.utcnow",
        "datetime.datetime.today",
        "datetime.date.today",
        "time.time",
        "time.time_ns",
        "time.clock_gettime",
        "time.clock_gettime_ns",
        "time.localtime",
        "time.gmtime",
        "time.ctime",
        "email.utils.formatdate",
        "email.utils.localtime",
        "tocsin.core.vocabulary.Instant.now",
        "tocsin.core.vocabulary.Instant.utcnow",
        "tocsin.core.vocabulary.Instant.today",
    }
)
STOPWATCHES = frozenset(
    f"time.{watch}{unit}" for watch in ("monotonic", "perf_counter", "process_time") for unit in ("", "_ns")
)
CHANCE = frozenset(
    {"email.utils.make_msgid", "os.urandom", "uuid.uuid1", "uuid.uuid4", "uuid.uuid6", "uuid.uuid7", "uuid.getnode"}
)
BUILT_IN_DOORS = frozenset({"open", "print", "input", "exec", "eval", "breakpoint", "__import__"})

#: Whole modules that read the clock, roll dice or touch the world.
WORLDLY = frozenset(
    {
        "time", "sched", "random", "secrets", "uuid_utils",
        "aiohttp", "aiosmtplib", "asyncio", "asyncpg", "builtins", "concurrent", "contextvars", "ctypes", "fcntl",
        "fastapi", "ftplib", "getpass", "gettext", "glob", "http", "httpx", "imaplib", "importlib", "io", "logging",
        "mmap", "multiprocessing", "os", "pathlib", "pickle", "platform", "poplib", "requests", "select", "selectors",
        "shelve", "shutil", "signal", "smtplib", "socket", "sqlite3", "ssl", "starlette", "structlog", "subprocess",
        "sys", "tempfile", "threading", "urllib.error", "urllib.request", "uvicorn", "uvloop", "warnings",
    }
)  # fmt: skip


def clock_reads(module: Module) -> list[str]:
    """Wall clocks read outside the one file, and stopwatches where nothing is to be measured."""
    if module.place == CLOCK:
        return []
    refused = WALL_CLOCKS if module.room in MEASURING_ROOMS else WALL_CLOCKS | STOPWATCHES
    return [module.at(node, f"reads the clock: {name}") for node, name in references(module.tree) if name in refused]


def worldly_acts(module: Module) -> list[str]:
    """Chance, input and output, by import or by name."""
    by_import = [
        module.at(node, f"imports {name}")
        for node, name in imported(module.tree)
        if any(name == door or name.startswith(f"{door}.") for door in WORLDLY)
    ]
    by_name = [
        module.at(node, f"uses {name}")
        for node, name in references(module.tree)
        if name in CHANCE or name in BUILT_IN_DOORS
    ]
    return by_import + by_name


def test_only_the_clock_reads_the_clock() -> None:
    """Every instant is a parameter, save in the one file that reads the time."""
    findings = [finding for module in house() for finding in clock_reads(module)]
    assert not findings, listed(findings)


@pytest.mark.parametrize("room", PURE_ROOMS)
def test_pure_rooms_touch_nothing(room: str) -> None:
    """Decisions and translations use no chance, no input and no output."""
    findings = [finding for module in house() if module.room == room for finding in worldly_acts(module)]
    assert not findings, listed(findings)


@pytest.mark.parametrize(
    "text",
    [
        "from datetime import datetime\ndatetime.now()",
        "import datetime as d\nd.datetime.utcnow()",
        "from datetime import datetime as dt, UTC\nfield(default_factory=dt.now)",
        "from datetime import date\ndate.today()",
        "import time\ntime.time()",
        "from time import time_ns as ticks\nticks()",
        "from time import monotonic\nmonotonic()",
        "from tocsin.core.vocabulary import Instant\nInstant.now()",
    ],
)
def test_a_clock_read_is_seen_under_any_name(text: str) -> None:
    """A clock is found however it is imported, renamed or handed on without being called."""
    assert clock_reads(snippet(text))


def test_a_stopwatch_is_no_clock_where_things_are_measured() -> None:
    """The engine may measure how long a call took, but not ask what time it is."""
    assert not clock_reads(snippet("import time\ntime.perf_counter()", "engine/transport.py"))
    assert clock_reads(snippet("import time\ntime.time()", "engine/transport.py"))
    assert not clock_reads(snippet("import time\ntime.time()", CLOCK))


@pytest.mark.parametrize(
    "text",
    [
        "import random",
        "from secrets import token_hex",
        "import os.path",
        "from urllib.request import urlopen",
        "from urllib import request",
        "from asyncio import sleep",
        "import logging.handlers",
        "import structlog",
        "from pathlib import Path",
        "def later():\n    import socket",
        "print(1)",
        "open('x').read()",
        "from uuid import uuid4 as fresh\nfresh()",
        "import uuid\nfield(default_factory=uuid.uuid4)",
    ],
)
def test_a_worldly_act_is_seen(text: str) -> None:
    """Chance, input and output are found as imports, built-ins and renamed functions."""
    assert worldly_acts(snippet(text))


def test_plain_computing_is_pure() -> None:
    """Parsing addresses, zones, digests and named instants are no acts."""
    text = (
        "from datetime import datetime, time\nfrom urllib.parse import quote\nfrom uuid import UUID\nimport hashlib\n"
    )
    module = snippet(text + "datetime(2026, 1, 1)\ntime(9)\nstate.open()\nclock.now()")
    assert not worldly_acts(module)
    assert not clock_reads(module)
