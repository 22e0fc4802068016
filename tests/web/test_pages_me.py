"""My shifts: am I on call, cover me, what comes, what I offered, when I am away, what I was told; and Now's hints."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from tocsin.core.vocabulary import PersonName, ScheduleName, Span, utc
from tocsin.ports.state import Document
from web.test_pages_schedule import OUTSIDER, WELL, WIDER
from web.test_pages_swap import MONDAY, house, offered, on_call, page
from web.test_pages_world import House, Page, flaws

#: An id where its text should stand.
BARE = re.compile(r"\b(?:me|cover|absence|told|give|offers?|form|swap|now|wrong|calendar)\.[a-z]\S*")


async def offer_page(home: House, name: str, number: int = 0) -> str:
    """The address behind one of somebody's `Offer this shift`."""
    read = await page(home.browser(name), "/me")
    links = [str(link["href"]) for link in read.all("a") if str(link["href"]).startswith("/me/offer?")]
    return unquote(links[number])


def hidden(path: str) -> dict[str, str]:
    """What an address of the offering page names."""
    return {key: values[0] for key, values in parse_qs(urlsplit(path).query).items()}


async def test_it_tells_whether_one_is_on_call() -> None:
    """In which schedules and until when; else what comes next; else that nothing does."""
    home = await house()
    grace = (await page(home.browser("grace"), "/me")).text
    assert "You are on call." in grace
    assert "primary until tomorrow 09:00, then Ada Byron" in grace
    ada = (await page(home.browser("ada"), "/me")).text
    assert "You are not on call. Times in Europe/Berlin Next: primary, tomorrow 09:00." in ada
    mei = (await page(home.browser("mei"), "/me")).text
    assert "您此刻不值班。" in mei
    assert "下一班：office，明天 09:00。" in mei
    otto = (await page(home.browser("otto"), "/me")).text
    assert "You have no shifts in the next eight weeks." in otto


async def test_shifts_of_eight_weeks_stand_over_all_schedules() -> None:
    """The first ones at once, the rest unfolds; with whom, and each with a way to offer it."""
    home = await house()
    read = await page(home.browser("mei"), "/me")
    assert "11月24日周二 09:00 至 18:00 office" in read.text
    assert "11月25日周三 01:00 至 16:00 primary" in read.text
    links = [link for link in read.all("a") if str(link["href"]).startswith("/me/offer?")]
    assert len(links) == 41
    assert "另有 33 班" in read.text


async def test_a_shift_without_an_end_has_none() -> None:
    """Somebody who is always on call reads no end that is only the end of what was looked at."""
    home = await House(WELL.replace("people: [ada, grace]", "people: [ada]")).open()
    text = (await page(home.browser("ada"), "/me")).text
    assert "primary without an end in sight" in text
    assert "all the time primary" in text


async def test_the_first_administrator_has_no_shifts() -> None:
    """Whoever is nobody in particular is told why, and what to do."""
    home = await house()
    setup = home.browser("setup")
    read = await page(setup, "/me")
    assert "not as a person" in read.text
    proof = read.forms["/sign-out"]["proof"]
    answer = await setup.post("/me/cover", {"proof": proof, "for": "1h"})
    assert answer.status == 403
    answer = await setup.post("/me/absences", {"proof": proof, "from_day": "2026-12-01"})
    assert answer.status == 403
    assert (await setup.post("/me/calendar", {"proof": proof})).status == 404


async def test_a_stakeholder_looks_and_cannot_act() -> None:
    """They see their shifts, if any, and have no form but the way out."""
    home = await house()
    stan = home.browser("stan")
    read = await page(stan, "/me")
    assert set(read.forms) == {"/sign-out"}
    proof = read.forms["/sign-out"]["proof"]
    for path in ("/me/cover", "/me/absences", "/me/offer", "/me/calendar", "/absences/x/end"):
        assert (await stan.post(path, {"proof": proof})).status == 403, path
    assert (await stan.get("/me/offer?schedule=primary&shift=x")).status == 403


async def test_who_is_not_signed_in_is_asked_to() -> None:
    """And comes back to where they wanted to go."""
    home = await house()
    for path in ("/me", "/me/offer?schedule=primary"):
        answer = await home.browser().get(path)
        assert answer.headers["location"].startswith(f"/sign-in?next={path.partition('?')[0]}")


