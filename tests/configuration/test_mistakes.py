"""Mistakes: each is told with file, line, column, field, and what was probably meant."""

# ruff: noqa: E501

from __future__ import annotations

from pathlib import Path

import pytest

from configuration.written import CHANNELS, ENVIRONMENT, EVERYTHING, PROTOCOLS, draft, mistakes, told
from tocsin.configuration.mistakes import BadConfiguration, meant, nearest
from tocsin.configuration.reading import Draft, read

#: What stands before the lines of a row below: the row's first line is line 14.
BEFORE = """\
tocsin: 1
teams: [{name: data, members: [ada]}]
schedules: [{name: data-primary, time_zone: UTC}]
services: [{name: pipelines}]
policies:
  - name: data-default
    steps: [{page: [{schedule: data-primary}]}]
integrations:
  - {name: native, protocol: tocsin, key: "a-long-enough-key"}
users:
  - name: ada
    contacts:
      - {name: hook, channel: webhook, address: "https://example.org"}
"""

#: Lines that are added, and the one mistake in them, from its line on.
ROWS = [
    # Fields and words
    ("    emial: a@b.org", "14:5: users[0].emial: unknown field (did you mean 'email'?)"),
    ("    role: admn", "14:11: users[0].role: 'admn' is none of admin, manager, responder, stakeholder, read-only (did you mean 'admin'?)"),
    ("    time_zone: Europe/Berln", "14:16: users[0].time_zone: unknown time zone 'Europe/Berln' (did you mean 'Europe/Berlin'?)"),
    ("    time_zone: europe/berlin", "14:16: users[0].time_zone: unknown time zone 'europe/berlin' (did you mean 'Europe/Berlin'?)"),
    ("    email: ada at home", "14:12: users[0].email: 'ada at home' is not an e-mail address (like ada@example.org)"),
    ("    language: fr", "14:15: users[0].language: 'fr' is none of en, zh"),
    ("    rules: {high: [{contact: hok}]}", "14:30: users[0].rules.high[0].contact: unknown contact 'hok' (did you mean 'hook'?)"),
    ("    rules: {high: [{contact: hook, after: 5}]}", "14:43: users[0].rules.high[0].after: must be a duration, not a number (like 90s, 5m, 1h30m, 7d)"),
    ("    rules: {high: {contact: hook}}", "14:19: users[0].rules.high: must be a list, not a mapping"),
    ("    rules: {}\n    rules: {}", "15:5: users[0].rules: 'rules' stands here twice (the first is on line 14)"),
    ("  - {full_name: Bob}", "14:5: users[1].name: is missing (a name, in quotes when it looks like a number: \"7\")"),
    ("  - {name: 7}", "14:12: users[1].name: must be a name, not a number (in quotes when it looks like a number: \"7\")"),
    ("  - {name: ada}", "14:12: users[1].name: another user is called 'ada' (the first is in a.yaml, line 11)"),
    ("  - {name: nobody}", "14:12: users[1].name: 'nobody' means that nobody is on call (another name for this person)"),
    ("  - bob", "14:5: users[1]: must be a mapping, not text (fields: name, full_name, email, time_zone, role, language, contacts, rules, holidays, reminders, absences, away)"),
    ("user: []", "14:1: user: unknown field (did you mean 'users'?)"),
    ("settings: {keep_events: a week}", "14:25: settings.keep_events: 'a week' is not a duration (like 90s, 5m, 1h30m, 7d)"),
    ("settings: {calm: {at_once: 0}}", "14:28: settings.calm.at_once: 0 is out of range (from 1 to 1000)"),
    ("settings: {dead_man_url: example.org}", "14:26: settings.dead_man_url: 'example.org' is not an http or https address (like https://example.org/hook)"),
    # Contacts
    ("      - {name: hook, channel: email, address: a@b.org}", "14:16: users[0].contacts[1].name: two of this user's contacts are called 'hook' (the first is on line 13)"),
    ("      - {name: b, channel: emial, address: x}", "14:28: users[0].contacts[1].channel: unknown channel 'emial' (did you mean 'email'?)"),
    ("      - {name: b, channel: webhook, address: 'ftp://x'}", "14:46: users[0].contacts[1].address: 'ftp://x' is not an http or https address (like https://example.org/hook)"),
    ("      - {name: b, channel: email, address: nowhere}", "14:44: users[0].contacts[1].address: 'nowhere' is not an e-mail address (like ada@example.org)"),
    # Silences, maintenances, routes: kinds that stand nowhere above
    ("silences: [{name: s, match: [], from: 2026-01-01T00:00Z, to: 2026-01-02T00:00Z}]", "14:29: silences[0].match: must not be empty"),
    ("silences: [{name: s, match: [job], from: 2026-01-01T00:00Z, to: 2026-01-02T00:00Z}]", "14:30: silences[0].match[0]: 'job' is not a matcher (label=value, label!=value, label=~pattern, label!~pattern)"),
    ("silences: [{name: s, match: ['a=~('], from: 2026-01-01T00:00Z, to: 2026-01-02T00:00Z}]", "14:30: silences[0].match[0]: the pattern '(' cannot be read: unclosed group"),
    ("silences: [{name: s, match: [a=b], from: 2026-01-01T00:00, to: 2026-01-02T00:00Z}]", "14:42: silences[0].from: '2026-01-01T00:00' does not say in which zone (with an offset: like \"2026-01-05T09:00+01:00\")"),
    ("silences: [{name: s, match: [a=b], from: 2026-01-03T00:00Z, to: 2026-01-02T00:00Z}]", "14:65: silences[0].to: the silence ends before it starts (a time after its from)"),
    ("maintenances: [{name: m, services: [pipeline], from: 2026-01-01T00:00Z, to: 2026-01-02T00:00Z}]", "14:37: maintenances[0].services[0]: unknown service 'pipeline' (did you mean 'pipelines'?)"),
    ("routes: [{policy: data-defalt}]", "14:19: routes[0].policy: unknown policy 'data-defalt' (did you mean 'data-default'?)"),
    ("routes: [{integrations: [nativ]}]", "14:26: routes[0].integrations[0]: unknown integration 'nativ' (did you mean 'native'?)"),
    ("routes: [{urgency: medium}]", "14:20: routes[0].urgency: 'medium' is none of high, low"),
    ("routes: [{position: 3}]", "14:11: routes[0].position: unknown field (fields: name, when, integrations, service, urgency, policy, group_by, group_window, suppress, resolve_after)"),
    ("routes: [{suppress: yes}]", "14:21: routes[0].suppress: must be true or false, not text"),
    ("routes: {when: 'true'}", "14:9: routes: must be a list, not a mapping (each object begins with a dash)"),
]  # fmt: skip

