"""Exports: files that people like to read and that, read again, say the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from configuration.written import CHANNELS, EVERYTHING, KEYS, PROTOCOLS, draft
from tocsin.configuration.difference import difference
from tocsin.configuration.reading import Draft, read
from tocsin.configuration.writing import export
from tocsin.core.errors import Broken
from tocsin.ports.state import Document

NAMES = st.text(st.characters(exclude_characters="/", exclude_categories=("C", "Z")), min_size=1, max_size=12)
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=40) | st.sampled_from(
    [
        "yes",
        "1",
        "1.5",
        "~",
        "null",
        "22:00",
        "2026-01-05",
        "- a",
        "a: b",
        "#",
        "@",
        "${A}",
        "$${A}",
        "$$${",
        "x\ny\n",
        "\x85",
        "a\u2028b",
        " a ",
    ]
)


def again(files: Mapping[str, str]) -> Draft:
    """What the exported files say, with nothing in the environment."""
    return read(list(files.items()), environment={}, channels=CHANNELS, protocols=PROTOCOLS)


def escaped(text: str) -> str:
    """The text as a file says it, so that nothing in it is a variable."""
    return text.replace("${", "$${")


@pytest.mark.parametrize("single", [True, False])
def test_an_export_can_be_applied_again(single: bool) -> None:
    """Every field of every kind survives, and applying the export changes nothing."""
    documents = draft(EVERYTHING).documents
    files = export(documents, single=single)
    assert not difference(documents, again(files))
    assert again(files).documents == documents
    assert export(again(files).documents, single=single) == files


def test_one_file_for_each_kind() -> None:
    """A folder has a file for each kind that has objects; a single file has them all."""
    documents = draft(EVERYTHING).documents
    assert list(export(documents)) == [
        "calendars.yaml",
        "users.yaml",
        "teams.yaml",
        "schedules.yaml",
        "overrides.yaml",
        "absences.yaml",
        "policies.yaml",
        "services.yaml",
        "integrations.yaml",
        "routes.yaml",
        "silences.yaml",
        "maintenances.yaml",
        "settings.yaml",
    ]
    assert list(export(documents, single=True)) == ["tocsin.yaml"]
    assert export(()) == {}


def test_an_export_reads_well() -> None:
    """Fields stand in their usual order, short objects on one line, defaults not at all."""
    text = (
        "tocsin: 1\nteams: [{lead: ada, members: [ada], name: data}]\nusers:\n  - role: responder\n    name: ada\n"
        "policies: [{steps: [{page: [{team: data}], after: 300s}], repeat: 0, name: p}]\n"
    )
    assert export(draft(text).documents, single=True)["tocsin.yaml"] == (
        "tocsin: 1\n"
        "users:\n- {name: ada}\n"
        "teams:\n- {name: data, members: [ada], lead: ada}\n"
        "policies:\n- name: p\n  steps:\n  - {after: 5m, page: [{team: data}]}\n"
    )


def test_keys_leave_as_hashes_only() -> None:
    """No key is in any body or export, and the exported hash opens the same door."""
    documents = draft(EVERYTHING).documents
    everywhere = repr(documents) + "".join(export(documents).values())
    assert not [key for key in KEYS.values() if key in everywhere]
    integration = next(each for each in documents if each.name == "native")
    assert set(integration.body) == {"name", "protocol", "service", "key_hash"}
    assert f"key: sha256:{integration.body['key_hash']}" in export(documents)["integrations.yaml"]


def test_routes_leave_in_their_order() -> None:
    """Routes are written by position; names that come from the position are left out."""
    text = "tocsin: 1\nroutes: [{suppress: true}, {name: own}, {urgency: low}]\n"
    documents = draft(text).documents
    assert export(reversed(documents)) == {
        "routes.yaml": "tocsin: 1\nroutes:\n- {suppress: true}\n- {name: own}\n- {urgency: low}\n"
    }


def test_bodies_of_any_order_are_written_alike() -> None:
    """A store may forget the order of fields; an export does not care."""
    documents = draft(EVERYTHING).documents
    shuffled = [replace(each, body=dict(sorted(each.body.items(), reverse=True))) for each in documents]
    assert export(shuffled) == export(documents)


def test_a_document_that_cannot_be_read_is_named() -> None:
    """An export with a hole in it would be applied as a deletion: it is refused."""
    with pytest.raises(Broken, match="stored team 't'"):
        export([Document(kind="team", name="t", body={"name": "t", "members": "ada"}, origin="api")])


@given(
    st.dictionaries(NAMES.filter(lambda name: name != "nobody"), TEXTS, min_size=1, max_size=4), st.text(max_size=20)
)
def test_any_text_survives(users: dict[str, str], comment: str) -> None:
    """Names of all scripts, and texts that look like numbers, times, variables or YAML, come back as they were."""
    silence = {
        "name": "s",
        "match": ["a=b"],
        "from": "2026-01-01T00:00Z",
        "to": "2026-01-02T00:00Z",
        "comment": comment,
    }
    written = {
        "tocsin": 1,
        "users": [{"name": escaped(name), "full_name": escaped(text)} for name, text in users.items()],
        "silences": [{**silence, "comment": escaped(comment)}],
    }
    documents = draft(yaml.safe_dump(written)).documents
    assert [each.body.get("full_name") for each in documents if each.kind == "user"] == list(users.values())
    assert again(export(documents)).documents == documents
    assert again(export(documents, single=True)).documents == documents