async def test_cover_is_asked_by_one_press() -> None:
    """Everybody who could is asked for so long from now on; the asker stays on call until somebody takes it."""
    home = await house()
    answer = await home.browser("grace").press("/me", "/me/cover", note="dentist", **{"for": "4h", "to": ""})
    assert (answer.status, answer.headers["location"]) == (303, "/me#offers")
    [known] = await home.context.exchange.offers()
    assert known.span == Span(home.book.clock(), home.book.clock() + timedelta(hours=4))
    assert (known.by, known.note, known.to) == ("grace", "dentist", ())
    assert on_call(home, home.book.clock()) == ("grace",)
    text = (await page(home.browser("grace"), "/me")).text
    assert "You offer it to everybody “dentist” Open Withdraw" in text


async def test_cover_until_a_time_of_ones_own() -> None:
    """Another time ends when the clock on the wall says so."""
    home = await house()
    await home.browser("grace").press("/me", "/me/cover", **{"for": "time", "to": "2026-11-22T07:30"})
    [known] = await home.context.exchange.offers()
    assert known.span.end == utc(2026, 11, 22, 6, 30)


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("", "Choose a date and a time."),
        ("2026-11-22T02:00", "That time has passed. Choose one to come."),
    ],
)
async def test_cover_that_cannot_be_is_refused_beside_its_field(to: str, said: str) -> None:
    """What was typed stays, and nobody is asked."""
    home = await house()
    answer = await home.browser("grace").press("/me", "/me/cover", note="dentist", **{"for": "time", "to": to})
    read = Page.of(answer)
    assert (answer.status, read.wrong) == (422, {"wrong-cover-to": said})
    assert not flaws(read)
    assert (read.fields["to"], [one["value"] for one in read.all("input") if "checked" in one]) == (to, ["time"])
    assert "dentist" in [one.get("value") for one in read.all("input")]
    assert await home.context.exchange.offers() == []


async def test_who_is_not_on_call_needs_no_cover() -> None:
    """The button is not there; pressed from an old page, it says why not."""
    home = await house()
    mei = home.browser("mei")
    read = await page(mei, "/me")
    assert "/me/cover" not in read.forms
    answer = await mei.post("/me/cover", {"proof": read.forms["/sign-out"]["proof"], "for": "1h"})
    assert answer.status == 422
    assert "您此刻不值班。可以让出以后的班次。" in Page.of(answer).text


async def test_cover_ends_with_the_shift() -> None:
    """What lies beyond is not one's own: in each schedule the cover ends with the shift at the latest."""
    home = await House(WIDER).open()
    answer = await home.browser("grace").press("/me", "/me/cover", **{"for": "time", "to": "2026-11-23T08:00"})
    assert answer.status == 303
    ends = {one.schedule: one.span.end for one in await home.context.exchange.offers()}
    assert ends == {"layered": utc(2026, 11, 22, 6), "primary": utc(2026, 11, 23, 7)}


async def test_a_shift_is_offered_to_everybody() -> None:
    """The form comes with the whole shift; sent, it leads to the offer, and the shift is marked."""
    home = await house()
    path = await offer_page(home, "grace")
    answer = await home.browser("grace").press(
        path, "/me/offer", note="play", **{"from": "2026-11-22T03:11", "to": "2026-11-23T09:00"}
    )
    [known] = await home.context.exchange.offers()
    assert (answer.status, answer.headers["location"]) == (303, f"/swaps/{known.id}")
    assert known.span == Span(home.book.clock(), utc(2026, 11, 23, 8))
    assert (known.to, known.note) == ((), "play")
    read = await page(home.browser("grace"), "/me")
    assert "Offered" in read.text
    assert f"/swaps/{known.id}" in [link["href"] for link in read.all("a")]


async def test_a_part_is_offered_to_one() -> None:
    """Other times and one name: that part, and only they are asked."""
    home = await house()
    path = await offer_page(home, "grace", 1)
    times = {"from": "2026-12-01T09:00", "to": "2026-12-02T09:00"}
    assert (await home.browser("grace").press(path, "/me/offer", to_whom="mei", **times)).status == 303
    [known] = await home.context.exchange.offers()
    assert (known.to, known.span) == (("mei",), Span(utc(2026, 12, 1, 8), utc(2026, 12, 2, 8)))
    assert "Offered to you" not in (await page(home.browser("ada"), "/me")).text
    assert "请您接的班" in (await page(home.browser("mei"), "/me")).text


