"""Mistakes in schedules and in what is written around them: each with its place, and with what was probably meant."""

# ruff: noqa: E501

from __future__ import annotations

from dataclasses import replace

import pytest

from configuration.written import draft, told

#: What the rows below may refer to.
BEFORE = """\
tocsin: 1
users: [{name: ada, time_zone: Europe/Berlin}, {name: bob}]
schedules: [{name: primary, time_zone: Europe/Berlin}]
calendars: [{name: team, file: team.ics}]
"""

WEEKLY = 'rotation: {every: 1 week, from: "2026-01-05T09:00", people: [ada]}'

#: What a rotation says, besides who takes part, and the one mistake in it.
ROTATIONS = [
    ('from: "2026-01-05T09:00"', ": names none (exactly one of every, change_at)"),
    ('every: 1 week, change_at: ["mon 09:00", "fri 17:00"], from: "2026-01-05T09:00"', ": has every and change_at (exactly one of every, change_at)"),
    ('every: [], from: "2026-01-05T09:00"', ".every: must not be empty"),
    ('every: [2 days, 0 days], from: "2026-01-05T09:00"', ".every[1]: '0 days' must be longer than nothing (like 3 days, 4 days 8 hours)"),
    ('every: [2 days, 1 month], from: "2026-01-05T09:00"', ".every[1]: '1 month' is not a duration (like 3 days, 4 days 8 hours)"),
    ('every: 2, from: "2026-01-05T09:00"', ".every: must be a turn, not a number (like 1 week, 2 days, 8 hours, 1 month)"),
    ('every: 0 months, from: "2026-01-05T09:00"', ".every: '0 months' is not a turn (like 1 week, 2 days, 8 hours, 1 month)"),
    ('change_at: ["mon 09:00"], from: "2026-01-05T09:00"', ".change_at: one time a week needs no list (every: 1 week, or a second time)"),
    ('change_at: "mon 09:00", from: "2026-01-05T09:00"', ".change_at: must be a list, not text ([mon 09:00])"),
    ('change_at: [monday, "fri 17:00"], from: "2026-01-05T09:00"', ".change_at[0]: 'monday' is not a weekday and a time of day (like \"mon 09:00\")"),
    ('change_at: ["mon 09:00", "fri 25:00"], from: "2026-01-05T09:00"', ".change_at[1]: '25:00' is not a time of day (\"00:00\" to \"23:59\")"),
    ('change_at: ["fri 17:00", "mon 09:00"], from: "2026-01-05T09:00"', ".change_at[1]: 'mon 09:00' comes before the time before it (in the order of the week, which begins on Monday)"),
    ('change_at: ["mon 09:00", "mon 9:00"], from: "2026-01-05T09:00"', ".change_at[1]: 'mon 09:00' stands here twice (each time once)"),
    ('change_at: ["mon 09:00", "fri 17:00"], from: "2026-01-06T09:00"', ".from: turns do not change at tue 09:00 (a day and time that is one of mon 09:00, fri 17:00)"),
    ('every: 2000 months, from: "2026-01-05T09:00"', ".every: a turn of 2000 months is longer than a hundred years (hours, days, weeks, months that people can serve)"),
    ('every: 1 week, from: "2026-01-05T09:00", turns: activ', ".turns: 'activ' is none of calendar, active (did you mean 'active'?)"),
]  # fmt: skip

#: One window of a layer, and the one mistake in it.
WINDOWS = [
    ("{}", ": this restricts nothing (days, between, from and to, dates or holidays)"),
    ('{from: "fri 17:00"}', ".from: the window has no end (to: like \"mon 09:00\")"),
    ('{to: "mon 09:00"}', ".to: the window has no beginning (from: like \"mon 09:00\")"),
    ('{from: "fri 17:00", to: "mon 09:00", days: [fri]}', ".days: days and from ... to in one window (one or the other)"),
    ('{from: "fri 17:00", to: "mon 09:00", between: ["09:00", "17:00"]}', ".between: between and from ... to in one window (one or the other)"),
    ('{dates: ["2026-12-31", "2026-12-24"]}', ".dates[1]: the last day is before the first (the first day and the last, both included)"),
    ('{dates: ["2026-12-31"]}', ".dates: must have 2 values, not 1 (a date, like \"2026-12-24\")"),
    ('{dates: ["2026-12-24", "2026-12-24T12:00"]}', ".dates[1]: '2026-12-24T12:00' is not a date (like \"2026-12-24\")"),
    ('{dates: ["1026-12-24", "2026-12-24"]}', ".dates[0]: the year 1026 is outside the calendar (like \"2026-12-24\")"),
    ('{dates: ["2025-12-24", "2025-12-26"]}', ": the restriction never matches while the layer is in force (days and times between the layer's start and its end)"),
    ('{days: [mon], dates: ["2026-12-25", "2026-12-25"]}', ": the restriction never matches while the layer is in force (days and times between the layer's start and its end)"),
    ('{holidays: DE, dates: ["2026-12-20", "2026-12-24"]}', ".holidays: no holiday of DE is on such a day (other days, dates or regions)"),
    ('{holidays: DE, days: [mon], dates: ["2026-12-25", "2026-12-27"]}', ".holidays: no holiday of DE is on such a day (other days, dates or regions)"),
    ("{holidays: DE, except_holidays: DE}", ".holidays: no holiday of DE is on such a day (other days, dates or regions)"),
    ('{except_holidays: DE, dates: ["2026-12-25", "2026-12-26"]}', ".except_holidays: every such day is a holiday of DE (other days, dates or regions)"),
    ('{except_holidays: DE, from: "fri 17:00", to: "mon 09:00", dates: ["2026-12-24", "2026-12-26"]}', ".except_holidays: every such day is a holiday of DE (other days, dates or regions)"),
    ("{holidays: DE-BYE}", ".holidays: no public holidays are known of 'DE-BYE' (did you mean 'DE-BY'?)"),
    ("{except_holidays: Bayern}", ".except_holidays: no public holidays are known of 'Bayern' (a country, or a part of one: like DE, DE-BY, CN)"),
]  # fmt: skip

