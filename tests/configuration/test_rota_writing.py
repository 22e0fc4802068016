"""Schedules and what is written around them: any that can be read is written so that it is read again as the same."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from configuration.written import draft
from tocsin.configuration.building import directory
from tocsin.configuration.difference import difference
from tocsin.configuration.reading import Draft
from tocsin.configuration.writing import export

PEOPLE, ZONES = ("ada", "bob", "eve"), ("UTC", "Europe/Berlin", "America/New_York", "Pacific/Apia")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
REGIONS = ("DE", "DE-Bayern", "DEU-BE", "CN", "UK", "US-CA")

Written = dict[str, Any]


def text_of(at: datetime, offset: str) -> str:
    """A moment as people write it: to the minute, perhaps with an offset."""
    return f"{at:%Y-%m-%dT%H:%M}{offset}"


MINUTES = st.datetimes(datetime(2001, 1, 1), datetime(2900, 1, 1)).map(  # noqa: DTZ001 - local times are naive
    lambda at: at.replace(second=0, microsecond=0)
)
OFFSETS = st.sampled_from(["", "Z", "+01:00", "-09:30"])
LOCAL = MINUTES.map(lambda at: text_of(at, ""))
INSTANTS = MINUTES.map(lambda at: text_of(at, "+05:30"))
ZONE = st.sampled_from(ZONES)
PERSON = st.sampled_from(PEOPLE)
GROUP = st.lists(PERSON, min_size=1, max_size=3, unique=True)
CLOCK = st.sampled_from(["0:00", "06:00", "9:30", "17:00", "23:59"])
NOTE = st.text("abcdefghij äöü:#'\"{$", min_size=1, max_size=12).map(lambda note: note.replace("${", "$${"))
LENGTH = st.sampled_from(["2 days", "36h", "1 week", "4d8h", "90 minutes", "12 hours"])


@st.composite
def spans(draw: st.DrawFn) -> Written:
    """`from` and `to`, in their order whatever the zone."""
    begins, offset = draw(MINUTES), draw(OFFSETS)
    ends = begins + timedelta(minutes=draw(st.integers(60 * 24, 60 * 24 * 90)))
    return {"from": text_of(begins, offset), "to": text_of(ends, offset)}


DAYS_AWAY = st.dates(datetime(2001, 1, 1).date(), datetime(2900, 1, 1).date()).map(  # noqa: DTZ001 - days have no zone
    lambda day: {"from": day.isoformat(), "to": (day + timedelta(days=3)).isoformat()}
)


def maybe(required: Written, **optional: st.SearchStrategy[Any]) -> st.SearchStrategy[Written]:
    """A mapping that has the required fields, and perhaps the others."""
    return st.fixed_dictionaries(required, optional=optional)


def both(*parts: st.SearchStrategy[Written]) -> st.SearchStrategy[Written]:
    """One mapping out of several."""
    return st.tuples(*parts).map(lambda made: {key: value for part in made for key, value in part.items()})


@st.composite
def change_times(draw: st.DrawFn) -> Written:
    """`change_at`, and a beginning on one of its times."""
    times = sorted(draw(st.sets(st.tuples(st.integers(0, 6), st.sampled_from([0, 9, 17])), min_size=2, max_size=5)))
    day, hour = draw(st.sampled_from(times))
    begins = datetime(2026, 1, 5, hour) + timedelta(days=day)  # noqa: DTZ001 - a Monday on the wall
    return {"change_at": [f"{DAYS[number]} {at}:00" for number, at in times], "from": text_of(begins, "")}


EVERY = st.sampled_from(["1 week", "1weeks", "2 days", "8 hours", "5 hours", "1 month"])
ROTATION = both(
    maybe({"people": st.lists(PERSON | GROUP | st.just("nobody"), min_size=1, max_size=4)}, turns=st.just("active")),
    st.fixed_dictionaries({"every": EVERY | st.lists(LENGTH, min_size=1, max_size=3), "from": LOCAL}) | change_times(),
)
WEEK_TIME = st.tuples(st.sampled_from(DAYS), CLOCK).map(" ".join)
WINDOW = (
    maybe({"between": st.tuples(CLOCK, CLOCK)}, days=st.lists(st.sampled_from(DAYS), max_size=3))
    | st.fixed_dictionaries({"days": st.lists(st.sampled_from(DAYS), min_size=1, max_size=7)})
    | st.fixed_dictionaries({"from": WEEK_TIME, "to": WEEK_TIME})
    | maybe({"except_holidays": st.sampled_from(REGIONS)}, between=st.tuples(CLOCK, CLOCK))
)
SERVED = st.fixed_dictionaries({"rotation": ROTATION}) | st.just({"calendar": "team"})
LAYER = both(maybe({}, time_zone=ZONE, only=st.lists(WINDOW, max_size=3), only_in=st.just("participants")), SERVED)
COMBINE = st.sampled_from(["stacked", "union"])
TURNS = st.sampled_from(["1 turn", "2 turns", "-1 turn", "3turns"])
FOLLOWS = (
    st.just("other")
    | maybe({"schedule": st.just("other")}, behind=TURNS, may_repeat=st.booleans())
    | st.fixed_dictionaries({"schedule": st.just("other"), "offset": TURNS})
)
NAMED = (
    st.fixed_dictionaries({"person": PERSON})
    | st.fixed_dictionaries({"people": GROUP})
    | st.just({"nobody": True})
    | st.just({"person": "ada", "instead_of": "bob"})
)
OVERRIDE = both(spans(), NAMED, maybe({}, note=NOTE))


def numbered(strategy: st.SearchStrategy[Written], prefix: str) -> st.SearchStrategy[list[Written]]:
    """A few, each with a name of its own."""
    return st.lists(strategy, max_size=3).map(
        lambda made: [{"name": f"{prefix}-{number}", **each} for number, each in enumerate(made)]
    )


LAYERS = numbered(LAYER, "layer")
CHANGE = maybe({"from": LOCAL | INSTANTS, "layers": LAYERS}, combine=COMBINE, follows=FOLLOWS)
SCHEDULE = maybe(
    {"name": st.just("primary"), "time_zone": ZONE, "layers": LAYERS},
    part=st.sampled_from(["primary", "secondary", "shadow", "reverse-shadow"]),
    combine=COMBINE,
    follows=FOLLOWS,
    apart_from=st.just(["other"]),
    changes=st.lists(CHANGE, max_size=1),
    overrides=st.lists(OVERRIDE, max_size=3),
)
USER = both(
    maybe(
        {"name": st.just("ada")},
        time_zone=ZONE,
        holidays=st.sampled_from(REGIONS),
        reminders=st.lists(LENGTH, max_size=3),
        away=st.just("away"),
    ),
    maybe({}, absences=st.lists(both(spans() | DAYS_AWAY, maybe({}, note=NOTE)), max_size=3)),
)
FILES = st.fixed_dictionaries(
    {
        "users": USER.map(lambda ada: [ada, {"name": "bob"}, {"name": "eve"}]),
        "calendars": st.just([{"name": "team", "file": "team.ics"}, {"name": "away", "url": "webcal://example.org/a"}]),
        "schedules": SCHEDULE.map(lambda made: [{"name": "other", "time_zone": "UTC"}, made]),
        "overrides": numbered(both(st.just({"schedule": "primary"}), OVERRIDE, maybe({}, made=INSTANTS)), "override"),
        "absences": numbered(
            both(st.fixed_dictionaries({"person": PERSON}), spans() | DAYS_AWAY, maybe({}, known_from=INSTANTS)), "away"
        ),
    }
)


def again(documents: Draft, *, single: bool) -> Draft:
    """What the exported files say."""
    return draft(*export(documents.documents, single=single).values(), environment={})


@given(FILES, st.booleans())
def test_a_written_rota_is_read_again_as_the_same(top: Written, single: bool) -> None:
    """Documents, plan and directory are the same after an export, whatever a schedule and its surroundings say."""
    found = draft(yaml.safe_dump({"tocsin": 1, **top}))
    second = again(found, single=single)
    assert second == found
    assert not difference(found.documents, second)
    assert directory(second.documents) == directory(found.documents)