async def test_a_shift_is_offered_in_exchange() -> None:
    """Whose shift is chosen is asked; the choice names the shifts of the others."""
    home = await house()
    path = await offer_page(home, "grace")
    read = await page(home.browser("grace"), path)
    options = [str(one["value"]) for one in read.all("option") if str(one["value"]).startswith("ada 2026-11-25")]
    assert options
    times = {"from": "2026-11-22T03:11", "to": "2026-11-23T09:00"}
    answer = await home.browser("grace").press(path, "/me/offer", in_return=options[0], **times)
    assert answer.status == 303
    [known] = await home.context.exchange.offers()
    assert known.to == ("ada",)
    assert known.in_return == Span(utc(2026, 11, 25, 8), utc(2026, 11, 30, 8))
    assert "in exchange for Wed 25 Nov 09:00" in (await page(home.browser("ada"), "/me")).text


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"from": ""}, "from", "Choose a date and a time."),
        ({"to": "2026-11-22T01:00"}, "to", "It ends before it begins."),
        ({"to": "2026-11-25T09:00"}, "from", "Grace Hopper is not on call for primary all of that time."),
        ({"to_whom": "grace"}, "to_whom", "Grace Hopper cannot take it."),
        (
            {"to_whom": "mei", "in_return": "ada 2026-11-25T08:00:00Z/2026-11-26T08:00:00Z"},
            "in_return",
            "That shift is Ada Byron's.",
        ),
        (
            {"in_return": "ada 2026-12-01T08:00:00Z/2026-12-02T08:00:00Z"},
            "in_return",
            "Ada Byron is not on call for primary all of the time that you ask for in return.",
        ),
    ],
)
async def test_an_offer_that_cannot_be_is_refused_beside_its_field(
    typed: dict[str, str], field: str, said: str
) -> None:
    """What was typed stays, and nobody is asked."""
    home = await house()
    path = await offer_page(home, "grace")
    form = {"from": "2026-11-22T03:11", "to": "2026-11-23T09:00", "note": "kept", **typed}
    answer = await home.browser("grace").press(path, "/me/offer", **form)
    read = Page.of(answer)
    assert answer.status == 422
    assert set(read.wrong) == {f"wrong-offer-{field}"}
    assert read.wrong[f"wrong-offer-{field}"].startswith(said)
    assert not flaws(read)
    assert (read.fields["from"], read.fields["to"], read.fields["note"]) == (form["from"], form["to"], "kept")
    assert read.forms["/me/offer"]["shift"] == hidden(path)["shift"]
    assert await home.context.exchange.offers() == []


async def test_where_there_is_nobody_else_nobody_is_asked() -> None:
    """An offer that nobody could take is refused beside `to whom`."""
    home = await House(WELL.replace("people: [ada, grace]", "people: [ada]")).open()
    form = {"schedule": "primary", "shift": "2026-11-22T02:11:00Z/2026-11-23T09:00:00Z"}
    path = f"/me/offer?schedule={form['schedule']}&shift={form['shift']}"
    times = {"from": "2026-11-22T12:00", "to": "2026-11-22T14:00"}
    read = Page.of(await home.browser("ada").press(path, "/me/offer", **times))
    assert set(read.wrong) == {"wrong-offer-to_whom"}


@pytest.mark.parametrize(
    "query",
    [
        "",
        "schedule=primary",
        "schedule=none&shift=2026-11-22T02:11:00Z/2026-11-23T09:00:00Z",
        "schedule=primary&shift=2026-11-23T02:11:00Z/2026-11-22T09:00:00Z",
        "schedule=primary&shift=2026-11-22T02:11:00/2026-11-23T09:00:00",
        "schedule=primary&shift=0001-01-01T00:00:00Z/9999-12-31T00:00:00Z",
    ],
)
async def test_a_shift_that_cannot_be_is_missing(query: str) -> None:
    """An address that names no shift leads to a page that says so."""
    home = await house()
    assert (await home.browser("grace").get(f"/me/offer?{query}")).status == 404


async def test_what_became_of_offers_stays_to_be_seen() -> None:
    """Open ones can be withdrawn; what was taken says by whom and when, what was withdrawn that it was."""
    home = await house()
    known = await offered(home)
    ada = home.browser("ada")
    assert f"/swaps/{known.id}/withdraw" in (await page(ada, "/me")).forms
    await home.browser("grace").press("/me", f"/swaps/{known.id}/take")
    read = await page(ada, "/me")
    assert "Grace Hopper takes Mon 23 Nov 09:00 – Tue 24 Nov 09:00 Taken" in read.text
    assert f"/swaps/{known.id}/withdraw" not in read.forms
    other = await offered(home, span=Span(utc(2026, 11, 28, 8), utc(2026, 11, 29, 8)))
    answer = await ada.press("/me", f"/swaps/{other.id}/withdraw")
    assert answer.headers["location"] == "/me"
    assert "Withdrawn" in (await page(ada, "/me")).text


