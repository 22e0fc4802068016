"""Schedules as an SVG: well-formed, whole without colour, safe to open, right in time."""

from __future__ import annotations

import re
from datetime import timedelta
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.schedules.clock_changes import ODD
from core.schedules.rotas import BERLIN, at, minimal, override, people, schedule, span
from core.schedules.shown.scene import in_turn, one_shift, rendered, strip, vacancy
from tocsin.core.schedules import NobodyReason
from tocsin.core.schedules.shown import Strip, View, as_svg
from tocsin.core.vocabulary import Instant, PersonName, Span

UTC = ZoneInfo("UTC")
WEEK = span("2026-02-01T23:00", "2026-02-08T23:00")
SVG = "{http://www.w3.org/2000/svg}"


def drawn(strips: list[Strip], window: Span = WEEK, *, zone: ZoneInfo = BERLIN, **view: object) -> Element:
    """The picture as an XML parser sees it."""
    return ET.fromstring(as_svg(strips, window, zone=zone, view=View(**view)))


def a_week(**view: object) -> Element:
    """A week of `minimal()` with its override."""
    return drawn([strip(rendered(minimal(), WEEK))], **view)


def texts(picture: Element, *, kind: str | None = None) -> list[str]:
    """Everything that is written, or what is written in one manner."""
    return [one.text or "" for one in picture.iter(f"{SVG}text") if kind is None or one.get("class") == kind]


def titles(picture: Element) -> list[str]:
    """What each stretch says of itself."""
    return [one.text or "" for group in picture.iter(f"{SVG}g") for one in group.findall(f"{SVG}title")]


def blocks(picture: Element, kind: str = "edge") -> list[tuple[float, float]]:
    """From where to where things of a kind lie, without those of the legend."""
    found = (one for one in picture.iter(f"{SVG}rect") if one.get("class") == kind and float(one.get("height", 0)) > 20)
    return [(float(one.attrib["x"]), float(one.attrib["x"]) + float(one.attrib["width"])) for one in found]


def test_it_says_what_it_shows() -> None:
    """It is an image with a title and the whole in words, for those who do not see it."""
    picture = a_week()
    assert picture.get("role") == "img"
    named = {one.get("id"): one.text for one in picture if one.get("id")}
    title, words = (named[name] for name in picture.attrib["aria-labelledby"].split())
    assert title == "Who is on call: data-primary, Mon 2 February 2026 to Sun 8 February 2026, Europe/Berlin"
    assert words is not None
    assert "grace from Tue 2026-02-03 09:00 +01:00; ada from Tue 2026-02-03 17:00 +01:00" in words


def test_people_stand_where_their_shifts_are() -> None:
    """Blocks begin and end in proportion to time, touch their neighbours, and carry names or first letters."""
    picture = a_week()
    found = blocks(picture)
    shifts = rendered(minimal(), WEEK).shifts
    (left, _), (_, right) = found[0], found[-1]
    for (begin, end), shift in zip(found, shifts, strict=True):
        share, length = (shift.span.start - WEEK.start) / (WEEK.end - WEEK.start), shift.span.end - shift.span.start
        assert begin == pytest.approx(left + share * (right - left), abs=1.5)
        assert end - begin == pytest.approx(length / timedelta(days=7) * (right - left), abs=1.5)
    assert texts(picture, kind="label")[:3] == ["grace", "ada", "linus"]
    assert texts(a_week(width=480), kind="label")[:3] == ["G", "ada", "L"]


def test_every_stretch_tells_itself() -> None:
    """Who, from when to when, how long, and out of which layer."""
    assert titles(a_week())[3:5] == [
        "ada, Tue 2026-02-03 06:00 +01:00 to Tue 2026-02-03 09:00 +01:00, 3h (weekly)",
        "grace, Tue 2026-02-03 09:00 +01:00 to Tue 2026-02-03 17:00 +01:00, 8h (override)",
    ]


def test_an_override_is_notched_and_told() -> None:
    """A cut corner marks it, and the legend says what the corner means."""
    picture = a_week()
    assert len([one for one in picture.iter(f"{SVG}path") if one.get("class") == "notch"]) == 2
    assert "override" in texts(picture)
    calm = drawn([strip(in_turn("ada", start="2026-02-01T23:00", hours=24 * 7))])
    assert not [one for one in calm.iter(f"{SVG}path") if one.get("class") == "notch"]
    assert "override" not in texts(calm)


