"""What applying would change: plans, their text, who owns what, and what cannot be deleted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from configuration.written import ENVIRONMENT, EVERYTHING, draft, told
from tocsin.configuration.difference import FieldChange, Verb, applied, as_text, difference
from tocsin.core.errors import Refused
from tocsin.ports.state import Document

BASE = """\
tocsin: 1
users:
  - {name: ada, contacts: [{name: hook, channel: webhook, address: "https://example.org"}]}
  - {name: bob}
teams: [{name: data, members: [ada, bob]}]
policies:
  - name: data-default
    steps:
      - {page: [{user: ada}]}
      - {after: 5m, page: [{team: data}]}
integrations: [{name: native, protocol: tocsin, key: "a-long-enough-key"}]
"""


def stored(*texts: str, origin: str = "file") -> tuple[Document, ...]:
    """What is there after the texts were applied, or after somebody has said the same through the API."""
    return tuple(replace(each, origin=origin) for each in draft(*texts).documents)


def lines(before: tuple[Document, ...], *texts: str) -> list[str]:
    """The plan as a terminal shows it."""
    return as_text(difference(before, draft(*texts, stored=before))).splitlines()


def test_the_same_file_changes_nothing() -> None:
    """Applying twice is applying once, also when the second is written in another way."""
    before = stored(EVERYTHING)
    plan = difference(before, draft(EVERYTHING))
    assert not plan
    assert as_text(plan) == ""
    assert applied(before, plan) == before
    assert (
        lines(stored(BASE), BASE.replace("5m", "300s").replace("{name: bob}", '{"name": "bob", time_zone: UTC}')) == []
    )


def test_everything_is_made_in_order() -> None:
    """What is referred to is made before what refers to it, whatever the order of the files."""
    assert lines((), "tocsin: 1\nteams: [{name: t, members: [zoe]}]\n", "tocsin: 1\nusers: [{name: zoe}]\n") == [
        "+ user zoe",
        "+ team t",
    ]


def test_a_change_names_its_fields() -> None:
    """A line tells which fields change, from what to what."""
    after = BASE.replace("5m", "10m").replace("[ada, bob]", "[bob]").replace("user: ada", "user: bob")
    assert lines(stored(BASE), after) == [
        "~ team data: members [ada, bob] -> [bob]",
        "~ policy data-default: steps[0].page[0].user ada -> bob; steps[1].after 5m -> 10m",
    ]


def test_what_comes_and_goes_in_an_object() -> None:
    """Fields that are added or removed are told as such, with their values."""
    after = BASE.replace("{name: bob}", "{name: bob, role: admin}").replace("{after: 5m,", "{")
    after = after.replace("name: hook,", "name: mail,").replace("      - {page: [{user: ada}]}\n", "")
    assert lines(stored(BASE), after) == [
        "~ user ada: contacts[0].name hook -> mail",
        "~ user bob: role added admin",
        (
            "~ policy data-default: steps[0].page[0].user ada removed; steps[0].page[0].team added data; "
            "steps[1] {after: 5m, page: [{team: data}]} removed"
        ),
    ]


def test_routes_change_their_places() -> None:
    """A route that moves is a change of its position, since the first that matches wins."""
    before = "tocsin: 1\nroutes: [{name: a}, {name: b}]\n"
    assert lines(stored(before), "tocsin: 1\nroutes: [{name: b}, {name: a}]\n") == [
        "~ route b: position 2 -> 1",
        "~ route a: position 1 -> 2",
    ]


def test_a_new_key_is_told_but_not_shown() -> None:
    """A plan says that a key changes, and shows neither the old nor the new one, nor their hashes."""
    plan = difference(stored(BASE), draft(BASE.replace("a-long-enough-key", "another-long-key")))
    assert as_text(plan) == "~ integration native: key changed\n"
    assert plan.changes[0].fields == (FieldChange(path="key", before="(hidden)", after="(hidden)"),)


def test_what_left_the_files_is_deleted() -> None:
    """Objects that came from files and are in them no longer go, those that refer to others first."""
    assert lines(stored(BASE), "tocsin: 1\nusers: [{name: bob}]\n") == [
        "- integration native",
        "- policy data-default",
        "- team data",
        "- user ada",
    ]


def test_what_the_files_do_not_own_stays() -> None:
    """An object that was made through the API is left alone by files that do not name it."""
    made = stored("tocsin: 1\nusers: [{name: zoe}]\nsettings: {links_last: 1d}\n", origin="api")
    assert lines((*stored(BASE), *made), BASE) == []


def test_files_take_over_what_they_name() -> None:
    """A file that names an object of the API owns it from then on."""
    before = stored("tocsin: 1\nusers: [{name: zoe}]\n", origin="api")
    plan = difference(before, draft("tocsin: 1\nusers: [{name: zoe}]\n"))
    assert as_text(plan) == "~ user zoe: origin api -> file\n"
    assert lines(applied(before, plan), "tocsin: 1\nusers: [{name: zoe}]\n") == []
    assert lines(applied(before, plan), "tocsin: 1\n") == ["- user zoe"]


def test_what_others_refer_to_is_not_deleted() -> None:
    """The refusal says who refers to it, and where."""
    before = (*stored(BASE), *stored(BASE, "tocsin: 1\nservices: [{name: s, team: data}]\n", origin="api")[-1:])
    assert before[-1].kind == "service"
    with pytest.raises(Refused) as refused:
        lines(before, "tocsin: 1\nusers: [{name: ada}, {name: bob}]\n")
    assert str(refused.value) == "team 'data' cannot be deleted: service 's' refers to it (team)"
    assert refused.value.hint


def test_files_may_refer_to_what_stays() -> None:
    """A reference is good when what it names is in the files, or in the store and not about to be deleted."""
    text = "tocsin: 1\nteams: [{name: t, members: [zoe]}]\n"
    zoe = "tocsin: 1\nusers: [{name: zoe}]\n"
    assert told(text, stored=stored(zoe, origin="api")) == []
    assert told(text, stored=stored(zoe)) == [
        "a.yaml:2:29: teams[0].members[0]: unknown user 'zoe' (there are no users)"
    ]


ROTA = """\
tocsin: 1
users: [{name: ada}, {name: bob}]
schedules: [{name: primary, time_zone: UTC}]
"""

MADE = """\
overrides: [{name: swap, schedule: primary, person: ada, instead_of: bob, from: "2026-01-02", to: "2026-01-03"}]
absences: [{name: ill, person: ada, from: "2026-01-02", to: "2026-01-03"}]
"""


def test_what_people_make_at_run_time_stays() -> None:
    """Overrides and absences that were made through the API are left alone, until a file names them."""
    made = stored(ROTA + MADE, origin="api")[-2:]
    assert {each.kind for each in made} == {"override", "absence"}
    assert lines((*stored(ROTA), *made), ROTA) == []
    assert lines((*stored(ROTA), *made), ROTA + MADE) == [
        "~ override swap: origin api -> file",
        "~ absence ill: origin api -> file",
    ]


def test_what_people_made_at_run_time_holds_nobody_back() -> None:
    """An override of long ago does not keep the files from letting its person, or its schedule, go."""
    before = (*stored(ROTA), *stored(ROTA + MADE, origin="api")[-2:])
    assert lines(before, "tocsin: 1\nusers: [{name: bob}]\n") == ["- schedule primary", "- user ada"]


def test_the_address_of_a_calendar_is_not_shown() -> None:
    """It may be a secret: a plan says that it changes, and neither from what nor to what."""
    text = "tocsin: 1\ncalendars: [{name: c, url: 'https://example.org/s3cr3t'}]\n"
    plan = difference(stored(text), draft(text.replace("s3cr3t", "0th3r")))
    assert as_text(plan) == "~ calendar c: url changed\n"
    assert plan.changes[0].fields == (FieldChange(path="url", before="(hidden)", after="(hidden)"),)
    assert lines((), text) == ["+ calendar c"]


def test_two_ways_of_writing_are_no_change() -> None:
    """Another name of a field, its short form, and what is the default anyway say the same."""
    follows = "tocsin: 1\nschedules: [{name: a, time_zone: UTC}, {name: b, time_zone: UTC, follows: %s}]\n"
    before = stored(follows % "a")
    for same in ("{schedule: a}", "{schedule: a, behind: 1 turn}", "{schedule: a, offset: 1 turn, may_repeat: false}"):
        assert lines(before, follows % same) == []
    assert lines(before, follows % "{schedule: a, offset: 2 turns}") == ["~ schedule b: follows.behind added 2 turns"]


def test_keys_are_compared_with_those_that_stay() -> None:
    """A key that an integration of the API has already is refused in a file."""
    other = BASE.replace("name: native", "name: other")
    (found,) = told(other, stored=stored(BASE, origin="api"))
    assert "integration 'native' has the same key" in found
    assert told(other, stored=stored(BASE)) == []


@pytest.mark.parametrize(("before", "after"), [(BASE, EVERYTHING), (EVERYTHING, BASE), ("tocsin: 1", EVERYTHING)])
def test_a_plan_leads_to_what_the_files_say(before: str, after: str) -> None:
    """What is there afterwards is what the files say, and a second plan is empty."""
    there = stored(before)
    wanted = draft(after, environment=ENVIRONMENT)
    done = applied(there, difference(there, wanted))
    assert {(each.kind, each.name): each for each in done} == {
        (each.kind, each.name): each for each in wanted.documents
    }
    assert not difference(done, wanted)


def test_every_verb_has_its_document() -> None:
    """A change carries what is to be stored; a deletion carries nothing."""
    plan = difference(stored(BASE), draft("tocsin: 1\nusers: [{name: ada}, {name: new}]\n"))
    verbs = {(change.verb, change.document is None) for change in plan.changes}
    assert verbs == {(Verb.CREATE, False), (Verb.CHANGE, False), (Verb.DELETE, True)}


def test_a_terminal_is_not_given_orders() -> None:
    """Control characters of a value are shown, not sent."""
    before = "tocsin: 1\nusers: [{name: ada}]\n"
    assert lines(stored(before), 'tocsin: 1\nusers: [{name: ada, full_name: "\\e[31mred"}]\n') == [
        "~ user ada: full_name added '\\x1b[31mred'"
    ]
