"""The pages of API tokens and of the audit log: who sees what, what is shown once, and what is never shown."""

from __future__ import annotations

import re

import pytest

from web.test_pages_swap import page
from web.test_pages_world import House, Page, flaws


async def given(by: str, house: House, **form: str) -> Page:
    """The page after somebody has asked for a token."""
    wish = {"name": "laptop", "person": by, "role": "responder", "lasts": "90", **form}
    return Page.of(await house.browser(by).press("/tokens", "/tokens", **wish))


async def test_a_secret_is_shown_once() -> None:
    """It stands on the page that answers the form, works, and is nowhere afterwards."""
    house = await House().open()
    read = await given("grace", house)
    [secret] = re.findall(r"tocsin_\S+", read.text)
    assert flaws(read) == []
    [kept] = await house.book.store.tokens()
    assert (kept.name, kept.person, kept.made_by, kept.scope) == ("laptop", "grace", "grace", None)
    again = await page(house.browser("grace"), "/tokens")
    assert secret not in again.text
    assert "laptop" in again.text
    assert "never used" in again.text


async def test_a_token_is_ended_by_a_button() -> None:
    """Its owner presses, and it is gone; nobody else has the button."""
    house = await House().open()
    await given("grace", house)
    assert "/tokens/laptop/end" not in (await page(house.browser("stan"), "/tokens")).forms
    answer = await house.browser("grace").press("/tokens", "/tokens/laptop/end")
    assert answer.status == 303
    assert await house.book.store.tokens() == ()


async def test_a_narrow_token_is_for_what_is_ticked() -> None:
    """With the box ticked only these; without it the ticks beside it mean nothing."""
    house = await House().open()
    await given("ada", house, name="screen", person="", role="read-only", narrow="1", for_look="1")
    await given("ada", house, name="script", for_look="1", lasts="0")
    screen, script = await house.book.store.tokens()
    assert (screen.person, screen.role, screen.scope) == (None, "read-only", {"look"})
    assert (script.scope, script.expires_at) == (None, None)


@pytest.mark.parametrize(
    ("form", "field", "says"),
    [
        ({"name": "a/b"}, "name", "That is no name for a token"),
        ({"role": "admin"}, "role", "That role may more than yours."),
        ({"narrow": "1"}, "scope", "Tick at least one thing"),
    ],
)
async def test_what_is_wrong_stands_beside_its_field(form: dict[str, str], field: str, says: str) -> None:
    """And what was typed is still there; nothing is stored."""
    house = await House().open()
    read = await given("grace", house, **form)
    assert says in read.wrong[f"wrong-token-{field}"]
    assert read.fields["name"] == form.get("name", "laptop")
    assert await house.book.store.tokens() == ()


async def test_two_tokens_of_one_name_are_refused() -> None:
    """The page says so."""
    house = await House().open()
    await given("grace", house)
    assert "There is a token of this name already." in (await given("grace", house)).wrong["wrong-token-name"]


@pytest.mark.parametrize("form", [{"role": "emperor"}, {"lasts": "soon"}, {"lasts": "9" * 30}])
async def test_a_form_that_was_not_offered_is_refused(form: dict[str, str]) -> None:
    """A choice that is none is the sender's mistake."""
    house = await House().open()
    answer = await house.browser("grace").press("/tokens", "/tokens", **{"name": "x", "person": "grace", **form})
    assert answer.status == 422


async def test_the_log_tells_who_changed_what() -> None:
    """The token that was just given out, with its fields; found by its name and not by another one."""
    house = await House().open()
    await given("grace", house)
    read = await page(house.browser("ada"), "/audit?kind=token")
    assert flaws(read) == []
    assert "token laptop made" in read.text
    assert "Grace" in read.text
    assert "No change fits." in (await page(house.browser("ada"), "/audit?text=nothing+like+it")).text


async def test_the_log_goes_on_where_a_page_ends() -> None:
    """Fifty at a time; a place that there never was begins at the newest."""
    house = await House().open()
    for number in range(60):
        await given("grace", house, name=f"n{number}")
    first = await page(house.browser("ada"), "/audit?kind=token")
    [older] = [str(one["href"]) for one in first.all("a") if one.get("rel") == "next"]
    assert "token n9 made" in (await page(house.browser("ada"), older)).text
    assert "token n59 made" in (await page(house.browser("ada"), "/audit?kind=token&cursor=nowhere")).text


@pytest.mark.parametrize(("name", "status"), [("grace", 403), ("ada", 200), (None, 303)])
async def test_the_log_is_not_for_everybody(name: str | None, status: int) -> None:
    """Managers and administrators read it; whoever is not signed in is asked to."""
    house = await House().open()
    assert (await house.browser(name).get("/audit")).status == status