@pytest.mark.parametrize("reason", NobodyReason)
def test_a_gap_is_hatched_and_says_why(reason: NobodyReason) -> None:
    """Nobody is written on it as far as there is room, the reason is in its title, the length in the legend."""
    picture = drawn([strip(vacancy(reason, WEEK))])
    assert len(blocks(picture, "gap")) == 1
    assert any(text.startswith("nobody: ") for text in texts(picture, kind="nobody"))
    assert titles(picture)[0].startswith("nobody, Mon 2026-02-02 00:00 +01:00")
    assert "nobody, 168 h" in texts(picture)


@pytest.mark.parametrize("now", [None, at("2020-01-01T00:00"), WEEK.end])
def test_now_outside_is_not_marked(now: Instant | None) -> None:
    """A picture of last year does not say where now is."""
    assert not texts(a_week(now=now), kind="now-text")


def test_now_is_a_line_with_its_time() -> None:
    """In the middle of the window it stands in the middle, on the clock of the picture."""
    picture = a_week(now=at("2026-02-05T11:00"))
    (line,) = (one for one in picture.iter(f"{SVG}rect") if one.get("class") == "now")
    (left, _), (_, right) = blocks(picture)[0], blocks(picture)[-1]
    assert float(line.attrib["x"]) + 1.25 == pytest.approx((left + right) / 2, abs=1)
    assert texts(picture, kind="now-text") == ["now, Thu 12:00"]


def test_people_are_named_in_full_below_and_by_first_name_above() -> None:
    """Two who share a first name are written whole; the legend says how long each is on call."""
    names = {PersonName("a"): "Ada Byron", PersonName("b"): "Ada Yonath", PersonName("c"): "韩梅梅"}
    shown = in_turn("a", "b", "c", start="2026-02-01T23:00", hours=56)
    picture = drawn([strip(shown)], names=names)
    assert texts(picture, kind="label") == ["Ada Byron", "Ada Yonath", "韩梅梅"]
    assert {"Ada Byron, 56 h", "Ada Yonath, 56 h", "韩梅梅, 56 h"} <= set(texts(picture))


def test_several_people_together_all_have_their_colour() -> None:
    """The first has the block, the others bars in it, and all are named."""
    picture = drawn([strip(one_shift("ada", "grace", "linus", window=WEEK))])
    assert len({one.get("fill") for one in picture.iter(f"{SVG}rect") if (one.get("fill") or "").startswith("#")}) == 3
    assert texts(picture, kind="label") == ["ada + grace + linus"]


def test_a_person_keeps_their_colour_in_another_window() -> None:
    """Whoever belongs to the schedule counts for the colours, seen or not."""
    ours = people("ada", "grace", "linus")

    def colour_of_linus(*seen: str) -> str | None:
        picture = drawn([strip(in_turn(*seen, start="2026-02-01T23:00"))], people=ours)
        group = next(one for one in picture.iter(f"{SVG}g") if (one.findtext(f"{SVG}title") or "").startswith("linus"))
        return group.findall(f"{SVG}rect")[0].get("fill")

    assert colour_of_linus("linus") == colour_of_linus("ada", "grace", "linus")


def test_a_long_window_is_a_line_a_month() -> None:
    """A year is twelve lines below the days of a month, and none of them is too long."""
    window = span("2025-12-31T23:00", "2026-12-31T23:00")
    picture = drawn([strip(rendered(minimal(), window))], window, now=at("2026-05-20T11:00"))
    assert texts(picture, kind="name")[::4] == ["January 2026", "May 2026", "September 2026"]
    assert [str(number) for number in range(1, 32)] == texts(picture)[2:33]
    assert len(blocks(picture, "ground")) == 12
    assert max(end for _, end in blocks(picture)) <= 1000
    assert float(picture.attrib["height"]) < 900
    assert texts(drawn([strip(rendered(minimal(), window))], window, width=400))[2:6] == ["1", "6", "11", "16"]


@pytest.mark.parametrize(
    ("days", "labels"),
    [
        (1, ["Mon 2 February 2026", "00:00", "03:00", "21:00"]),
        (3, ["Mon 2 February 2026", "06:00"]),
        (7, ["February 2026", "Mon 2", "Sun 8"]),
        (30, ["February 2026", "March 2026", "2", "28"]),
    ],
)
def test_the_axis_fits_the_window(days: int, labels: list[str]) -> None:
    """Hours for some days, weekdays for a week, numbers for a month."""
    window = Span(WEEK.start, WEEK.start + timedelta(days=days))
    assert set(labels) <= set(texts(drawn([strip(in_turn("ada", start="2026-02-01T23:00", hours=24 * days))], window)))


