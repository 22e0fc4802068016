"""What a page says to somebody who was asleep: plain, whole and in their own time."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.app.catalogs import load_catalogs
from tocsin.core.errors import Broken
from tocsin.core.paging.wording import Mentioned, Occasion, Wording, one_line, word
from tocsin.core.vocabulary import Instant, Severity, Urgency, utc

CATALOGS = load_catalogs()
BERLIN = ZoneInfo("Europe/Berlin")
NOW = utc(2026, 3, 23, 2, 0)

ORDERS = Mentioned(
    summary="Orders pipeline has not finished",
    severity=Severity.CRITICAL,
    service="payments",
    count=1,
    since=utc(2026, 3, 23, 1, 56),
)
DISK = Mentioned(summary="Disk is full", severity=Severity.ERROR, service="search", count=2, since=NOW)
HIGH = Occasion(
    alerts=(ORDERS,), urgency=Urgency.HIGH, step=2, repeat=False, drill=False, because="schedule data-primary"
)


def said(occasion: Occasion, *, language: str = "en", zone: ZoneInfo = BERLIN, now: Instant = NOW) -> Wording:
    """The wording for a reader, by default in Berlin at three in the morning."""
    return word(occasion, texts=CATALOGS.of(language), zone=zone, now=now)


def about(*alerts: Mentioned) -> Occasion:
    """The usual occasion about these alerts."""
    return replace(HIGH, alerts=alerts)


def test_one_alert_is_named() -> None:
    """The title says how bad and what; the text where, since when, and what to do."""
    wording = said(HIGH)
    assert wording.title == "Critical: Orders pipeline has not finished"
    assert wording.text == (
        "payments · began 4 min ago, at 02:56 (Europe/Berlin)\n\n"
        "Acknowledge it if you take it. Then nobody else is rung for it."
    )


def test_it_is_said_in_chinese() -> None:
    """By meaning, with the marks of the script."""
    wording = said(HIGH, language="zh", zone=ZoneInfo("Asia/Shanghai"))
    assert wording.title == "严重：Orders pipeline has not finished"
    assert wording.text == (
        "payments · 4 分钟前开始，09:56（Asia/Shanghai）\n\n由您处理就请认领，之后不会再呼叫其他人。"
    )


def test_a_bundle_is_counted() -> None:
    """Most of them are placed; of two services both are named, of more the rest is elsewhere."""
    assert said(about(*[ORDERS] * 37, *[DISK] * 4)).title == "37 alerts in payments, 4 in search"
    mail = replace(DISK, service="mail")
    assert said(about(*[ORDERS] * 37, *[DISK] * 3, mail)).title == "37 alerts in payments, 4 more elsewhere"
    assert said(about(*[ORDERS] * 2)).title == "2 alerts in payments"
    assert said(about(replace(ORDERS, service=None), replace(DISK, service=None))).title == "2 alerts"
    assert said(about(ORDERS, replace(DISK, service=None))).title == "1 alert in payments, 1 more elsewhere"


def test_a_bundle_that_waited_comes_on_top() -> None:
    """Whoever was rung a moment ago hears of the rest as more of it, in both languages."""

    def title(*alerts: Mentioned, language: str = "en") -> str:
        return said(replace(about(*alerts), further=True), language=language).title

    assert title(*[ORDERS] * 37) == "37 more in payments"
    assert title(*[ORDERS] * 37, DISK) == "37 more in payments, 1 in search"
    assert title(*[replace(ORDERS, service=None)] * 2) == "2 more alerts"
    assert title(ORDERS) == "Critical: Orders pipeline has not finished"
    assert title(*[ORDERS] * 37, language="zh") == "payments 另有 37 条告警"
    assert title(*[ORDERS] * 37, DISK, language="zh") == "payments 另有 37 条告警，search 1 条"


def test_a_bundle_names_the_worst() -> None:
    """Eight are named in their order, the others counted."""
    text = said(about(ORDERS, *[DISK] * 40)).text
    assert text.startswith("The oldest began 4 min ago, at 02:56 (Europe/Berlin).\n- Critical: Orders pipeline")
    assert "- Error: Disk is full (search · just now · reported 2 times)\n" in text
    assert text.count("\n- ") == 8
    assert "\nand 33 more\n" in text
    assert text.endswith("Acknowledge them if you take them. Then nobody else is rung for them.")


def test_a_drill_is_marked_first() -> None:
    """Nobody takes an exercise for the real thing, and nobody ignores it."""
    wording = said(replace(HIGH, drill=True, repeat=True))
    assert wording.title == "Drill · Sent again · Critical: Orders pipeline has not finished"
    assert wording.text.startswith("This is a drill. Answer it as you would answer the real thing.\n")


def test_a_repeat_says_why() -> None:
    """Whoever is rung twice learns that we do not know about the first time."""
    wording = said(replace(HIGH, repeat=True))
    assert wording.title.startswith("Sent again · ")
    assert wording.text.startswith("Sent again: we do not know whether the first one reached you.\n\n")


def test_what_is_not_urgent_says_so() -> None:
    """Low urgency asks for nothing at night."""
    assert said(replace(HIGH, urgency=Urgency.LOW)).text.endswith("Not urgent: this can wait until you are at work.")


@pytest.mark.parametrize(
    ("since", "told"),
    [
        (NOW, "began just now, at 03:00 (Europe/Berlin)"),
        (NOW + timedelta(minutes=5), "began just now, at 03:05 (Europe/Berlin)"),
        (utc(2026, 3, 23, 1, 59, 1), "began just now, at 02:59 (Europe/Berlin)"),
        (utc(2026, 3, 23, 1, 59), "began 1 min ago, at 02:59 (Europe/Berlin)"),
        (utc(2026, 3, 23, 1, 0, 1), "began 59 min ago, at 02:00 (Europe/Berlin)"),
        (utc(2026, 3, 23, 0, 50), "began 1 h 10 min ago, at 01:50 (Europe/Berlin)"),
        (utc(2026, 3, 22, 22, 59), "began 3 h 1 min ago, yesterday at 23:59 (Europe/Berlin)"),
        (utc(2026, 3, 22, 2, 0), "began 1 day ago, yesterday at 03:00 (Europe/Berlin)"),
        (utc(2026, 3, 20, 1, 0), "began 3 days ago, on 2026-03-20 at 02:00 (Europe/Berlin)"),
    ],
)
def test_time_is_told_twice(since: Instant, told: str) -> None:
    """How long ago, and when by the reader's own wall clock, with its zone and its day."""
    assert told in said(about(replace(ORDERS, since=since))).text