#: Objects of kinds that stand above are written in a file of their own; the mistake is on its line 2.
OTHERS = [
    ("teams: [{name: a, members: [adda]}]", "29: teams[0].members[0]: unknown user 'adda' (did you mean 'ada'?)"),
    ("teams: [{name: a, members: ada}]", "28: teams[0].members: must be a list, not text ([ada])"),
    ("teams: [{name: a, lead: ''}]", "25: teams[0].lead: must not be empty"),
    ("teams: [{name: data}]", "16: teams[0].name: another team is called 'data' (the first is in a.yaml, line 2)"),
    ("teams: [{name: a/b}]", "16: teams[0].name: 'a/b' is not a name (letters, digits, dots, dashes; inner spaces are fine, slashes and line breaks are not)"),
    ("services: [{name: a, tier: one}]", "28: services[0].tier: must be a whole number, not text"),
    ("services: [{name: a, team: dat, policy: data-default}]", "28: services[0].team: unknown team 'dat' (did you mean 'data'?)"),
    ("integrations: [{name: a, protocol: opsgeni, key: long-enough}]", "36: integrations[0].protocol: unknown protocol 'opsgeni' (did you mean 'opsgenie'?)"),
    ("integrations: [{name: a, protocol: tocsin, key: short}]", "49: integrations[0].key: the key is too short to be safe (at least 8 characters)"),
    ("integrations: [{name: a, protocol: tocsin, key: 'sha256:12'}]", "49: integrations[0].key: the hashed key is not 64 hexadecimal digits (the key itself, or sha256:<64 digits>)"),
    ("integrations: [{name: a, protocol: tocsin, key: a-long-enough-key}]", "49: integrations[0].key: integration 'native' has the same key (a key of its own for each integration)"),
    ("integrations: [{name: a, protocol: tocsin, key: '${TOCSIN_KEY_NATIV}'}]", "49: integrations[0].key: the environment variable TOCSIN_KEY_NATIV is not set (did you mean 'TOCSIN_KEY_NATIVE'?)"),
    ("integrations: [{name: a, protocol: tocsin, key: '${TOCSIN-KEY}'}]", "49: integrations[0].key: '${TOCSIN-KEY}' is not a variable (${NAME} with letters, digits and _; $${ stands for ${ itself)"),
    ("policies: [{name: p, steps: []}]", "29: policies[0].steps: must not be empty"),
    ("policies: [{name: p, steps: [{page: []}]}]", "37: policies[0].steps[0].page: must not be empty"),
    ("policies: [{name: p, steps: [{after: soon, page: [{user: ada}]}]}]", "38: policies[0].steps[0].after: 'soon' is not a duration (like 90s, 5m, 1h30m, 7d)"),
    ("policies: [{name: p, steps: [{page: [{user: ada}]}, {page: [{schedule: data-primry}]}]}]", "72: policies[0].steps[1].page[0].schedule: unknown schedule 'data-primry' (did you mean 'data-primary'?)"),
    ("policies: [{name: p, steps: [{page: [{user: ada, team: data}]}]}]", "38: policies[0].steps[0].page[0]: has user and team (exactly one of schedule, user, team, webhook)"),
    ("policies: [{name: p, steps: [{page: [{user: }]}]}]", "38: policies[0].steps[0].page[0]: names none (exactly one of schedule, user, team, webhook)"),
    ("policies: [{name: p, steps: [{page: [{person: ada}]}]}]", "39: policies[0].steps[0].page[0].person: unknown field (fields: schedule, user, team, webhook)"),
    ("policies: [{name: p, steps: [{page: [{webhook: 'javascript:x'}]}]}]", "48: policies[0].steps[0].page[0].webhook: 'javascript:x' is not an http or https address (like https://example.org/hook)"),
    ("policies: [{name: p, steps: [{page: [{user: ada}], when: {severity: [fatal]}}]}]", "70: policies[0].steps[0].when.severity[0]: 'fatal' is none of critical, error, warning, info"),
    ("policies: [{name: p, steps: [{page: [{user: ada}], when: {days: [Monday]}}]}]", "66: policies[0].steps[0].when.days[0]: 'Monday' is none of mon, tue, wed, thu, fri, sat, sun (did you mean 'mon'?)"),
    ("policies: [{name: p, steps: [{page: [{user: ada}], when: {between: [22:00]}}]}]", "68: policies[0].steps[0].when.between: must have 2 values, not 1 (a time of day, \"00:00\" to \"23:59\")"),
    ("policies: [{name: p, steps: [{page: [{user: ada}]}], repeat: -1}]", "62: policies[0].repeat: -1 is out of range (from 0 to 100)"),
    ("policies: [{name: p, steps: [{page: [{user: ada}]}], last_resort_every: 0s}]", "73: policies[0].last_resort_every: '0s' must be longer than nothing (like 90s, 5m, 1h30m, 7d)"),
    ("schedules: [{name: s}]", "13: schedules[0].time_zone: is missing (a time zone, like Europe/Berlin, UTC)"),
    ("schedules: [{name: s, time_zone: UTC, overrides: [{nobody: true, person: ada, from: 2026-01-01, to: 2026-01-02}]}]", "51: schedules[0].overrides[0]: has person and nobody (exactly one of person, people, nobody)"),
    ("schedules: [{name: s, time_zone: UTC, overrides: [{nobody: true, from: 2026-01-02, to: 2026-01-01}]}]", "88: schedules[0].overrides[0].to: the override ends before it starts (a time after its from)"),
]  # fmt: skip

