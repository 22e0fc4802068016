"""One schedule's page: what it tells, and what each role can do there."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import unquote

import pytest

from tocsin.core.vocabulary import ScheduleName, utc
from tocsin.web.pages.outlook import Outlook
from web.test_pages_world import TEAM, Browser, House, Page, flaws

PRIMARY = "/schedules/primary"
#: An id where its text should stand.
BARE = re.compile(r"\b(?:schedules?|override|handover|fair|troubles?|offers?|form|time|shift|calendar)\.[a-z]\S*")
#: With a responder who belongs to no team; and with a schedule of two layers as well.
OUTSIDER = TEAM.replace(
    "\nteams:",
    """
  - {name: otto, full_name: Otto, email: otto@example.org, time_zone: Europe/Berlin, role: responder,
     contacts: [{name: mail, channel: email, address: otto@example.org}]}
teams:""",
    1,
)
WIDER = OUTSIDER.replace(
    "\npolicies:",
    """
  - name: layered
    team: data
    time_zone: Europe/Berlin
    layers:
      - {name: base, rotation: {every: 1 week, from: "2026-01-05T09:00", people: [ada]}}
      - name: nights
        rotation: {every: 1 week, from: "2026-01-05T09:00", people: [grace]}
        only: [{between: ["22:00", "07:00"]}]
policies:""",
    1,
)
#: One schedule with which all is well.
WELL = """
tocsin: 1
users:
  - {name: ada, role: admin, contacts: [{name: mail, channel: email, address: ada@example.org}]}
  - {name: grace, contacts: [{name: mail, channel: email, address: grace@example.org}]}
schedules:
  - name: primary
    time_zone: UTC
    layers: [{name: weekly, rotation: {every: 1 week, from: "2026-01-05T09:00", people: [ada, grace]}}]
