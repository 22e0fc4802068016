"""Whether a session goes on: as of a few seconds ago, and without the store by its last word."""

from __future__ import annotations

import asyncio

import pytest

from tocsin.core.errors import NotFound, Unavailable
from tocsin.engine import sessions
from tocsin.engine.links import Session
from tocsin.engine.sessions import SessionBook
from tocsin.ports.signing_in import KeptSession
from tocsin.testing import FixedClock, MemoryStore

ADA = Session(subject="ada", role="admin")


class Store(MemoryStore):
    """Counts who looks, and goes away when it is told to."""

    def __init__(self) -> None:
        super().__init__(now=FixedClock())
        self.looked = self.noted = 0
        self.away = False
        self.stands_still = False

    async def session(self, name: str) -> KeptSession | None:
        """One session."""
        self.looked += 1
        if self.stands_still:
            await asyncio.sleep(3_600)
        if self.away:
            raise Unavailable("the database is away")
        return await super().session(name)

    async def see_session(self, name: str) -> None:
        """It was used."""
        self.noted += 1
        await super().see_session(name)


async def begun(book: SessionBook) -> Session:
    """Ada's session."""
    return await book.open(ADA, agent="x" * 999, address="10.0.0.1")


async def test_the_store_is_asked_once_in_a_while() -> None:
    """A hundred looks within a moment ask once, and that it is used is written down once."""
    store = Store()
    book = SessionBook(store)
    session = await begun(book)
    assert [await book.goes_on(session) for _ in range(100)] == [True] * 100
    assert (store.looked, store.noted) == (1, 1)
    [kept] = await book.of("ada")
    assert len(kept.opening.agent) == 300


async def test_an_end_elsewhere_counts_within_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """On the node where it was ended at once, on others when they look again."""
    store = Store()
    here, elsewhere = SessionBook(store), SessionBook(store)
    session = await begun(here)
    assert await elsewhere.goes_on(session)
    assert session.id is not None
    await here.end("ada", session.id, by="ada")
    assert not await here.goes_on(session)
    monkeypatch.setattr(sessions, "BELIEVED_SECONDS", 0.0)
    assert not await elsewhere.goes_on(session)
    with pytest.raises(NotFound):
        await here.end("ada", session.id, by="ada")


async def test_a_session_that_nobody_has_kept_is_over() -> None:
    """It is signed, and was forgotten: it had run out, or the data are older than it."""
    assert not await SessionBook(Store()).goes_on(Session(subject="ada", role="admin", id="unheard-of"))


async def test_without_the_store_the_last_word_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is signed in is believed, who was ended stays ended, and the store is not asked with each look."""
    store = Store()
    book = SessionBook(store)
    known, fresh, ended = await begun(book), await begun(book), await begun(book)
    assert ended.id is not None
    await book.end("ada", ended.id, by="ada")
    assert (await book.goes_on(known), await book.goes_on(ended)) == (True, False)
    store.away = True
    monkeypatch.setattr(sessions, "BELIEVED_SECONDS", 0.0)
    assert [await book.goes_on(one) for one in (known, fresh, ended)] == [True, True, False]
    monkeypatch.undo()
    looked = store.looked
    assert await book.goes_on(fresh)
    assert store.looked == looked


async def test_a_store_that_stands_still_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is signed in is believed after a moment."""
    monkeypatch.setattr(sessions, "PATIENCE_SECONDS", 0.05)
    store = Store()
    book = SessionBook(store)
    session = await begun(book)
    store.stands_still = True
    async with asyncio.timeout(2):
        assert await book.goes_on(session)


async def test_cookies_without_an_id_are_good_until_all_are_ended() -> None:
    """Those of the version before: ending all of a person's sessions ends them, and no other person's."""
    book = SessionBook(Store())
    grace = Session(subject="grace", role="responder")
    assert await book.goes_on(ADA)
    await book.end_all("ada", by="linus")
    assert not await book.goes_on(ADA)
    assert await book.goes_on(grace)