#: A layer, and the one mistake in it.
LAYERS = [
    ("name: a", ": names none (exactly one of rotation, calendar)"),
    (f"name: a, calendar: team, {WEEKLY}", ": has rotation and calendar (exactly one of rotation, calendar)"),
    ("name: a, calendar: taem", ".calendar: unknown calendar 'taem' (did you mean 'team'?)"),
    (f"name: a, time_zone: Europe/Berln, {WEEKLY}", ".time_zone: unknown time zone 'Europe/Berln' (did you mean 'Europe/Berlin'?)"),
    (f'name: a, start: "2026-02-03T00:00", end: "2026-02-02T00:00", {WEEKLY}', ".end: the layer ends before it starts (a time after its start)"),
    (f"name: override, {WEEKLY}", ".name: 'override' is what overrides are called (another name for the layer)"),
    (f"name: a, only_in: participant, {WEEKLY}", ".only_in: 'participant' is none of layer, participants (did you mean 'participants'?)"),
]  # fmt: skip

#: What a schedule says besides its name and zone, and the one mistake in it.
SCHEDULES = [
    ("part: tertiary", ".part: 'tertiary' is none of primary, secondary, shadow, reverse-shadow (did you mean 'primary'?)"),
    ("combine: stack", ".combine: 'stack' is none of stacked, union (did you mean 'stacked'?)"),
    ("follows: primry", ".follows.schedule: unknown schedule 'primry' (did you mean 'primary'?)"),
    ("follows: {schedule: primary, behind: 1}", ".follows.behind: must be a number of turns, not a number (like 1 turn, -1 turn)"),
    ("follows: {schedule: primary, offset: 2 weeks}", ".follows.offset: '2 weeks' is not a number of turns (like 1 turn, -1 turn)"),
    ("follows: {schedule: primary, behind: 1 turn, offset: 1 turn}", ".follows.offset: offset is another name for behind, which is given too (one of them)"),
    ("follows: {schedule: primary, ofset: 2 turns}", ".follows.ofset: unknown field (did you mean 'offset'?)"),
    ("follows: {behind: 1 turn}", ".follows.schedule: is missing"),
    ("follows: [primary]", ".follows: must be a mapping, not a list (fields: schedule, behind, may_repeat)"),
    ("follows: {schedule: primary, offset: 0 turns}", ".follows.behind: no turn behind, the same people would be on call in both, which they may not (1 or more turns, or may_repeat)"),
    ("follows: s", ".follows: the schedule refers to itself: s -> s (a schedule that does not refer back)"),
    ("apart_from: [primary, s]", ".apart_from[1]: the schedule refers to itself: s -> s (a schedule that does not refer back)"),
    ("apart_from: [primry]", ".apart_from[0]: unknown schedule 'primry' (did you mean 'primary'?)"),
    ("changes: [{layers: []}]", ".changes[0].from: is missing (a date and time, like \"2026-01-05T09:00\")"),
    ('changes: [{from: "2026-03-01T00:00", layers: [{name: a, calendar: team, only: [{}]}]}]', ".changes[0].layers[0].only[0]: this restricts nothing (days, between, from and to, dates or holidays)"),
    ('overrides: [{person: ada, instead_of: bbo, from: "2026-01-01", to: "2026-01-02"}]', ".overrides[0].instead_of: unknown user 'bbo' (did you mean 'bob'?)"),
    ('changes: [{from: "2026-03-01T00:00"}, {from: "2026-02-01T00:00"}]', ".changes[1].from: the change is before the one above it (changes in order of time)"),
    ('changes: [{from: "2026-03-01T00:00", follows: s}]', ".changes[0].follows: the schedule refers to itself: s -> s (a schedule that does not refer back)"),
    ('overrides: [{person: ada, instead_of: ada, from: "2026-01-01", to: "2026-01-02"}]', ".overrides[0].instead_of: ada comes instead of ada (somebody else)"),
    ('overrides: [{instead_of: bob, from: "2026-01-01", to: "2026-01-02"}]', ".overrides[0]: names none (exactly one of person, people, nobody)"),
]  # fmt: skip