"""
#: The house opens on Sunday 2026-11-22 at 03:11 in Berlin.
NOON = {"from": "2026-11-22T12:00", "for": "time", "to": "2026-11-22T18:00"}


async def house(configuration: str = WIDER) -> House:
    """An installation on that night."""
    return await House(configuration).open()


async def page(browser: Browser, path: str = PRIMARY) -> Page:
    """A page that stands."""
    answer = await browser.get(path)
    assert answer.status == 200, path
    read = Page.of(answer)
    assert not flaws(read), path
    return read


async def on_call(home: House, *at: int, schedule: str = "primary") -> tuple[str, ...]:
    """Who is on call at an instant."""
    await home.book.directories.refresh()
    return home.book.directory().rota.on_call(ScheduleName(schedule), utc(*at)).people


async def test_it_tells_who_is_on_call_until_when_and_who_comes() -> None:
    """The first line answers the first question; nobody is an answer, too."""
    home = await house()
    ada = home.browser("ada")
    assert "Grace Hopper until tomorrow 09:00, then Ada Byron" in (await page(ada)).text
    assert "Nobody until tomorrow 02:00, then 陈梅" in (await page(ada, "/schedules/office")).text


async def test_the_same_people_out_of_another_layer_are_no_change() -> None:
    """`until` is when somebody else comes, not when another layer gives the same person."""
    same = WIDER.replace("people: [grace]}\n        only", "people: [ada]}\n        only")
    text = (await page((await house(same)).browser("ada"), "/schedules/layered")).text
    assert "Ada Byron without an end in sight" in text


async def test_every_shift_names_its_source() -> None:
    """Shifts stand with their layer, overrides with whom they replace, gaps with their reason, said once."""
    home = await house()
    text = (await page(home.browser("ada"))).text
    assert "Mon 23 Nov 09:00 – Tue 24 Nov 18:00 Ada Byron weekly" in text
    assert "Tue 24 Nov 18:00 – Wed 25 Nov 09:00 陈梅 instead of Ada Byron override" in text
    office = (await page(home.browser("ada"), "/schedules/office")).text
    shifts = office.partition("Shifts")[2].partition("Overrides")[0]
    assert shifts.count("Nobody") > 3
    assert shifts.count("No layer of the schedule covers this time.") == 1


async def test_a_shift_is_told_whole() -> None:
    """Where a window cuts a shift, the list says from when to when it really is; one without an end has none."""
    home = await house()
    assert "Mon 16 Nov 09:00 – Mon 23 Nov 09:00 Grace Hopper" in (await page(home.browser("ada"), PRIMARY)).text
    alone = WIDER.replace("people: [grace]}\n        only", "people: [nobody]}\n        only")
    text = (await page((await house(alone)).browser("ada"), "/schedules/layered")).text
    assert "all the time Ada Byron base" in text


@pytest.mark.parametrize(("asked", "chosen"), [("1", "1 day"), ("14", "2 weeks"), ("28", "4 weeks"), ("x", "1 week")])
async def test_the_address_chooses_the_days(asked: str, chosen: str) -> None:
    """One day to four weeks; what is not known counts as not said."""
    home = await house()
    answer = await home.browser("ada").get(f"{PRIMARY}?days={asked}&from=2026-11-30")
    tabs = answer.body.decode().partition('class="tabs"')[2].partition("</nav>")[0]
    assert f'aria-current="true">{chosen}</a>' in tabs
    days = {"1 day": 1, "2 weeks": 14, "4 weeks": 28, "1 week": 7}[chosen]
    links = [str(link["href"]) for link in Page.of(answer).all("a") if link.get("rel")]
    later = utc(2026, 11, 30) + timedelta(days=days)
    assert links[1] == f"{PRIMARY}?days={days}&from={later:%Y-%m-%d}"


async def test_a_single_day_is_marked_by_hours() -> None:
    """A band of one day has hours below it, one of a week has days."""
    home = await house()
    ada = home.browser("ada")
    assert "00:00 03:00 06:00" in (await page(ada, f"{PRIMARY}?days=1")).text
    assert "03:00 06:00" not in (await page(ada)).text


async def test_layers_stand_below_the_result() -> None:
    """What each layer would give by itself, the topmost first; a single layer is the result, and is not said twice."""
    home = await house()
    layered = await page(home.browser("ada"), "/schedules/layered")
    tracks = [one for one in layered.all("svg") if str(one.get("class", "")).startswith("track")]
    assert len(tracks) == 3
    assert layered.text.index("nights") < layered.text.index("base")
    assert "nobody" not in str(tracks[1]["aria-label"]).lower()
    office = await page(home.browser("ada"), "/schedules/office")
    assert len([one for one in office.all("svg") if str(one.get("class", "")).startswith("track")]) == 1


async def test_the_list_leads_to_each_schedule() -> None:
    """Every schedule has a page of its own, whatever its name is made of."""
    odd = "Nächte 值班 2.b"
    home = await house(WIDER.replace("name: layered", f"name: '{odd}'"))
    ada = home.browser("ada")
    links = [str(link["href"]) for link in (await page(ada, "/schedules")).all("a")]
    [path] = [link for link in links if link.startswith("/schedules/N")]
    there = unquote(path)  # as a server hands it on
    read = await page(ada, there)
    assert odd in read.text
    answer = await ada.post(f"{there}/notes", {**read.forms[f"{path}/notes"], "text": "mind the name"})
    assert (answer.status, answer.headers["location"]) == (303, f"{path}#notes")
    assert "mind the name" in (await page(ada, there)).text


async def test_what_is_not_there_is_missing() -> None:
    """A schedule that nobody knows is a page that says so; who is not signed in is asked to."""
    home = await house()
    assert (await home.browser("ada").get("/schedules/nothing")).status == 404
    assert (await home.browser("ada").get("/schedules/")).status == 404
    answer = await home.browser().get(f"{PRIMARY}?days=14")
    assert (answer.status, answer.headers["location"]) == (303, "/sign-in?next=/schedules/primary%3Fdays%3D14")


async def test_a_manager_puts_anybody_on_call_and_ends_it() -> None:
    """The override is in force, listed with its maker and its note, and over when it is ended."""
    home = await house()
    ada = home.browser("ada")
    answer = await ada.press(PRIMARY, f"{PRIMARY}/overrides", who="mei", note="release", **NOON)
    assert (answer.status, answer.headers["location"]) == (303, f"{PRIMARY}#overrides")
    assert await on_call(home, 2026, 11, 22, 12) == ("mei",)
    read = await page(ada)
    assert "Sun 22 Nov 12:00 – 18:00 “release” · by Ada Byron" in read.text
    assert "陈梅 instead of Grace Hopper “release” override" in read.text
    [end] = [action for action in read.forms if action.startswith("/overrides/")]
    answer = await ada.press(PRIMARY, end)
    assert answer.headers["location"] == f"{PRIMARY}#overrides"
    assert await on_call(home, 2026, 11, 22, 12) == ("grace",)


async def test_two_people_or_nobody_are_put_on_call() -> None:
    """Together with somebody; and nobody, on purpose, which the page then says."""
    home = await house()
    ada = home.browser("ada")
    await ada.press(PRIMARY, f"{PRIMARY}/overrides", who="mei", also="ada", **NOON)
    assert await on_call(home, 2026, 11, 22, 12) == ("mei", "ada")
    home.book.clock.move(timedelta(minutes=1))
    await ada.press(PRIMARY, f"{PRIMARY}/overrides", who="-", **NOON)
    assert await on_call(home, 2026, 11, 22, 12) == ()
    assert "Nobody An override says: nobody." in (await page(ada)).text


async def test_one_of_several_is_replaced() -> None:
    """`instead of` replaces the one person."""
    home = await house()
    ada = home.browser("ada")
    await ada.press(PRIMARY, f"{PRIMARY}/overrides", who="mei", also="grace", **NOON)
    home.book.clock.move(timedelta(minutes=1))
    await ada.press(PRIMARY, f"{PRIMARY}/overrides", who="ada", instead_of="mei", **NOON)
    assert set(await on_call(home, 2026, 11, 22, 12)) == {"ada", "grace"}


@pytest.mark.parametrize(("chosen", "hour", "minute"), [("1h", 3, 11), ("8h", 10, 11), ("shift", 32, 0)])
async def test_a_length_is_one_press(chosen: str, hour: int, minute: int) -> None:
    """Some hours from now on, or until the shift ends; the field for a time of one's own may stay empty."""
    home = await house()
    form = {"who": "mei", "for": chosen, "from": "2026-11-22T03:11", "to": ""}
    assert (await home.browser("ada").press(PRIMARY, f"{PRIMARY}/overrides", **form)).status == 303
    [kept] = await home.context.exchange.overrides(ScheduleName("primary"))
    assert kept.override.span.start == home.book.clock()
    assert kept.override.span.end == utc(2026, 11, 22) + timedelta(hours=hour, minutes=minute)


