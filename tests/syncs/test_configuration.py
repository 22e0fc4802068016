"""Syncs as they are written down: one line in the simplest case, every mistake with its place, no secret stored."""

from __future__ import annotations

import pytest

from syncs.scene import PEOPLE, configured
from tocsin.app.configuring import read_files
from tocsin.configuration.building import directory
from tocsin.configuration.difference import difference
from tocsin.configuration.mistakes import BadConfiguration
from tocsin.configuration.writing import export
from tocsin.core.errors import Broken, Refused
from tocsin.core.syncs import AsItIs, InsteadPerson, InsteadTeam, Sync, SyncName
from tocsin.ports.state import Document
from tocsin.syncs import SYNCS

ALL = """
syncs:
  - {name: one, schedule: data-primary, slack_group: "@data-oncall"}
  - {name: two, schedules: [data-primary, data-secondary, data-primary], slack_group: S0614TZR7, fallback: team}
  - {name: three, schedule: data-primary, webhook: "https://tools.example.org/oncall", secret: "${SYNC_SECRET}"}
  - {name: four, schedule: data-primary, webhook: "https://tools.example.org/2", secret: env:OTHER, fallback: linus}
"""


def mistakes(syncs: str) -> list[str]:
    """What is wrong with these syncs, field and message."""
    with pytest.raises(BadConfiguration) as refusal:
        configured(f"syncs:\n  - {syncs}\n")
    return [f"{mistake.field}: {mistake.message}" for mistake in refusal.value.mistakes]


def test_every_way_of_writing_is_read() -> None:
    """A schedule or several, a group by handle or id, a program with a secret, and who stands in."""
    found = configured(ALL).syncs
    assert found[SyncName("one")] == Sync(
        name=SyncName("one"), kind="slack", target="data-oncall", schedules=("data-primary",), fallback=AsItIs()
    )
    assert found[SyncName("two")].schedules == ("data-primary", "data-secondary")
    assert (found[SyncName("two")].target, found[SyncName("two")].fallback) == ("S0614TZR7", InsteadTeam())
    assert (found[SyncName("three")].kind, found[SyncName("three")].secret_variable) == ("webhook", "SYNC_SECRET")
    assert found[SyncName("four")].fallback == InsteadPerson(person="linus")


def test_every_kind_can_be_written() -> None:
    """No plug-in goes without a field, and no field without a plug-in."""
    assert {each.kind for each in configured(ALL).syncs.values()} == {kind.name for kind in SYNCS}


def test_no_secret_is_stored() -> None:
    """A document holds the name of the variable, never its value."""
    environment = {"SYNC_SECRET": "open sesame"}
    draft = read_files([("a.yaml", PEOPLE + ALL)], environment=environment)
    assert "open sesame" not in repr(draft)
    [three] = [each for each in draft.documents if (each.kind, each.name) == ("sync", "three")]
    assert three.body["secret"] == "env:SYNC_SECRET"


def test_what_is_exported_says_the_same() -> None:
    """Written out and read again, without the variables of the place where it was read first."""
    draft = read_files([("a.yaml", PEOPLE + ALL)], environment={"SYNC_SECRET": "open sesame"})
    written = tuple(export(draft.documents).items())
    assert directory(read_files(written, environment={}).documents) == directory(draft.documents)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("{name: a, schedule: data-primary}", ["syncs[0]: names none"]),
        (
            "{name: a, schedule: data-primary, slack_group: x, webhook: 'http://x/'}",
            ["syncs[0]: has slack_group and webhook"],
        ),
        ("{name: a, slack_group: x}", ["syncs[0].schedules: is missing"]),
        ("{name: a, schedules: [], slack_group: x}", ["syncs[0].schedules: must not be empty"]),
        ("{name: a, schedule: data, slack_group: x}", ["syncs[0].schedule: unknown schedule 'data'"]),
        ("{name: a, schedule: empty, slack_group: x, fallback: all}", ["syncs[0].fallback: unknown user 'all'"]),
        (
            "{name: a, schedule: empty, slack_group: a b}",
            ["syncs[0].slack_group: 'a b' is not a user group's handle or id"],
        ),
        (
            "{name: a, schedule: empty, webhook: ftp://x}",
            ["syncs[0].webhook: 'ftp://x' is not an http or https address"],
        ),
        (
            "{name: a, schedule: empty, slack_group: x, secret: env:A}",
            ["syncs[0].secret: a secret signs what goes to a webhook, and this is none"],
        ),
        ("{name: log, schedule: empty, slack_group: x}", ["syncs[0].name: 'log' is a word of `tocsin sync`"]),
    ],
)
def test_a_mistake_is_told_with_its_place(written: str, found: list[str]) -> None:
    """Field by field, as everywhere in the configuration."""
    assert mistakes(written) == found


def test_a_secret_in_the_open_is_refused_and_not_repeated() -> None:
    """Whoever writes the secret itself into the file is told how, without the secret in the message."""
    for secret in ("open sesame", "sha256:abc", "${SYNC_SECRET}x", "$${SYNC_SECRET}"):
        [mistake] = mistakes(f"{{name: a, schedule: empty, webhook: 'http://x/', secret: '{secret}'}}")
        assert mistake.startswith("syncs[0].secret: ")
        assert "open sesame" not in mistake
        assert "set where it is applied" not in mistake


def test_two_syncs_of_one_group_are_refused() -> None:
    """They would undo each other every few minutes; a handle is one handle in any case, with or without its @."""
    found = mistakes(
        "{name: a, schedule: data-primary, slack_group: Data-Oncall}\n"
        "  - {name: b, schedule: data-secondary, slack_group: '@data-oncall'}"
    )
    assert found == ["syncs[1].slack_group: the sync 'a' keeps the same: they would undo each other"]


def test_what_a_sync_names_cannot_be_deleted_alone() -> None:
    """A schedule that something follows, and who stands in, stay as long as the sync does."""
    kept = read_files([("a.yaml", PEOPLE)], environment={}).documents
    sync = {"name": "a", "schedules": "data-primary", "webhook": "http://x/", "fallback": "linus"}
    made = Document(kind="sync", name="a", body=sync, origin="api")
    alone = read_files([("a.yaml", "tocsin: 1\nusers: [{name: ada}]")], environment={})
    with pytest.raises(Refused) as refusal:
        difference((*kept, made), alone)
    assert "schedule 'data-primary' cannot be deleted: sync 'a' refers to it" in refusal.value.detail
    assert "user 'linus' cannot be deleted: sync 'a' refers to it" in refusal.value.detail


def test_a_stored_sync_that_nobody_can_read_is_told() -> None:
    """A document of another version may name what this one does not know."""
    stored = Document(kind="sync", name="a", body={"name": "a", "schedules": "data-primary"})
    with pytest.raises(Broken, match="sync 'a'"):
        directory([stored])