async def test_absences_are_whole_days_unless_a_time_is_named() -> None:
    """The last day counts as a whole; one day alone is enough; a time of day is taken as it is."""
    home = await house()
    grace = home.browser("grace")
    answer = await grace.press("/me", "/me/absences", from_day="2026-12-01", to_day="2026-12-03", note="skiing")
    assert (answer.status, answer.headers["location"]) == (303, "/me#absences")
    await grace.press("/me", "/me/absences", from_day="2026-12-10")
    times = {"from_day": "2026-12-20", "from_clock": "12:00", "to_day": "2026-12-20", "to_clock": "15:30"}
    await grace.press("/me", "/me/absences", **times)
    spans = [one.span for one in await home.context.exchange.absences(PersonName("grace"))]
    assert spans == [
        Span(utc(2026, 11, 30, 23), utc(2026, 12, 3, 23)),
        Span(utc(2026, 12, 9, 23), utc(2026, 12, 10, 23)),
        Span(utc(2026, 12, 20, 11), utc(2026, 12, 20, 14, 30)),
    ]
    text = (await page(grace, "/me")).text
    assert "Tue 1 Dec 00:00 – Fri 4 Dec 00:00 skiing Take it back" in text


async def test_an_absence_ends_by_one_press() -> None:
    """Whoever is back serves again; it is one's own alone."""
    home = await house()
    grace = home.browser("grace")
    await grace.press("/me", "/me/absences", from_day="2026-11-22")
    [absence] = await home.context.exchange.absences()
    proof = (await page(home.browser("otto"), "/me")).forms["/sign-out"]["proof"]
    assert (await home.browser("otto").post(f"/absences/{absence.name}/end", {"proof": proof})).status == 403
    assert "I am back" in (await page(grace, "/me")).text
    assert (await grace.press("/me", f"/absences/{absence.name}/end")).headers["location"] == "/me#absences"
    assert await home.context.exchange.absences() == []
    assert "You have not said that you will be away." in (await page(grace, "/me")).text


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"from_day": ""}, "from", "Choose a day."),
        ({"to_clock": "teatime"}, "to", "Choose a day."),
        ({"to_day": "2026-11-30"}, "to", "It ends before it begins. Choose a later end."),
        ({"from_day": "2026-11-01", "to_day": "2026-11-02"}, "to", "That time has passed. Choose one to come."),
        ({"to_day": "2029-01-01"}, "to", "That is too far ahead: at most a year."),
    ],
)
async def test_an_absence_that_cannot_be_is_refused_beside_its_field(
    typed: dict[str, str], field: str, said: str
) -> None:
    """What was typed stays, and nothing is entered."""
    home = await house()
    form = {"from_day": "2026-12-01", "to_day": "2026-12-03", "from_clock": "", "to_clock": "", **typed}
    read = Page.of(await home.browser("grace").press("/me", "/me/absences", **form))
    assert read.wrong == {f"wrong-absence-{field}": said}
    assert {name: read.fields[name] for name in form} == form
    assert not flaws(read)
    assert await home.context.exchange.absences() == []


async def test_an_absence_from_elsewhere_cannot_be_ended_here() -> None:
    """What stands in the configuration is shown with where it comes from, and has no button."""
    away = OUTSIDER.replace(
        "name: grace, full_name", 'name: grace, absences: [{from: "2026-12-01", to: "2026-12-02"}], full_name', 1
    )
    home = await House(away).open()
    read = await page(home.browser("grace"), "/me")
    assert "From your calendar or the configuration" in read.text
    assert not [action for action in read.forms if action.startswith("/absences/")]


async def test_the_calendar_of_ones_own() -> None:
    """Its address is shown, and made anew when it has gone astray."""
    home = await house()
    grace = home.browser("grace")

    async def address() -> str:
        return next(word for word in (await page(grace, "/me")).text.split() if "/calendars/" in word)

    before = await address()
    assert await address() == before
    assert (await grace.press("/me", "/me/calendar")).headers["location"] == "/me#calendar"
    assert await address() != before


async def test_messages_are_told_again_in_the_readers_words() -> None:
    """The newest first, in the reader's language and with full names, each with the page that it leads to."""
    home = await house()
    known = await offered(home)
    await home.book.store.claim_messages(node="story", limit=50, lease=timedelta(minutes=1))
    read = await page(home.browser("grace"), "/me")
    assert "Ada Byron offers you a shift on primary" in read.text
    assert f"/swaps/{known.id}" in [link["href"] for link in read.all("a")]
    assert "Ada Byron 想与您换班：primary" in (await page(home.browser("mei"), "/me")).text
    assert "Nothing has been sent to you yet." in (await page(home.browser("otto"), "/me")).text