async def test_a_responder_puts_only_themself_on_call() -> None:
    """Their form has no choice of people, and what they send beyond it is refused beside the field."""
    home = await house()
    grace = home.browser("grace")
    read = await page(grace)
    assert read.forms[f"{PRIMARY}/overrides"]["who"] == "grace"
    assert (await grace.press(PRIMARY, f"{PRIMARY}/overrides", **NOON)).status == 303
    assert await on_call(home, 2026, 11, 22, 12) == ("grace",)
    answer = await grace.press(PRIMARY, f"{PRIMARY}/overrides", **{**NOON, "who": "ada"})
    assert answer.status == 403
    assert Page.of(answer).wrong == {"wrong-override-who": "You can put yourself on call. Others are for a manager."}


async def test_who_is_not_of_the_team_changes_nothing() -> None:
    """They see no form, and are refused when they send one."""
    home = await house()
    otto = home.browser("otto")
    read = await page(otto)
    assert f"{PRIMARY}/overrides" not in read.forms
    proof = read.forms["/sign-out"]["proof"]
    answer = await otto.post(f"{PRIMARY}/overrides", {"proof": proof, "who": "otto", **NOON})
    assert answer.status == 403
    assert "You are neither in the team nor in the schedule." in Page.of(answer).text
    await home.browser("ada").press(PRIMARY, f"{PRIMARY}/overrides", who="mei", **NOON)
    [kept] = await home.context.exchange.overrides(ScheduleName("primary"))
    assert not [action for action in (await page(otto)).forms if action.startswith("/overrides/")]
    answer = await otto.post(f"/overrides/{kept.override.name}/end", {"proof": proof})
    assert answer.status == 403
    assert await on_call(home, 2026, 11, 22, 12) == ("mei",)


