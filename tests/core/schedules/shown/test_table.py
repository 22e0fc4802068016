"""Shifts as a table for a terminal."""

from __future__ import annotations

import pytest

from core.schedules.rotas import BERLIN, layer, override, schedule, span
from core.schedules.shown.scene import NAME, WINDOW, a_day, in_turn, rendered, vacancy
from tocsin.core.schedules import NobodyReason, as_text
from tocsin.core.schedules.shown.words import REASONS


def test_the_table_is_in_the_zone_of_the_schedule() -> None:
    """The table reads in order of time, in local times with their offsets, and says where nobody is, and why."""
    assert as_text(NAME, WINDOW, a_day(), zone=BERLIN).splitlines() == [
        "data-primary, Mon 2026-01-05 01:00 +01:00 to Tue 2026-01-06 01:00 +01:00, Europe/Berlin",
        "",
        "from                         to                           for  who     source",
        "Mon 2026-01-05 01:00 +01:00  Mon 2026-01-05 09:00 +01:00  8h   nobody  (no layer covers it)",
        "Mon 2026-01-05 09:00 +01:00  Mon 2026-01-05 22:00 +01:00  13h  ada     weekly",
        "Mon 2026-01-05 22:00 +01:00  Tue 2026-01-06 01:00 +01:00  3h   linus   nights",
    ]


def test_the_table_tells_doubled_times_apart() -> None:
    """A shift that starts in the second showing of an hour differs from the first by its offset."""
    rota = schedule(overrides=(override("ada", "2026-10-25T00:30", "2026-10-25T01:30:30"),))
    window = span("2026-10-25T00:30", "2026-10-25T01:30:30")
    line = as_text(NAME, window, rendered(rota, window), zone=BERLIN).splitlines()[-1]
    assert line == "Sun 2026-10-25 02:30 +02:00  Sun 2026-10-25 02:30:30 +01:00  1h 30s  ada  override"


def test_the_table_gives_wide_characters_their_room() -> None:
    """Columns stay aligned beside names that take two columns a character."""
    wide, narrow = as_text(NAME, WINDOW, in_turn("艾达", "ada"), zone=BERLIN).splitlines()[-2:]
    assert wide.endswith("1d   艾达  weekly")
    assert narrow.endswith("1d   ada   weekly")


@pytest.mark.parametrize("reason", NobodyReason)
def test_every_reason_is_said(reason: NobodyReason) -> None:
    """Whatever the reason that nobody is on call, the table has words for it."""
    line = as_text(NAME, WINDOW, vacancy(reason), zone=BERLIN).splitlines()[-1]
    assert line.endswith(f"nobody  ({REASONS[reason]})")


def test_a_layer_without_people_is_a_gap_in_the_table() -> None:
    """A participant who is nobody on purpose is shown as nobody."""
    rota = schedule(layer("1 days", "2026-01-05T09:00", "", name="rest"))
    lines = as_text(NAME, WINDOW, rendered(rota, WINDOW), zone=BERLIN).splitlines()
    assert lines[-1].endswith("nobody  (the rotation has nobody in this turn)")