#: Objects of other kinds, on line 2 of a file of their own, and the one mistake in each.
OTHERS = [
    ("calendars: [{name: c}]", "13: calendars[0]: names none (exactly one of url, file)"),
    ('calendars: [{name: c, url: "https://example.org/s3cr3t", file: c.ics}]', "13: calendars[0]: has url and file (exactly one of url, file)"),
    ('calendars: [{name: c, url: "ftp://example.org/s3cr3t"}]', "28: calendars[0].url: this is not an http or https address (like https://example.org/hook)"),
    ("users: [{name: c, holidays: DEU-BYE}]", "29: users[0].holidays: no public holidays are known of 'DEU-BYE' (did you mean 'DE-BY'?)"),
    ("users: [{name: c, away: taem}]", "25: users[0].away: unknown calendar 'taem' (did you mean 'team'?)"),
    ("users: [{name: c, reminders: 1 day}]", "30: users[0].reminders: must be a list, not text ([1 day])"),
    ("users: [{name: c, reminders: [soon]}]", "31: users[0].reminders[0]: 'soon' is not a duration (like 3 days, 4 days 8 hours)"),
    ('users: [{name: c, absences: [{from: "2026-01-01"}]}]', "30: users[0].absences[0].to: is missing (a date, or a date and time, like \"2026-12-24\", \"2026-12-24T12:00\")"),
    ('users: [{name: c, absences: [{from: "2026-01-02", to: "2026-01-01"}]}]', "55: users[0].absences[0].to: the absence ends before it starts (a time after its from)"),
    ('users: [{name: c, absences: [{from: tomorrow, to: "2026-01-01"}]}]', "37: users[0].absences[0].from: 'tomorrow' is not a date and time (like \"2026-12-24\", \"2026-12-24T12:00\")"),
    ('overrides: [{name: o, schedule: primry, person: ada, from: "2026-01-01", to: "2026-01-02"}]', "33: overrides[0].schedule: unknown schedule 'primry' (did you mean 'primary'?)"),
    ('overrides: [{name: o, schedule: primary, person: adda, from: "2026-01-01", to: "2026-01-02"}]', "50: overrides[0].person: unknown user 'adda' (did you mean 'ada'?)"),
    ('overrides: [{name: o, schedule: primary, person: ada, from: "2026-01-02", to: "2026-01-01"}]', "79: overrides[0].to: the override ends before it starts (a time after its from)"),
    ('overrides: [{name: o, schedule: primary, person: ada, from: "2026-01-02T09:00", to: "2026-01-02T08:00Z"}]', "85: overrides[0].to: the override ends before it starts (a time after its from)"),
    ('overrides: [{name: o, schedule: primary, person: bob, instead_of: bob, from: "2026-01-02", to: "2026-01-03"}]', "67: overrides[0].instead_of: bob comes instead of bob (somebody else)"),
    ('overrides: [{name: o, schedule: primary, nobody: true, person: ada, from: "2026-01-02", to: "2026-01-03"}]', "13: overrides[0]: has person and nobody (exactly one of person, people, nobody)"),
    ('overrides: [{name: o, schedule: primary, nobody: true, from: "2026-01-02", to: "2026-01-03", made: "2026-01-01"}]', "100: overrides[0].made: '2026-01-01' does not say in which zone (with an offset: like \"2026-01-05T09:00+01:00\")"),
    ('overrides: [{schedule: primary, nobody: true, from: "2026-01-02", to: "2026-01-03"}]', "13: overrides[0].name: is missing (a name, in quotes when it looks like a number: \"7\")"),
    ('absences: [{name: a, person: adda, from: "2026-01-02", to: "2026-01-02"}]', "30: absences[0].person: unknown user 'adda' (did you mean 'ada'?)"),
    ('absences: [{name: a, person: ada, from: "2026-01-02", to: "2026-01-01"}]', "59: absences[0].to: the absence ends before it starts (a time after its from)"),
    ('absences: [{name: a, person: ada, from: "2026-01-02T09:00", to: "2026-01-02T08:00Z"}]', "65: absences[0].to: the absence ends before it starts (a time after its from)"),
]  # fmt: skip