#: What a layer may have wrong; it stands on line 2 of a file of its own.
LAYERS = [
    ("{every: 1 wek, from: 2026-01-05T09:00, people: [ada]}", "rotation.every: '1 wek' is not a turn (like 1 week, 2 days, 8 hours, 1 month)"),
    ("{every: 0 days, from: 2026-01-05T09:00, people: [ada]}", "rotation.every: '0 days' is not a turn (like 1 week, 2 days, 8 hours, 1 month)"),
    ("{every: 99999 weeks, from: 2026-01-05T09:00, people: [ada]}", "rotation.every: a turn of 99999 weeks is longer than a hundred years (hours, days, weeks, months that people can serve)"),
    ("{every: 1 week, from: 2026-01-05T09:00, people: []}", "rotation.people: must not be empty"),
    ("{every: 1 week, from: 2026-01-05T09:00, people: [[]]}", "rotation.people[0]: must not be empty"),
    ("{every: 1 week, from: 2026-01-05T09:00, people: [ada, [adda]]}", "rotation.people[1][0]: unknown user 'adda' (did you mean 'ada'?)"),
    ("{every: 1 week, from: 2026-01-05T09:00+01:00, people: [ada]}", "rotation.from: '2026-01-05T09:00+01:00' has an offset of its own (local time: like \"2026-01-05T09:00\")"),
    ("{every: 1 week, from: next monday, people: [ada]}", "rotation.from: 'next monday' is not a date and time (like \"2026-01-05T09:00\")"),
    ("{every: 1 week, from: 0001-01-01T00:00, people: [ada]}", "rotation.from: the year 1 is outside the calendar (like \"2026-01-05T09:00\")"),
    ("{every: 1 week, from: 2026-01-05T09:00, people: [ada]}, only: [{between: [9:00, 25:00]}]", "only[0].between[1]: '25:00' is not a time of day (\"00:00\" to \"23:59\")"),
    ("{every: 1 week, from: 2026-01-05T09:00, people: [ada]}, end: 2026-01-01T00:00", "end: the layer ends before its rotation begins (a time after the rotation's from)"),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "expected"), ROWS)
