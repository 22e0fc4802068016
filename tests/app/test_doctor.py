"""`tocsin doctor`: what is in force, where it comes from, and whether all is well."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tocsin.app.configuring import apply_text
from tocsin.app.database import open_store
from tocsin.app.doctor import Report, examine
from tocsin.app.settings import Settings, load
from tocsin.channels import CHANNELS

TEXT = """
tocsin: 1
users:
  - {name: ada, role: admin, contacts: [{name: mail, channel: email, address: ada@example.org}]}
teams: [{name: ops, members: [ada]}]
policies: [{name: climb, steps: [{page: [{user: ada}]}]}]
services: [{name: web, team: ops, policy: climb}]
"""


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """Settings of a node on a database of its own."""
    environment = {"TOCSIN_DATABASE_URL": database_url, "TOCSIN_SECRET_KEY": "k" * 32}
    return load(CHANNELS, environment=environment, data=str(tmp_path))


@pytest.fixture
def mail_server() -> Iterator[int]:
    """The port of something that takes connections."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def findings(report: Report) -> dict[str, bool]:
    return {finding.name: finding.well for finding in report.findings}


def with_mail(settings: Settings, port: int) -> Settings:
    environment = {"TOCSIN_SECRET_KEY": "k" * 32, "TOCSIN_CHANNEL_EMAIL_HOST": "127.0.0.1"}
    environment["TOCSIN_CHANNEL_EMAIL_PORT"] = str(port)
    found = load(CHANNELS, environment=environment, data=str(settings.data))
    return replace(found, database_url=settings.database_url)


async def applied(settings: Settings) -> None:
    async with open_store(settings, attach=True) as store:
        await apply_text(store, [("a.yaml", TEXT)], by="test")


async def test_empty_installation_is_told_to_apply(settings: Settings) -> None:
    """Before any configuration doctor says what to do next."""
    report = await examine(settings)
    assert findings(report) == {"disk": True, "database": True, "clock": True, "watchdog": True, "configuration": False}
    assert "tocsin apply" in report.as_text()


async def test_installation_in_order_is_well(settings: Settings, mail_server: int) -> None:
    """With a mail server that answers, every finding is well."""
    await applied(settings)
    report = await examine(with_mail(settings, mail_server))
    assert report.is_well, report.as_text()
    assert findings(report)["channel email"]


async def test_missing_mail_server_matters_to_whoever_is_paged_by_mail(settings: Settings) -> None:
    """A contact on a channel without a server cannot be reached, and doctor says which setting is missing."""
    await applied(settings)
    report = await examine(settings)
    assert not findings(report)["channel email"]
    assert "channels.email.host" in report.as_text()


async def test_dead_mail_server_is_found(settings: Settings, mail_server: int) -> None:
    """A mail server that takes no connection is named with its port."""
    await applied(settings)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        dead = listening.getsockname()[1]
    report = await examine(with_mail(settings, dead))
    assert not findings(report)["channel email"]
    assert f"127.0.0.1:{dead} cannot be reached" in report.as_text()


async def test_database_that_does_not_answer_is_a_finding(settings: Settings) -> None:
    """Doctor examines what it can even when there is no database."""
    report = await examine(replace(settings, database_url="postgresql://nobody@127.0.0.1:1/none"))
    assert not findings(report)["database"]


async def test_document_holds_no_secret(settings: Settings) -> None:
    """The JSON report says of each secret that it is set, and of each value where it comes from."""
    document = (await examine(settings)).as_document()
    by_name = {value["name"]: value for value in document["settings"]}
    assert by_name["database_url"] == {
        "name": "database_url",
        "value": "(set)",
        "origin": "environment TOCSIN_DATABASE_URL",
    }
    assert "kkkk" not in str(document)