def of_schedule(fields: str) -> list[str]:
    """The mistakes of a schedule in UTC, from its own path on."""
    found = told(BEFORE, f"tocsin: 1\nschedules: [{{name: s, time_zone: UTC, {fields}}}]\n")
    assert all(each.startswith("b.yaml:2:") for each in found)
    return [each.split(": ", 1)[1].removeprefix("schedules[0]") for each in found]


@pytest.mark.parametrize(("rotation", "expected"), ROTATIONS)
def test_a_rotation_that_cannot_be_meant(rotation: str, expected: str) -> None:
    """When turns change is said once, in a way in which the first turn can begin."""
    layer = f"layers: [{{name: a, rotation: {{people: [ada, bob], {rotation}}}}}]"
    assert of_schedule(layer) == [f".layers[0].rotation{expected}"]


@pytest.mark.parametrize(("window", "expected"), WINDOWS)
def test_a_window_that_cannot_be_meant(window: str, expected: str) -> None:
    """A window has both ends, days in their order, and a region whose holidays are known."""
    assert of_schedule(f"layers: [{{name: a, only: [{window}], {WEEKLY}}}]") == [f".layers[0].only[0]{expected}"]


@pytest.mark.parametrize(("layer", "expected"), LAYERS)
def test_a_layer_that_cannot_be_meant(layer: str, expected: str) -> None:
    """A layer has people of its own or of a calendar, in a zone that there is."""
    assert of_schedule(f"layers: [{{{layer}}}]") == [f".layers[0]{expected}"]


@pytest.mark.parametrize(("fields", "expected"), SCHEDULES)
def test_a_schedule_that_cannot_be_meant(fields: str, expected: str) -> None:
    """What refers to other schedules, plans and overrides is told with its field."""
    assert of_schedule(fields) == [expected]


@pytest.mark.parametrize(("line", "expected"), OTHERS)
def test_what_is_written_around_schedules(line: str, expected: str) -> None:
    """Calendars, absences and overrides that are kept apart are told like everything else, each on the right clock."""
    assert told(BEFORE, f"tocsin: 1\n{line}\n") == [f"b.yaml:2:{expected}"]


def test_every_mistake_of_a_schedule_is_told() -> None:
    """Whoever mends a schedule sees all that its notation has wrong, in planned changes too."""
    change = '{from: "2026-03-01T00:00", layers: [{name: a, calendar: team, only: [{from: "fri 17:00"}, {}]}]}'
    assert [each.split(": ")[0] for each in of_schedule(f"layers: [{{name: a, only: [{{}}], {WEEKLY}}}], changes: [{change}]")] == [
        ".layers[0].only[0]",
        ".changes[0].layers[0].only[0].from",
        ".changes[0].layers[0].only[1]",
    ]  # fmt: skip


def test_a_circle_is_told_once() -> None:
    """Schedules that refer to each other are told at one of them; one that was made through the API may be between."""
    chain = "tocsin: 1\nschedules:\n  - {name: a, time_zone: UTC, follows: b}\n  - {name: b, time_zone: UTC, apart_from: [c]}\n"
    last = "  - {name: c, time_zone: UTC, follows: {schedule: a, behind: 2 turns}}\n"
    expected = (
        "schedules[0].follows: the schedule refers to itself: a -> b -> c -> a (a schedule that does not refer back)"
    )
    assert told(chain + last) == [f"a.yaml:3:40: {expected}"]
    stored = draft(
        "tocsin: 1\nschedules: [{name: a, time_zone: UTC}, {name: c, time_zone: UTC, follows: a}]\n"
    ).documents
    stored = [replace(each, origin="api") for each in stored if each.name == "c"]
    assert told(chain, stored=stored) == [f"a.yaml:3:40: {expected}"]


def test_what_is_kept_apart_may_name_what_is_stored() -> None:
    """An override in the files may change a schedule that was made through the API, on that schedule's own clock."""
    stored = [each for each in draft(BEFORE).documents if each.kind in ("user", "schedule")]
    stored = [replace(each, origin="api") for each in stored]
    override = 'overrides: [{name: o, schedule: primary, person: ada, from: "2026-01-02T09:00", to: "2026-01-02T%s"}]'
    assert told(f"tocsin: 1\n{override % '08:30Z'}\n", stored=stored) == []
    (found,) = told(f"tocsin: 1\n{override % '08:00Z'}\n", stored=stored)
    assert "the override ends before it starts" in found
    absence = 'absences: [{name: a, person: ada, from: "2026-01-02T09:00", to: "2026-01-02T08:00Z"}]'
    (found,) = told(f"tocsin: 1\n{absence}\n", stored=stored)
    assert "the absence ends before it starts" in found