def test_a_mistake_is_told_with_its_place_and_a_hint(lines: str, expected: str) -> None:
    """File, line, column, field, what is wrong, and what was probably meant."""
    assert told(f"{BEFORE}{lines}\n") == [f"a.yaml:{expected}"]


@pytest.mark.parametrize(("line", "expected"), OTHERS)
def test_a_mistake_in_another_file_is_told_there(line: str, expected: str) -> None:
    """Files are one whole: each may refer to the others, and a mistake is told in the file that has it."""
    assert told(BEFORE, f"tocsin: 1\n{line}\n") == [f"b.yaml:2:{expected}"]


@pytest.mark.parametrize(("rotation", "expected"), LAYERS)
def test_a_layer_that_cannot_be_meant_is_told(rotation: str, expected: str) -> None:
    """What the schedules themselves refuse is told with the line of the file."""
    text = f"tocsin: 1\nschedules: [{{name: s, time_zone: UTC, layers: [{{name: a, rotation: {rotation}}}]}}]\n"
    found = told(BEFORE, text)
    assert [each.split(": ", 1)[1] for each in found] == [f"schedules[0].layers[0].{expected}"]
    assert found[0].startswith("b.yaml:2:")


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("'severity = \"info\"'", "line 1, column 10 of the condition"),
        ("'sverity == \"info\"'", "unknown name 'sverity' at column 1 of the condition"),
        ("'labels.env == '", "line 1, column 15 of the condition"),
        ('"summary ==\\n  severity ="', "line 2, column 12 of the condition"),
    ],
)
def test_a_bad_condition_is_told_with_its_own_position(condition: str, expected: str) -> None:
    """The place in the file, and within the condition the line and column at which it breaks."""
    (found,) = mistakes(f"{BEFORE}routes:\n  - when: {condition}\n")
    assert (found.file, found.line, found.column, found.field) == ("a.yaml", 15, 11, "routes[0].when")
    assert expected in found.message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "a.yaml:1:1: there is nothing in this file (it begins with tocsin: 1)"),
        ("# only a comment\n", "a.yaml:1:1: there is nothing in this file (it begins with tocsin: 1)"),
        ("- a\n", "a.yaml:1:1: must be a mapping, not a list (it begins with tocsin: 1)"),
        ("users: []\n", "a.yaml:1:1: tocsin: is missing (the file begins with tocsin: 1)"),
        ("tocsin: 2\n", "a.yaml:1:9: tocsin: this form is not known (this version of Tocsin reads tocsin: 1)"),
        ("tocsin: true\n", "a.yaml:1:9: tocsin: this form is not known (this version of Tocsin reads tocsin: 1)"),
        ("tocsin: 1\n---\ntocsin: 1\n", "a.yaml:2:1: a second document begins here (one file holds one document, without ---)"),
        ("tocsin: 1\nusers: [\n", "a.yaml:3:1: not YAML: while parsing a flow node did not find expected node content"),
        ("tocsin: 1\n a: b\n", "a.yaml:2:3: not YAML: mapping values are not allowed in this context (a value with a colon needs quotes, and fields of one object start in one column)"),
        ("tocsin: 1\n\tusers: []\n", "a.yaml:2:1: not YAML: while scanning a plain scalar found a tab character that violates indentation (indent with blanks)"),
        ("tocsin: 1\nusers: @a\n", "a.yaml:2:8: not YAML: while scanning for the next token found character that cannot start any token (put values that begin with a special character in quotes)"),
        ("tocsin: 1\nusers: \x07\n", "a.yaml:2:8: not YAML: control characters are not allowed"),
        ("tocsin: 1\nusers: *people\n", "a.yaml:2:8: users: the alias *people has no anchor before it"),
        ("tocsin: 1\nusers: &a [*a]\n", "a.yaml:2:12: users[0]: the alias *a has no anchor before it"),
        ("tocsin: 1\nusers: !!set {}\n", "a.yaml:2:8: users: the tag 'tag:yaml.org,2002:set' means nothing here (leave it out)"),
        ("tocsin: 1\n[a]: b\n", "a.yaml:2:1: a key must be a word"),
        ("tocsin: 1\nusers: \ud800\n", "a.yaml:2:8: half of a character that has two halves"),
        ("tocsin: 1\nusers: " + "[" * 50, "a.yaml:2:48: more than 40 levels deep"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_configuration(text: str, expected: str) -> None:
    """What is not YAML, or not ours, is told with the place where reading ended."""
    assert told(text) == [expected]


def test_aliases_cannot_fill_the_memory() -> None:
    """A billion values out of ten lines are refused before they are made."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    (found,) = told("\n".join(lines))
    assert "more than 500,000 values" in found


def test_every_mistake_is_told_at_once() -> None:
    """Whoever mends a file sees all there is to mend, in the order of files and lines."""
    first = "tocsin: 1\nusers:\n  - {name: ada, role: admn, emial: x}\nteams: [{name: t, members: [adda], led: ada}]\n"
    second = "tocsin: 1\nservices:\n  - {name: s, tier: 0, policy: p}\n"
    places = [(each.file, each.line, each.field) for each in mistakes(first, second)]
    assert places == [
        ("a.yaml", 3, "users[0].role"),
        ("a.yaml", 3, "users[0].emial"),
        ("a.yaml", 4, "teams[0].members[0]"),
        ("a.yaml", 4, "teams[0].led"),
        ("b.yaml", 3, "services[0].tier"),
        ("b.yaml", 3, "services[0].policy"),
    ]


def test_an_object_with_a_mistake_is_still_known() -> None:
    """One slip in a user makes no second mistake of the team that has them."""
    assert len(told("tocsin: 1\nusers: [{name: ada, role: admn}]\nteams: [{name: t, members: [ada]}]\n")) == 1


def test_a_file_that_ends_early_makes_nothing_unknown() -> None:
    """While a file cannot be read, nobody says that what it may hold is unknown."""
    assert len(told("tocsin: 1\nusers: [\n", "tocsin: 1\nteams: [{name: t, members: [ada]}]\n")) == 1


def test_the_refusal_carries_the_first_mistake() -> None:
    """The HTTP answer and the exit line need one field and one hint: those of the first mistake."""
    with pytest.raises(BadConfiguration) as refused:
        draft("tocsin: 1\nusers: [{name: ada, role: admn}]\nsettings: {calm: 1}\n")
    assert refused.value.field == "users[0].role"
    assert refused.value.hint == "did you mean 'admin'?"
    assert str(refused.value) == "\n".join(map(str, refused.value.mistakes))
    assert len(refused.value.mistakes) == 2


def test_names_of_mistakes_stay_on_their_line() -> None:
    """A key with a line break does not break the list of mistakes."""
    (found,) = told('tocsin: 1\n"a\\nb": 1\n')
    assert "\n" not in found


def test_settings_stand_in_one_file() -> None:
    """Two files with settings contradict each other."""
    text = "tocsin: 1\nsettings: {links_last: 1d}\n"
    assert told(text, text) == [
        "b.yaml:2:11: settings: settings are already given (the first is in a.yaml, line 2)",
    ]


def test_a_folder_is_read_in_order(tmp_path: Path) -> None:
    """All YAML files of a folder are one configuration, sorted by name; hidden ones and others are left alone."""
    (tmp_path / "b.yml").write_text("tocsin: 1\nroutes: [{suppress: true}]\n", encoding="utf-8")
    (tmp_path / "a.yaml").write_text("tocsin: 1\nroutes: [{urgency: low}, {name: own}]\n", encoding="utf-8")
    (tmp_path / ".hidden.yaml").write_text("[", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("[", encoding="utf-8")
    (tmp_path / "folder.yaml").mkdir()
    found = read_path(tmp_path)
    assert [(each.name, each.body["position"]) for each in found.documents] == [
        ("route-1", 1),
        ("own", 2),
        ("route-3", 3),
    ]


def test_a_path_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """No such file, an empty folder, and bytes that are no text are mistakes like others."""
    latin = tmp_path / "latin.yaml"
    assert (
        refusal(tmp_path)
        == f"{tmp_path}:1:1: there is no configuration in this folder (files that end in .yaml or .yml)"
    )
    latin.write_bytes("tocsin: 1\n# ü\n".encode("latin-1"))
    assert refusal(latin) == f"{latin}:2:3: is not UTF-8 (save the file as UTF-8)"
    assert refusal(tmp_path / "none.yaml") == f"{tmp_path}/none.yaml:1:1: cannot be read: no such file or directory"


def test_everything_can_be_read() -> None:
    """The file with every kind and every field has no mistake."""
    assert told(EVERYTHING) == []


def test_what_was_meant() -> None:
    """The nearest name is named; without one, all of them while they are few; many are not listed."""
    assert nearest("ADA", ["bob", "ada"]) == "ada"
    assert nearest("x", []) is None
    assert meant("x", ["ada", "bob"], plural="users") == "users: ada, bob"
    assert meant("x", [], plural="users") == "there are no users"
    assert meant("x", [f"user {n}" for n in range(50)], plural="users") is None


def read_path(path: Path) -> Draft:
    """What a path says."""
    return read(path, environment=ENVIRONMENT, channels=CHANNELS, protocols=PROTOCOLS)


def refusal(path: Path) -> str:
    """Why a path is refused."""
    with pytest.raises(BadConfiguration) as refused:
        read_path(path)
    return str(refused.value)


def test_what_comes_from_the_environment_is_never_shown() -> None:
    """A value behind `${NAME}` may be a secret: a mistake shows the name alone. A key is not shown in any way."""
    users = '[{name: ada, email: "${S}", contacts: [{name: w, channel: webhook, address: "${S}"}]}]'
    policies = '[{name: p, steps: [{page: [{webhook: "${S}"}]}], repeat_after: "${S}"}]'
    integrations = '[{name: a, protocol: tocsin, key: "${S}"}, {name: b, protocol: tocsin, key: "s3cr3t!"}]'
    routes = '[{when: "${S}", urgency: "${S}"}]'
    texts = {"users": users, "policies": policies, "integrations": integrations, "routes": routes}
    for kind, text in texts.items():
        with pytest.raises(BadConfiguration) as refused:
            draft(f"tocsin: 1\n{kind}: {text}\n", environment={"S": "s3cr3t!"})
        assert "s3cr3t!" not in str(refused.value)
    assert told("tocsin: 1\nusers: [{name: ada, email: '${SURNAME}'}]\n") == [
        "a.yaml:2:28: users[0].email: '${SURNAME}' does not come to an e-mail address (like ada@example.org)"
    ]