async def test_a_stakeholder_looks_and_cannot_act() -> None:
    """They see the schedule and no form but the way out; whatever they send is refused."""
    home = await house()
    stan = home.browser("stan")
    read = await page(stan)
    assert set(read.forms) == {"/sign-out"}
    assert "calendars/" not in read.text
    proof = read.forms["/sign-out"]["proof"]
    for path in (
        f"{PRIMARY}/overrides",
        f"{PRIMARY}/notes",
        f"{PRIMARY}/calendar",
        "/overrides/x/end",
        "/notes/x/open",
    ):
        assert (await stan.post(path, {"proof": proof, "who": "stan", "text": "x", **NOON})).status == 403, path
    assert await home.context.exchange.overrides() == []


async def test_a_foreign_form_changes_nothing() -> None:
    """Without the proof of this session nothing is done."""
    home = await house()
    for path in (f"{PRIMARY}/overrides", f"{PRIMARY}/notes", f"{PRIMARY}/calendar"):
        assert (await home.browser("ada").post(path, {"who": "mei", "text": "x", **NOON})).status == 403
    assert await home.context.exchange.overrides() == []


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"who": ""}, "who", "Choose who is to be on call."),
        ({"who": "nobody-known"}, "who", "There is nobody named nobody-known."),
        ({"instead_of": "mei"}, "instead_of", "陈梅 cannot stand in for themself."),
        ({"from": "soon"}, "from", "Choose a date and a time."),
        ({"from": "2026-11-22T12:00Z"}, "from", "Choose a date and a time."),
        ({"to": ""}, "to", "Choose a date and a time."),
        ({"to": "0001-01-01T00:00"}, "to", "Choose a date and a time."),
        ({"to": "2026-11-22T11:00"}, "to", "It ends before it begins. Choose a later end."),
        ({"from": "", "to": "2026-11-22T01:00"}, "to", "It ends before it begins. Choose a later end."),
        ({"to": "2028-11-22T11:00"}, "to", "That is too far ahead: at most a year."),
    ],
)
async def test_what_is_wrong_stands_beside_its_field(typed: dict[str, str], field: str, said: str) -> None:
    """A refused form comes back with all that was typed, and says beside the field what is wrong."""
    home = await house()
    form = {"who": "mei", "note": "kept as it was", **NOON, **typed}
    answer = await home.browser("ada").press(PRIMARY, f"{PRIMARY}/overrides", **form)
    read = Page.of(answer)
    assert answer.status == 422
    assert not flaws(read)
    assert read.wrong == {f"wrong-override-{field}": said}
    assert read.fields["note"] == "kept as it was"
    assert (read.fields["from"], read.fields["to"]) == (form["from"], form["to"])
    assert [one["value"] for one in read.all("input") if one.get("name") == "for" and "checked" in one] == ["time"]
    marked = [one["name"] for name, one in read.tags if one.get("aria-invalid")]
    assert marked == [field]
    assert await home.context.exchange.overrides() == []