def test_a_clock_change_does_not_lengthen_the_wait() -> None:
    """Half an hour stays half an hour when the clock has jumped in between."""
    text = said(about(replace(ORDERS, since=utc(2026, 3, 29, 0, 45))), now=utc(2026, 3, 29, 1, 15)).text
    assert "began 30 min ago, at 01:45 (Europe/Berlin)" in text


@pytest.mark.parametrize(
    ("because", "why"),
    [
        ("schedule data-primary", "You get this because you are on call for data-primary."),
        ("team data", "You get this because you are in the team data."),
        ("user ada", "You get this because the escalation policy names you."),
        ("webhook https://example.org", "You get this because the escalation reached you."),
        ("", "You get this because the escalation reached you."),
    ],
)
def test_everybody_learns_why_them(because: str, why: str) -> None:
    """The foot says by which target the reader was found, and at which step."""
    words = said(replace(HIGH, because=because)).words
    assert (words["why"], words["step"]) == (why, "step 2 of the escalation")


def test_a_long_summary_is_cut_in_the_title_alone() -> None:
    """The title keeps its marks and fits a lock screen; the text says it whole."""
    summary = "pipeline " * 30
    wording = said(replace(HIGH, drill=True, alerts=(replace(ORDERS, summary=summary),)))
    assert wording.title.startswith("Drill · Critical: pipeline")
    assert wording.title.endswith("…")
    assert len(wording.title) <= 140
    assert summary.strip() in wording.text


def test_an_alert_without_a_service_starts_its_sentence() -> None:
    """What is not known is left out."""
    assert said(about(replace(ORDERS, service=None))).text.startswith("Began 4 min ago")


def test_a_page_is_about_something() -> None:
    """Nobody is woken for nothing."""
    with pytest.raises(Broken):
        about()


@given(st.text(st.characters(), max_size=300), st.integers(1, 60))
def test_one_line_is_one_harmless_line(text: str, most: int) -> None:
    """Whatever comes in, the line has no break and no control, can be sent as UTF-8, and is short enough."""
    line = one_line(text, most)
    assert len(line) <= most
    assert not {unicodedata.category(character) for character in line} & {"Cc", "Cs", "Zl", "Zp"}
    assert line.encode().decode() == line == line.strip()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("two\r\nlines\tand\x00more", "two lines and more"),
        ("evil\u202etxt.exe\u2066", "eviltxt.exe"),
        ("half \ud800 of a pair", "half of a pair"),
        ("क्\u200dष 👩\u200d🔧", "क्\u200dष 👩\u200d🔧"),
        ("  ", ""),
    ],
)
def test_what_could_mislead_is_gone(text: str, line: str) -> None:
    """Breaks, controls and reversed writing go; what a script needs stays."""
    assert one_line(text, 100) == line


SUMMARIES = st.text(st.characters(exclude_characters="%"), max_size=40)


@given(st.lists(st.builds(replace, st.just(ORDERS), summary=SUMMARIES), min_size=1, max_size=12), st.booleans())
def test_no_blank_is_left(alerts: list[Mentioned], drill: bool) -> None:
    """Every text has all its values, in both languages, whatever the source writes."""
    for language in ("en", "zh"):
        wording = said(replace(HIGH, alerts=tuple(alerts), drill=drill), language=language)
        assert not [text for text in (wording.title, wording.text, *wording.words.values()) if "%(" in text]
