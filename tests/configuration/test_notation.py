"""How values are written: many ways in, one way out, and a refusal with an example for the rest."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.configuration import notation, rota_notation
from tocsin.configuration.notation import Notation
from tocsin.core.errors import Refused
from tocsin.core.schedules import Turn, Unit

ALL = [found for each in (notation, rota_notation) for found in vars(each).values() if isinstance(found, Notation)]


@pytest.mark.parametrize(
    ("written", "length", "canonical"),
    [
        ("90s", timedelta(seconds=90), "1m30s"),
        ("5m", timedelta(minutes=5), "5m"),
        ("300s", timedelta(minutes=5), "5m"),
        ("2m30s", timedelta(seconds=150), "2m30s"),
        ("1h", timedelta(hours=1), "1h"),
        ("1d 12h", timedelta(hours=36), "1d12h"),
        ("7d", timedelta(days=7), "7d"),
        ("2w", timedelta(days=14), "14d"),
        ("0s", timedelta(0), "0s"),
        ("1 week 2 days", timedelta(days=9), "9d"),
        ("5 minutes", timedelta(minutes=5), "5m"),
        ("1hour30min", timedelta(minutes=90), "1h30m"),
    ],
)
def test_a_duration_is_read_and_written_in_one_way(written: str, length: timedelta, canonical: str) -> None:
    """Equal lengths have one text, so that `300s` instead of `5m` is no change."""
    assert notation.duration(written) == length
    assert notation.DURATION.canonical(written) == canonical


@pytest.mark.parametrize("text", ["", "5", "5 moments", "m", "5m5h", "-5m", "1.5h", "5m!", "٥m", "99999d", "9" * 50])
def test_what_is_no_duration_is_refused(text: str) -> None:
    """A number without a unit, a wrong order, and more than ten years are refused with examples."""
    with pytest.raises(Refused) as refused:
        notation.duration(text)
    assert refused.value.hint == "like 90s, 5m, 1h30m, 7d"


@given(st.timedeltas(min_value=timedelta(0), max_value=notation.LONGEST))
def test_a_written_duration_is_read_again(length: timedelta) -> None:
    """Whole seconds survive writing and reading."""
    whole = timedelta(seconds=length // timedelta(seconds=1))
    assert notation.duration(notation.duration_text(whole)) == whole


@pytest.mark.parametrize(
    ("written", "every", "canonical"),
    [
        ("1 week", Turn(count=1, unit=Unit.WEEKS), "1 week"),
        ("1weeks", Turn(count=1, unit=Unit.WEEKS), "1 week"),
        ("2 days", Turn(count=2, unit=Unit.DAYS), "2 days"),
        ("8 hours", Turn(count=8, unit=Unit.HOURS), "8 hours"),
        ("1 month", Turn(count=1, unit=Unit.MONTHS), "1 month"),
    ],
)
def test_a_turn_is_a_count_and_a_unit(written: str, every: Turn, canonical: str) -> None:
    """Turns are counted in hours, days, weeks and months, written as people say them."""
    assert rota_notation.turn(written) == every
    assert rota_notation.TURN.canonical(written) == canonical


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("3 days", "3 days"),
        ("72h", "3 days"),
        ("4d8h", "4 days 8 hours"),
        ("7 days", "1 week"),
        ("1 week 1 day", "8 days"),
        ("1 minute 1s", "1 minute 1 second"),
    ],
)
def test_a_length_is_written_in_words(written: str, canonical: str) -> None:
    """Lengths of turns and reminders are written as turns are, in weeks where nothing is left over."""
    assert rota_notation.LENGTH.canonical(written) == canonical
    assert notation.duration(canonical) == notation.duration(written)


def test_one_schedule_is_some_turns_behind_another() -> None:
    """Turns behind are counted; before is a negative number; a bare number says too little."""
    counted = {"1 turn": 1, "2turns": 2, "-1 turn": -1, "+3 turns": 3, "0 turns": 0}
    assert {text: rota_notation.behind(text) for text in counted} == counted
    assert [rota_notation.BEHIND.canonical(text) for text in counted] == [
        "1 turn",
        "2 turns",
        "-1 turn",
        "3 turns",
        "0 turns",
    ]
    for wrong in ("1", "one turn", "1 week", ""):
        with pytest.raises(Refused):
            rota_notation.behind(wrong)


def test_a_time_of_the_week_has_a_day_and_a_clock() -> None:
    """Times of the week are in order from Monday's midnight on."""
    assert rota_notation.WEEK_TIME.canonical("fri  9:05") == "fri 09:05"
    written = ["mon 00:00", "mon 09:00", "fri 17:00", "sun 23:59"]
    read = [rota_notation.week_time(text) for text in written]
    assert read == sorted(read)
    assert read[2].since_monday == timedelta(days=4, hours=17)
    for wrong in ("friday 17:00", "17:00", "fri", "fri 24:00", "Fri 09:00"):
        with pytest.raises(Refused):
            rota_notation.week_time(wrong)


