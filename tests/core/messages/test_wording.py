"""What a message says, read as the person would read it, by the real catalogs."""

from __future__ import annotations

import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.app.catalogs import load_catalogs
from tocsin.core.messages import Message
from tocsin.core.messages.kinds import KINDS
from tocsin.core.messages.wording import Wording, word
from tocsin.core.vocabulary import PersonName, utc
from tocsin.core.words import TITLE_LENGTH

CATALOGS = load_catalogs()
BERLIN, SHANGHAI = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Shanghai")

SHIFT = {
    "schedule": "data-primary",
    "start": "2026-11-23T08:00:00Z",
    "end": "2026-11-30T08:00:00Z",
    "source": "weekly",
}
VALUES = {
    **SHIFT,
    "from": "grace",
    "by": "linus",
    "person": "grace",
    "people": "grace, linus",
    "change": "on",
    "notes": "2",
    "gained": "2026-12-07T08:00:00Z/2026-12-14T08:00:00Z",
    "lost": "",
    "effective": "2026-12-01T00:00:00Z",
    "reason": "everybody_is_away",
    "sync": "slack-oncall",
    "target": "@data-oncall",
    "calendar": "holidays",
    "age": "93900",
    "error": "answered 403: not allowed",
    "since": "2026-11-22T02:12:00Z",
    "why": "connection refused",
    "node": "node-1",
    "count": "3",
    "lasts": "40 s",
    "loop": "worker",
    "skew": "2.5 s",
    "folder": "/data",
    "free": "0.4 GB",
    "integration": "airflow",
    "usual": "12 min",
    "provider": "email",
    "first": "3 steps are late",
    "troubles": "3 steps are late.\nOver: 2 deliveries are stuck.",
}


def told(
    kind: str = "reminder",
    values: dict[str, str] | None = None,
    *,
    language: str = "en",
    zone: ZoneInfo = BERLIN,
    repeat: bool = False,
) -> Wording:
    """A message in words."""
    message = Message(
        key="k",
        person=PersonName("ada"),
        kind=kind,
        values=SHIFT if values is None else values,
        due_at=utc(2026, 11, 22, 8),
    )
    return word(message, texts=CATALOGS.of(language), zone=zone, repeat=repeat)


def test_a_reminder_is_told_on_the_readers_clock() -> None:
    """Weekday, date and time are those of the reader's wall, and the zone is named once."""
    reminder = told()
    assert reminder.title == "You are on call for data-primary from Mon 2026-11-23, 09:00"
    assert reminder.text == (
        "Your shift is from Mon 2026-11-23, 09:00 until Mon 2026-11-30, 09:00 (weekly).\n\n"
        "If you cannot take it, offer a swap or ask somebody to cover you: the link leads there.\n\n"
        "Times are those of Europe/Berlin."
    )
    assert told(zone=SHANGHAI, language="zh").title == "2026-11-23（周一）16:00 起由您值班：data-primary"


def test_a_reader_in_the_schedules_zone_is_not_told_of_zones() -> None:
    """Where the message names the reader's own zone there is nothing to mistake."""
    at_home = {**SHIFT, "zone": "Europe/Berlin"}
    assert "Europe/Berlin" not in told(values=at_home).text
    assert told(values=at_home, zone=SHANGHAI).text.endswith("Times are those of Asia/Shanghai.")


def test_an_hour_that_comes_twice_says_which_one() -> None:
    """In the night in which the clocks go back a bare 02:30 would be two instants."""
    titles = [told(values={**SHIFT, "start": f"2026-10-25T0{hour}:30:00Z"}).title for hour in (0, 1, 2)]
    assert [title.rpartition(", ")[2] for title in titles] == ["02:30 (+02:00)", "02:30 (+01:00)", "03:30"]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_told(kind: str, language: str) -> None:
    """Each kind has a title and a text in both languages, no blank open and no text missing."""
    values = {name: VALUES[name] for name in KINDS[kind]}
    wording = told(kind, values, language=language)
    said = "\n".join((wording.title, wording.text, *wording.words.values()))
    assert not re.search(r"%\(|message\.|page\.|gap\.|T\d\d:\d\d|—", said)
    assert CATALOGS.of(language).text("message.plain.title", kind="").strip() not in said
    spoken = [name for name in KINDS[kind] if name not in ("notes", "change", "age", "reason")]
    asked = "".join(CATALOGS.of(language).text(f"message.{kind}.{part}") for part in ("title", "text"))
    assert all(f"%({name})s" in asked for name in spoken)


@pytest.mark.parametrize("kind", KINDS)
def test_a_text_speaks_of_known_values_alone(kind: str) -> None:
    """Whoever makes a message can see in one table what its texts need."""
    for language in ("en", "zh"):
        texts = CATALOGS.of(language)
        asked = "".join(texts.text(f"message.{kind}.{part}") for part in ("title", "text"))
        assert set(re.findall(r"%\((\w+)\)", asked)) <= set(KINDS[kind])


def test_every_kind_is_documented() -> None:
    """Whoever reads messages with a program finds each kind in the docs, and no other."""
    table = (Path(__file__).parents[3] / "docs" / "messages.md").read_text(encoding="utf-8").partition("| kind |")[2]
    kinds = [kind for line in table.splitlines()[2:] for kind in re.findall(r"`(\w+)`", line.split("|")[1])]
    assert sorted(kinds) == sorted(KINDS)