async def test_now_tells_of_one_note_and_one_offer() -> None:
    """One calm line each, with the way to it; nothing of it when there is nothing."""
    home = await house()
    assert "nudges" not in (await home.browser("ada").get("/")).body.decode()
    await home.context.handovers.write("primary", by="ada", text="mind the disk")
    known = await offered(home)
    read = await page(home.browser("grace"), "/")
    assert "Ada Byron left you a note for primary." in read.text
    assert "Ada Byron offers you a shift on primary: Mon 23 Nov 09:00 – Tue 24 Nov 09:00." in read.text
    links = [link["href"] for link in read.all("a")]
    assert "/schedules/primary" in links
    assert f"/swaps/{known.id}" in links
    await home.browser("grace").press("/me", f"/swaps/{known.id}/decline")
    assert "offers you a shift" not in (await page(home.browser("grace"), "/")).text


async def test_now_counts_several() -> None:
    """Several are one line with their number, which leads to one's own page."""
    home = await house()
    for text in ("one", "two"):
        await home.context.handovers.write("primary", by="ada", text=text)
    for start in (MONDAY.start, utc(2026, 11, 28, 8)):
        await offered(home, span=Span(start, start + timedelta(hours=2)))
    text = (await page(home.browser("grace"), "/")).text
    assert "2 notes were left for you." in text
    assert "2 shifts are offered to you." in text
    assert "Offered to you" in (await page(home.browser("grace"), "/me")).text


async def test_now_stands_when_offers_cannot_be_read() -> None:
    """What rings is shown even when offers cannot be: one of them was written by a version that is newer than ours."""
    home = await house()
    await home.alert("orders late")
    store = home.book.store
    revision, _ = await store.documents()
    strange = Document(kind="swap", name="swap-from-the-future", body={"moon": "full"}, origin="api")
    await store.change(put=(strange,), drop=(), by="x", at_revision=revision)
    text = (await page(home.browser("grace"), "/")).text
    assert "One thing rings." in text


async def test_a_note_of_long_ago_waits_for_nobody() -> None:
    """After half a day the shift knows what there is to know."""
    home = await house()
    await home.context.handovers.write("primary", by="ada", text="mind the disk")
    home.book.clock.move(timedelta(hours=13))
    for path in ("/", "/me", "/schedules/primary"):
        assert "left you a note" not in (await page(home.browser("grace"), path)).text
        assert "Left for you" not in (await page(home.browser("grace"), path)).text


async def test_the_frame_leads_there() -> None:
    """My shifts is in the frame, and on a phone at most four entries are: in the demo it steps back there."""
    home = await house()
    read = await page(home.browser("grace"), "/me")
    [item] = [link for link in read.all("a") if link["href"] == "/me" and "item" in str(link.get("class"))]
    assert item.get("aria-current") == "page"
    assert len([link for link in read.all("a") if "item" in str(link.get("class")).split()]) == 4
    demo = await House(OUTSIDER, phones=True).open()
    items = [link for link in (await page(demo.browser("grace"), "/me")).all("a") if "item" in str(link.get("class"))]
    assert len([one for one in items if "desk-only" not in str(one["class"])]) == 4


@pytest.mark.parametrize("name", ["ada", "grace", "mei", "stan", "otto", "setup"])
async def test_every_page_of_ones_own_stands(name: str) -> None:
    """With everything on it the page is sound for everybody, and no text is left bare."""
    home = await house()
    await offered(home, note="<b>x</b>")
    await home.browser("grace").press("/me", "/me/cover", **{"for": "1h"})
    await home.browser("grace").press("/me", "/me/absences", from_day="2026-12-01")
    await home.context.handovers.write("primary", by="ada", text="<i>y</i>")
    for path in ("/me", "/", *(f"/swaps/{one.id}" for one in await home.context.exchange.offers())):
        text = (await page(home.browser(name), path)).text
        assert not BARE.findall(text), path


async def test_an_override_of_ones_own_schedule_is_seen_at_once() -> None:
    """What is changed on one page stands on the next: the shifts follow the revision."""
    home = await house()
    form = {"who": "otto", "from": "2026-11-22T12:00", "for": "2h"}
    await home.browser("ada").press("/schedules/primary", "/schedules/primary/overrides", **form)
    assert "Sun 22 Nov 12:00 – 14:00 primary" in (await page(home.browser("otto"), "/me")).text
    assert await home.context.exchange.overrides(ScheduleName("primary"))
