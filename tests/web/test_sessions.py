"""Who is looking: cookies, tokens, and what each is good for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Literal

import pytest
from starlette.requests import Request
from starlette.responses import Response

from tocsin.core.errors import Forbidden, Unavailable
from tocsin.core.people import Permission, Role
from tocsin.engine import clock
from tocsin.engine.links import Links, Session, token_hash
from tocsin.ports.state import Token
from tocsin.testing import FixedClock, MemoryStore
from tocsin.web.sessions import (
    TokenRing,
    Viewer,
    clear_session,
    is_same_origin,
    require_actor,
    require_caller,
    require_viewer,
    set_session,
    viewer_of,
)
from web.api_world import TOKENS, World


def asking(world: World, **headers: str) -> Request:
    """A request with these headers."""
    pairs = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": pairs, "app": world.app})


async def seen(world: World, **headers: str) -> Viewer | None:
    """Who such a request comes from."""
    return await viewer_of(asking(world, **headers))


def person_grace(world: World, *, via: Literal["session", "token"]) -> Viewer:
    """Grace, who is of the data team."""
    grace = world.directory.people["grace"]
    return Viewer(name="grace", role="responder", person=grace, via=via, teams=frozenset({"data"}))


async def test_a_session_is_a_person_with_the_role_of_today() -> None:
    """What the cookie says of the role does not count: the directory does."""
    world = await World().open()
    viewer = await seen(world, cookie=world.cookie("grace", "admin"))
    assert viewer == person_grace(world, via="session")


async def test_whoever_came_by_the_printed_link_is_no_person() -> None:
    """The first session has the role that its link gave, and belongs to nobody."""
    world = await World().open()
    assert await seen(world, cookie=world.cookie("setup", "admin")) == Viewer(
        name="setup", role="admin", person=None, via="session"
    )


@pytest.mark.parametrize("cookie", ["tocsin_session=", "tocsin_session=x.y.z", "other=1", "tocsin_session=\xff;;="])
async def test_a_forged_cookie_is_nobody(cookie: str) -> None:
    """A cookie that we did not sign says nothing, whatever stands in it."""
    assert await seen(await World().open(), cookie=cookie) is None


async def test_a_session_ends_with_its_person() -> None:
    """A cookie of somebody who is gone, or signed by another key, is nobody."""
    world = await World().open()
    foreign = Links("x" * 40, public_url="http://x", answers_last=timedelta(days=1))
    stolen = foreign.session_text(Session(subject="ada", role="admin"))
    assert await seen(world, cookie=world.cookie("gone", "admin")) is None
    assert await seen(world, cookie=world.cookie("setup", "emperor")) is None
    assert await seen(world, cookie=f"tocsin_session={stolen}") is None


async def test_a_token_is_known_by_its_hash() -> None:
    """A token of its own has its own name; a person's token is the person."""
    world = await World().open()
    admin = await seen(world, authorization=f"Bearer {TOKENS['admin']}")
    grace = await seen(world, authorization=f"bearer {TOKENS['grace']}")
    assert admin == Viewer(name="admin", role="admin", person=None, via="token")
    assert grace == person_grace(world, via="token")


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer ", "Bearer wrong", "Basic YTpi", "Bearer " + "é" * 9])
async def test_a_wrong_token_is_nobody_cookie_or_not(value: str) -> None:
    """Whoever brings a token is judged by it: the cookie beside it does not help."""
    world = await World().open()
    assert await seen(world, authorization=value, cookie=world.cookie("ada", "admin")) is None


async def test_a_token_never_exceeds_its_person() -> None:
    """An administrator's token in a responder's hand makes a responder; with the person gone it is nobody."""
    world = await World().open()
    await world.store.put_token(Token(hash=token_hash("t1"), name="t1", role="admin", person="grace"))
    await world.store.put_token(Token(hash=token_hash("t2"), name="t2", role="admin", person="gone"))
    viewer = await seen(world, authorization="Bearer t1")
    assert viewer is not None
    assert viewer.role == Role.RESPONDER
    assert await seen(world, authorization="Bearer t2") is None


async def test_tokens_are_read_once_in_a_while() -> None:
    """A hundred calls within a moment ask the store once, and so do a hundred wrong ones."""
    asked = 0

    class Counting(MemoryStore):
        async def tokens(self) -> tuple[Token, ...]:
            nonlocal asked
            asked += 1
            return await super().tokens()

    store = Counting(now=FixedClock())
    await store.put_token(Token(hash=token_hash("right"), name="one", role="admin"))
    ring = TokenRing(store)
    found = [await ring.find("right" if number % 2 else "wrong") for number in range(100)]
    assert [token.name for token in found if token] == ["one"] * 50
    assert asked == 1


