"""Whose duty is looked at together."""

from __future__ import annotations

import pytest

from core.insight.installation import installation, layer, schedule
from tocsin.core.errors import NotFound, Refused
from tocsin.core.insight.groups import Group, groups

KNOWN = installation(
    schedule("b", layer("1 weeks", "ada"), team="data"),
    schedule("a", layer("1 weeks", "ada"), team="data"),
    schedule("free", layer("1 weeks", "ada")),
    teams={"data": ("ada",), "idle": ()},
)


def test_each_team_and_what_is_nobody_s() -> None:
    """A team's schedules go together; those of nobody stand by themselves; idle teams are left out."""
    assert groups(KNOWN) == (Group(team="data", schedules=("a", "b")), Group(team=None, schedules=("free",)))


def test_one_may_be_named() -> None:
    """A team, also one without schedules, or a schedule by itself."""
    assert groups(KNOWN, team="idle") == (Group(team="idle", schedules=()),)
    assert groups(KNOWN, schedule="b") == (Group(team=None, schedules=("b",)),)


@pytest.mark.parametrize(("named", "field"), [({"team": "x"}, "team"), ({"schedule": "x"}, "schedule")])
def test_an_unknown_name_is_refused(named: dict[str, str], field: str) -> None:
    """It is told which of the two is not there."""
    with pytest.raises(NotFound) as refusal:
        groups(KNOWN, **named)
    assert refusal.value.field == field


def test_one_thing_at_a_time() -> None:
    """A team and a schedule at once cannot be meant."""
    with pytest.raises(Refused, match="at once"):
        groups(KNOWN, team="data", schedule="a")
