"""Who is among the people of a schedule, and when."""

from __future__ import annotations

from core.insight.installation import WEEK, absence, at, layer, override, schedule, span
from tocsin.core.insight.membership import away, membership, phases
from tocsin.core.schedules import Booking, Change, Circumstances, Follow, Imported, Layer, Schedule
from tocsin.core.vocabulary import Span


def members(*schedules: Schedule, circumstances: Circumstances | None = None) -> dict[str, tuple[Span, ...]]:
    """The people of the first schedule within the week."""
    known = {one.name: one for one in schedules}
    return dict(membership(known, schedules[0].name, circumstances or Circumstances(), WEEK))


def test_whom_layers_name_is_a_member() -> None:
    """Also people who serve together; nobody is nobody, and a guest by an override is none."""
    guest = override("linus", "2026-03-03", "2026-03-04")
    rota = schedule("rota", layer("1 weeks", "ada+grace", ""), overrides=(guest,))
    assert members(rota) == {"ada": (WEEK,), "grace": (WEEK,)}


def test_a_layer_counts_from_its_start_to_its_end() -> None:
    """Two layers that meet are one membership; one outside of the window is none."""
    first = layer("1 weeks", "ada", end=at("2026-03-04"))
    then = layer("1 weeks", "ada", "grace", start=at("2026-03-04"))
    later = layer("1 weeks", "linus", start=at("2026-04-01"))
    assert members(schedule("rota", first, then, later)) == {
        "ada": (WEEK,),
        "grace": (span("2026-03-04", "2026-03-09"),),
    }


def test_a_planned_change_ends_and_begins_memberships() -> None:
    """Who is only named before it leaves, who is only named after it joins; one that is over is the rule."""
    over = Change(at=at("2026-02-01"), layers=(layer("1 weeks", "ada", "grace"),))
    ahead = Change(at=at("2026-03-05"), layers=(layer("1 weeks", "grace", "linus"),))
    rota = schedule("rota", layer("1 weeks", "joan"), changes=(over, ahead))
    assert [phase.span for phase in phases(rota, WEEK)] == [
        span("2026-03-02", "2026-03-05"),
        span("2026-03-05", "2026-03-09"),
    ]
    assert members(rota) == {
        "ada": (span("2026-03-02", "2026-03-05"),),
        "grace": (WEEK,),
        "linus": (span("2026-03-05", "2026-03-09"),),
    }


def test_whom_it_follows_is_among_its_people() -> None:
    """Through several schedules; one that is not there, and a circle, add nobody."""
    first = schedule("first", follows=Follow(schedule="second", behind=1))
    second = schedule("second", layer("1 weeks", "ada"), follows=Follow(schedule="third", behind=1))
    third = schedule("third", layer("1 weeks", "grace"), follows=Follow(schedule="first", behind=1))
    assert set(members(first, second, third)) == {"ada", "grace"}
    assert set(members(first, second)) == {"ada"}


def test_whom_an_imported_calendar_books_is_a_member() -> None:
    """Everybody who is booked within the window."""
    bookings = tuple(
        Booking(people=(name,), span=booked)
        for name, booked in (("ada", span("2026-03-03", "2026-03-04")), ("grace", span("2026-04-03", "2026-04-04")))
    )
    rota = schedule("rota", Layer(name="feed", rotation=Imported(calendar="duty")))
    assert members(rota, circumstances=Circumstances(calendars={"duty": bookings})) == {"ada": (WEEK,)}


def test_absences_that_touch_are_one() -> None:
    """Of each person by themselves, in order of time."""
    found = away(
        (
            absence("ada", "2026-03-04", "2026-03-05"),
            absence("grace", "2026-03-01", "2026-03-02"),
            absence("ada", "2026-03-03", "2026-03-04"),
        )
    )
    assert found == {"ada": (span("2026-03-03", "2026-03-05"),), "grace": (span("2026-03-01", "2026-03-02"),)}