async def test_a_shift_without_an_end_asks_for_a_time() -> None:
    """`until the end of the shift` is refused where there is none in sight."""
    alone = WIDER.replace("people: [ada, grace]", "people: [ada]").replace("    overrides: [{person: mei", "    # [{")
    answer = (
        await (await house(alone))
        .browser("ada")
        .press(PRIMARY, f"{PRIMARY}/overrides", **{"who": "mei", "for": "shift"})
    )
    assert Page.of(answer).wrong == {"wrong-override-to": "This shift has no end. Choose a time."}


async def test_refusals_speak_the_readers_language() -> None:
    """A Chinese reader is refused in Chinese."""
    home = await house()
    form = {"who": "ada", **NOON, "to": "2026-11-22T11:00"}
    read = Page.of(await home.browser("mei").press(PRIMARY, f"{PRIMARY}/overrides", **form))
    assert read.wrong == {"wrong-override-to": "结束早于开始。请选择更晚的结束时间。"}


async def test_the_past_cannot_be_put_otherwise() -> None:
    """An override that was to begin before now begins now."""
    home = await house()
    form = {"who": "mei", "from": "2026-11-21T12:00", "for": "2h"}
    assert (await home.browser("ada").press(PRIMARY, f"{PRIMARY}/overrides", **form)).status == 303
    assert await on_call(home, 2026, 11, 21, 12) == ("grace",)
    assert await on_call(home, 2026, 11, 22, 3) == ("mei",)


async def test_whoever_leaves_writes_for_whoever_comes() -> None:
    """The next person finds the note on top, with a button; read, it stands among the others with who has read it."""
    home = await house()
    grace, ada = home.browser("grace"), home.browser("ada")
    assert "For Ada Byron, on call from tomorrow 09:00 on" in (await page(grace)).text
    answer = await grace.press(PRIMARY, f"{PRIMARY}/notes", text="db-1 is slow\nits disk comes at ten")
    assert (answer.status, answer.headers["location"]) == (303, f"{PRIMARY}#notes")
    assert "waits for Ada Byron" in (await page(grace)).text
    read = await page(ada)
    assert "Left for you Grace Hopper" in read.text
    [opened] = [action for action in read.forms if action.startswith("/notes/")]
    answer = await ada.press(PRIMARY, opened)
    assert (answer.status, answer.headers["location"]) == (303, PRIMARY)
    read = await page(ada)
    assert "Left for you" not in read.text
    assert "read by Ada Byron" in read.text
    assert "db-1 is slow" in read.text


async def test_who_is_not_on_call_writes_for_whoever_is() -> None:
    """And where nobody is on call, the note waits for whoever looks."""
    home = await house()
    ada = home.browser("ada")
    assert "For Grace Hopper, on call now" in (await page(ada)).text
    office = "/schedules/office"
    assert "Nobody is on call now: it waits here" in (await page(ada, office)).text
    await ada.press(office, f"{office}/notes", text="for nobody")
    assert "for nobody in particular" in (await page(ada, office)).text


async def test_a_note_that_cannot_be_is_kept_in_the_form() -> None:
    """Nothing, or far too much, is refused beside the text; a note of nobody is missing."""
    home = await house()
    ada = home.browser("ada")
    long = "x" * 25_001
    answer = await ada.press(PRIMARY, f"{PRIMARY}/notes", text=long)
    read = Page.of(answer)
    assert (answer.status, read.wrong) == (
        422,
        {"wrong-note-text": "A note has between 1 and 25,000 characters."},
    )
    assert long in read.text
    proof = read.forms["/sign-out"]["proof"]
    for note_id in ("x", "00000000-0000-7000-8000-000000000000"):
        assert (await ada.post(f"/notes/{note_id}/open", {"proof": proof})).status == 404