def test_nights_are_those_of_the_zone() -> None:
    """On a day whose clock is put on, the night is an hour shorter."""
    window = span("2026-03-28T23:00", "2026-03-29T22:00")
    picture = drawn([strip(in_turn("ada", start="2026-03-28T23:00", hours=23))], window)
    path = next(one.attrib["d"] for one in picture.iter(f"{SVG}path") if one.get("class") == "night")
    ((left, right),) = blocks(picture, "ground")
    nights = [(float(begin), float(end)) for begin, end in re.findall(r"M([\d.]+) [\d.]+H([\d.]+)", path)]
    assert [(end - begin) / (right - left) * 23 for begin, end in nights] == pytest.approx([5, 2], abs=0.01)


def test_it_brings_nothing_from_elsewhere() -> None:
    """No script, no address but the name of the format, and dark where the reader's screen is dark."""
    text = as_svg([strip(rendered(minimal(), WEEK))], WEEK, zone=BERLIN, view=View())
    assert "prefers-color-scheme: dark" in text
    assert re.findall(r"https?:[^\"' ]+", text) == ["http://www.w3.org/2000/svg"]
    for tag in ("script", "image", "foreignObject", "use", "a ", "@import", "url(http"):
        assert f"<{tag}" not in text
        assert tag == "a " or tag.startswith(("script", "image", "foreign", "use")) or tag not in text


def test_two_pictures_may_stand_in_one_page() -> None:
    """Whatever one picture refers to by a name is its own."""
    others = drawn([strip(rendered(minimal(), WEEK), "other")])
    own = {one.get("id") for one in a_week().iter() if one.get("id")}
    assert own.isdisjoint({one.get("id") for one in others.iter() if one.get("id")})
    text = as_svg([strip(vacancy(NobodyReason.NO_LAYER, WEEK))], WEEK, zone=BERLIN, view=View())
    named = {one.get("id") for one in ET.fromstring(text).iter() if one.get("id")}
    assert set(re.findall(r"url\(#([^)]+)\)", text)) <= named


@pytest.mark.parametrize("width", [1, 320, 480, 700, 1600, 99_999])
def test_everything_stays_inside(width: int) -> None:
    """Whatever the width, no block, no line and no beginning of a text leaves the paper."""
    window = Span(WEEK.start, WEEK.start + timedelta(days=20))
    rota = schedule(overrides=(override("bo", "2026-02-03T09:00", "2026-02-03T09:00:01"),))
    strips = [strip(rendered(rota, window)), strip(rendered(minimal(), window), "a schedule with quite a long name")]
    picture = drawn(strips, window, width=width, now=at("2026-02-02T00:00"))
    right, bottom = (float(picture.attrib[name]) for name in ("width", "height"))
    assert right == min(max(width, 320), 4000)
    for one in picture.iter():
        if "x" in one.attrib and "y" in one.attrib:
            assert 0 <= float(one.attrib["x"]) <= right
            assert 0 <= float(one.attrib["x"]) + float(one.get("width", 0)) <= right
            assert 0 <= float(one.attrib["y"]) + float(one.get("height", 0)) <= bottom


@given(
    names=st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=15),
    title=st.text(max_size=30),
    hours=st.sampled_from([0.01, 1, 24, 24 * 30]),
    zone=st.sampled_from(ODD),
)
def test_any_name_makes_a_picture(names: list[str], title: str, hours: float, zone: str) -> None:
    """Whatever people and schedules are called, the text is well-formed and the names mean nothing in it."""
    shown = in_turn(*names, start="2026-03-28T00:00", hours=hours)
    window = Span(at("2026-03-28T00:00"), at("2026-03-28T00:00") + timedelta(hours=hours) * len(names))
    picture = drawn([strip(shown, title)], window, zone=ZoneInfo(zone), names={PersonName(names[0]): f"<b>{names[0]}&"})
    known = {"svg", "title", "desc", "style", "defs", "pattern", "path", "rect", "text", "g"}
    assert {one.tag.removeprefix(SVG) for one in picture.iter()} <= known


def test_nothing_to_show_is_a_picture() -> None:
    """No schedule, and an empty window, are drawn as what they are."""
    assert "no schedule" in texts(drawn([]))
    assert drawn([strip(in_turn())], Span(WEEK.start, WEEK.start)).tag == f"{SVG}svg"