def test_a_day_is_not_its_midnight() -> None:
    """Where whole days are meant a date stays a date; with a time of day it is a moment."""
    read = rota_notation.day_or_moment
    assert type(read("2026-12-24")) is date
    assert read("2026-12-24T00:00") == datetime(2026, 12, 24)  # noqa: DTZ001 - local times are naive
    assert rota_notation.DAY_OR_MOMENT.canonical("2026-12-24") == "2026-12-24"
    assert rota_notation.DAY_OR_MOMENT.canonical("2026-12-24 00:00") == "2026-12-24T00:00"
    for wrong in ("1900-12-24", "3000-01-01", "2026-02-30", "Christmas"):
        with pytest.raises(Refused):
            read(wrong)


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("2026-01-05T09:00", "2026-01-05T09:00"),
        ("2026-01-05 09:00", "2026-01-05T09:00"),
        ("2026-01-05", "2026-01-05T00:00"),
        ("2026-01-05T09:00:30", "2026-01-05T09:00:30"),
        ("2026-01-05T09:00+01:00", "2026-01-05T08:00Z"),
        ("2026-01-05T09:00Z", "2026-01-05T09:00Z"),
    ],
)
def test_a_moment_is_local_unless_it_says_otherwise(written: str, canonical: str) -> None:
    """Local times stay local; an offset makes an instant, which is written in UTC."""
    assert notation.MOMENT.canonical(written) == canonical


def test_a_time_of_day_is_to_the_minute() -> None:
    """Nine o'clock may be written with one figure; midnight at the end of the day is the next day's."""
    assert notation.clock("9:05") == time(9, 5)
    assert notation.CLOCK.canonical("9:05") == "09:05"
    for wrong in ("24:00", "9", "9:5", "09:00:00", "-1:00"):
        with pytest.raises(Refused):
            notation.clock(wrong)


@pytest.mark.parametrize(
    "text", ["Europe", "../etc/passwd", "/etc/passwd", "", "a\0b", "zone.tab", "x" * 5000, "\ud800"]
)
def test_what_is_no_zone_is_refused(text: str) -> None:
    """Folders, other files and nonsense are no time zones, and nothing outside the database is opened."""
    with pytest.raises(Refused):
        notation.zone(text)


@pytest.mark.parametrize("text", ["https://example.org", "http://127.0.0.1:9009/ada?x=1", "http://[::1]:8080/"])
def test_addresses_of_programs(text: str) -> None:
    """Programs answer over http and https, on any host and port."""
    assert notation.url(text) == text


@pytest.mark.parametrize(
    "text", ["", "ftp://x", "http://", "http://[::1", "http://a:99999", "http://a b", "http://a\n", "x"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    """Other schemes, missing hosts, impossible ports and blanks are refused."""
    with pytest.raises(Refused):
        notation.url(text)


def test_the_address_of_a_calendar_may_be_a_secret() -> None:
    """What calendars call webcal is https; an address that is none is refused without being shown."""
    assert notation.secret_url("webcal://example.org/s3cr3t.ics") == "https://example.org/s3cr3t.ics"
    with pytest.raises(Refused) as refused:
        notation.secret_url("ftp://example.org/s3cr3t.ics")
    assert "s3cr3t" not in f"{refused.value} {refused.value.hint}"


def test_e_mail_addresses_are_checked_for_what_is_plainly_wrong() -> None:
    """One @, something on both sides, no blanks, no display name."""
    for good in ("ada@example.org", "ada+pager@sub.example.org", "root@localhost", "ädä@exämple.org"):
        assert notation.email(good) == good
    for wrong in ("", "ada", "@x", "ada@", "a@b@c", "a b@c", "Ada <a@b.org>", "a@b..c", "a@b,c@d", "a@" + "b" * 300):
        with pytest.raises(Refused):
            notation.email(wrong)


@pytest.mark.parametrize("each", ALL, ids=lambda each: f"{each.what} {each.example}")
@given(text=st.text())
def test_no_notation_breaks(each: Notation[object], text: str) -> None:
    """Any text is read or refused; what is read is written in a way that is read again and written the same."""
    try:
        canonical = each.canonical(text)
    except Refused:
        return
    assert each.canonical(canonical) == canonical