async def test_the_first_administrator_opens_no_notes() -> None:
    """Whoever is signed in as nobody in particular may write, and cannot say that they have read."""
    home = await house()
    await home.browser("grace").press(PRIMARY, f"{PRIMARY}/notes", text="x")
    [note] = await home.context.handovers.notes("primary")
    setup = home.browser("setup")
    read = await page(setup)
    assert "Left for you" not in read.text
    assert "Choose" in read.text
    answer = await setup.press(PRIMARY, f"{PRIMARY}/overrides", **NOON)
    assert Page.of(answer).wrong == {"wrong-override-who": "Choose who is to be on call."}
    proof = read.forms["/sign-out"]["proof"]
    assert (await setup.post(f"/notes/{note.id}/open", {"proof": proof})).status == 403


async def test_troubles_are_told_with_how_often() -> None:
    """Gaps come back every week and are told once; nothing wrong is said, too."""
    home = await house()
    ada = home.browser("ada")
    office = (await page(ada, "/schedules/office")).text
    assert "Nobody is on call. No layer of the schedule covers this time." in office
    assert "and 65 more times" in office
    well = await house(WELL)
    assert "Nothing wrong was found in the next 90 days." in (await page(well.browser("ada"))).text


async def test_a_page_does_not_wait_for_troubles() -> None:
    """What takes long is still looked for when the page is drawn, and is there the next time."""
    home = await house()
    outlook = Outlook(home.book.store, patience=0)
    directory, now = home.book.directory(), home.book.clock()
    asked = (directory, ScheduleName("office"), now)
    assert await outlook.troubles(*asked) is None
    outlook.patience = 30
    found = await outlook.troubles(*asked)
    assert found
    assert await outlook.troubles(*asked) == found


async def test_fairness_is_told_in_hours_and_in_words() -> None:
    """Each person's hours, nights and weekends, the score, and whose load differs by what."""
    home = await house()
    text = (await page(home.browser("ada"))).text
    assert "The last 90 days" in text
    assert "The next 90 days" in text
    assert "Ada Byron carries most:" in text or "Grace Hopper carries most:" in text
    assert "Helps out, and has no share of this schedule" in text
    alone = (await page(home.browser("ada"), "/schedules/office")).text
    assert "It is even." in alone


async def test_fairness_follows_the_configuration() -> None:
    """What was counted under one revision is counted anew under the next."""
    home = await house()
    ada = home.browser("ada")
    assert "It is even." in (await page(ada, "/schedules/office")).text
    await home.book.configure(
        WIDER.replace(
            "people: [mei]}\n        only: [{days: [mon", "people: [mei, mei, ada]}\n        only: [{days: [mon"
        )
    )
    assert "carries most" in (await page(ada, "/schedules/office")).text


async def test_the_calendar_is_for_those_who_may_act() -> None:
    """Its address is shown to responders, and made anew by managers alone."""
    home = await house()
    grace, mei = home.browser("grace"), home.browser("mei")

    async def address() -> str:
        text = (await page(grace)).text
        return next(word for word in text.split() if "/calendars/" in word)

    before = await address()
    read = await page(grace)
    assert f"{PRIMARY}/calendar" not in read.forms
    proof = read.forms["/sign-out"]["proof"]
    assert (await grace.post(f"{PRIMARY}/calendar", {"proof": proof})).status == 403
    assert await address() == before
    assert (await mei.press(PRIMARY, f"{PRIMARY}/calendar")).headers["location"] == f"{PRIMARY}#calendar"
    assert await address() != before


@pytest.mark.parametrize("name", ["ada", "grace", "mei", "stan", "otto", "setup"])
async def test_every_schedule_stands_for_everybody(name: str) -> None:
    """With shifts, gaps, notes, offers and overrides each page is sound, and no text or blank is left bare."""
    home = await house()
    await home.browser("ada").press(PRIMARY, f"{PRIMARY}/overrides", who="mei", **NOON)
    await home.browser("grace").press(PRIMARY, f"{PRIMARY}/notes", text="<b>x</b>")
    for path in (PRIMARY, "/schedules/office", "/schedules/layered", f"{PRIMARY}?days=1", f"{PRIMARY}?days=28"):
        text = (await page(home.browser(name), path)).text
        assert "%(" not in text
        assert not BARE.findall(text), path