async def test_the_use_of_a_token_is_written_down() -> None:
    """A hundred calls within a minute write it down once; a wrong secret writes nothing."""
    noted = []

    class Noting(MemoryStore):
        async def use_token(self, name: str) -> None:
            noted.append(name)
            raise Unavailable("the database is away")

    store = Noting(now=FixedClock())
    await store.put_token(Token(hash=token_hash("right"), name="one", role="admin"))
    ring = TokenRing(store)
    found = [await ring.find(secret) for secret in ["wrong", *["right"] * 100]]
    assert noted == ["one"]
    assert found.count(None) == 1


async def test_a_token_ends_by_itself() -> None:
    """From its last instant on it is a wrong one."""
    world = await World().open()
    ends = clock.now() + timedelta(hours=1)
    for name, at in (("late", ends), ("over", ends - timedelta(hours=1))):
        await world.store.put_token(Token(hash=token_hash(name), name=name, role="admin", expires_at=at))
    late = await seen(world, authorization="Bearer late")
    assert late is not None
    assert late.name == "late"
    assert await seen(world, authorization="Bearer over") is None


async def test_a_token_is_good_for_its_scope() -> None:
    """One that is for looking looks, whatever its role; what it is for is said when it tries more."""
    world = await World().open()
    narrow = Token(hash=token_hash("n"), name="n", role="admin", scope=frozenset({"look", "of another version"}))
    await world.store.put_token(narrow)
    asks = asking(world, authorization="Bearer n")
    viewer = await require_viewer(asks)
    assert viewer.scope == {Permission.LOOK}
    assert not viewer.may_act
    with pytest.raises(Forbidden, match="this token is for: look") as refused:
        await require_actor(asks)
    assert refused.value.hint == "use a token with the scope 'answer'"


async def test_roles_decide_who_acts() -> None:
    """Nobody is asked to sign in, a stakeholder is told no, a responder acts."""
    world = await World().open()
    with pytest.raises(Forbidden) as unknown:
        await require_viewer(asking(world))
    with pytest.raises(Forbidden) as stakeholder:
        await require_actor(asking(world, authorization=f"Bearer {TOKENS['stan']}"))
    assert not unknown.value.known
    assert stakeholder.value.known
    assert (await require_actor(asking(world, authorization=f"Bearer {TOKENS['grace']}"))).name == "grace"


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({}, False),
        ({"sec_fetch_site": "same-origin"}, True),
        ({"sec_fetch_site": "cross-site"}, False),
        ({"sec_fetch_site": "same-site", "origin": "https://tocsin.example.org"}, False),
        ({"origin": "https://tocsin.example.org"}, True),
        ({"origin": "http://localhost:8080", "host": "localhost:8080"}, True),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "null"}, False),
        ({"origin": "https://[", "host": ""}, False),
    ],
)
async def test_only_our_own_pages_are_of_our_origin(headers: dict[str, str], ours: bool) -> None:
    """What a browser says of the page that asks decides, and silence is no yes."""
    assert is_same_origin(asking(await World().open(), **headers)) is ours


async def test_a_foreign_page_cannot_use_a_session() -> None:
    """A cookie acts from our pages alone; a token acts from anywhere."""
    world = await World().open()
    cookie = world.cookie("grace", "responder")
    with pytest.raises(Forbidden) as refused:
        await require_caller(asking(world, cookie=cookie, origin="https://evil.example"), Permission.ANSWER)
    assert refused.value.known
    assert (
        await require_caller(asking(world, cookie=cookie, sec_fetch_site="same-origin"), Permission.ANSWER)
    ).via == "session"
    assert (
        await require_caller(asking(world, authorization=f"Bearer {TOKENS['grace']}"), Permission.ANSWER)
    ).via == "token"


async def test_the_cookie_is_locked_up() -> None:
    """Scripts cannot read it, other sites' forms do not carry it, and with TLS it travels over TLS alone."""
    world = await World().open()
    session = Session(subject="ada", role="admin")
    plain, secure = Response(), Response()
    set_session(plain, world.context, session)
    set_session(secure, replace(world.context, secure=True), session)
    told = SimpleCookie(plain.headers["set-cookie"])["tocsin_session"]
    assert (told["httponly"], told["samesite"], told["path"], told["secure"]) == (True, "lax", "/", "")
    assert int(told["max-age"]) == 30 * 86_400
    assert "; Secure" in secure.headers["set-cookie"]
    viewer = await seen(world, cookie=f"tocsin_session={told.value}")
    assert viewer is not None
    assert viewer.name == "ada"


def test_signing_out_ends_the_cookie() -> None:
    """The cookie of the same name and path is over at once."""
    response = Response()
    clear_session(response)
    assert SimpleCookie(response.headers["set-cookie"])["tocsin_session"]["max-age"] == "0"