def test_a_kind_without_a_text_is_told_plainly() -> None:
    """A message of a kind that nobody has worded yet reaches its reader all the same, with all that it knows."""
    plain = told("moon_rises", {"over": "the warehouse", "at": "2026-11-23T08:00:00Z", "zone": "Europe/Berlin"})
    assert plain.title == "A message from Tocsin: moon rises"
    assert plain.text == "over: the warehouse\nat: Mon 2026-11-23, 09:00"


def test_a_value_that_was_forgotten_leaves_a_dash() -> None:
    """A message with a hole is told with the hole."""
    assert told("cover_taken", {"schedule": "data-primary"}).title == "— covers you on data-primary"


def test_spans_are_told_one_a_line() -> None:
    """What was gained and lost is a list of times that can be read."""
    moved = {
        "schedule": "data-primary",
        "gained": "2026-12-07T08:00:00Z/2026-12-14T08:00:00Z\n2027-01-04T08:00:00Z/2027-01-11T08:00:00Z",
        "lost": "",
        "effective": "2026-12-01T00:00:00Z",
    }
    text = told("shifts_moved", moved).text
    assert text.startswith(
        "Yours from now on:\nMon 2026-12-07, 09:00 to Mon 2026-12-14, 09:00\n"
        "Mon 2027-01-04, 09:00 to Mon 2027-01-11, 09:00\n\nNo longer yours:\nnothing\n\n"
    )


@pytest.mark.parametrize(("change", "said"), [("on", "put you on call"), ("off", "took you off call")])
def test_an_override_says_which_way(change: str, said: str) -> None:
    """Who was put on call and who was taken off are told different things."""
    assert told("override_made", {**VALUES, "change": change}).title == f"linus {said} for data-primary"


def test_the_reason_of_a_gap_is_told_in_words() -> None:
    """A reason that has words is told in them, another one as it is."""
    assert "Everybody in the rotation is away." in told("rota_gap", VALUES).text
    assert "brand_new_reason" in told("rota_gap", {**VALUES, "reason": "brand_new_reason"}).text


@pytest.mark.parametrize(
    ("notes", "said"), [("0", ""), ("", ""), ("1", "One handoff note is"), ("3", "3 handoff notes are")]
)
def test_notes_are_counted(notes: str, said: str) -> None:
    """Whoever begins a shift is told of the notes that there are, and of none where there is none."""
    text = told("shift_begins", {**SHIFT, "notes": notes}).text
    assert ("handoff note" in text) is bool(said)
    assert said in text


def test_whoever_wrote_the_notes_has_none_to_open() -> None:
    """The writer is told who has not opened them, and not that there is something to open."""
    wording = told("handoff_unopened", {"schedule": "data-primary", "people": "linus", "notes": "1"})
    assert "linus" in wording.text
    assert "to open." not in wording.text


def test_an_end_that_nobody_knows_is_told_so() -> None:
    """A shift without an end lasts until further notice."""
    assert "until further notice:" in told("shift_begins", {**SHIFT, "end": "", "notes": "0"}).text


def test_an_age_is_told_in_hours() -> None:
    """Seconds become words; words stay as they are; what was never read has no age."""
    assert told("feed_stale", VALUES).title.endswith("26 h 5 min")
    assert told("feed_stale", {**VALUES, "age": "two days"}).title.endswith("two days")
    assert told("feed_stale", {**VALUES, "age": ""}).title.endswith("as long as it has been known")


def test_a_repeat_is_marked() -> None:
    """What may have been told before says so in its title and in its text; the headline stays bare."""
    again = told(repeat=True)
    assert again.title.startswith("Sent again · You are on call")
    assert again.text.startswith("Sent again: ")
    assert again.words["headline"] == told().title


def test_what_comes_from_outside_is_harmless() -> None:
    """A provider's error can neither break a line, nor reverse the writing, nor fill a whole mail."""
    failed = told("sync_failed", {"sync": "a\r\nBcc: x", "error": "\u202eevil\x00\n" + "long " * 500})
    assert failed.title == "The sync a Bcc: x fails"
    assert "\u202e" not in failed.text
    assert "\x00" not in failed.text
    assert max(map(len, failed.text.splitlines())) <= 320


def test_what_only_looks_like_an_instant_stays() -> None:
    """An impossible date, or one inside an address, is told as it stands."""
    for error in ("2026-13-01T00:00:00Z", "https://example.org/2026-11-23T08:00:00Z/x", "0001-01-01T00:00:00+23:00"):
        assert error in told("sync_failed", {"sync": "s", "error": error}).text


@given(
    kind=st.sampled_from([*KINDS, "unknown"]),
    values=st.dictionaries(st.sampled_from([*VALUES, "count", "zone", "more"]), st.text(max_size=60), max_size=8),
    language=st.sampled_from(["en", "zh"]),
    repeat=st.booleans(),
)
def test_any_values_can_be_told(kind: str, values: dict[str, str], language: str, repeat: bool) -> None:
    """Whatever the values are, there is a title of one line that fits a lock screen, and a text."""
    wording = told(kind, values, language=language, repeat=repeat)
    assert wording.title
    assert len(wording.title) <= TITLE_LENGTH
    assert len(wording.title.splitlines()) == 1
